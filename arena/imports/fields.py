"""Objects of a row that remember what of them was read, so that whatever nobody read can be named.

A shape reads a row as it reads any object: by `get`, by name, by what lies inside. What it never asks for by name is
not kept, and `unread` lists it. Looking at all names or at whether one is there reads nothing.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Cell(NamedTuple):
    """A cell of a table that holds a list or an object, as text."""

    text: str
    value: Any


class CellList(list[Any]):
    """A list that stood in a cell, with the text it was: an answer may look like a list and be one text."""

    raw: str | None = None


class Fields(dict[str, Any]):
    """An object; `read` marks a name, and only the name, as taken care of."""

    __slots__ = ("keyed", "lost", "raw", "seen")

    def __init__(self, fields: Mapping[str, Any]) -> None:
        super().__init__(fields)
        for name, value in fields.items():
            if isinstance(value, dict | list | Cell):
                super().__setitem__(name, within(value))
        self.seen: set[str] = set()
        self.raw: str | None = None
        """The text of the cell that the object stood in."""
        self.keyed = False
        """Whether the names are keys of things of one kind, and no names of columns."""
        self.lost: list[str] = []
        """What was read and could not be kept all the same."""

    def __getitem__(self, name: str) -> Any:
        self.seen.add(name)
        return dict.__getitem__(self, name)

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a name, which counts as read."""
        self.seen.add(name)
        return dict.get(self, name, default)

    def peek(self, name: str) -> Any:
        """The value of a name, which does not count as read."""
        return dict.get(self, name)

    def things(self) -> dict[str, Any]:
        """The object as things of one kind by their keys, all of them read."""
        self.keyed = True
        self.seen.update(self)
        return dict(self)

    def opened(self, name: str, value: Any) -> Any:
        """Put what a text was read as in its place, so that what nobody reads of it is named as well."""
        found = within(value)
        self[name] = found
        return found

    def lose(self, what: str) -> None:
        """Name something that is read here and kept nowhere."""
        self.lost.append(what)

    def unread(self) -> list[str]:
        """Everything that nobody has read, by its path, each once."""
        return list(dict.fromkeys([*self.lost, *_unread(self, "")]))


def within(value: Any) -> Any:
    """A value with every object in it as `Fields`."""
    if isinstance(value, Fields | CellList):
        return value
    if isinstance(value, Cell):
        found = Fields(value.value) if isinstance(value.value, dict) else CellList(map(within, value.value))
        found.raw = value.text
        return found
    if isinstance(value, dict):
        return Fields(value)
    return [within(one) for one in value] if isinstance(value, list) else value


def nothing(value: object) -> bool:
    """Whether nothing stands there: no value, no text, no part, or NaN, as data frames spell it."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    if isinstance(value, dict):
        return all(nothing(one) for one in dict.values(value))
    return isinstance(value, str | list) and len(value) == 0


def _unread(value: object, path: str) -> Iterator[str]:
    if isinstance(value, Fields):
        for name, inner in value.items():
            if name in value.seen and not isinstance(inner, dict | list) and not value.keyed:
                continue
            here = path if value.keyed and isinstance(inner, Fields) else f"{path}.{name}" if path else name
            if name in value.seen and not (value.keyed and not isinstance(inner, Fields)):
                yield from _unread(inner, here)
            elif not nothing(inner):
                yield here
    elif isinstance(value, list):
        for inner in value:
            yield from _unread(inner, path)
