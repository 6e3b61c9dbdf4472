"""How much of the committed cases was found, for the card: what `python -m tests.exports.personal.measuring` prints.

A test holds the two together. Change these figures only by running the command.
"""

from collections.abc import Collection
from dataclasses import dataclass

from arena.domain.personal import Kind

CASES = 1175
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
    Kind.MAIL: Measured(marked=138, found=138, right=138),
    Kind.PHONE: Measured(marked=191, found=191, right=191),
    Kind.CARD: Measured(marked=85, found=85, right=85),
    Kind.IBAN: Measured(marked=91, found=91, right=91),
    Kind.IP: Measured(marked=106, found=106, right=106),
    Kind.KEY: Measured(marked=135, found=135, right=135),
    Kind.NATIONAL_ID: Measured(marked=97, found=98, right=97),
}


def recall(kinds: Collection[Kind]) -> float:
    """Of what is marked as one of these kinds, the share that was found."""
    chosen = [one for kind, one in BY_KIND.items() if kind in kinds]
    return sum(one.right for one in chosen) / sum(one.marked for one in chosen)


def precision(kinds: Collection[Kind]) -> float:
    """Of what was found as one of these kinds, the share that is right."""
    chosen = [one for kind, one in BY_KIND.items() if kind in kinds]
    return sum(one.right for one in chosen) / sum(one.found for one in chosen)
