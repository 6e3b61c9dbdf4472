"""Contributions: what a rater gave, and the releases that used it."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from arena.api.bodies import Receipt
from arena.api.who import Arena, Who
from arena.domain import ledger
from arena.domain.battle import Side
from arena.services.contributing import Contribution, Contributions, Use

router = APIRouter(prefix="/api/v1/me", tags=["contributions"])


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Given(_Body):
    """One vote, under the id and with the sides that its rater was shown. The models were revealed to them."""

    vote_id: str
    battle_id: str
    cast_at: str
    prompt: str
    model_a: str
    model_b: str
    winner: str
    strength: str | None
    tags: list[str]
    reason: str | None
    edit: str | None
    criteria: dict[str, str]
    """What won by each criterion that you answered."""
    campaign: str
    kind: str
    """What cast it: `person` or `program`."""
    reading_seconds: float | None
    """From the end of the slower answer to your vote."""
    receipt: Receipt


class Used(_Body):
    """A release that holds votes of the rater."""

    release_id: str
    number: int
    created_at: str
    votes: list[str]
    of: int
    """Votes in the release, of everybody."""


class Own(_Body):
    """Everything of one rater, newest first."""

    rater_id: str
    withdrawn: bool
    scope: str
    """What their prompts and votes may be used for: `public` or `private`, as in GET /api/v1/me/consent."""
    votes: list[Given]
    releases: list[Used]


class Kept(_Body):
    """Everything with which a stranger can check one vote of yours: keep it."""

    vote_id: str
    receipt: Receipt
    content: dict[str, Any]
    """What the commitment was made of: SHA-256 of the salt and this content's canonical JSON."""


@router.get("/receipts/{vote_id}")
async def receipt(arena: Arena, who: Who, vote_id: str) -> Kept:
    """The receipt of one of your votes, with what opens it."""
    found = await arena.contributing.receipt(who, vote_id)
    return Kept(
        vote_id=vote_id,
        receipt=_receipt(found),
        content=ledger.content(found.cast.vote, found.record, found.cast.version),
    )


@router.get("/contributions")
async def contributions(arena: Arena, who: Who) -> Own:
    """Your votes with their receipts, and the releases that used them."""
    return _own(arena.identity.shown(who), await arena.contributing.own(who))


def _own(rater_id: str, found: Contributions) -> Own:
    return Own(
        rater_id=rater_id,
        withdrawn=found.withdrawn,
        scope=found.scope,
        votes=[_given(one) for one in found.given],
        releases=[_used(use) for use in found.uses],
    )


def _given(one: Contribution) -> Given:
    vote, battle = one.cast.vote, one.record.battle
    swapped = vote.shown_left is Side.B
    return Given(
        vote_id=vote.vote_id,
        battle_id=vote.turn,
        cast_at=vote.cast_at.isoformat(),
        prompt=battle.prompt,
        model_a=battle.model_b if swapped else battle.model_a,
        model_b=battle.model_a if swapped else battle.model_b,
        winner=(vote.winner.swapped if swapped else vote.winner).value,
        strength=None if vote.strength is None else vote.strength.value,
        tags=[tag.value for tag in vote.tags],
        reason=vote.reason,
        edit=vote.edit,
        criteria={name: (won.swapped if swapped else won).value for name, won in vote.criteria},
        campaign=battle.campaign,
        kind=vote.rater_kind.value,
        reading_seconds=vote.reading_seconds,
        receipt=_receipt(one),
    )


def _receipt(one: Contribution) -> Receipt:
    line = one.cast.line
    return Receipt(
        line=line.sequence,
        hash=line.hash,
        commitment=line.commitment,
        salt=one.cast.salt,
        signature=dict(one.signature),
    )


def _used(use: Use) -> Used:
    return Used(
        release_id=use.release.release_id,
        number=use.release.number,
        created_at=use.release.created_at.isoformat(),
        votes=list(use.vote_ids),
        of=use.of,
    )
