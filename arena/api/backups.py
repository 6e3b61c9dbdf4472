"""What an admin does: tokens, verification, backups."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter

from arena.api import bodies, lists
from arena.api.bodies import Body
from arena.api.forms import JsonLines
from arena.api.lists import Limit, Number
from arena.api.who import Arena, Who, Whole
from arena.services import clock

router = APIRouter(prefix="/api/v1", tags=["admin"])


class TokenListed(Body):
    id: str
    role: str
    workspace: str
    campaign: str | None
    """The one campaign that it is for."""
    created_at: str
    revoked_at: str | None


class TokenList(Body):
    tokens: list[TokenListed]
    next: int | None


@router.post("/tokens", status_code=201)
def create_token(arena: Arena, who: Who, body: bodies.TokenRequest) -> dict[str, str]:
    """Issue a token; its text is shown here once and stored hashed."""
    token = arena.identity.create_token(who, body.role, clock.now(), body.campaign)
    return {"id": token.id, "token": token.text}


@router.get("/tokens")
async def tokens(arena: Arena, who: Who, after: Number = 0, limit: Limit = 100) -> TokenList:
    """Every token issued, oldest first, without its text."""
    found, following = lists.numbered(arena.identity.tokens(who), after, limit)
    return TokenList(
        tokens=[
            TokenListed(
                id=token.token_id,
                role=token.role,
                workspace=token.workspace,
                campaign=token.campaign,
                created_at=token.created_at.isoformat(),
                revoked_at=bodies.moment(token.revoked_at),
            )
            for token in found
        ],
        next=following,
    )


@router.delete("/tokens/{token_id}", status_code=204)
def revoke_token(arena: Arena, who: Who, token_id: str) -> None:
    """Make a token worthless from now on."""
    arena.identity.revoke_token(who, token_id, clock.now())


@router.get("/verification")
async def verify(arena: Arena, who: Who) -> dict[str, Any]:
    """Recompute the ledger against the votes."""
    report = await arena.backups.verify(who)
    return {"lines": report.lines, "problems": list(report.problems)}


@router.get("/ledger", response_class=JsonLines)
def ledger(arena: Arena, who: Who) -> JsonLines:
    """The ledger as a signed file: commitments and the chain over them, without text, raters and outcomes."""
    return JsonLines(arena.backups.ledger())


@router.post("/backups", status_code=201)
async def backup(arena: Arena, whole: Whole, who: Who, body: bodies.BackupRequest) -> dict[str, str]:
    """Write a consistent copy into a new folder on the arena's machine.

    With `installation`, of every workspace and all secrets; only for the token in `DATA_DIR/admin-token`.
    """
    target = Path(body.directory)
    whole.demand_machine(who, [target])
    return {"directory": str(await (whole if body.installation else arena.backups).backup(who, target))}
