"""`fastchat`: the raw log of a FastChat server, an object a line; the lines of votes on two answers are read.

The two sides are `states`, each with its model's name and all that was said. Addresses of raters stay outside.
"""

from collections.abc import Iterator
from typing import TypeGuard

from arena.domain.battle import Message
from arena.domain.vote import Winner
from arena.imports import cells, conversations
from arena.imports.fields import Fields, nothing
from arena.imports.imported_vote import ImportedVote, RowFault
from arena.imports.shape import Row, Shape

WON = {
    "leftvote": Winner.MODEL_A,
    "rightvote": Winner.MODEL_B,
    "tievote": Winner.TIE,
    "bothbad_vote": Winner.BOTH_BAD,
}
ROLES = ("user", "assistant")


def entries(row: Row) -> Iterator[ImportedVote]:
    """The vote of a line that holds one."""
    kind = row.get("type")
    winner = WON.get(kind) if isinstance(kind, str) else None
    if winner is None:
        raise RowFault(f"type is {cells.shown(kind)}, which is no vote on two answers; accepted: {', '.join(WON)}.")
    states = row.get("states")
    if not isinstance(states, list) or len(states) != 2 or not all(isinstance(one, Fields) for one in states):
        raise RowFault(f"states is {cells.shown(states)}; it must be two objects.")
    model_a, model_b = (cells.name(state.get("model_name"), "model_name") for state in states)
    row.get("models")  # empty, or the same names
    system = _system(states)
    said_a, said_b = ((*system, *_said(state)) for state in states)
    asked, text_a, text_b = conversations.judged(row, said_a, said_b, ("the first state", "the second state"))
    places = [cells.identity(state.get("conv_id"), "conv_id") for state in states]
    yield ImportedVote(
        messages=asked,
        text_a=text_a,
        text_b=text_b,
        model_a=model_a,
        model_b=model_b,
        winner=winner,
        rater=None,
        item=" ".join(place or "" for place in places) + f" {len(asked)}",
        conversation=places[0],
        cast_at=cells.moment(row.get("tstamp"), "tstamp"),
    )


def _system(states: list[Fields]) -> tuple[Message, ...]:
    """What both models were told alike. What a template tells its own model alone is a setting of that model."""
    told = [state.peek("system_message") for state in states]
    if nothing(told[0]) or told[0] != told[1]:
        return ()
    texts = [cells.text(state.get("system_message"), "system_message") for state in states]
    return (Message.of_text(role="system", text=texts[0]),) if texts[0].strip() else ()


def _said(state: Fields) -> tuple[Message, ...]:
    """What was said, without the examples that a template begins with."""
    said, names, begins = state.get("messages"), state.get("roles"), state.get("offset")
    if not isinstance(said, list) or not _texts(names) or len(names) != len(ROLES):
        raise RowFault("a state must hold its messages and the names of both roles.")
    speakers = dict(zip(names, ROLES, strict=True))
    found = []
    for number, one in enumerate(said[begins if isinstance(begins, int) else 0 :], 1):
        if not isinstance(one, list) or len(one) != 2 or not _texts(one[:1]) or one[0] not in speakers:
            raise RowFault(f"message {number} of a state is {cells.shown(one)}; it must be a role and a text.")
        if isinstance(one[1], list):
            raise RowFault(f"message {number} of a state has an image, and only text can be kept.")
        found.append(Message.of_text(role=speakers[one[0]], text=cells.text(one[1], f"message {number} of a state")))
    if not found:
        raise RowFault("a state holds no message.")
    return tuple(found)


def _texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


SHAPE = Shape(
    name="fastchat",
    title="the raw log of a FastChat server",
    columns=(frozenset({"tstamp", "type", "ip"}), frozenset({"tstamp", "type", "states"})),
    entries=entries,
)
