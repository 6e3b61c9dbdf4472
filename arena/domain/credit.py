"""Credits: what raters earn for votes (docs/decisions/0052).

A vote's own line in the ledger is the line of its credit: it says whose vote it is, in which campaign, in which turn,
and whether it carries an edit. What that earns follows from the terms that held when the turn was given, which are
lines too:

    earned    = sum over the votes of reward, and of reward_edit for each with an edit
    passed    = the part of it whose audit window is over: days after the close of the campaign, at once for no days
    settled   = the larger of `passed` and what was paid, and `earned - held_back` at most
    held      = earned - held_back - settled

Only what is held can be held back, by a line with its reason, so what is settled never shrinks. Everything is counted
in hundredths of a credit, in whole numbers.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from arena.domain import ledger
from arena.domain.ids import VoteId

HUNDREDTHS: Final = 100
"""Of a credit: what is counted."""
LARGEST: Final = 1_000_000
"""The most credits that one line holds back."""
BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)


def hundredths(credits_given: float) -> int:
    """Credits as they are counted."""
    return round(credits_given * HUNDREDTHS)


def told(counted: int) -> int | float:
    """Credits as they are told: a whole number where they are one."""
    whole, rest = divmod(counted, HUNDREDTHS)
    return counted / HUNDREDTHS if rest else whole


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditTerms:
    """What votes of a campaign earn from a moment on."""

    since: datetime = BEGINNING
    """UTC. Turns that are given from then on earn by these terms."""
    reward: int = HUNDREDTHS
    """Hundredths of a credit a vote."""
    reward_edit: int = 0
    """Hundredths more for a vote with an edit."""
    audit_window: int = 0
    """Days after the close in which credits are held; 0: they are settled at once."""

    def earned(self, *, edited: bool) -> int:
        """What one vote earns."""
        return self.reward + (self.reward_edit if edited else 0)

    def passed(self, closed_at: datetime | None, now: datetime) -> bool:
        """Whether what is earned by these terms is no longer held, in a campaign that closed then."""
        if self.audit_window == 0:
            return True
        return closed_at is not None and now >= window_end(closed_at, self.audit_window)

    def same(self, other: "CreditTerms") -> bool:
        """Whether both pay the same, whenever they began."""
        return (self.reward, self.reward_edit, self.audit_window) == (
            other.reward,
            other.reward_edit,
            other.audit_window,
        )


def window_end(closed_at: datetime, days: int) -> datetime:
    """When an audit window is over. One of a campaign that ends in the year 9999 has the last moment there is."""
    try:
        return closed_at + timedelta(days=days)
    except OverflowError:
        return datetime.max.replace(tzinfo=closed_at.tzinfo)


def in_force(terms: Sequence[CreditTerms], given_at: datetime) -> CreditTerms:
    """The terms of a turn that was given at a moment. `terms` in the order in which they began; the first ones hold for
    whatever was given before."""
    held = [one for one in terms if one.since <= given_at]
    return held[-1] if held else terms[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class EarningVote:
    """A vote as far as its credit goes. It may be erased: then this is what is kept of it."""

    sequence: int
    """Of its line in the ledger."""
    vote_id: VoteId
    rater_sha256: str
    campaign: str
    edited: bool
    given_at: datetime
    """When its turn was given. UTC."""
    cast_at: datetime
    """UTC."""


def kept_commitment(subject: str, votes: Iterable[EarningVote]) -> str:
    """What the line commits to that says what is kept of erased votes. Ids of raters cannot be guessed from their
    hashes, and there is nothing else to hide, so it has no salt."""
    told_votes = [
        [one.sequence, one.vote_id, one.rater_sha256, one.campaign, one.edited, _time(one.given_at), _time(one.cast_at)]
        for one in sorted(votes, key=lambda one: one.sequence)
    ]
    return hashlib.sha256(ledger.canonical([subject, told_votes])).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditBalance:
    """Credits of one rater in one campaign, or of several together, in hundredths."""

    votes: int = 0
    earned: int = 0
    settled: int = 0
    held_back: int = 0

    @property
    def held(self) -> int:
        """What is earned, and neither settled nor held back."""
        return self.earned - self.held_back - self.settled

    @classmethod
    def of(cls, *, votes: int, earned: int, passed: int, held_back: int, paid: int = 0) -> Self:
        """The balance that follows from what is earned, what of it passed its window, and what was held back. What a
        settlement paid stays settled, whenever its campaign closes now."""
        settled = min(max(passed, paid), earned - held_back)
        return cls(votes=votes, earned=earned, settled=settled, held_back=held_back)

    @classmethod
    def together(cls, balances: Iterable["CreditBalance"]) -> Self:
        """The sum of balances."""
        every = tuple(balances)
        return cls(
            votes=sum(one.votes for one in every),
            earned=sum(one.earned for one in every),
            settled=sum(one.settled for one in every),
            held_back=sum(one.held_back for one in every),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsLine:
    """The terms of the campaign `default`, as its line in the ledger says them; those of other campaigns are in the
    lines of their changes."""

    terms_id: str
    campaign: str
    terms: CreditTerms

    def commitment(self, salt: str) -> str:
        """What the line commits to; `salt` is hex."""
        terms = self.terms
        entry = {
            "terms_id": self.terms_id,
            "campaign": self.campaign,
            "reward": terms.reward,
            "reward_edit": terms.reward_edit,
            "audit_window": terms.audit_window,
            "since": _time(terms.since),
        }
        return committed(salt, entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldBack:
    """A person's decision to hold credits of a rater back, or to give back what was."""

    decision_id: str
    rater_sha256: str
    campaign: str
    amount: int
    """Hundredths of a credit; negative where they are given back."""
    reason: str
    decided_by: str
    """Who, by the id of a token or of a rater."""
    decided_at: datetime
    """UTC."""

    def commitment(self, salt: str) -> str:
        """What its line commits to; `salt` is hex."""
        return committed(salt, {**asdict(self), "decided_at": _time(self.decided_at)})


def committed(salt: str, entry: dict[str, object]) -> str:
    """What the line of an entry on credits commits to; `salt` is hex."""
    return hashlib.sha256(bytes.fromhex(salt) + ledger.canonical(entry)).hexdigest()


def _time(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)
