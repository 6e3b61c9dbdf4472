"""Values of a selection: read from JSON, TOML or a command line, refused in a sentence, written in one spelling."""

import difflib
import re
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any

from arena.domain import language_codes, wording
from arena.errors import InvalidValue, UnknownName

Reader = Callable[[str, Any], Any]
"""The value of a key, checked. Raises `InvalidValue` naming the key and what is accepted."""
NAME_LIMIT = 200
"""Characters in one name."""
LIST_LIMIT = 1000
"""Names in one list."""
COUNT_LIMIT = 10**9
LICENCE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,63}")
SHOWN_LIMIT = 100
"""Characters of a refused value in the sentence that refuses it."""


def unknown(what: str, key: str, accepted: Iterable[str]) -> str:
    """The sentence for a key that does not exist, with the nearest one that does."""
    known = list(accepted)
    near = difflib.get_close_matches(key, known, n=1)
    meant = f" (did you mean {near[0]!r}?)" if near else f"; accepted: {', '.join(sorted(known))}"
    return f"{what} has the unknown key {shown(key)}{meant}."


def shown(value: Any) -> str:
    """A value as an error shows it: a long one is cut."""
    text = repr(value)
    return text if len(text) <= SHOWN_LIMIT else f"{text[:SHOWN_LIMIT]}..."


def names(accepted: Collection[str] = (), *, every: bool = False) -> Reader:
    """A list of names, each once and sorted; with `accepted`, only these. All of them ask for nothing, but not where
    `every` one asks for something."""

    def read(key: str, value: Any) -> tuple[str, ...]:
        given = (value,) if isinstance(value, str) else value
        if not isinstance(given, list | tuple) or not all(isinstance(name, str) for name in given):
            raise InvalidValue(f"{key} is {shown(value)}; it is a list of names.")
        if not given:
            raise InvalidValue(f"{key} is empty, which selects nothing; name some, or leave the key out.")
        if len(given) > LIST_LIMIT:
            raise InvalidValue(f"{key} holds {len(given):,} names; accepted: up to {LIST_LIMIT:,}.")
        for name in given:
            if not name.strip() or len(name) > NAME_LIMIT or not wording.in_one_line(name):
                raise InvalidValue(f"{key} holds {shown(name)}; a name is a line of 1 to {NAME_LIMIT} characters.")
            if accepted and name not in accepted:
                raise InvalidValue(f"{key} holds {name!r}; accepted: {', '.join(accepted)}.")
        found = tuple(sorted(set(given)))
        return () if accepted and len(found) == len(accepted) and not every else found

    return read


def codes(key: str, value: Any) -> tuple[str, ...]:
    """A list of languages, by code or by name, as codes: of two letters where a language has such a one."""
    found: tuple[str, ...] = names()(key, value)
    for given in found:
        if language_codes.read(given) == language_codes.UNDETERMINED != given:
            raise UnknownName(
                f"{key} holds {shown(given)}; a language is a code of ISO 639, such as en, its name, or und for none."
            )
    return tuple(sorted({language_codes.read(given) for given in found}))


def moment(key: str, value: Any) -> datetime | None:
    """A moment in UTC; one without a zone is UTC, a day begins at midnight."""
    if value is None:
        return None
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        elif isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        if isinstance(value, datetime):
            return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _no_moment(key, value) from error
    raise _no_moment(key, value)


def count(least: int) -> Reader:
    """A whole number, at least so large."""

    def read(key: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= COUNT_LIMIT:
            raise InvalidValue(f"{key} is {shown(value)}; it is a whole number from {least} to {COUNT_LIMIT:,}.")
        return value

    return read


def optional(reader: Reader) -> Reader:
    """A value that may be None, which asks for nothing."""
    return lambda key, value: None if value is None else reader(key, value)


def share(most: float) -> Reader:
    """A share from 0 to `most`."""

    def read(key: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
            raise InvalidValue(f"{key} is {shown(value)}; it is a share from 0 to {most:g}.")
        return float(value)

    return read


def part(key: str, value: Any) -> float:
    """A share that leaves something: from 0 to less than 1."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1:
        raise InvalidValue(f"{key} is {shown(value)}; it is a share from 0 to less than 1.")
    return float(value)


def switch(key: str, value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise InvalidValue(f"{key} is {shown(value)}; accepted: true, false.")
    return value


def choice(kind: type[StrEnum]) -> Reader:
    """One of a few words."""

    def read(key: str, value: Any) -> StrEnum:
        if not isinstance(value, str) or value not in list(kind):
            raise InvalidValue(f"{key} is {shown(value)}; accepted: {', '.join(kind)}.")
        return kind(value)

    return read


def licence(key: str, value: Any) -> str:
    """The name of a licence as the Hugging Face hub spells it."""
    if not isinstance(value, str) or not LICENCE.fullmatch(value):
        raise InvalidValue(
            f"{key} is {shown(value)}; it is the hub's name of a licence, such as cc-by-4.0, apache-2.0 or other: "
            "small letters, figures, dots and hyphens."
        )
    return value


def spelt(value: Any) -> Any:
    """A value as JSON's own types, in its one spelling."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def worded(default: Any, text: str) -> Any:
    """A value from a command line, as far as its default tells its kind: numbers, true and false, lists by commas."""
    if isinstance(default, tuple):
        return [name.strip() for name in text.split(",")] if text.strip() else []
    if isinstance(default, StrEnum):
        return text
    if text in ("true", "false"):
        return text == "true"
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def _no_moment(key: str, value: Any) -> InvalidValue:
    return InvalidValue(f"{key} is {shown(value)}; it is a date or a time, such as 2026-03-01 or 2026-03-01T12:00:00Z.")
