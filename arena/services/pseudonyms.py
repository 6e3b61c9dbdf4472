"""The name of a rater that answers show: a keyed hash, so that the stored id is in none of them.

    name = "r_" + the first 128 bits of HMAC-SHA256(secret, workspace and SHA-256 of the stored id), spelled as ids are

The same rater has another name in each workspace. It is made from the hash of the id, which is all that is kept of who
was erased, so that they are recognised too.
"""

from collections.abc import Iterable

import pyarrow

from arena.domain import ids
from arena.domain.ids import RaterId
from arena.domain.name_key import NameKey
from arena.domain.removal import hashed


class Pseudonyms:
    """Names of raters in one workspace."""

    def __init__(self, key: NameKey) -> None:
        self._key = key

    def name(self, rater_id: RaterId) -> RaterId:
        """The name of a rater by their stored id."""
        return self.of_digest(hashed(rater_id))

    def column(self, stored: pyarrow.ChunkedArray) -> pyarrow.Array:
        """Names in the place of a column of stored ids."""
        coded = stored.combine_chunks().dictionary_encode()
        names = pyarrow.array([self.name(rater_id) for rater_id in coded.dictionary.to_pylist()], pyarrow.string())
        return names.take(coded.indices)

    def find(self, name: str, stored: Iterable[RaterId]) -> RaterId | None:
        """Which of the stored ids has this name, or is it."""
        return next((rater_id for rater_id in stored if name in (rater_id, self.name(rater_id))), None)

    def is_among(self, name: str, digests: Iterable[str]) -> bool:
        """Whether one of these hashes of stored ids has this name."""
        return any(name == self.of_digest(digest) for digest in digests)

    def of_digest(self, digest: str) -> RaterId:
        """The name of a rater by the hash of their stored id, which is all that is kept of who was erased."""
        number = int.from_bytes(self._key.of_rater(digest)[:16], "big")
        return RaterId(ids.spelled(ids.PREFIXES[RaterId], number))
