"""Credits: what a rater earned, what a lab holds back of it, and settlements of campaigns."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from pydantic import WithJsonSchema

from arena.api import lists, said
from arena.api.bodies import Body
from arena.api.forms import CSV
from arena.api.lists import Limit
from arena.api.models import rfc3339
from arena.api.who import Arena, Who
from arena.domain import campaign_settlement, credit
from arena.domain.campaign_settlement import ReceivedPayment
from arena.domain.credit import CreditBalance
from arena.services.campaign_settling import CampaignSettling
from arena.services.crediting import REASON_LIMIT, CampaignCredits, CreditEntry, HoldingBack, OwnCredits

router = APIRouter(prefix="/api/v1", tags=["credits"])

BOTH_WAYS = {"minimum": -credit.LARGEST, "maximum": credit.LARGEST, "not": {"const": 0}}
Credits = int | float
"""Credits with two decimals at most: a whole number where they are one."""


class CreditSums(Body):
    """Credits: earned is held and settled and held back together."""

    earned: Credits
    held: Credits
    """Until the audit window of the campaign is over."""
    settled: Credits
    """Yours, whatever happens."""
    held_back: Credits
    """By a person, with a reason."""


class CreditsOfCampaign(CreditSums):
    campaign: str
    votes: int
    window_ends: str | None
    """When the last of them are settled; null where all are at once, or nobody knows yet."""


class CreditLine(Body):
    """A line of the ledger that concerns your credits."""

    at: str
    what: str
    """`vote`, `edit` (a vote with an edit), `held_back`, `given_back` or `payment`."""
    campaign: str
    amount: Credits
    """0 of a payment: it pays what is settled."""
    state: str
    """`held`, `settled` or `held_back`."""
    balance: Credits
    """Earned and not held back, up to this line."""
    line: int
    reason: str | None
    """Why something was held back, or given back."""
    paid: int | None
    """Of a payment: how much, in its unit."""
    unit: str | None


class CreditList(CreditSums):
    """Your credits, and the lines behind them, newest first."""

    unpaid: Credits
    """Settled, and in no settlement yet."""
    contributor: str
    """What lists for payment call you."""
    campaigns: list[CreditsOfCampaign]
    lines: list[CreditLine]
    next: int | None


class HoldBackRequest(Body):
    """So many of a rater's held credits in a campaign; a negative amount gives back what was held back."""

    campaign: str
    amount: Annotated[float, WithJsonSchema({"type": "number", "multipleOf": 0.01, **BOTH_WAYS})]
    reason: Annotated[str, said.text(REASON_LIMIT)]


class HeldBackCredits(CreditSums):
    """What was decided, and where the rater's credits in the campaign stand after it."""

    rater_id: str
    campaign: str
    amount: Credits
    line: int
    """Of the ledger; of the last one, where an account has several ids."""


class CampaignSettlementRequest(Body):
    """The amount in all at which a campaign is to be settled, in the smallest unit."""

    amount: Annotated[int, said.whole(0, campaign_settlement.LARGEST)]
    unit: said.Unit = "EUR-cent"
    print_only: bool = False
    """Answer what would be paid, and write nothing."""


class PaymentPart(Body):
    """What a contributor is to be paid now. Several parts may name the same contributor."""

    contributor: str
    credits: Credits
    """Paid with this part for the first time."""
    amount: int
    line: int | None
    """Of the ledger; null where nothing was written."""
    salt: str | None
    commitment: str | None


class CampaignSettlement(Body):
    """Only what was not paid before: the parts sum to the amount less what the campaign was settled at before."""

    campaign: str
    amount: int
    unit: str
    rule: str
    parts: list[PaymentPart]


class CampaignPayment(Body):
    """What a contributor was paid by one settlement of a campaign."""

    at: str
    settlement_id: str
    contributor: str
    credits: Credits
    """Paid with it for the first time."""
    amount: int
    unit: str
    total: int
    """What the campaign was settled at with it, in all."""
    line: int
    """Of the ledger."""


class CampaignPaymentList(Body):
    payments: list[CampaignPayment]
    next: int | None


@router.get("/me/credits")
async def own_credits(
    arena: Arena, who: Who, after: Annotated[int | None, Query(ge=1)] = None, limit: Limit = 100
) -> CreditList:
    """Your credits by campaign, and the lines of the ledger behind them; further lines by `after`."""
    own = await arena.crediting.own(who)
    earlier = [one for one in own.entries if after is None or one.line < after]
    lines, following = lists.page(earlier, limit, lambda one: one.line)
    return _own(own, lines, arena.identity.shown(who), following)


