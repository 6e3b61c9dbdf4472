"""Reads the values of a row. Each function raises `RowFault`, which names the column and the value."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from arena.imports.fields import CellList, Fields, nothing
from arena.imports.imported_vote import RowFault
from leaderboards.reading import moments, sides, sql

PLAIN = (date, time, timedelta, Decimal)
"""Types of values, beside those of JSON, that a Parquet file may hold and that are read as text."""
LARGEST = 10**9
"""A larger score or rank is a mistake."""
NAME_LIMIT = 200
"""Most characters in the name of a model, rater or item, and in a language or category."""


def text(value: object, column: str) -> str:
    """A text, which may be empty. A cell of a table is read as text even where it looks like a list."""
    if isinstance(value, Fields | CellList) and value.raw is not None:
        value = value.raw
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
    """A text; None where there is none."""
    return None if nothing(value) else text(value, column)


def label(fields: Fields, column: str) -> str | None:
    """A language or category as the source spells it. Anything but one line of text stays unread, and is named as
    such."""
    value = fields.peek(column)
    if not isinstance(value, str) or not value or not value.isprintable():
        return None
    if len(value) > NAME_LIMIT:
        raise RowFault(f"{column} is {shown(value)}; it has at most {NAME_LIMIT} characters.")
    return str(fields[column])


def name(value: object, column: str) -> str:
    """The name of a model or rater: visible, on one line, and not too long. A number is a name, too.

    Blanks around a name are ignored, and 1.0 is read as 1, as in `leaderboards`.
    """
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        value = str(value)
    return _visible(sides.plain(text(value, column)), value, column)


def identity(value: object, column: str) -> str | None:
    """The id of an item or rater, a number or a text; None where there is none."""
    if nothing(value):
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise RowFault(f"{column} is {shown(value)}; it must be a text or a number.")
    if isinstance(value, float | Decimal) and value % 1 == 0:
        value = int(value)
    return _visible(text(str(value), column), value, column)


def moment(value: object, column: str) -> datetime | None:
    """A time: a number since 1970, in seconds, milli-, micro- or nanoseconds as its size tells, or a date of ISO 8601,
    in UTC where it has no zone. A day alone means its beginning. A Parquet column may hold dates and times as such.
    None where nothing stands, or a word for nothing.
    """
    if nothing(value) or (isinstance(value, str) and value.strip().lower() in moments.MISSING):
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
        elif isinstance(value, float) and abs(value) < sql.UNITS[0][0]:
            found = datetime.fromtimestamp(value, UTC)
        else:
            found = _since_1970(Decimal(str(value)))
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, OSError, ArithmeticError) as error:
        raise RowFault(
            f"{column} is {shown(value)}; it must be seconds since 1970 or a date such as 2026-03-01T12:00:00Z."
        ) from error
    return found


def number(value: object, column: str) -> float:
    """A number of a reasonable size, by which things can be put in order."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        raise RowFault(f"{column} is {shown(value)}; it must be a number.")
    return float(value)


def share(value: object, column: str) -> float | None:
    """A probability; None where there is none."""
    if nothing(value):
        return None
    try:
        found = float(value) if isinstance(value, str | int | float | Decimal) else -1.0
    except (ValueError, OverflowError):
        found = -1.0
    if not 0 < found <= 1:
        raise RowFault(f"{column} is {shown(value)}; it must be above 0 and at most 1.")
    return found


def shown(value: object) -> str:
    """A value as a sentence quotes it: short, on one line."""
    if value is None:
        return "missing"
    quoted = f'"{value}"' if isinstance(value, str) else repr(value)
    spelled = str(value) if isinstance(value, PLAIN) else quoted
    spelled = "".join(character if character.isprintable() else "?" for character in spelled)
    return spelled if len(spelled) <= 60 else f"{spelled[:57]}..."


def first(row: Fields, columns: Iterable[str]) -> Any:
    """The value of the first of these columns that has one."""
    return next((row[column] for column in columns if not nothing(row.peek(column))), None)


def _visible(found: str, value: object, column: str) -> str:
    if not found.strip() or found != found.strip() or not found.isprintable() or len(found) > NAME_LIMIT:
        raise RowFault(f"{column} is {shown(value)}; a name is 1 to {NAME_LIMIT} visible characters.")
    return found


def _since_1970(number: Decimal) -> datetime:
    parts = next((parts for below, parts in sql.UNITS if abs(number) < Decimal(below)), 1e9)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=round(number * 1_000_000 / Decimal(parts)))


def _number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
