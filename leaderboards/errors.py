"""What this package refuses, always in one sentence that names the place.

ValueError
└── InputError            the votes or the settings cannot be used as they are
    ├── IslandsError      groups of models share no vote, so no common scale exists
    └── UnknownModel      a board has no model of this name; a KeyError, too
"""

import difflib
from collections.abc import Collection, Sequence


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


def nearest(name: object, known: Collection[str]) -> str:
    """A sentence's end that names what was probably meant."""
    close = difflib.get_close_matches(str(name).lower(), [*{k.lower(): k for k in known}], n=1, cutoff=0.0)
    meant = next((k for k in known if close and k.lower() == close[0]), "") or next(iter(known), "")
    return f"the nearest is {quoted(meant)}."


def close(name: str, known: Collection[str]) -> str | None:
    """The one of these that looks like the name, letter case aside; None when none does."""
    plain = {other.lower().replace(" ", "_").replace("-", "_"): other for other in known}
    found = difflib.get_close_matches(name.lower(), [*plain], n=1, cutoff=0.7)
    return plain[found[0]] if found else None
