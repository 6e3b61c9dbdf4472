"""Imports: votes that were cast elsewhere, read from the files that other arenas and tools write.

`reading.entries` turns a file into entries, one a vote. A new shape is one file in `shapes` and one entry in `SHAPES`.
Nothing is guessed: what a row does not say plainly is a sentence about that row, and the row stays outside.
"""

from collections.abc import Collection

from arena.errors import InvalidValue
from arena.imports.shape import Shape
from arena.imports.shapes import argilla, battles, helpsteer3, label_studio, lmarena, open_assistant, trl

SHAPES: dict[str, Shape] = {
    module.SHAPE.name: module.SHAPE
    for module in (battles, lmarena, helpsteer3, open_assistant, label_studio, argilla, trl)
}
"""Every shape that is read, by name; the first that knows a row's columns is taken."""


def named(name: str) -> Shape:
    """A shape by its name. Raises `InvalidValue` for a name that is none."""
    if name not in SHAPES:
        raise InvalidValue(f"{name!r} is no shape that can be imported; accepted: {', '.join(sorted(SHAPES))}.")
    return SHAPES[name]


def recognised(columns: Collection[str]) -> Shape | None:
    """The shape that has these columns, or None."""
    return next((shape for shape in SHAPES.values() if shape.recognises(frozenset(columns))), None)
