"""Names of people: found by a recogniser that the arena's admin plugs in, and not at all without one.

A recogniser is any function that is given a text and answers with the spans of names in it. It must answer the same
for the same text, or a release could not be built again.
"""

import importlib
from collections.abc import Iterable
from typing import Protocol

from arena.errors import SettingsError


class Recogniser(Protocol):
    """Where names of people stand in a text: start and end of each, as `text[start:end]`."""

    def __call__(self, text: str, /) -> Iterable[tuple[int, int]]: ...


def path(recogniser: Recogniser) -> str:
    """Where a recogniser is from, as `module:function`."""
    kind = recogniser if hasattr(recogniser, "__qualname__") else type(recogniser)
    return f"{kind.__module__}:{kind.__qualname__}"


def load(path: str | None) -> Recogniser | None:
    """The recogniser that a setting names as `module:function`; None where it names none. Raises SettingsError."""
    if path is None:
        return None
    module, colon, function = path.partition(":")
    if not (module and colon and function):
        raise SettingsError(f"name_recogniser is {path!r}; write it as module:function.")
    try:
        found = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise SettingsError(
            f"name_recogniser {path!r} cannot be loaded ({error}); install its package beside the arena, or correct it."
        ) from error
    if not callable(found):
        raise SettingsError(f"name_recogniser {path!r} is no function; name one that takes a text and returns spans.")
    recogniser: Recogniser = found
    return recogniser
