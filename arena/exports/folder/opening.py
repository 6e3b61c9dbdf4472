"""What a release opens of one vote, as a line of its file."""

import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

from arena.domain import vote_tree
from arena.exports.folder import files

FILE = "openings.jsonl"


class Opening(NamedTuple):
    """What is opened of one vote."""

    opened: tuple[str, ...]
    said: Mapping[str, Any]
    """Values of opened fields that rows only imply."""
    salts: bytes
    path: bytes
    whole: bool
    """Whether all that the rows say is opened: they can be read back, and no text of theirs was changed."""

    def line(self, leaf: int) -> bytes:
        """As the file holds it."""
        told = {"leaf": leaf, "opened": _mask(self.opened), "said": dict(self.said)}
        return files.json_line({**told, "salts": self.salts.hex(), "path": self.path.hex()})


@functools.lru_cache(1024)
def _mask(opened: tuple[str, ...]) -> int:
    return sum(1 << vote_tree.FIELDS.index(name) for name in opened)
