"""Credits of raters: what they earned and where it stands, and what a lab holds back."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from arena.domain import credit, ids
from arena.domain.campaign import DEFAULT
from arena.domain.campaign_settlement import ReceivedPayment
from arena.domain.credit import CreditBalance, EarningVote, HoldBack, TermsLine
from arena.domain.ids import RaterId
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.domain.removal import hashed
from arena.errors import Conflict, InvalidValue, NotFound
from arena.services import earnings
from arena.services.campaigns import Campaigns
from arena.services.earnings import CampaignRates
from arena.services.open_workspace import OpenWorkspace
from arena.services.people_named import PeopleNamed
from arena.services.permitting import demand
from arena.store import campaign_payments, credit_lines, removals
from arena.store.instance import Instance
from arena.store.writing.commands import HeldBack, HoldBackCredits, SetCreditTerms

REASON_LIMIT = 500
"""Characters in a reason for holding credits back."""
DECIMALS = 1e-6
"""How far from a whole hundredth a number may be that was written as one."""


class CreditWhat(StrEnum):
    """What a line on credits is about."""

    VOTE = "vote"
    EDIT = "edit"
    """A vote with an edit."""
    HELD_BACK = "held_back"
    GIVEN_BACK = "given_back"
    PAYMENT = "payment"


class CreditState(StrEnum):
    """Where a credit is."""

    HELD = "held"
    SETTLED = "settled"
    HELD_BACK = "held_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditEntry:
    """A line of the ledger as far as it concerns a rater's credits."""

    line: int
    at: datetime
    """UTC."""
    what: CreditWhat
    campaign: str
    amount: int
    """Hundredths; 0 of a payment, which pays what is settled and changes no balance."""
    state: CreditState
    balance: int
    """Earned up to here and not held back, in hundredths."""
    reason: str | None = None
    paid: int | None = None
    """Of a payment: the amount, in its unit."""
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignCredits:
    """A rater's credits in one campaign."""

    campaign: str
    balance: CreditBalance
    window_ends: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCredits:
    """All credits of one person, whichever ids they had."""

    balance: CreditBalance
    campaigns: tuple[CampaignCredits, ...]
    """By name."""
    entries: tuple[CreditEntry, ...]
    """Newest first."""
    unpaid: int
    """Settled, and in no settlement yet; in hundredths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingBack:
    """What was held back, and where the rater's credits in the campaign stand after it."""

    made: tuple[HeldBack, ...]
    balance: CreditBalance


