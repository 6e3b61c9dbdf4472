"""`ppe`: the human preferences of PPE, a prompt and two responses as LMArena published them to test reward models."""

from arena.imports import mapping
from arena.imports.shape import Shape

RENAMED = mapping.shape(mapping.Meaning(columns={"response_a": "response_1", "response_b": "response_2"}), "ppe")

SHAPE = Shape(
    name="ppe",
    title="human preferences of PPE",
    columns=(frozenset({"model_a", "model_b", "prompt", "response_1", "response_2", "winner"}),),
    entries=RENAMED.entries,
)
