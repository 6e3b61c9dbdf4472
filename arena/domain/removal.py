"""A removal: a rater erased themselves, or withdrew their consent. It is a line of the ledger like a vote.

    commitment = SHA-256(canonical JSON of [removal id, kind, sorted ids of the votes that left])

All of this is published with the next release, so there is no salt. Nothing in it says who the rater was.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from arena.domain import ledger
from arena.domain.ids import BattleId, RaterId, VoteId


class RemovalKind(StrEnum):
    """`erased`: texts, votes and salts are gone. `withdrawn`: kept, and counted and released no more."""

    ERASED = "erased"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """The votes that left, and when."""

    removal_id: str
    kind: RemovalKind
    votes: tuple[tuple[BattleId, VoteId], ...]
    """The votes that left, each with its battle, sorted by vote."""
    removed_at: datetime
    """UTC."""

    def commitment(self) -> str:
        """What the removal's line in the ledger commits to."""
        return commitment(self.removal_id, self.kind, (vote_id for _, vote_id in self.votes))


def commitment(removal_id: str, kind: RemovalKind, vote_ids: Iterable[str]) -> str:
    """The commitment to a removal."""
    return hashlib.sha256(ledger.canonical([removal_id, kind, sorted(vote_ids)])).hexdigest()


def hashed(rater_id: RaterId) -> str:
    """The hash kept of an erased rater, so that their old cookie is recognised. Ids cannot be guessed from it."""
    return hashlib.sha256(rater_id.encode()).hexdigest()
