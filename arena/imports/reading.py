"""Reads a file of votes: finds its shape, gives its votes or the reasons why rows stay outside, and what is not
kept."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from arena import imports
from arena.errors import InvalidValue
from arena.imports import files, mapping, messages, proposals
from arena.imports.fields import Fields, nothing
from arena.imports.imported_vote import ImportedVote, Outside, RowFault, Thumb, UnvotedError
from arena.imports.shape import Row, Shape
from leaderboards.reading import proposals as guesses
from leaderboards.reading import streams

LOOKED_AT = 20
"""How many rows are looked at to find the shape: the first ones may be damaged."""
NAMED_UNKEPT = 1_000
"""Most names of fields that are not kept; a file may invent new ones without end."""
MORE = "further names"
"""The name under which all others are counted."""
HELD_CHARACTERS = 256 * 1024 * 1024
"""Characters of thumbs that are held until the file ends: only then is it known what they compare."""

ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/+(.+)")
VOTELESS = {
    frozenset({"messages"}): "holds conversations without a vote: what somebody preferred is not in them",
    frozenset({"prompt", "completion"}): "holds single answers without a vote: what somebody preferred is not in them",
}
"""Columns of files that train on answers alone, and why they hold no votes."""
BOARDS = (
    {"model_a", "model_b", "winner"},
    {"model_a", "model_b", "winner_model_a", "winner_model_b"},
    {"model_a", "model_b", "win_a", "win_b"},
)
"""Columns of files that make a board."""


@dataclass(slots=True, kw_only=True)
class Unkept:
    """The fields of entered rows that are not kept: by path, in how many rows each was."""

    rows: Counter[str] = field(default_factory=Counter)

    def add(self, paths: list[str]) -> None:
        """Count the fields of one row that are not kept."""
        for path in paths:
            self.rows[path if path in self.rows or len(self.rows) < NAMED_UNKEPT else MORE] += 1


def shape_of(path: Path, name: str | None, meaning: mapping.Meaning | None = None) -> Shape | None:
    """The shape that is named, the one that was said of the columns, or the one whose columns the file has; None for a
    file without rows.

    Raises `InvalidValue` for a file that is not there, or of no shape.
    """
    if path.is_dir():
        raise InvalidValue(f"{path} is a folder; name the files in it, such as data/train.jsonl and data/test.jsonl.")
    if not path.exists():
        if address := ADDRESS.fullmatch(str(path)):
            raise InvalidValue(f"{address[1]}://{address[2]} is an address; download the file and name it here.")
        raise InvalidValue(streams.absent(path))
    mapped = meaning is not None and bool(meaning.columns or meaning.outcomes)
    if name is not None and mapped:
        raise InvalidValue("--from names a shape whose columns are known; leave it out, or the map.")
    if name is not None:
        return imports.named(name)
    columns: list[str] = []
    first: Row | None = None
    fault = ""
    number = 0
    for number, row in islice(files.rows(path), LOOKED_AT):
        if isinstance(row, RowFault):
            columns, fault = columns or [""], fault or f"row {number}: {row}"
            continue
        if meaning is not None and mapped:
            _demand_columns(path, row, meaning)
            return mapping.shape(meaning, "table")
        if shape := imports.recognised(row):
            return shape
        first = first or Fields(row)
        columns = sorted(row)
    if not columns:
        return None
    if first is None:
        raise InvalidValue(
            f"{path} has no row that can be read ({fault}); it must hold votes, one object or line each."
        )
    if number == 1 and files.is_json(path) and (otherwise := guesses.layout(first)):
        raise InvalidValue(f"{path} {otherwise}.")
    if by_column := next((name for name, value in first.items() if _by_column(value, first)), None):
        raise InvalidValue(
            f"{path} holds its columns whole, such as {by_column}; write it again with DataFrame.to_json(path, "
            "orient='records', lines=True), under a name that ends in .jsonl."
        )
    if any(known <= set(columns) for known in BOARDS) and "COLUMN" in proposals.line(path, first):
        raise InvalidValue(
            f"{path} says who won, and neither what was asked nor what was answered: `arena rank {path}` makes a board "
            "of it, and there is nothing to import. If the texts are there, say where with --map prompt=COLUMN."
        )
    if said := VOTELESS.get(frozenset(columns)):
        raise InvalidValue(f"{path} {said}. Import the data set that it was made from.")
    raise InvalidValue(
        f"{path} has the columns {', '.join(columns[:12])}, which no shape has; say what they mean, such as "
        f"{proposals.line(path, first)}, or name a shape with --from: {', '.join(sorted(imports.SHAPES))}."
    )


def entries(path: Path, shape: Shape, unkept: Unkept | None = None) -> Iterator[tuple[int, ImportedVote | Outside]]:
    """Every vote of a file with the number of its row. Fields that are not kept are counted in `unkept`.

    Raises `InvalidValue` where the file breaks off.
    """
    unkept = Unkept() if unkept is None else unkept
    held: dict[tuple[object, ...], list[tuple[int, Thumb]]] = {}
    characters = 0
    for number, plain in files.rows(path):
        if isinstance(plain, RowFault):
            yield number, Outside(why=str(plain))
            continue
        for found in taken(Fields(plain), shape, unkept):
            if not isinstance(found, Thumb):
                yield number, found
                continue
            key = (found.among or "", *((said.role, said.text) for said in found.messages))
            held.setdefault(key, []).append((number, found))
            characters += len(found.text)
            if characters > HELD_CHARACTERS:
                raise InvalidValue(f"{path} holds more thumbs than can be compared at once; split it by prompt.")
    for thumbs in held.values():
        if shape.together is not None:
            for entry in shape.together([thumb for _, thumb in thumbs]):
                yield thumbs[-1][0], entry


def taken(row: Row, shape: Shape, unkept: Unkept) -> list[ImportedVote | Outside | Thumb]:
    """What a shape makes of a row: all of it, or why it stays outside, since what belongs to it cannot be kept."""
    found: list[ImportedVote | Outside | Thumb] = []
    try:
        found.extend(shape.entries(row))
    except RowFault as fault:
        found.append(Outside(why=str(fault), unvoted=isinstance(fault, UnvotedError)))
    if all(isinstance(one, Outside) for one in found):
        return found
    paths = row.unread()
    for name in (messages.GIVEN | messages.TOLD).intersection(paths):
        if not nothing(row.peek(name)) and row.peek(name) not in messages.NONE_AS_TEXT:
            return [Outside(why=f"{name} is part of what the models were given, and is not kept in this shape.")]
    unkept.add(paths)
    return found


def _by_column(value: object, row: Row) -> bool:
    """Whether a value is a column with the number of each row, as all values of the row then are."""
    return (
        isinstance(value, dict)
        and bool(value)
        and all(
            isinstance(one, dict) and set(one) == set(value) and all(key.isdecimal() for key in one)
            for one in row.values()
        )
    )


def _demand_columns(path: Path, row: dict[str, object], meaning: mapping.Meaning) -> None:
    """Raise where a mapped column is not in the first row of the file."""
    for target, column in meaning.columns.items():
        if column not in row and column.partition(".")[0] not in row:
            raise InvalidValue(
                f"{path} has no column {column}, which map gives as {target}; it has {', '.join(sorted(row)[:20])}."
            )
