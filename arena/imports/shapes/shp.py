"""`shp`: Stanford's SHP, two comments on a Reddit post; `labels` is 1 where the first was preferred, 0 for the second.

The comments are people's, so no model is named.
"""

from collections.abc import Iterator

from arena.domain.vote import Winner
from arena.imports import cells, messages
from arena.imports.fields import nothing
from arena.imports.imported_vote import ImportedVote, RowFault, UnvotedError
from arena.imports.shape import Row, Shape


def entries(row: Row) -> Iterator[ImportedVote]:
    """The row's one vote."""
    label = row.get("labels")
    if nothing(label):
        raise UnvotedError("labels is missing.")
    if str(label) not in ("0", "1"):
        raise RowFault(f"labels is {cells.shown(label)}; it must be 1 where human_ref_A is better, or 0.")
    comments = [cells.identity(row.get(column), column) for column in ("c_root_id_A", "c_root_id_B")]
    text_a, text_b = (cells.text(row.get(column), column) for column in ("human_ref_A", "human_ref_B"))
    yield ImportedVote(
        messages=messages.prompt(row, ("history",)),
        text_a=text_a,
        text_b=text_b,
        model_a=None,
        model_b=None,
        winner=Winner.MODEL_A if str(label) == "1" else Winner.MODEL_B,
        rater=None,
        item=" ".join(comment for comment in comments if comment) or None,
        conversation=cells.identity(row.get("post_id"), "post_id"),
        category=cells.label(row, "domain"),
    )


SHAPE = Shape(
    name="shp",
    title="SHP: two comments on a post",
    names_models=False,
    columns=(frozenset({"history", "human_ref_A", "human_ref_B", "labels"}),),
    entries=entries,
)
