"""Conversations of a row: lists of messages, and columns with what was said before a prompt.

Everything that the models were given is kept, or the row stays outside: a battle without its system message, its
earlier messages, its tools or its images would be another battle.
"""

from collections.abc import Sequence
from typing import Any

from arena.domain import wording
from arena.domain.battle import Message
from arena.imports import cells, jsonkeys, literals
from arena.imports.fields import CellList, Fields, nothing
from arena.imports.imported_vote import RowFault

SPEAKERS = {
    **dict.fromkeys(("system", "developer"), "system"),
    **dict.fromkeys(("user", "human"), "user"),
    **dict.fromkeys(("assistant", "gpt", "model"), "assistant"),
}
"""Roles in small letters: OpenAI's, with its newer name for system; ShareGPT's; Gemini's."""
SYSTEM = ("system", "system_prompt", "system_message")
EACH_SIDE = (("system_prompt_a", "system_prompt_b"), ("system_a", "system_b"))
"""Columns of what each model was told. What both were told alike belongs to the conversation; what one was told alone
is a setting of that model."""
EARLIER = ("context", "history")
BELONGS = (
    "tools",
    "tool_calls",
    "tool_call_id",
    "functions",
    "function_call",
    "images",
    "image",
    "videos",
    "video",
    "audios",
    "audio",
    "documents",
    "attachments",
    "files",
)
"""What models may be given beside text. A battle without it would be another battle."""
NONE_AS_TEXT = ("[]", "{}", "null")
"""No tools, where a table keeps them as JSON."""
GIVEN = frozenset(BELONGS)
TOLD = frozenset((*SYSTEM, *EARLIER))


def said(row: Fields, column: str) -> tuple[Message, ...]:
    """The messages of a column: a list of roles and contents, or the text of one."""
    value = row.get(column)
    return conversation(row.opened(column, _parsed(value, column)) if isinstance(value, str) else value, column)


def conversation(value: object, column: str) -> tuple[Message, ...]:
    """The messages of a list of roles and contents, at least one. An empty system message is dropped."""
    if not isinstance(value, list) or not value:
        raise RowFault(f"{column} is {cells.shown(value)}; it must be a list of messages.")
    found = tuple(_message(one, f"message {place} of {column}", place) for place, one in enumerate(value, 1))
    if found[0].role == "system" and not wording.visible(found[0].text):
        found = found[1:]
    if not found:
        raise RowFault(f"{column} holds nothing but an empty system message.")
    return found


def before(fields: Fields, taken: Sequence[str] = ()) -> tuple[Message, ...]:
    """What was said before the prompt, in columns beside it: a system message, and earlier messages.

    Raises `RowFault` for what belongs to a conversation and cannot be kept. `taken` are columns with another meaning.
    """
    refuse_what_belongs(fields, "", taken)
    alike = [
        both for both in EACH_SIDE if not nothing(fields.peek(both[0])) and fields.peek(both[0]) == fields.peek(both[1])
    ]
    if TOLD.isdisjoint(fields) and not alike:
        return ()
    told = {name: fields.get(name) for name in SYSTEM if name not in taken}
    told |= {name: fields.get(name) for both in alike for name in both}
    system = list(dict.fromkeys(cells.text(value, name) for name, value in told.items() if not nothing(value)))
    if len(system) > 1:
        raise RowFault(f"{' and '.join(told)} differ, and nobody can say which of them the models were given.")
    begins = [Message.of_text(role="system", text=one) for one in system if wording.visible(one)]
    for name in EARLIER:
        value = None if name in taken else fields.peek(name)
        if nothing(value):
            continue
        if isinstance(value, str) and value[:1] != "[":
            raise RowFault(f"{name} is a text, and whether the models were given it nobody can say; drop or map it.")
        begins += _earlier(fields, name)
    return tuple(begins)


def joined(system: Sequence[Message], messages: Sequence[Message]) -> tuple[Message, ...]:
    """Messages after what `before` found, which they may repeat."""
    begins = tuple(system)
    if not begins or tuple(messages[: len(begins)]) == begins:
        return tuple(messages)
    if messages and messages[0].role == "system":
        raise RowFault("a column and the first message tell the models two different things.")
    return (*begins, *messages)


