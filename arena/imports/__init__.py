"""Imports: votes that were cast elsewhere, read from the files that other arenas and tools write.

`reading.entries` turns a file into `ImportedVote`s. A new shape is one file in `shapes` and one entry in `SHAPES`.
Nothing is guessed: a row that does not say something plainly stays outside, with a sentence about it.
"""

from collections.abc import Collection

from arena.errors import InvalidValue
from arena.imports.shape import Shape
from arena.imports.shapes import (
    alpaca_eval,
    argilla,
    battles,
    comparia,
    comparia_reactions,
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
        comparia_reactions,
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
"""Every known shape, by name. The first that recognises the columns of a file is used."""


def named(name: str) -> Shape:
    """A shape by its name. Raises `InvalidValue` for an unknown name."""
    if name not in SHAPES:
        raise InvalidValue(f"{name!r} is no shape that can be imported; accepted: {', '.join(sorted(SHAPES))}.")
    return SHAPES[name]


def recognised(columns: Collection[str]) -> Shape | None:
    """The shape that has these columns, or None."""
    return next((shape for shape in SHAPES.values() if shape.recognises(frozenset(columns))), None)
