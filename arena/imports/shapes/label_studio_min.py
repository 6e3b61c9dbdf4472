"""`label-studio-min`: a pairwise project exported by Label Studio as JSON-MIN, one annotation a row.

The task's own columns stand beside the annotation's, and the comparison under the name that the project gave it: a list
of one object that says which side was selected, or a choice.
"""

from collections.abc import Iterator
from typing import Any

from arena.domain.vote import Winner
from arena.imports import cells, messages, outcomes, pairwise
from arena.imports.fields import Fields
from arena.imports.imported_vote import ImportedVote, RowFault, UnvotedError
from arena.imports.shape import Row, Shape

OF_THE_ANNOTATION = {"id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement"}


def entries(row: Row) -> Iterator[ImportedVote]:
    """The row's one vote."""
    left, right = pairwise.columns(row, [])
    models = [cells.first(row, (f"{column}_model", f"model_{column}")) for column in (left, right)]
    yield ImportedVote(
        messages=messages.prompt(row, pairwise.PROMPTS),
        text_a=cells.text(row.get(left), left),
        text_b=cells.text(row.get(right), right),
        model_a=None if models[0] is None else cells.name(models[0], f"{left}_model"),
        model_b=None if models[1] is None else cells.name(models[1], f"{right}_model"),
        winner=_winner(row),
        rater=cells.identity(row.get("annotator"), "annotator"),
        item=cells.identity(row.get("id"), "id"),
        language=cells.label(row, "language"),
        category=cells.label(row, "category"),
        cast_at=cells.moment(row.get("created_at"), "created_at"),
    )


def _winner(row: Row) -> Winner:
    said = [(name, winner) for name in row if name not in OF_THE_ANNOTATION and (winner := _said(row.peek(name)))]
    if not said:
        raise UnvotedError("no column says which side was selected.")
    if len(said) > 1:
        raise RowFault(f"several columns compare the answers: {', '.join(name for name, _ in said)}; keep one of them.")
    name, winner = said[0]
    value = row.get(name)
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, Fields):
            one.get("selected")
    return winner


def _said(value: Any) -> Winner | None:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, Fields):
        value = value.peek("selected")
    if not isinstance(value, str):
        return None
    return pairwise.SIDES.get(value) or outcomes.WINNERS.get(value)


SHAPE = Shape(
    name="label-studio-min",
    title="a pairwise project exported by Label Studio as JSON-MIN",
    columns=(frozenset({"annotation_id", "annotator"}),),
    entries=entries,
)
