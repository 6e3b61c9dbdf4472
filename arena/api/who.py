"""Who sent a request, and the services that answer it: both are put on the request by the server."""

from typing import Annotated

from fastapi import Depends, Request

from arena.domain.principal import Principal
from arena.errors import Unauthenticated
from arena.services.fair_shares import BattlePlace
from arena.services.installation import Installation
from arena.services.workspace_services import Services


async def installation(request: Request) -> Installation:
    """All that this process has open."""
    found: Installation = request.app.state.installation
    return found


async def services(request: Request) -> Services:
    """The services of the workspace of whoever asks; of the one that is open to all for who has no identity."""
    installation: Installation = request.app.state.installation
    asking: Principal | None = request.scope.get("state", {}).get("principal")
    return installation.default if asking is None else installation.of(asking)


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


Arena = Annotated[Services, Depends(services)]
Whole = Annotated[Installation, Depends(installation)]
Who = Annotated[Principal, Depends(principal)]
Place = Annotated[BattlePlace, Depends(battle_place)]
