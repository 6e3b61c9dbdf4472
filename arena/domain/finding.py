"""Findings: what an audit says of raters by their votes, and which policy it went by.

Each is a line of the ledger, and so is that it is not found any more, and from when on which policy is used:

    commitment = SHA-256(salt || canonical JSON of the finding, with the SHA-256 of each rater's id in place of the id)

A finding changes nothing by itself. What follows from it is a `StandingDecision` that names it.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from arena.domain import ledger
from arena.domain.holding_policy import HoldingPolicy
from arena.domain.ids import ModelName, RaterId


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakingVotes:
    """The votes of one stored rater that speak for a finding: from one moment to another, both included."""

    rater_id: RaterId
    """Empty once the rater is erased."""
    rater_sha256: str
    votes: int
    first_at: datetime
    """UTC."""
    last_at: datetime
    """UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedFinding:
    """One thing that an audit found."""

    finding_id: str
    kind: str
    """A key of `quality.KINDS`."""
    model: ModelName | None
    """The model it is about, where it is about one."""
    strength: float
    """Natural logarithm of the evidence over honest raters."""
    since: datetime | None
    """UTC, of the first vote that speaks for it; None where all that the raters have do."""
    votes: int
    pending: bool
    """Whether the votes wait, and nothing is said of any one rater."""
    sentence: str
    """As it is told, word for word; empty once every rater of it is erased."""
    raters: tuple[SpeakingVotes, ...]
    policy: str
    """Version of the policy that it was weighed by."""
    found_at: datetime
    """UTC."""

    def commitment(self, salt: str) -> str:
        """What its line in the ledger commits to; `salt` is hex."""
        told = {
            "finding_id": self.finding_id,
            "kind": self.kind,
            "model": self.model,
            "strength": self.strength,
            "since": None if self.since is None else _microseconds(self.since),
            "votes": self.votes,
            "pending": self.pending,
            "sentence": self.sentence,
            "raters": sorted(
                [one.rater_sha256, one.votes, _microseconds(one.first_at), _microseconds(one.last_at)]
                for one in self.raters
            ),
            "policy": self.policy,
            "found_at": _microseconds(self.found_at),
        }
        return hashlib.sha256(bytes.fromhex(salt) + ledger.canonical(told)).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingEnd:
    """That an audit does not find any more what one before it found."""

    end_id: str
    finding_id: str
    policy: str
    ended_at: datetime
    """UTC."""

    def commitment(self) -> str:
        """What its line in the ledger commits to."""
        return _plain([self.end_id, self.finding_id, self.policy, _microseconds(self.ended_at)])


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyUse:
    """That a policy is used from now on."""

    use_id: str
    policy: HoldingPolicy
    used_at: datetime
    """UTC."""

    def commitment(self) -> str:
        """What its line in the ledger commits to."""
        return _plain([self.use_id, self.policy.to_json(), _microseconds(self.used_at)])


def _plain(told: Any) -> str:
    return hashlib.sha256(ledger.canonical(told)).hexdigest()


def _microseconds(moment: datetime) -> int:
    """Since 1970, UTC."""
    return round(moment.timestamp() * 1_000_000)
