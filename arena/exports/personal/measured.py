"""How much of the committed cases was found, for the card: what `python -m tests.exports.personal.measuring` prints.

A test holds the two together. Change these figures only by running the command.
"""

from collections.abc import Collection
from dataclasses import dataclass

from arena.domain.personal import Kind

CASES = 1266
"""Generated and written by hand."""
LANGUAGES = ("English", "German", "French", "Spanish", "Italian")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What became of one kind in the committed cases."""

    marked: int
    """What is there to be found."""
    found: int
    right: int
    """Of what was found: kind, beginning and end are those that are marked."""


BY_KIND = {
    Kind.MAIL: Measured(marked=153, found=153, right=152),
    Kind.PHONE: Measured(marked=215, found=213, right=213),
    Kind.CARD: Measured(marked=90, found=90, right=90),
    Kind.IBAN: Measured(marked=96, found=96, right=96),
    Kind.IP: Measured(marked=114, found=114, right=114),
    Kind.KEY: Measured(marked=146, found=144, right=144),
    Kind.NATIONAL_ID: Measured(marked=106, found=107, right=106),
}


def recall(kinds: Collection[Kind]) -> float:
    """Of what is marked as one of these kinds, the share that was found."""
    chosen = [one for kind, one in BY_KIND.items() if kind in kinds]
    return sum(one.right for one in chosen) / sum(one.marked for one in chosen)


def precision(kinds: Collection[Kind]) -> float:
    """Of what was found as one of these kinds, the share that is right."""
    chosen = [one for kind, one in BY_KIND.items() if kind in kinds]
    return sum(one.right for one in chosen) / sum(one.found for one in chosen)
