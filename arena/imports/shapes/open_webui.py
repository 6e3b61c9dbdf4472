"""`open-webui`: the feedback that Open WebUI exports; a thumb on an answer that stood beside others is a vote.

A thumb up says that the answer is better than each of its siblings, a thumb down that it is worse. A thumb on an answer
without siblings compares nothing. The answers are found in the chat that was kept with the feedback.
"""

from collections.abc import Iterator

from arena.domain.battle import Message
from arena.domain.vote import Winner
from arena.imports import cells, messages
from arena.imports.fields import Fields, nothing
from arena.imports.imported_vote import ImportedVote, Outside, RowFault
from arena.imports.shape import Row, Shape

NAMES = ("selectedModelId", "modelName", "model")
"""Where a message says who wrote it; an arena of Open WebUI's calls itself the model."""
WON = {"1": Winner.MODEL_A, "-1": Winner.MODEL_B}
"""Ratings as text: a program that gives feedback may write them so."""


def entries(row: Row) -> Iterator[ImportedVote | Outside]:
    """One vote a sibling of the rated answer."""
    data, meta = _object(row, "data"), _object(row, "meta")
    siblings, rating = data.get("sibling_model_ids"), data.get("rating")
    if nothing(siblings) or not isinstance(siblings, list):
        raise RowFault("the rated answer has no sibling, so nothing was compared.")
    winner = WON.get(str(rating))
    if winner is None:
        raise RowFault(f"rating is {cells.shown(rating)}; it must be 1 or -1.")
    model, chat = cells.name(data.get("model_id"), "model_id"), _chat(row)
    said = chat.get("history").get("messages").things()
    rated = said.get(str(meta.get("message_id")))
    if not isinstance(rated, Fields):
        raise RowFault(f"the chat has no message {cells.shown(meta.get('message_id'))}, which was rated.")
    asked = _asked(said, rated, chat)
    beside = [
        one for one in said.values() if isinstance(one, Fields) and one.peek("parentId") == rated.peek("parentId")
    ]
    reasons = [cells.text(data.get(name), name) for name in ("reason", "comment") if not nothing(data.peek(name))]
    for name in siblings:
        sibling = cells.name(name, "sibling_model_ids")
        found = [one for one in beside if one is not rated and sibling in [one.peek(column) for column in NAMES]]
        if len(found) != 1:
            yield Outside(
                why=f"the chat holds {len(found)} answers of the sibling {cells.shown(sibling)}; it must be one."
            )
            continue
        if sibling == model:
            yield Outside(why=f"{cells.shown(model)} stands against itself.")
            continue
        yield ImportedVote(
            messages=asked,
            text_a=_text(rated),
            text_b=_text(found[0]),
            model_a=model,
            model_b=sibling,
            winner=winner,
            rater=cells.identity(row.get("user_id"), "user_id"),
            item=cells.identity(row.get("id"), "id"),
            conversation=cells.identity(meta.get("chat_id"), "chat_id"),
            cast_at=cells.moment(row.get("created_at"), "created_at"),
            reason="\n".join(reasons) or None,
        )


def _object(row: Fields, name: str) -> Fields:
    found = row.get(name)
    if not isinstance(found, Fields):
        raise RowFault(f"{name} is {cells.shown(found)}; it must be an object.")
    return found


def _chat(row: Row) -> Fields:
    """The chat of the feedback, which keeps what was said by the ids of its messages."""
    chat = row.get("snapshot")
    for name in ("chat", "chat"):
        chat = chat.get(name) if isinstance(chat, Fields) else None
    history = chat.get("history") if isinstance(chat, Fields) else None
    if (
        not isinstance(chat, Fields)
        or not isinstance(history, Fields)
        or not isinstance(history.get("messages"), Fields)
    ):
        raise RowFault("the chat was not kept with the feedback, so its texts are unknown.")
    return chat


def _asked(said: dict[str, Fields], rated: Fields, chat: Fields) -> tuple[Message, ...]:
    """What led to an answer, from the beginning of the chat."""
    found: list[Fields] = []
    place = rated.get("parentId")
    while place is not None:
        one = said.get(str(place))
        if not isinstance(one, Fields) or one in found:
            raise RowFault(f"the chat has no message {cells.shown(place)}, which comes before the rated answer.")
        found.append(one)
        place = one.get("parentId")
    parameters = chat.get("params")
    begins = messages.before(parameters) if isinstance(parameters, Fields) else ()
    before = messages.conversation(found[::-1], "the chat")
    return messages.asked(messages.joined(begins, before), "the chat before the answer")


def _text(answer: Fields) -> str:
    ((_, text),) = [(one.role, one.text) for one in messages.conversation([answer], "the answer")]
    for name in (*NAMES, "parentId", "id", "childrenIds"):
        answer.get(name)
    return text


SHAPE = Shape(
    name="open-webui",
    title="feedback exported by Open WebUI",
    columns=(frozenset({"data", "meta", "snapshot"}),),
    entries=entries,
)
