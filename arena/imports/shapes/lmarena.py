"""`lmarena`: vote logs in LMArena's columns, the older with texts, the newer with parts of content.

Two conversations that part before the last answer share no prompt, so they make no battle here: every battle has one
prompt for both sides (design decision 8). Where `turn` is smaller than the conversations are long, the vote was on that
turn and what follows is not part of it. MT-bench's human judgements and Search Arena have the same columns.
"""

from collections.abc import Iterator

from arena.imports import cells, conversations, outcomes
from arena.imports.imported_vote import ImportedVote, RowFault
from arena.imports.shape import Row, Shape

WON = ({"winner"}, {"winner_model_a", "winner_model_b"})
SIDES = (("conversation_a", "conversation_b"), ("messages_a", "messages_b"))
"""Names of the two conversations; the second are those of Search Arena."""


def entries(row: Row) -> Iterator[ImportedVote]:
    """The row's one vote."""
    model_a, model_b = (cells.name(row.get(column), column) for column in ("model_a", "model_b"))
    winner = outcomes.judged(row, model_a, model_b)
    order = row.get("evaluation_order")
    if isinstance(order, int) and order > 1:
        raise RowFault(f"evaluation_order is {order}, and what was said before is not in conversation_a.")
    side_a, side_b = next((sides for sides in SIDES if sides[0] in row), SIDES[0])
    messages, text_a, text_b = conversations.both(row, side_a, side_b)
    item = cells.identity(cells.first(row, ("question_id", "id")), "question_id")
    yield ImportedVote(
        messages=messages,
        text_a=text_a,
        text_b=text_b,
        model_a=model_a,
        model_b=model_b,
        winner=winner,
        rater=cells.identity(cells.first(row, ("judge", "evaluation_session_id")), "judge"),
        item=item,
        conversation=cells.identity(cells.first(row, ("evaluation_session_id", "question_id")), "question_id"),
        language=cells.label(row, "language"),
        category=cells.label(row, "category"),
        cast_at=cells.moment(cells.first(row, ("tstamp", "timestamp")), "tstamp"),
    )


SHAPE = Shape(
    name="lmarena",
    title="vote logs in LMArena's columns",
    columns=tuple(frozenset({"model_a", "model_b", *won, *sides}) for won in WON for sides in SIDES),
    entries=entries,
)
