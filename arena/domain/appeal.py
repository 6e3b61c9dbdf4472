"""An appeal: a rater asks, once for each decision on their standing, that somebody else looks at it again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from arena.domain.ids import RaterId

TEXT_LIMIT: Final = 2_000
"""The most characters in an appeal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """What a rater asks."""

    appeal_id: str
    decision_id: str
    """The decision that is to be looked at again: the one that others may follow."""
    rater_id: RaterId
    """As it is stored; empty once the rater is erased."""
    field: str
    text: str
    """Empty once the rater is erased."""
    asked_at: datetime
    """UTC."""
