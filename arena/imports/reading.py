"""Reading a file of votes: which shape it has, and every entry of it, or why there is none."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from arena import imports
from arena.errors import InvalidValue
from arena.imports import files
from arena.imports.entry import Entry, Outside, RowFault
from arena.imports.shape import Shape

LOOKED_AT = 20
"""Rows that are looked at for a shape: the first ones may be damaged."""


def shape_of(path: Path, name: str | None) -> Shape | None:
    """The shape that is named, or the one whose columns the file has; None for a file without rows.

    Raises `InvalidValue` for a file that is not there, or of no shape.
    """
    if path.is_dir():
        raise InvalidValue(f"{path} is a folder; name the files in it, such as data/train.jsonl and data/test.jsonl.")
    if not path.exists():
        raise InvalidValue(f"{path} does not exist; check the name.")
    if name is not None:
        return imports.named(name)
    columns: list[str] = []
    empty = True
    for _, row in islice(files.rows(path), LOOKED_AT):
        empty = False
        if isinstance(row, RowFault):
            continue
        if shape := imports.recognised(row):
            return shape
        columns = columns or sorted(row)
    if empty:
        return None
    if not columns:
        raise InvalidValue(f"{path} has no row that can be read; it must hold votes, one a row.")
    raise InvalidValue(
        f"{path} has the columns {', '.join(columns[:12])}, which no shape has; name one with --from: "
        f"{', '.join(sorted(imports.SHAPES))}."
    )


def entries(path: Path, shape: Shape) -> Iterator[tuple[int, Entry | Outside]]:
    """Every entry of a file with the number of its row. Raises `InvalidValue` where the file breaks off."""
    for number, row in files.rows(path):
        try:
            if isinstance(row, RowFault):
                raise row
            for found in shape.entries(row):
                yield number, found
        except RowFault as fault:
            yield number, Outside(why=str(fault))
