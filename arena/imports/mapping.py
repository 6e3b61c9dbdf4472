"""Files whose columns and values are called otherwise: `--map prompt=instruction --outcome A=model_a`.

What is said of columns makes a shape of the file: each row is seen with the names it is meant by, and read as `table`.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from arena.errors import InvalidValue
from arena.imports import tables
from arena.imports.entry import ImportedVote, Outside
from arena.imports.fields import Fields, nothing
from arena.imports.shape import Row, Shape
from leaderboards.errors import InputError
from leaderboards.reading import meaning, sides

Meaning = meaning.Meaning
NONE = meaning.NONE
AS_IT_IS = meaning.AS_IT_IS


def meant(columns: Mapping[str, str], outcomes: Mapping[str, str], unvoted: str) -> Meaning:
    """What was said of columns, values and rows nobody voted on. Raises `InvalidValue` for a name that is none."""
    try:
        return Meaning(columns=columns, outcomes=outcomes, unvoted=unvoted)
    except InputError as error:
        raise InvalidValue(str(error)) from error


def shape(meaning: Meaning, name: str) -> Shape:
    """The shape of a file that is meant so."""

    def entries(row: Row) -> Iterator[ImportedVote | Outside]:
        seen = _seen(row, meaning)
        yield from tables.entries(seen)
        for target in seen.seen:  # what was read by the name it is meant by was read by its own
            path = meaning.columns.get(target, target)
            if path in row:
                row.opened(path, seen.peek(target) if target != "winner" else row.peek(path))
                row.get(path)
            else:
                _at(row, path, read=True)
        for lost in seen.lost:
            row.lose(lost)

    return Shape(name=name, title="columns as they are mapped", columns=(), entries=entries)


def _seen(row: Row, meaning: Meaning) -> Row:
    """The row by the names it is meant by; what lies inside is the same object in both."""
    found = {column: value for column, value in row.items() if column not in meaning.columns.values()}
    found.update({target: _at(row, path) for target, path in meaning.columns.items()})
    if meaning.outcomes and not nothing(value := found.get("winner")):
        spelt = sides.plain(value if isinstance(value, str) else json.dumps(value, default=str))
        said = meaning.outcomes.get(spelt, value)
        found["winner"] = None if said == NONE else said
    return Fields(found)


def _at(row: Row, path: str, *, read: bool = False) -> Any:
    """What a path leads to: a column of that name, or an object inside of one."""
    if path in row:
        return row.peek(path)
    here: Any = row
    for name in path.split("."):
        if not isinstance(here, Fields):
            return None
        here = here.get(name) if read else here.peek(name)
    return here
