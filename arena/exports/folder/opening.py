"""What a release opens of one vote, as a line of its file."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from arena.domain import vote_tree
from arena.exports.folder import files

FILE = "openings.jsonl"


class Opening(NamedTuple):
    """What is opened of one vote."""

    opened: Sequence[str]
    said: Mapping[str, Any]
    """Values of opened fields that rows only imply."""
    salts: bytes
    path: bytes
    whole: bool
    """Whether all that the rows say is opened: they can be read back, and no text of theirs was changed."""

    def line(self, leaf: int) -> bytes:
        """As the file holds it."""
        mask = sum(1 << vote_tree.FIELDS.index(name) for name in self.opened)
        told = {"leaf": leaf, "opened": mask, "said": dict(self.said)}
        return files.json_line({**told, "salts": self.salts.hex(), "path": self.path.hex()})
