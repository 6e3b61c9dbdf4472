"""What a release opens of one vote, as a line of its file."""

import binascii
import functools
from typing import Any, NamedTuple

from arena.domain import vote_tree
from arena.exports.folder import files

FILE = "openings.jsonl"


class Opening(NamedTuple):
    """What is opened of one vote."""

    told: bytes
    """Which fields, and what rows only imply (`told`)."""
    salts: bytes
    path: bytes
    whole: bool
    """Whether all that the rows say is opened: they can be read back, and no text of theirs was changed."""

    def line(self, leaf: int) -> bytes:
        """As the file holds it."""
        return b'{"leaf":%d,%b,"salts":"%b","path":"%b"}\n' % (
            leaf,
            self.told,
            binascii.hexlify(self.salts),
            binascii.hexlify(self.path),
        )


def told(opened: tuple[str, ...], said: dict[str, Any]) -> bytes:
    """The part of a line that says which fields are opened, and the values of those that rows only imply: the same for
    thousands of votes."""
    return b'"opened":%d,"said":%b' % (_mask(opened), files.json_line(said)[:-1])


@functools.lru_cache(1024)
def _mask(opened: tuple[str, ...]) -> int:
    return sum(1 << vote_tree.FIELDS.index(name) for name in opened)
