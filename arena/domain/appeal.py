"""An appeal: a rater asks, once for each decision on their standing, that somebody else looks at it again.

Each is a line of the ledger when it is asked, so that a decision that answers it cannot be all that is seen of it:

    commitment = SHA-256(salt || canonical JSON of the appeal, with the SHA-256 of the rater's id in place of the id)
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from arena.domain import ledger
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
    line: int | None = None
    """Its line in the ledger; None before it is stored, and of one that was asked under an arena that wrote no line."""

    def commitment(self, salt: str, rater_sha256: str) -> str:
        """What the appeal's line commits to; `salt` is hex."""
        told = {
            "appeal_id": self.appeal_id,
            "decision_id": self.decision_id,
            "rater_sha256": rater_sha256,
            "field": self.field,
            "text": self.text,
            "asked_at": round(self.asked_at.timestamp() * 1_000_000),
        }
        return hashlib.sha256(bytes.fromhex(salt) + ledger.canonical(told)).hexdigest()