class Crediting:
    """Credits in one workspace."""

    def __init__(self, here: OpenWorkspace, campaigns: Campaigns, instance: Instance) -> None:
        self._here = here
        self._campaigns = campaigns
        self._accounts = instance.accounts
        self._people = PeopleNamed(here, instance)

    async def own(self, principal: Principal) -> OwnCredits:
        """What this rater earned; nobody sees another's."""
        demand(principal, Permission.TAKE_PART)
        return await asyncio.to_thread(self._own, principal.raters)

    async def hold_back(
        self, principal: Principal, name: str, campaign: str, amount: float, reason: str
    ) -> HoldingBack:
        """Hold so many of a rater's held credits back, or give back what was where the amount is negative."""
        demand(principal, Permission.CONDUCT)
        counted, said = _counted(amount), reason.strip()
        if not 1 <= len(said) <= REASON_LIMIT:
            raise InvalidValue(f"reason has to be 1 to {REASON_LIMIT} characters: the rater is told it.")
        self._campaigns.named(campaign)
        own = self._people.digests(principal)
        return await asyncio.to_thread(self._hold_back, principal.id, own, name, campaign, counted, said)

    def record_terms(self) -> None:
        """Note what a vote of the campaign `default` earns from now on, where the configuration says another than
        before: what was earned by then stays."""
        now = self._here.now()
        entry = TermsLine(
            terms_id=ids.mint("ct", now, self._here.chance),
            campaign=DEFAULT,
            terms=earnings.terms_of(self._campaigns.current(), now),
        )
        self._here.store.submit(SetCreditTerms(terms=entry)).result()

    def _own(self, raters: Sequence[RaterId]) -> OwnCredits:
        now = self._here.now()
        with self._here.store.reading() as connection:
            votes = credit_lines.votes_of(connection, raters)
            decisions = credit_lines.decisions_on(connection, raters)
            received = campaign_payments.received(connection, raters)
            names = {one.campaign for one in votes} | {one.campaign for _, one in decisions}
            rates = {name: earnings.rates(connection, self._campaigns.current(), name) for name in sorted(names)}
        rates = {name: found for name, found in rates.items() if found.terms}
        votes = [one for one in votes if one.campaign in rates]
        campaigns = []
        for name, found in rates.items():
            balances = []
            for digest in map(hashed, raters):
                cast = [one for one in votes if (one.campaign, one.rater_sha256) == (name, digest)]
                held_back = [one.amount for _, one in decisions if (one.campaign, one.rater_sha256) == (name, digest)]
                paid = [
                    one.entry.credits
                    for one in received
                    if (one.entry.campaign, one.entry.rater_sha256) == (name, digest)
                ]
                balances.append(found.balance(cast, sum(held_back), sum(paid), now))
            together = CreditBalance.together(balances)
            campaigns.append(CampaignCredits(campaign=name, balance=together, window_ends=found.window_ends))
        balance = CreditBalance.together(one.balance for one in campaigns)
        return OwnCredits(
            balance=balance,
            campaigns=tuple(campaigns),
            entries=tuple(reversed(_entries(votes, decisions, received, rates, now))),
            unpaid=balance.settled - sum(one.entry.credits for one in received),
        )

    def _hold_back(self, who: str, own: Set[str], name: str, campaign: str, amount: int, reason: str) -> HoldingBack:
        now = self._here.now()
        with self._here.store.reading() as connection:
            digests = self._person(removals.raters(connection), credit_lines.kept_raters(connection), name)
            if not own.isdisjoint(digests):
                raise Conflict("Nobody decides on their own credits; ask another person of this workspace.")
            rates = earnings.rates(connection, self._campaigns.current(), campaign)
            balances = earnings.balances(connection, rates, now)
        found = {digest: balances.get(digest, CreditBalance()) for digest in digests}
        left, parts = abs(amount), []
        for digest, balance in found.items():
            part = min(left, balance.held if amount > 0 else balance.held_back)
            left -= part
            if part:
                decision = HoldBack(
                    decision_id=ids.mint("cd", now, self._here.chance),
                    rater_sha256=digest,
                    campaign=campaign,
                    amount=part if amount > 0 else -part,
                    reason=reason,
                    decided_by=who,
                    decided_at=now,
                )
                parts.append((decision, balance.held + balance.held_back))
        if left:
            there = CreditBalance.together(found.values())
            state, count = ("held", there.held) if amount > 0 else ("held back", there.held_back)
            raise Conflict(
                f"Of the credits of {name} in campaign {campaign}, {credit.told(count)} are {state}. What is settled "
                "is theirs; name no more than that."
            )
        made = self._here.store.submit(HoldBackCredits(parts=tuple(parts))).result()
        with self._here.store.reading() as connection:
            balances = earnings.balances(connection, rates, now)
        after = CreditBalance.together(balances.get(digest, CreditBalance()) for digest in digests)
        return HoldingBack(made=made, balance=after)

    def _person(self, raters: Sequence[RaterId], erased: Sequence[str], name: str) -> list[str]:
        """Whom a name means, by SHA-256 of each id they had."""
        pseudonyms = self._here.pseudonyms
        member = self._accounts.member_of(self._here.name, lambda one: pseudonyms.name(one) == name)
        if member is not None:
            return [hashed(one) for one in member.raters]
        for digest in (*map(hashed, raters), *erased):
            if pseudonyms.of_digest(digest) == name:
                return [digest]
        raise NotFound(f"There is no rater {name} here; GET /api/v1/raters lists those there are.")


def _entries(
    votes: Sequence[EarningVote],
    decisions: Sequence[tuple[int, HoldBack]],
    received: Sequence[ReceivedPayment],
    rates: Mapping[str, CampaignRates],
    now: datetime,
) -> list[CreditEntry]:
    """Every line that concerns these credits, in the order of the ledger."""
    lines: dict[int, list[CreditEntry]] = defaultdict(list)
    for vote in votes:
        of = rates[vote.campaign]
        if earned := of.earned(vote):
            lines[vote.sequence].append(
                CreditEntry(
                    line=vote.sequence,
                    at=vote.cast_at,
                    what=CreditWhat.EDIT if vote.edited else CreditWhat.VOTE,
                    campaign=vote.campaign,
                    amount=earned,
                    state=CreditState.SETTLED if of.passed(vote, now) else CreditState.HELD,
                    balance=0,
                )
            )
    for sequence, one in decisions:
        lines[sequence].append(
            CreditEntry(
                line=sequence,
                at=one.decided_at,
                what=CreditWhat.HELD_BACK if one.amount > 0 else CreditWhat.GIVEN_BACK,
                campaign=one.campaign,
                amount=-one.amount,
                state=CreditState.HELD_BACK,
                balance=0,
                reason=one.reason,
            )
        )
    for payment in received:
        lines[payment.sequence].append(
            CreditEntry(
                line=payment.sequence,
                at=payment.paid_at,
                what=CreditWhat.PAYMENT,
                campaign=payment.entry.campaign,
                amount=0,
                state=CreditState.SETTLED,
                balance=0,
                paid=payment.entry.amount,
                unit=payment.entry.unit,
            )
        )
    balance, found = 0, []
    for sequence in sorted(lines):
        for entry in lines[sequence]:
            balance += entry.amount
            found.append(replace(entry, balance=balance))
    return found


def _counted(amount: float) -> int:
    counted = credit.hundredths(amount) if abs(amount) <= credit.LARGEST else 0
    if not counted or abs(amount * credit.HUNDREDTHS - counted) > DECIMALS:
        raise InvalidValue(
            f"amount is {amount}; it is a number of credits with two decimals at most, to {credit.LARGEST}, and "
            "negative to give back what was held back."
        )
    return counted
