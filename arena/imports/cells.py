"""Reading the values of a row. Each function raises `RowFault`, which names the column and what stands there."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from arena.domain import wording
from arena.domain.battle import Message
from arena.domain.vote import Winner
from arena.imports import jsonkeys
from arena.imports.entry import RowFault

ROLES = ("system", "user", "assistant")
WINNERS = {
    **{winner.value: winner for winner in Winner},
    **dict.fromkeys(("tie (bothbad)", "tie_bothbad", "bothbad"), Winner.BOTH_BAD),
}
"""The accepted spellings of an outcome, and no others."""
PLAIN = (date, time, timedelta, Decimal)
"""What a Parquet file may hold beside JSON's own kinds, and a person reads as it is written."""
NAME_LIMIT = 200
"""Characters in a name of a model, a rater or an item, and in a language or a category."""


def nothing(value: object) -> bool:
    """Whether nothing stands there: no value, no text, or NaN, as data frames spell it."""
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def text(value: object, column: str) -> str:
    """A text, which may be empty."""
    if not isinstance(value, str):
        raise RowFault(f"{column} is {shown(value)}; it must be a text.")
    if "\0" in value:
        raise RowFault(f"{column} holds a NUL character.")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise RowFault(f"{column} holds half of a surrogate pair at character {error.start + 1}.") from error
    return value


def optional(value: object, column: str) -> str | None:
    """A text, or None where nothing stands."""
    return None if nothing(value) else text(value, column)


def label(value: object, column: str) -> str | None:
    """A language or a category as the source spells it; None for anything that is not a text on one line."""
    if not isinstance(value, str) or not value or not value.isprintable():
        return None
    if len(value) > NAME_LIMIT:
        raise RowFault(f"{column} is {shown(value)}; it has at most {NAME_LIMIT} characters.")
    return value


def name(value: object, column: str) -> str:
    """The name of a model: visible, on one line, and not without end."""
    found = text(value, column)
    if not found.strip() or found != found.strip() or not found.isprintable() or len(found) > NAME_LIMIT:
        raise RowFault(f"{column} is {shown(value)}; a name is 1 to {NAME_LIMIT} visible characters.")
    return found


def identity(value: object, column: str) -> str | None:
    """The id of an item or a rater, a number or a text; None where nothing stands."""
    if nothing(value):
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise RowFault(f"{column} is {shown(value)}; it must be a text or a number.")
    if isinstance(value, float | Decimal) and value % 1 == 0:
        value = int(value)
    return name(str(value), column)


def winner(value: object, column: str = "winner") -> Winner:
    """An outcome."""
    found = WINNERS.get(value) if isinstance(value, str) else None
    if found is None:
        raise RowFault(f"{column} is {shown(value)}; accepted: {', '.join(winner.value for winner in Winner)}.")
    return found


def moment(value: object, column: str) -> datetime | None:
    """A time: seconds since 1970, or a date as ISO 8601 writes it, in UTC where it names no zone; a day alone is its
    beginning, and a Parquet column may hold either as what it is."""
    if nothing(value):
        return None
    try:
        if isinstance(value, datetime):
            found = value
        elif isinstance(value, date):
            found = datetime.combine(value, time())
        elif isinstance(value, str) and not _number(value):
            found = datetime.fromisoformat(value)
        elif isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
            raise ValueError
        else:
            found = datetime.fromtimestamp(float(value), UTC)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise RowFault(
            f"{column} is {shown(value)}; it must be seconds since 1970 or a date such as 2026-03-01T12:00:00Z."
        ) from error
    return found


def share(value: object, column: str) -> float | None:
    """A probability, or None where nothing stands."""
    if nothing(value):
        return None
    try:
        found = float(value) if isinstance(value, str | int | float | Decimal) else -1.0
    except (ValueError, OverflowError):
        found = -1.0
    if not 0 < found <= 1:
        raise RowFault(f"{column} is {shown(value)}; it must be above 0 and at most 1.")
    return found


def conversation(value: object, column: str) -> tuple[Message, ...]:
    """Messages: a list of roles and contents, or the JSON of one."""
    if isinstance(value, str):
        try:
            value = jsonkeys.loads(value)
        except (ValueError, RecursionError) as error:
            raise RowFault(f"{column} is {shown(value)}; it must be a list of messages.") from error
    if not isinstance(value, list) or not value:
        raise RowFault(f"{column} is {shown(value)}; it must be a list of messages.")
    return tuple(_message(one, f"message {place} of {column}", place) for place, one in enumerate(value, 1))


def asked(messages: Sequence[Message], column: str) -> tuple[Message, ...]:
    """What was asked: messages of which the last is a visible one by the user."""
    if not messages or messages[-1].role != "user":
        raise RowFault(f"{column} does not end with a message by the user.")
    if not wording.visible(messages[-1].content):
        raise RowFault(f"{column} ends with a message without text.")
    return tuple(messages)


def prompt(fields: Mapping[str, Any], columns: Sequence[str]) -> tuple[Message, ...]:
    """The conversation or the one message that the first of these columns with a value holds."""
    column = next((name for name in columns if fields.get(name) is not None), None)
    if column is None:
        raise RowFault(f"no field is the prompt; accepted: {', '.join(columns)}.")
    if isinstance(fields[column], list):
        return asked(conversation(fields[column], column), column)
    return asked([Message(role="user", content=text(fields[column], column))], column)


def shown(value: object) -> str:
    """A value as a sentence quotes it: short, on one line."""
    if value is None:
        return "missing"
    quoted = f'"{value}"' if isinstance(value, str) else repr(value)
    spelled = str(value) if isinstance(value, PLAIN) else quoted
    spelled = "".join(character if character.isprintable() else "?" for character in spelled)
    return spelled if len(spelled) <= 60 else f"{spelled[:57]}..."


def first(row: Mapping[str, Any], columns: Iterable[str]) -> Any:
    """The value of the first of these columns that has one."""
    return next((row[column] for column in columns if row.get(column) is not None), None)


def _message(value: object, place: str, number: int) -> Message:
    if not isinstance(value, dict):
        raise RowFault(f"{place} is {shown(value)}; it must have a role and a content.")
    role = value.get("role")
    if role not in ROLES or (role == "system" and number > 1):
        raise RowFault(f"{place} has the role {shown(role)}; accepted: system (first only), user, assistant.")
    return Message(role=role, content=_content(value.get("content"), place))


def _content(value: object, place: str) -> str:
    """A text, or parts that are all text."""
    if not isinstance(value, list):
        return text(value, f"the content of {place}")
    for part in value:
        if not isinstance(part, dict) or part.get("type") != "text":
            kind = part.get("type") if isinstance(part, dict) else part
            raise RowFault(f"{place} holds {shown(kind)}, and only text can be taken.")
    return "".join(text(part.get("text"), f"the content of {place}") for part in value)


def _number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
