"""`table`: a prompt and two answers in columns of their own, as LMSYS published votes for Kaggle."""

from arena.imports import tables
from arena.imports.shape import Shape

SHAPE = Shape(
    name="table",
    title="a prompt and two answers, each in a column",
    columns=(
        frozenset({"prompt", "response_a", "response_b", "winner"}),
        frozenset({"prompt", "response_a", "response_b", "winner_model_a", "winner_model_b"}),
    ),
    entries=tables.entries,
)
