"""What this package refuses, always in one sentence that names the place.

ValueError
└── InputError            the votes or the settings cannot be used as they are
    └── IslandsError      groups of models share no vote, so no common scale exists
"""

from collections.abc import Sequence


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
