"""Leaving: a rater withdraws or is erased."""

from fastapi import APIRouter

from arena.api import bodies
from arena.api.who import Arena, Who

router = APIRouter(prefix="/api/v1", tags=["leaving"])


@router.post("/me/withdrawal", status_code=201)
async def withdraw(arena: Arena, who: Who) -> bodies.Left:
    """Withdraw your consent: nothing of yours counts or is released from now on. Nothing is deleted."""
    return bodies.left(await arena.withdrawing.withdraw(who))


@router.delete("/me")
async def erase(arena: Arena, who: Who) -> bodies.Left:
    """Erase yourself: your prompts, the answers to them, your votes and your identity."""
    return bodies.left(await arena.withdrawing.erase(who))


@router.delete("/raters/{rater_id}")
async def erase_rater(arena: Arena, who: Who, rater_id: str) -> bodies.Left:
    """Erase a rater who asked for it, by the id that answers show; for the admin."""
    return bodies.left(await arena.withdrawing.erase(who, rater_id))
