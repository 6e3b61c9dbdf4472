"""Selections: what each filter takes, and examples, before anything is exported."""

from fastapi import APIRouter

from arena.api import lists
from arena.api import selection_bodies as bodies
from arena.api.lists import Limit
from arena.api.who import Arena, Who

router = APIRouter(prefix="/api/v1/selections", tags=["selections"])


@router.get("")
async def stored(arena: Arena, who: Who, after: str = "", limit: Limit = 100) -> bodies.StoredList:
    """The selections that are stored under a name."""
    found, following = lists.by_name(await arena.selecting.stored(who), after, limit, lambda one: one.name)
    return bodies.StoredList(selections=list(map(bodies.stored, found)), next=following)


@router.get("/promised")
async def promised(arena: Arena, who: Who) -> bodies.Promised:
    """What a selection has to hold out: whatever releases so far held out of every later one."""
    found = await arena.selecting.promised(who)
    return bodies.Promised(select=found.select, releases=list(found.releases))


@router.post("/counts")
async def counts(arena: Arena, who: Who, body: bodies.CountsRequest) -> bodies.Counts:
    """How many votes each filter of a selection takes, and how many have each value."""
    found = await arena.selecting.counts(who, body.select, body.format, by_language=body.by_language)
    return bodies.counts(found)


@router.post("/preview")
async def preview(arena: Arena, who: Who, body: bodies.PreviewRequest) -> bodies.Preview:
    """Four examples of what a release would hold; another seed draws others."""
    return bodies.preview(await arena.selecting.preview(who, body.select, body.format, body.seed))
