"""Files with other names of columns and values: `--map prompt=instruction --outcome A=model_a`.

Such a mapping makes a shape: each row is seen with our names, and then read like the shape `table`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from arena.errors import DoesNotFit
from arena.imports import tables
from arena.imports.fields import Fields, nothing
from arena.imports.imported_vote import ImportedVote, Outside
from arena.imports.shape import Row, Shape
from leaderboards.errors import InputError
from leaderboards.reading import meaning, sides

Meaning = meaning.Meaning
NONE = meaning.NONE
AS_IT_IS = meaning.AS_IT_IS
OF_PAIRS = {"chosen_model": "model_a", "rejected_model": "model_b"}
"""What is mapped as a model of a pair: the chosen answer is that of model_a."""


def meant(columns: Mapping[str, str], outcomes: Mapping[str, str], unvoted: str) -> Meaning:
    """The meaning of columns, values and rows without a vote. Raises `DoesNotFit` for an unknown name."""
    try:
        return Meaning(columns=columns, outcomes=outcomes, unvoted=unvoted)
    except InputError as error:
        raise DoesNotFit(str(error)) from error


def shape(meaning: Meaning, name: str) -> Shape:
    """The shape of a file with this meaning."""

    def entries(row: Row) -> Iterator[ImportedVote | Outside]:
        seen = _seen(row, meaning)
        yield from tables.entries(seen)
        for target in seen.seen:  # what was read under our name counts as read under its own
            path = meaning.columns.get(OF_PAIRS.get(target, target), target)
            if path in row:
                row.opened(path, seen.peek(target) if target != "winner" else row.peek(path))
                row.get(path)
            else:
                _at(row, path, read=True)
        for lost in [*seen.lost, *_beside(row, meaning.columns.values())]:
            row.lose(lost)

    return Shape(name=name, title="columns as they are mapped", columns=(), entries=entries)


def _seen(row: Row, meaning: Meaning) -> Row:
    """The row with our names. Both rows share the objects inside."""
    found = {column: value for column, value in row.items() if column not in meaning.columns.values()}
    found.update({target: _at(row, path) for target, path in meaning.columns.items()})
    if meaning.outcomes and not nothing(value := found.get("winner")):
        spelt = sides.plain(value if isinstance(value, str) else json.dumps(value, default=str))
        said = meaning.outcomes.get(spelt, value)
        found["winner"] = None if said == NONE else said
    if {"chosen", "rejected"} <= set(found):
        found |= {name: found.pop(target) for name, target in OF_PAIRS.items() if target in meaning.columns}
    return Fields(found)


def _at(row: Row, path: str, *, read: bool = False) -> Any:
    """The value at a path: a column of that name, or something inside a column."""
    if path in row:
        return row.peek(path)
    here: Any = row
    for name in path.split("."):
        if isinstance(here, list) and name.isdecimal():
            here = here[int(name)] if int(name) < len(here) else None
            continue
        if not isinstance(here, Fields):
            return None
        here = here.get(name) if read else here.peek(name)
    return here


def _beside(row: Row, paths: Iterable[str]) -> Iterator[str]:
    """The texts and numbers in a list that stand beside those a path leads to by their place."""
    read = {path.rpartition(".")[::2] for path in paths if path not in row and path.rpartition(".")[2].isdecimal()}
    for holder in dict.fromkeys(holder for holder, _ in sorted(read)):
        listed = _at(row, holder)
        for place, one in enumerate(listed if isinstance(listed, list) else []):
            if (holder, str(place)) not in read and not nothing(one) and not isinstance(one, Fields):
                yield f"{holder}.{place}"