@router.post("/raters/{rater_id}/credits", status_code=201)
async def hold_back(arena: Arena, who: Who, rater_id: str, body: HoldBackRequest) -> HeldBackCredits:
    """Hold credits of a rater back that are not settled yet. They are told the reason. For labs."""
    made = await arena.crediting.hold_back(who, rater_id, body.campaign, body.amount, body.reason)
    return _held_back(rater_id, body.campaign, made)


@router.post(
    "/campaigns/{name}/settlements",
    status_code=201,
    response_model=CampaignSettlement,
    responses={
        200: {"model": CampaignSettlement, "description": "With `print_only`: nothing was written", "content": CSV},
        201: {"content": CSV},
    },
)
async def settle_campaign(
    arena: Arena,
    who: Who,
    name: str,
    body: CampaignSettlementRequest,
    response: Response,
    accept: Annotated[str, Header()] = "",
) -> CampaignSettlement | Response:
    """Settle a campaign at an amount in all: what is new is shared out over the credits settled since, as lines of the
    ledger, and nothing is at the same amount again. CSV for `Accept: text/csv`. For labs."""
    settled = await arena.settling_campaigns.settle(who, name, body.amount, body.unit, print_only=body.print_only)
    response.status_code = 200 if body.print_only else 201
    if accept.split(";")[0].strip().lower() == "text/csv":
        return Response(settled.to_csv(), response.status_code, media_type="text/csv")
    return _settlement(settled)


@router.get("/campaigns/{name}/settlements")
async def campaign_payments(
    arena: Arena, who: Who, name: str, after: lists.Number = 0, limit: Limit = 100
) -> CampaignPaymentList:
    """What the settlements of a campaign paid, by line of the ledger. For labs."""
    found = await arena.settling_campaigns.paid(who, name, after, limit + 1)
    told, following = lists.page(found, limit, lambda one: one.sequence)
    return CampaignPaymentList(payments=list(map(_payment, told)), next=following)


def _payment(one: ReceivedPayment) -> CampaignPayment:
    return CampaignPayment(
        at=rfc3339(one.paid_at),
        settlement_id=one.entry.settlement_id,
        contributor=one.entry.contributor,
        credits=credit.told(one.entry.credits),
        amount=one.entry.amount,
        unit=one.entry.unit,
        total=one.entry.total,
        line=one.sequence,
    )


def _own(own: OwnCredits, lines: Sequence[CreditEntry], name: str, following: int | None) -> CreditList:
    return CreditList(
        **_sums(own.balance),
        unpaid=credit.told(own.unpaid),
        contributor=name,
        campaigns=[_of_campaign(one) for one in own.campaigns],
        lines=[_line(one) for one in lines],
        next=following,
    )


def _sums(balance: CreditBalance) -> dict[str, Credits]:
    return {name: credit.told(getattr(balance, name)) for name in ("earned", "held", "settled", "held_back")}


def _of_campaign(one: CampaignCredits) -> CreditsOfCampaign:
    return CreditsOfCampaign(
        **_sums(one.balance),
        campaign=one.campaign,
        votes=one.balance.votes,
        window_ends=None if one.window_ends is None else rfc3339(one.window_ends),
    )


def _line(one: CreditEntry) -> CreditLine:
    return CreditLine(
        at=rfc3339(one.at),
        what=one.what,
        campaign=one.campaign,
        amount=credit.told(one.amount),
        state=one.state,
        balance=credit.told(one.balance),
        line=one.line,
        reason=one.reason,
        paid=one.paid,
        unit=one.unit,
    )


def _held_back(name: str, campaign: str, made: HoldingBack) -> HeldBackCredits:
    return HeldBackCredits(
        **_sums(made.balance),
        rater_id=name,
        campaign=campaign,
        amount=credit.told(sum(one.decision.amount for one in made.made)),
        line=made.made[-1].line.sequence,
    )


def _settlement(settled: CampaignSettling) -> CampaignSettlement:
    lines = settled.paid or [None] * len(settled.planned)
    return CampaignSettlement(
        campaign=settled.campaign,
        amount=settled.amount,
        unit=settled.unit,
        rule=campaign_settlement.RULE,
        parts=[
            PaymentPart(
                contributor=entry.contributor,
                credits=credit.told(entry.credits),
                amount=entry.amount,
                line=None if paid is None else paid.line.sequence,
                salt=None if paid is None else paid.salt,
                commitment=None if paid is None else paid.line.commitment,
            )
            for entry, paid in zip(settled.planned, lines, strict=True)
        ],
    )
