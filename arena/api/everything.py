"""Everything about whoever asks as one document: what is told elsewhere one by one, and what they wrote."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response

from arena.api import battles, bodies, consent, contributions, credits, sessions, standing, trials
from arena.api.bodies import Body
from arena.api.who import Arena, Who, Whole
from arena.domain.permission import Permission
from arena.services.permitting import demand
from arena.store import own_rows
from arena.store.own_rows import Written
from arena.store.own_tables import Value

router = APIRouter(prefix="/api/v1/me", tags=["me"])

PAGE = 500


class OwnText(Body):
    battle_id: str
    text: str
    written_at: str


class Everything(Body):
    """What this workspace and the installation know of you. It tells no model before your vote on it."""

    me: bodies.Me
    account: sessions.OwnAccount | None
    """Null for who has none."""
    sessions: list[sessions.SessionEntry]
    consent: consent.Chosen
    standing: standing.OwnStanding
    credits: list[credits.CreditList]
    """Page by page."""
    contributions: contributions.Own
    """Your votes with their receipts, and the releases that used them."""
    prompts: list[OwnText]
    reports: list[OwnText]
    skips: list[OwnText]
    trials: list[trials.Trial]
    """What you asked models by their names, for a lab."""
    names: list[str]
    """Every name that you have, or had before you signed in, in answers of this workspace."""
    stored: dict[str, list[dict[str, Value]]]
    """Every other row that is stored about you, by the tables of docs/schema.md: what you agreed to, turns you had and
    how they ended, tests, decisions on your standing with their reasons, appeals and holds; of an account its sessions,
    those that ended too, and what you made and changed here. Secrets and their hashes are not in it."""


@router.get("/everything")
async def everything(arena: Arena, whole: Whole, who: Who, request: Request, response: Response) -> Everything:
    """Everything about you as one file. An account is another rater in each workspace: ask in each."""
    demand(who, Permission.TAKE_PART)
    signed = request.scope.get("state", {}).get("session")

    def read() -> own_rows.OwnRows:
        with arena.workspace.reading() as connection:
            return own_rows.read(connection, who.raters)

    written = await asyncio.to_thread(read)
    own = whole.instance.own_rows
    of_account = {} if who.account is None else await asyncio.to_thread(own, who.account, arena.name)
    response.headers["Content-Disposition"] = 'attachment; filename="everything-about-me.json"'
    return Everything(
        me=await battles.me(arena, whole, who),
        account=None if signed is None else await sessions.account(whole, signed),
        sessions=[] if signed is None else (await sessions.sessions(whole, signed)).sessions,
        consent=await consent.chosen(arena, who),
        standing=await standing.own_standing(arena, who),
        credits=await _every_page(arena, who),
        contributions=await contributions.contributions(arena, who),
        prompts=_texts(written.prompts),
        reports=_texts(written.reports),
        skips=_texts(written.skips),
        trials=list(map(trials.told, written.trials)),
        names=[arena.identity.name_of(rater_id) for rater_id in who.raters],
        stored=written.stored | of_account,
    )


async def _every_page(arena: Arena, who: Who) -> list[credits.CreditList]:
    found = [await credits.own_credits(arena, who, None, PAGE)]
    while found[-1].next is not None:
        found.append(await credits.own_credits(arena, who, found[-1].next, PAGE))
    return found


def _texts(written: list[Written]) -> list[OwnText]:
    told: list[dict[str, Any]] = [
        {"battle_id": one.battle_id, "text": one.text, "written_at": one.written_at.isoformat()} for one in written
    ]
    return [OwnText(**one) for one in told]
