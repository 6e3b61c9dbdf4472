"""Settlements: what the contributors of a release earn."""

from fastapi import APIRouter

from arena.api import bodies
from arena.api.who import Arena, Who

router = APIRouter(prefix="/api/v1/settlements", tags=["exports"])


@router.post("", status_code=201)
async def settle(arena: Arena, who: Who, body: bodies.SettlementRequest) -> bodies.Settlement:
    """Settle a release at an amount: what is new are lines of the ledger, and nothing is at the same amount again."""
    return bodies.settlement(await arena.settling.settle(who, body.release, body.amount, body.unit))
