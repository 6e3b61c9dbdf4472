"""Objects of a row that remember which of their values were read, so that the others can be named.

A shape reads a row like any dictionary. Values that it never asks for by name are not kept, and `unread` lists them.
Looking at all names, or asking whether a name is there, does not count as reading.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Cell(NamedTuple):
    """A cell of a table that holds a list or an object, as text."""

    text: str
    value: Any


class CellList(list[Any]):
    """A list read from a cell, with the text of the cell: an answer may look like a list and be a text."""

    raw: str | None = None


class Fields(dict[str, Any]):
    """An object that remembers which names were read."""

    __slots__ = ("keyed", "lost", "raw", "seen")

    def __init__(self, fields: Mapping[str, Any]) -> None:
        super().__init__(fields)
        for name, value in fields.items():
            if isinstance(value, dict | list | Cell):
                super().__setitem__(name, within(value))
        self.seen: set[str] = set()
        self.raw: str | None = None
        """The text of the cell from which the object was read."""
        self.keyed = False
        """Whether the names are keys of similar things, and not names of columns."""
        self.lost: list[str] = []
        """What was read but could not be kept."""

    def __getitem__(self, name: str) -> Any:
        self.seen.add(name)
        return dict.__getitem__(self, name)

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a name, which then counts as read."""
        self.seen.add(name)
        return dict.get(self, name, default)

    def peek(self, name: str) -> Any:
        """The value of a name, which does not count as read."""
        return dict.get(self, name)

    def things(self) -> dict[str, Any]:
        """The object as a dictionary of similar things, all of which then count as read."""
        self.keyed = True
        self.seen.update(self)
        return dict(self)

    def opened(self, name: str, value: Any) -> Any:
        """Replace a text by what was read from it, so that unread parts of it are named as well."""
        found = within(value)
        self[name] = found
        return found

    def lose(self, what: str) -> None:
        """Note something that was read but is not kept."""
        self.lost.append(what)

    def unread(self) -> list[str]:
        """The paths of all values that nobody has read, each once."""
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
    """Whether a value is missing: None, an empty text or list, or NaN, as data frames write it."""
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
