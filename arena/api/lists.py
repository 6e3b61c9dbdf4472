"""Lists in answers come in pages, each with where the next one begins: `{"NAME": [...], "next": null}`."""

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from fastapi import Query

Entry = TypeVar("Entry")
Mark = TypeVar("Mark", str, int)

Limit = Annotated[int, Query(ge=1, le=500)]
"""How many entries an answer has at most."""
Number = Annotated[int, Query(ge=0)]
"""How many entries of a list were read already."""


def page(found: Sequence[Entry], limit: int, mark: Callable[[Entry], Mark]) -> tuple[Sequence[Entry], Mark | None]:
    """The first entries of those that were found and, where there are more, the mark of the last: `after` it the next
    page begins. Whoever reads a table reads one entry more than the limit."""
    told = found[:limit]
    return told, mark(told[-1]) if len(found) > limit else None


def by_name(
    found: Sequence[Entry], after: str, limit: int, name: Callable[[Entry], str]
) -> tuple[Sequence[Entry], str | None]:
    """A page of a whole list, by name."""
    return page(sorted((one for one in found if name(one) > after), key=name), limit, name)


def numbered(found: Sequence[Entry], after: int, limit: int) -> tuple[Sequence[Entry], int | None]:
    """A page of a whole list in its own order, of which `after` entries were read."""
    end = after + limit
    return found[after:end], end if len(found) > end else None
