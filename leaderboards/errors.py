"""What this package refuses, always in one sentence that names the place.

ValueError
└── InputError            the votes or the settings cannot be used as they are
    ├── IslandsError      groups of models share no vote, so no common scale exists
    ├── UnknownColumns    a log has neither the columns of votes nor those of a form that is known
    └── UnknownModel      a board has no model of this name; a KeyError, too
"""

import difflib
from collections.abc import Collection, Sequence

_ALIKE = 0.5
"""How much of a word must be like another for it to be named."""
_SHOWN = 8
"""Most names that are listed where none is like the one asked for."""


class InputError(ValueError):
    """What is wrong, in which file and row, and what would be accepted."""


class IslandsError(InputError):
    """Groups of models that share no vote, so that no common scale exists."""

    groups: tuple[tuple[str, ...], ...]
    """The groups, largest first, names in order."""

    def __init__(self, groups: Sequence[Sequence[str]]) -> None:
        self.groups = tuple(tuple(group) for group in groups)
        named = ", ".join("{" + ", ".join(_shortened(group)) + "}" for group in self.groups[:8])
        more = f" and {len(self.groups) - 8:,} more groups" if len(self.groups) > 8 else ""
        super().__init__(
            f"These groups share no vote, so no common scale exists: {named}{more}. "
            "Collect votes between them, or rank each alone with --by island."
        )


class UnknownColumns(InputError):
    """A log has neither the columns of votes nor those of a form that is known."""

    name: str
    """The file, or what kind of object held the log."""
    columns: tuple[str, ...]
    """What it has instead."""

    def __init__(self, sentence: str, name: str, columns: Sequence[str]) -> None:
        super().__init__(sentence)
        self.name = name
        self.columns = tuple(columns)


def _shortened(group: Sequence[str]) -> list[str]:
    """The names of a group, at most twelve of them."""
    return [*group[:12], f"{len(group) - 12:,} more"] if len(group) > 12 else list(group)


class UnknownModel(InputError, KeyError):
    """A board has no model of this name."""

    def __init__(self, model: object, known: Collection[str]) -> None:
        super().__init__(
            f"The board has no model {quoted(model)}; {nearest(model, known)}"
            if known
            else f"The board has no model {quoted(model)}; it is empty."
        )

    def __str__(self) -> str:
        """The sentence as it is; KeyError alone would show it in quotes."""
        return str(self.args[0])


def quoted(name: object) -> str:
    """What somebody wrote, in quotes and not too long."""
    text = str(name)
    return f'"{text if len(text) <= 80 else text[:77] + "..."}"'


def shown(sentence: object) -> str:
    """A sentence as a terminal may show it: what steers a terminal, and may stand in any file, is a question mark."""
    return "".join(character if character.isprintable() else "?" for character in str(sentence))


def nearest(name: object, known: Collection[str]) -> str:
    """A sentence's end that names what was probably meant, or what there is."""
    meant = close(str(name), known, _ALIKE)
    if meant is not None:
        return f"the nearest is {quoted(meant)}."
    more = f" and {len(known) - _SHOWN:,} more" if len(known) > _SHOWN else ""
    return f"there is {', '.join(quoted(k) for k in [*known][:_SHOWN])}{more}."


def or_nearest(name: object, accepted: Collection[str]) -> str:
    """The end of a sentence that lists what is accepted: which of it was probably meant, if any is like it."""
    meant = close(str(name), accepted, _ALIKE)
    return "." if meant is None else f"; the nearest is {quoted(meant)}."


def close(name: str, known: Collection[str], alike: float = 0.7) -> str | None:
    """The one of these that looks like the name, letter case aside, or has it as initials; None when none does."""
    plain = {other.lower().replace(" ", "_").replace("-", "_"): other for other in known}
    initials = {"".join(word[:1] for word in other.split("_")): other for other in plain if "_" in other}
    found = difflib.get_close_matches(name.lower().replace("-", "_"), [*plain], n=1, cutoff=alike)
    named = initials.get(name.lower()) or next(iter(found), None)
    return None if named is None else plain[named]
