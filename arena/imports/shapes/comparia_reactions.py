"""`comparia-reactions`: the reactions that compar:IA publishes, a thumb on one answer of one of two conversations.

Both answers to one message are compared where both have a thumb: up is better than down, and two downs are both bad, as
in `thumbs`. `msg_index` is the place of the answer in the conversation of its side.
"""

from collections.abc import Iterator

from arena.imports import cells, messages, thumbs
from arena.imports.imported_vote import RowFault, Thumb, UnvotedError
from arena.imports.shape import Row, Shape


def entries(row: Row) -> Iterator[Thumb]:
    """The row's one thumb."""
    liked, disliked = (row.get(column) in thumbs.UP for column in ("liked", "disliked"))
    if liked == disliked:
        raise UnvotedError("it is liked and disliked." if liked else "it is neither liked nor disliked.")
    side, place = row.get("model_pos"), row.get("msg_index")
    if side not in ("a", "b"):
        raise RowFault(f"model_pos is {cells.shown(side)}; it must be a or b.")
    said = messages.said(row, f"conversation_{side}")
    index = cells.identity(place, "msg_index")
    answer = said[int(index)] if index is not None and index.isdecimal() and int(index) < len(said) else None
    if answer is None or answer.role != "assistant" or answer.text != row.get("response_content"):
        raise RowFault(f"message {cells.shown(place)} of conversation_{side} is not the answer in response_content.")
    if said[-1] is not answer:
        row.lose(f"conversation_{side} after its answer")
    before = said[: int(index or 0)]
    if before and row.peek("question_content") == before[-1].text:
        row.get("question_content")
    yield Thumb(
        messages=messages.asked(messages.joined(messages.before(row), before), f"conversation_{side}"),
        text=answer.text,
        up=liked,
        model=cells.name(row.get(f"model_{side}_name"), f"model_{side}_name"),
        rater=cells.identity(cells.first(row, ("visitor_id", "session_hash")), "visitor_id"),
        language=None,
        category=None,
        cast_at=cells.moment(row.get("timestamp"), "timestamp"),
        among=cells.identity(row.get("conversation_pair_id"), "conversation_pair_id"),
    )


SHAPE = Shape(
    name="comparia-reactions",
    title="reactions of compar:IA",
    columns=(frozenset({"liked", "disliked", "model_pos", "msg_index", "response_content", "conversation_pair_id"}),),
    entries=entries,
    together=thumbs.compared,
)
