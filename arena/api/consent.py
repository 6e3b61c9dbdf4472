"""Consent: what a rater's prompts and votes may be used for."""

from typing import Annotated

from fastapi import APIRouter

from arena.api import said
from arena.api.bodies import Body
from arena.api.who import Arena, Who
from arena.domain.consent import Scope

router = APIRouter(prefix="/api/v1/me", tags=["consent"])


class Chosen(Body):
    """What holds for all of a rater's prompts and votes, in whatever is made from now on."""

    scope: str
    """`public`: they may be published in a release · `private`: boards, and training by whoever runs the arena."""


class ScopeRequest(Body):
    """What is to hold. Values are checked by the arena, which says what it accepts."""

    scope: Annotated[str, said.one_of(Scope)]


class Recorded(Chosen):
    """A choice that is durable."""

    line: int | None
    """Of the ledger; null where it was the choice before."""
    hash: str | None


@router.get("/consent")
async def chosen(arena: Arena, who: Who) -> Chosen:
    """What you chose last; `public` until you choose."""
    return Chosen(scope=await arena.consenting.chosen(who))


@router.put("/consent")
async def choose(arena: Arena, who: Who, asked: ScopeRequest) -> Recorded:
    """Choose what your prompts and votes, earlier and later ones, may be used for from now on."""
    made = await arena.consenting.choose(who, asked.scope)
    line, digest = (None, None) if made.line is None else (made.line.sequence, made.line.hash)
    return Recorded(scope=made.scope, line=line, hash=digest)
