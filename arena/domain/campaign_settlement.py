"""A settlement of a campaign: an amount in all, as lines of the ledger, one a rater.

As with a release (docs/decisions/0014), what is asked for is a state: "this campaign is paid 1,000 in all". What that
adds to what was paid is shared out over the credits settled since, or over all where there are none; asked again, it
adds nothing. What was paid is never taken back.

    commitment = SHA-256(salt || canonical JSON of the entry)
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Final

from arena.domain import credit, settlement
from arena.errors import Conflict, InvalidValue

RULE: Final = (
    "Every accepted vote earns the reward that its campaign had when its turn was given, and reward_edit more with an "
    "edit. That is settled at once, or, with an audit window, so many days after the close, less what a person held "
    "back with a reason. What the amount adds to the one before is shared out over the credits settled since, or over "
    "all where there are none, in whole units; those left over go one by one to the largest remainders, equal ones by "
    "rater."
)
LARGEST: Final = 2**53
"""Amounts up to here are whole numbers in every reader of JSON and in every spreadsheet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledCredits:
    """A rater with settled credits, whatever of them was paid before."""

    rater_sha256: str
    contributor: str
    """Whom to pay: the name that answers show of the rater, or of the account that the rater belongs to."""
    credits: int
    """Hundredths of a credit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidBefore:
    """What the settlements of a campaign paid so far."""

    unit: str | None = None
    """None: nothing was paid."""
    amount: int = 0
    credits: Counter[str] = field(default_factory=Counter)
    """Hundredths of a credit that were paid, by SHA-256 of the rater."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentLine:
    """What one line of the ledger says: a rater's part of what was added."""

    settlement_id: str
    campaign: str
    total: int
    """The whole amount settled, of which all lines of the campaign up to here are the parts."""
    unit: str
    rater_sha256: str
    contributor: str
    credits: int
    """Hundredths of a credit that are paid with this line for the first time."""
    amount: int
    """In the unit."""

    def commitment(self, salt: str) -> str:
        """What the line commits to; `salt` is hex."""
        return credit.committed(salt, asdict(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedPayment:
    """A line that pays a rater."""

    sequence: int
    entry: PaymentLine
    paid_at: datetime
    """UTC."""


def added(
    settlement_id: str, campaign: str, amount: int, unit: str, shares: Sequence[SettledCredits], before: PaidBefore
) -> tuple[PaymentLine, ...]:
    """What an amount in all adds to what was paid before, the most credits first; nothing where it was paid before.

    Raises `InvalidValue` for what is no amount, and `Conflict` for less than was paid, another unit, or nobody to pay.
    """
    if not 0 <= amount <= LARGEST:
        raise InvalidValue(f"The amount is {amount}; it is a whole number of the smallest unit, from 0 to {LARGEST}.")
    if before.unit not in (None, unit):
        raise Conflict(f"Campaign {campaign} was settled in {before.unit}: go on in that unit.")
    if amount < before.amount:
        raise Conflict(
            f"Campaign {campaign} was settled at {before.amount} {unit} in all, and what was paid is not taken back. "
            "Name the amount in all: what was paid, and what is to be paid now."
        )
    if amount == before.amount:
        return ()
    left = {one.rater_sha256: one.credits - before.credits[one.rater_sha256] for one in shares}
    new = {digest: unpaid for digest, unpaid in left.items() if unpaid > 0}
    weights = new or {one.rater_sha256: one.credits for one in shares if one.credits > 0}
    if not weights:
        raise Conflict(
            f"No credit of campaign {campaign} is settled, so there is nobody to pay: with an audit window, credits "
            "are held until so many days after its close."
        )
    contributors = {one.rater_sha256: one.contributor for one in shares}
    parts = settlement.shared_out(weights, amount - before.amount)
    return tuple(
        PaymentLine(
            settlement_id=settlement_id,
            campaign=campaign,
            total=amount,
            unit=unit,
            rater_sha256=digest,
            contributor=contributors[digest],
            credits=new.get(digest, 0),
            amount=parts[digest],
        )
        for digest in sorted(parts, key=lambda one: (-weights[one], contributors[one], one))
    )
