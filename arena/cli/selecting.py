"""`--select`: a stored selection by name or by file, and keys said one by one, which change it."""

from pathlib import Path

from arena import settings
from arena.domain import selection
from arena.domain.selection import Selection
from arena.errors import InvalidValue


def read(given: list[str], folder: Path) -> Selection:
    """The selection that these words name. Raises `InvalidValue` or `SettingsError` naming the word."""
    named = [word for word in given if "=" not in word]
    if len(named) > 1:
        raise InvalidValue(f"--select names {named[0]!r} and {named[1]!r}; name one selection, then KEY=VALUE.")
    chosen = dict(settings.selection(named[0], folder)) if named else {}
    if named:
        try:
            Selection.from_mapping(chosen)
        except InvalidValue as error:
            raise InvalidValue(f"Selection {named[0]}: {error}") from error
    said = set()
    for word in given:
        key, equals, text = word.partition("=")
        if equals:
            if key in said:
                raise InvalidValue(f"--select says {key} twice; say it once, with commas between several values.")
            said.add(key)
            chosen[key] = selection.worded(key, text)
    return Selection.from_mapping(chosen)
