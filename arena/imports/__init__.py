"""Imports: votes that were cast elsewhere, read from the files that other arenas and tools write.

`reading.entries` turns a file into entries, one a vote. A new shape is one file in `shapes` and one entry in `SHAPES`.
Nothing is guessed: what a row does not say plainly is a sentence about that row, and the row stays outside.
"""

from collections.abc import Collection

from arena.errors import InvalidValue
from arena.imports.shape import Shape
from arena.imports.shapes import (
    alpaca_eval,
    argilla,
    battles,
    comparia,
    fastchat,
    helpsteer2,
    helpsteer3,
    label_studio,
    label_studio_min,
    lmarena,
    open_assistant,
    open_webui,
    ppe,
    prism,
    rankings,
    shp,
    table,
    thumbs,
    trl,
)

SHAPES: dict[str, Shape] = {
    module.SHAPE.name: module.SHAPE
    for module in (
        battles,
        comparia,
        lmarena,
        ppe,
        table,
        helpsteer3,
        helpsteer2,
        open_assistant,
        open_webui,
        fastchat,
        label_studio,
        label_studio_min,
        argilla,
        trl,
        alpaca_eval,
        shp,
        prism,
        rankings,
        thumbs,
    )
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
