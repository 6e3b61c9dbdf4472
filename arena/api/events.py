"""News for who listens, as server-sent events."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header

from arena.api.forms import EventStream
from arena.api.who import Arena, Who
from arena.domain.principal import Principal
from arena.services.feed import Feed, Number, number

router = APIRouter(prefix="/api/v1/events", tags=["models"])

OPENING = "retry: 2000\n\n"
"""Milliseconds after which a browser comes back that lost its connection."""
STILL_HERE = ": \n\n"


@router.get("", response_class=EventStream)
async def listen(arena: Arena, who: Who, last_event_id: Annotated[str | None, Header()] = None) -> EventStream:
    """Server-sent events: `votes {counted}`, `board {board, ledger_head}`, `model {name, state}`, each how it stands.

    First how everything stands now; with `Last-Event-ID`, what is newer than that event.
    """
    arena.feed.demand(who)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    told = _told(arena.feed, who, number(last_event_id))
    return EventStream(told, headers=headers)


async def _told(feed: Feed, who: Principal, after: Number) -> AsyncIterator[str]:
    yield OPENING
    async for event in feed.listen(after, lambda: feed.may_read(who)):
        yield STILL_HERE if event is None else f"id: {event.id}\nevent: {event.kind}\ndata: {event.data}\n\n"
