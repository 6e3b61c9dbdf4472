"""Which keys a table surely does not hold, without asking it.

There is no secondary index (design decision 1), and looking 60 keys up by scanning a million votes takes 50 ms.
So 64 bits of a hash of every key stay in memory, 8 bytes each: sorted ones from the file and a small set of new
ones. An absent hash proves an absent key; a present one is looked up in the table before anything is refused
(docs/decisions/0006-hashes-instead-of-indexes.md).
"""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arena.store.connections import Analytical

MERGE_AT = 50_000
"""New hashes kept in a set, at about 100 bytes each, before they join the sorted array."""
SEPARATOR = "\x1f"


class Presence:
    """The hashes of all keys of one kind."""

    def __init__(self, stored: NDArray[np.uint64]) -> None:
        self._sorted = np.sort(stored)
        self._recent: set[int] = set()

    @classmethod
    def of(cls, connection: Analytical, table: str, *columns: str, distinct: bool = False) -> "Presence":
        """The hashes of the keys that a table's columns make together. `distinct` where many rows have the same."""
        joined = f" || '{SEPARATOR}' || ".join(columns)
        found: dict[str, Any] = connection.execute(
            f"SELECT {'DISTINCT' if distinct else ''} md5_number_lower({joined}) AS hash FROM {table}"
        ).fetchnumpy()
        return cls(np.asarray(found["hash"], dtype=np.uint64))

    def may_hold(self, hashed: int) -> bool:
        """False when no such key was ever added."""
        if hashed in self._recent:
            return True
        place = int(self._sorted.searchsorted(np.uint64(hashed)))
        return place < len(self._sorted) and int(self._sorted[place]) == hashed

    def add(self, hashed: int) -> None:
        """Remember a key that is now in the table."""
        self._recent.add(hashed)
        if len(self._recent) >= MERGE_AT:
            fresh = np.fromiter(self._recent, dtype=np.uint64, count=len(self._recent))
            self._sorted = np.sort(np.concatenate([self._sorted, fresh]))
            self._recent.clear()


def hashed(*parts: str) -> int:
    """64 bits of a key's hash, the same that DuckDB computes for the table."""
    digest = hashlib.md5(SEPARATOR.join(parts).encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[8:], "little")
