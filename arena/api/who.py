"""Who sent a request, and the services that answer it: both are put on the request by the server."""

from typing import Annotated

from fastapi import Depends, Header, Request

from arena.domain.account import Session
from arena.domain.principal import Principal
from arena.errors import Forbidden, Unauthenticated
from arena.services.fair_shares import BattlePlace
from arena.services.installation import Installation
from arena.services.signing_in import Visitor
from arena.services.workspace_services import Services


async def installation(request: Request) -> Installation:
    """All that this process has open."""
    found: Installation = request.app.state.installation
    return found


async def services(request: Request) -> Services:
    """The services of the workspace of whoever asks; of the one that was named, for who has no identity."""
    installation: Installation = request.app.state.installation
    state = request.scope.get("state", {})
    asking: Principal | None = state.get("principal")
    named: Services | None = state.get("services")
    return installation.of(asking) if asking is not None else named or installation.default


async def session(request: Request) -> Session:
    """The session of whoever signed in."""
    found: Session | None = request.scope.get("state", {}).get("session")
    if found is None:
        raise Forbidden("This is for people with an account. Sign in with POST /api/v1/sessions.")
    return found


async def visitor(request: Request) -> Visitor:
    """Where a request came from, and what its browser brought."""
    found: Visitor = request.scope["state"]["visitor"]
    return found


async def principal(request: Request) -> Principal:
    """Who the gate recognised."""
    found: Principal | None = request.scope.get("state", {}).get("principal")
    if found is None:
        raise Unauthenticated(
            "This needs an identity: open the page for a cookie, or POST /api/v1/raters and send a bearer token."
        )
    return found


async def battle_place(request: Request) -> BattlePlace:
    """The place among its address's battles that the gate gave to a request which opens one."""
    found: BattlePlace = request.scope["state"]["place"]
    return found


MaybeKey = Annotated[str | None, Header(alias="Idempotency-Key")]
"""What makes a request that is sent again the same request."""
Arena = Annotated[Services, Depends(services)]
Whole = Annotated[Installation, Depends(installation)]
Who = Annotated[Principal, Depends(principal)]
Signed = Annotated[Session, Depends(session)]
Knocking = Annotated[Visitor, Depends(visitor)]
Place = Annotated[BattlePlace, Depends(battle_place)]
