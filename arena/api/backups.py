"""What an admin does: tokens, verification, backups."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from arena.api import bodies
from arena.api.who import Arena, Who, Whole
from arena.services import clock

router = APIRouter(prefix="/api/v1", tags=["admin"])


@router.post("/tokens", status_code=201)
async def create_token(arena: Arena, who: Who, body: bodies.TokenRequest) -> dict[str, str]:
    """Issue a token; its text is shown here once and stored hashed."""
    token = arena.identity.create_token(who, body.role, clock.now())
    return {"id": token.id, "token": token.text}


@router.get("/tokens")
async def tokens(arena: Arena, who: Who) -> list[dict[str, Any]]:
    """Every token issued, without its text."""
    return [
        {
            "id": token.token_id,
            "role": token.role,
            "workspace": token.workspace,
            "created_at": token.created_at.isoformat(),
            "revoked_at": token.revoked_at.isoformat() if token.revoked_at else None,
        }
        for token in arena.identity.tokens(who)
    ]


@router.delete("/tokens/{token_id}", status_code=204)
async def revoke_token(arena: Arena, who: Who, token_id: str) -> None:
    """Make a token worthless from now on."""
    arena.identity.revoke_token(who, token_id, clock.now())


@router.get("/verification")
async def verify(arena: Arena, who: Who) -> dict[str, Any]:
    """Recompute the ledger against the votes."""
    report = await arena.backups.verify(who)
    return {"lines": report.lines, "problems": list(report.problems)}


@router.get("/ledger")
def ledger(arena: Arena, who: Who) -> StreamingResponse:
    """The ledger as a signed file: commitments and the chain over them, without text, raters and outcomes."""
    return StreamingResponse(arena.backups.ledger(), media_type="application/jsonl")


@router.post("/backups", status_code=201)
async def backup(arena: Arena, whole: Whole, who: Who, body: bodies.BackupRequest) -> dict[str, str]:
    """Write a consistent copy into a new folder on the arena's machine.

    With `installation`, of every workspace and all secrets; only for the token in `DATA_DIR/admin-token`.
    """
    target = Path(body.directory)
    whole.demand_machine(who, [target])
    return {"directory": str(await (whole if body.installation else arena.backups).backup(who, target))}
