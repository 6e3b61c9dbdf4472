"""What a shape is: a name, the columns by which it is recognised, and a pure function from a row to votes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from arena.imports.fields import Fields
from arena.imports.imported_vote import ImportedVote, Outside, Thumb

Row = Fields
"""One row of a file: an object of a JSON file, a line of a CSV file with every value as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One way in which votes are written elsewhere."""

    name: str
    """Also the name of the source, unless the import gives another."""
    title: str
    columns: tuple[frozenset[str], ...]
    """A row that has all the columns of one of these sets is of this shape."""
    entries: Callable[[Row], Iterator[ImportedVote | Outside | Thumb]]
    """Pure. Raises `RowFault` when nothing of the row can be taken; `Outside` says so of a part of it."""
    names_models: bool = True
    """Whether such files say who answered, so that votes from them make a board."""
    together: Callable[[Sequence[Thumb]], Iterator[ImportedVote | Outside]] | None = None
    """What the thumbs on one prompt compare, wherever in a file they stand; None where each row is whole."""

    def recognises(self, columns: frozenset[str]) -> bool:
        """Whether a row with these columns is of this shape."""
        return any(known <= columns for known in self.columns)
