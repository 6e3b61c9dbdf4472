"""Raters, battles, streams and votes."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping

from fastapi import APIRouter, Response

from arena.api import bodies, qualification_feedback, sessions
from arena.api.forms import EVENTS, EventStream
from arena.api.who import Arena, Knocking, MaybeKey, Place, Who, Whole
from arena.domain.assignment import Turn
from arena.domain.battle import BattleRecord, BattleState, VoidCause
from arena.domain.ids import BattleId
from arena.domain.principal import Principal
from arena.errors import Malformed
from arena.services import clock
from arena.services.live import Delta, Thinks
from arena.services.voting import Ballot
from arena.services.workspace_services import Services

router = APIRouter(prefix="/api/v1", tags=["battles"])

QUOTED = json.JSONEncoder().encode
"""A text as JSON has it."""

VOID_SENTENCES = {
    VoidCause.MODEL: "One of the two could not answer. Nothing was recorded.",
    VoidCause.PROMPT: "The models could not take this prompt. Shorten it, or ask differently. Nothing was recorded.",
    VoidCause.RATER: "You stopped both answers. Nothing was recorded.",
    VoidCause.ARENA: "The arena could not finish this battle. It is not your fault. Nothing was recorded.",
    VoidCause.EXPIRED: "Nobody was reading, so both answers were stopped. Nothing was recorded.",
}


@router.post("/raters", status_code=201)
async def new_rater(arena: Arena, knocking: Knocking, key: MaybeKey = None) -> bodies.RaterCreated:
    """Make a rater for a program; a browser gets one with its first page.

    Sent again from the same address with the same Idempotency-Key within a day it answers the same rater: make the key
    of chance, for others may share your address.
    """

    async def make() -> bodies.RaterCreated:
        rater = arena.identity.new_rater(clock.now())
        return bodies.RaterCreated(rater_id=rater.name, token=rater.token)

    return await arena.keyed_answers.once("rater", knocking.address, key, None, make)


@router.get("/me")
async def me(arena: Arena, whole: Whole, who: Who) -> bodies.Me:
    """Who you are here, and how many votes you have cast."""
    votes, withdrawn = arena.voting.count(who), await asyncio.to_thread(arena.withdrawing.withdrawn, who)
    waiting = await arena.tasks.waiting(who)
    return bodies.Me(
        id=arena.identity.shown(who),
        role=who.role,
        workspace=who.workspace,
        votes=votes,
        withdrawn=withdrawn,
        can_compare=arena.battling.can_compare,
        tasks=waiting,
        workspaces=None if who.account is None else sessions.places(whole, who.account),
    )


@router.post("/battles", status_code=201)
async def open_battle(
    arena: Arena, who: Who, place: Place, body: bodies.BattleRequest, key: MaybeKey = None
) -> bodies.BattleCreated:
    """Ask two models. Generation starts here. Sent again with the same Idempotency-Key within a day, it answers the
    same battle."""

    async def make() -> bodies.BattleCreated:
        continues = None if body.continues is None else BattleId(body.continues)
        battle_id = await arena.battling.open(who, body.prompt, continues, body.campaign)
        place.hand_to(battle_id)
        return bodies.BattleCreated(battle_id=battle_id)

    return await arena.keyed_answers.once("battle", who.id, key, body.model_dump(), make)


@router.get("/battles/latest", response_model=bodies.Battle, responses={204: {"description": "No battle yet"}})
async def latest_battle(arena: Arena, who: Who) -> bodies.Battle | Response:
    """Your newest battle, to go on with after a reload; 204 when you have none yet."""
    record = await arena.battling.latest(who)
    return Response(status_code=204) if record is None else await _battle(arena, who, Turn(record=record))


@router.get("/battles/{battle_id}")
async def battle(arena: Arena, who: Who, battle_id: str) -> bodies.Battle:
    """A battle: its texts so far, and its models once it has been voted on."""
    return await _battle(arena, who, await arena.tasks.turn(who, battle_id))


@router.get("/battles/{battle_id}/stream", responses=EVENTS)
async def stream(arena: Arena, who: Who, battle_id: str) -> EventStream:
    """Both answers as server-sent events, from the start: `start`, `delta {a, b}`, then `done` or `void`.

    Before the first `delta` there may be a `thinking {}`: a model thinks before it answers, and it is not told which.

    `void {reason, cause, next}`: `next` is the battle that the arena opened on the same prompt, or null.
    """
    record = (await arena.tasks.turn(who, battle_id)).seen
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return EventStream(_events(arena, record), headers=headers)


@router.post("/battles/{battle_id}/stop", status_code=204)
async def stop(arena: Arena, who: Who, battle_id: str) -> None:
    """Stop both answers. The battle is void and its place is free; stopping it again changes nothing."""
    await arena.tasks.stop(who, battle_id)


@router.post("/battles/{battle_id}/votes", status_code=201)
async def vote(
    arena: Arena,
    who: Who,
    battle_id: str,
    body: bodies.VoteRequest,
    key: MaybeKey = None,
) -> bodies.VoteCreated:
    """Cast a vote. Models are named only in the answer to a vote that is durable."""
    if key is None:
        raise Malformed("A vote needs an Idempotency-Key header, so that sending it again cannot count twice.")
    turn = await arena.tasks.turn(who, battle_id)
    ballot = Ballot(
        winner=body.winner,
        strength=body.strength,
        tags=tuple(body.tags),
        reason=body.reason,
        edit=body.edit,
        criteria=tuple(body.criteria.items()),
    )
    reveal = await arena.voting.cast(who, turn.record, ballot, key, turn.assignment)
    told = bodies.vote_created(reveal, arena.voting.votes_between(reveal))
    feedback = qualification_feedback.told(await arena.qualifying.feedback(who, turn))
    return told if feedback is None else told.model_copy(update={"qualification": feedback})


async def _battle(arena: Services, who: Principal, turn: Turn) -> bodies.Battle:
    record = turn.seen
    view, criteria = arena.battling.view(record), arena.voting.asked(record)
    if record.state is BattleState.VOTED:
        reveal = await arena.voting.reveal(turn)
        told = bodies.voted_battle(view, criteria, reveal, arena.voting.votes_between(reveal))
        feedback = qualification_feedback.told(await arena.qualifying.feedback(who, turn))
        told = told if feedback is None else told.model_copy(update={"qualification": feedback})
    else:
        told = bodies.blind_battle(view, criteria)
    place = await arena.qualifying.place(who, turn) or await arena.tasks.place(who, turn)
    if place is None:
        return told
    return told.model_copy(
        update={"number": place.number, "of": place.of, "expires_at": bodies.moment(place.expires_at)}
    )


async def _events(arena: Services, record: BattleRecord) -> AsyncIterator[str]:
    yield _event("start", {})
    async for item in arena.battling.deltas(record):
        if item is BattleState.READY:
            yield _event("done", {})
        elif item is BattleState.VOID:
            view = await arena.battling.ended(record)
            cause = view.cause or VoidCause.ARENA
            yield _event("void", {"reason": VOID_SENTENCES[cause], "cause": cause, "next": view.next})
        elif isinstance(item, Delta):
            yield f'event: delta\ndata: {{"a": {QUOTED(item.a)}, "b": {QUOTED(item.b)}}}\n\n'  # ten times a second
        elif isinstance(item, Thinks):
            yield _event("thinking", {})


def _event(name: str, data: Mapping[str, str | None]) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
