"""Who sent a request, and the services that answer it: both are put on the request by the server."""

from typing import Annotated

from fastapi import Depends, Request

from arena.domain.principal import Principal
from arena.errors import Unauthenticated
from arena.services.arena import Services
from arena.services.fair_shares import BattlePlace


async def services(request: Request) -> Services:
    """The running arena."""
    found: Services = request.app.state.services
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


Arena = Annotated[Services, Depends(services)]
Who = Annotated[Principal, Depends(principal)]
Place = Annotated[BattlePlace, Depends(battle_place)]
