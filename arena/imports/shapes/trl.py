"""`trl`: preference pairs as TRL, OpenRLHF, LLaMA-Factory, Axolotl, torchtune, verl and HH write them."""

from arena.imports import preferences
from arena.imports.shape import Shape

SHAPE = Shape(
    name="trl",
    title="preference pairs: chosen and rejected, with their prompt",
    names_models=False,
    columns=(frozenset({"chosen", "rejected"}),),
    entries=preferences.entries,
)