def refuse_what_belongs(fields: Fields, where: str, taken: Sequence[str] = ()) -> None:
    """Raise `RowFault` for a tool, an image or a file, which the models were given and which cannot be kept."""
    if GIVEN.isdisjoint(fields):
        return
    for name in BELONGS:
        value = fields.peek(name)
        if value in NONE_AS_TEXT:
            fields.get(name)
        elif name not in taken and not nothing(value):
            raise RowFault(f"{where}{name} is part of what the models were given, and only text can be kept.")


def asked(messages: Sequence[Message], column: str) -> tuple[Message, ...]:
    """The messages that were asked. The last must be a visible message by the user."""
    if not messages or messages[-1].role != "user":
        raise RowFault(f"{column} does not end with a message by the user.")
    if not wording.visible(messages[-1].text):
        raise RowFault(f"{column} ends with a message without text.")
    return tuple(messages)


def prompt(fields: Fields, columns: Sequence[str], kept: Sequence[str] = ()) -> tuple[Message, ...]:
    """The conversation or the one message that the first of these columns with a value holds, after what the columns
    beside it say was said before. Columns that are `kept` are none of those that nobody can keep.
    """
    column = next((name for name in columns if not nothing(fields.peek(name))), None)
    if column is None:
        raise RowFault(f"no field is the prompt; accepted: {', '.join(columns)}.")
    value, begins = fields[column], before(fields, taken=(column, *kept))
    if listed(value):
        return asked(joined(begins, said(fields, column)), column)
    return asked([*begins, Message.of_text(role="user", text=cells.text(value, column))], column)


def listed(value: object) -> bool:
    """Whether a value is a list of messages, or the text of one as CSV files hold it."""
    if isinstance(value, CellList) and not listed_messages(value):
        return False
    return isinstance(value, list) or (isinstance(value, str) and value.startswith(('[{"', "[{'")))


def listed_messages(value: object) -> bool:
    """Whether a value is a list of messages, and not of texts."""
    return isinstance(value, list) and bool(value) and all(isinstance(one, Fields) for one in value)


def _parsed(value: str, column: str) -> Any:
    try:
        return jsonkeys.loads(value)
    except RowFault as fault:
        raise RowFault(f"{column}: {fault}") from fault
    except (ValueError, RecursionError):
        pass
    try:
        return literals.loads(value)
    except ValueError as error:
        raise RowFault(f"{column} is {cells.shown(value)}; it must be a list of messages, as JSON: {error}.") from error


def _earlier(fields: Fields, column: str) -> tuple[Message, ...]:
    """Earlier messages, or exchanges of what the user said and what was answered."""
    value = fields.get(column)
    if isinstance(value, list) and all(isinstance(one, list) for one in value):
        if any(len(one) != 2 for one in value):
            raise RowFault(f"{column} is {cells.shown(value)}; it must be a list of exchanges, each two texts.")
        return tuple(
            Message.of_text(role=role, text=cells.text(one, column))
            for exchange in value
            for role, one in zip(("user", "assistant"), exchange, strict=True)
        )
    return said(fields, column)


def _message(value: object, place: str, number: int) -> Message:
    if not isinstance(value, Fields):
        raise RowFault(f"{place} is {cells.shown(value)}; it must have a role and a content.")
    refuse_what_belongs(value, f"{place} cannot be kept: its ")
    who, what = ("role", "content") if "role" in value else ("from", "value")
    speaker = value.get(who)
    role = SPEAKERS.get(speaker.lower()) if isinstance(speaker, str) else None
    if role is None or (role == "system" and number > 1):
        raise RowFault(f"{place} has the role {cells.shown(speaker)}; accepted: system (first only), user, assistant.")
    return Message.of_text(role=role, text=_content(value.get(what), place))


def _content(value: object, place: str) -> str:
    """A text, or parts that are all text."""
    if not isinstance(value, list):
        return cells.text(value, f"the content of {place}")
    for part in value:
        if not isinstance(part, Fields) or part.get("type") != "text":
            kind = part.get("type") if isinstance(part, Fields) else part
            raise RowFault(f"{place} holds {cells.shown(kind)}, and only text can be taken.")
        refuse_what_belongs(part, f"{place} cannot be kept: its ")
    return "".join(cells.text(part.get("text"), f"the content of {place}") for part in value)
