"""`label-studio`: tasks of a pairwise project, as Label Studio's JSON export writes them; each annotation is a vote.

The export says `left` or `right` and names the two objects that were compared, not the columns their texts came from.
The columns are those of that name, or a pair that Label Studio's own templates use.
"""

from collections.abc import Iterator
from typing import Any

from arena.domain.battle import Message
from arena.domain.vote import Winner
from arena.imports import cells, messages, outcomes, pairwise
from arena.imports.fields import Fields
from arena.imports.imported_vote import ImportedVote, Outside, RowFault
from arena.imports.shape import Row, Shape


def entries(row: Row) -> Iterator[ImportedVote | Outside]:
    """One vote an annotation that was not skipped."""
    data, annotations = row.get("data"), row.get("annotations")
    if not isinstance(data, Fields) or not isinstance(annotations, list):
        raise RowFault("data must be an object and annotations a list.")
    asked = messages.prompt(data, pairwise.PROMPTS)
    if not annotations:
        raise RowFault("nobody has annotated this task.")
    for number, annotation in enumerate(annotations, 1):
        try:
            yield _entry(row, data, asked, annotation)
        except RowFault as fault:
            yield Outside(why=f"annotation {number}: {fault}")


def _entry(row: Row, data: Fields, asked: tuple[Message, ...], annotation: Any) -> ImportedVote:
    if not isinstance(annotation, Fields) or not isinstance(annotation.get("result"), list):
        raise RowFault("it has no result.")
    if annotation.get("was_cancelled"):
        raise RowFault("it was skipped.")
    compared, winner = _outcome(annotation["result"])
    left, right = pairwise.columns(data, compared)
    who = annotation.get("completed_by")
    if isinstance(who, Fields):
        who = cells.first(who, ("email", "id"))
    models = [cells.first(data, (f"{column}_model", f"model_{column}")) for column in (left, right)]
    return ImportedVote(
        messages=asked,
        text_a=cells.text(data[left], left),
        text_b=cells.text(data[right], right),
        model_a=None if models[0] is None else cells.name(models[0], f"{left}_model"),
        model_b=None if models[1] is None else cells.name(models[1], f"{right}_model"),
        winner=winner,
        rater=cells.identity(who, "completed_by"),
        item=cells.identity(row.get("id"), "id"),
        language=cells.label(data, "language"),
        category=cells.label(data, "category"),
        cast_at=cells.moment(annotation.get("created_at"), "created_at"),
    )


def _outcome(result: list[Any]) -> tuple[list[str], Winner]:
    """The two objects that were compared, as far as they are named, and who won."""
    regions = [region for region in result if isinstance(region, Fields)]
    chosen = [region for region in regions if region.get("type") == "pairwise"]
    said = [region for region in regions if region.get("type") == "choices"]
    if len(chosen) + (not chosen) * len(said) != 1:
        raise RowFault("it has no single pairwise result.")
    region = (chosen or said)[0]
    value = region.get("value")
    answers = value.get("selected" if chosen else "choices") if isinstance(value, Fields) else None
    if isinstance(answers, list) and len(answers) == 1:
        answers = answers[0]
    winner = pairwise.SIDES.get(answers) if isinstance(answers, str) else None
    compared = str(region.get("to_name", "")).split(",") if chosen else []
    return [name.strip() for name in compared], winner or outcomes.winner(answers, "the choice")


SHAPE = Shape(
    name="label-studio",
    title="tasks of a pairwise project, exported by Label Studio as JSON",
    columns=(frozenset({"data", "annotations"}),),
    entries=entries,
)
