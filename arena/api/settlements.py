"""Settlements: what the contributors of a release earn."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import WithJsonSchema

from arena.api import said
from arena.api.bodies import Body
from arena.api.who import Arena, Who
from arena.exports.folder.credit import LARGEST
from arena.store.writing.commands import Settled

router = APIRouter(prefix="/api/v1/settlements", tags=["exports"])


class SettlementRequest(Body):
    """A release by the SHA-256 of its manifest, and the whole amount it is to be settled at, in the smallest unit."""

    release: Annotated[str, WithJsonSchema({"type": "string", "pattern": "^[0-9a-f]{64}$"})]
    amount: Annotated[int, said.whole(0, LARGEST)]
    unit: said.Unit = "EUR-cent"


class SettledPart(Body):
    """What a contributor is to be paid now, or gives back, and the line of the ledger that says so."""

    contributor: str
    weight: int
    amount: int
    line: int
    salt: str
    commitment: str


class Settlement(Body):
    """Only what was not settled before."""

    parts: list[SettledPart]


@router.post("", status_code=201)
async def settle(arena: Arena, who: Who, body: SettlementRequest) -> Settlement:
    """Settle a release at an amount: what is new are lines of the ledger, and nothing is at the same amount again."""
    return _settlement(await arena.settling.settle(who, body.release, body.amount, body.unit))


def _settlement(settled: Settled) -> Settlement:
    """A settlement as it is told."""
    return Settlement(
        parts=[
            SettledPart(
                contributor=one.entry.part.contributor,
                weight=one.entry.part.weight,
                amount=one.entry.part.amount,
                line=one.line.sequence,
                salt=one.salt,
                commitment=one.line.commitment,
            )
            for one in settled.parts
        ]
    )
