"""Which of a rater's tasks are gold or a repeat. Pure.

Each task is drawn for itself, so that what came before says nothing of what comes next.
"""

import random
from collections.abc import Sequence
from typing import Final, TypeVar

from arena.domain.purpose import Purpose

REPEAT_AFTER: Final = 10
"""Items that a rater votes on before one of theirs comes again."""

Earlier = TypeVar("Earlier")


def draw(chance: random.Random, *, gold: float, repeats: float) -> Purpose | None:
    """What the next task is for, by the shares of gold and repeats; None for an ordinary one."""
    drawn = chance.random()
    if drawn < gold:
        return Purpose.GOLD
    return Purpose.REPEAT if drawn < gold + repeats else None


def far_enough(voted: Sequence[Earlier]) -> Sequence[Earlier]:
    """Of the items that a rater voted on, in order, those far enough back to come again."""
    return voted[:-REPEAT_AFTER]
