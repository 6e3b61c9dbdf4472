"""The API as one FastAPI application; the OpenAPI document is at /api/openapi.json."""

from collections.abc import Iterable

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Match

from arena import __version__
from arena.api import (
    backups,
    battles,
    board_details,
    board_prompts,
    boards,
    bodies,
    campaigns,
    changes,
    consent,
    contributions,
    credits,
    document,
    events,
    everything,
    exports,
    findings,
    gold,
    health,
    history,
    imports,
    leaving,
    media,
    models,
    organisation,
    people,
    problems,
    prompt_sets,
    qualifications,
    queries,
    selections,
    sessions,
    settlements,
    sql,
    standing,
    tasks,
    trials,
    waiting,
    webhooks,
    work,
    workspaces,
)
from arena.errors import NotFound
from arena.services.installation import Installation

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
MONITORED = ("/healthz", "/readyz", "/metrics")
"""What a monitor asks; the gate asks no identity for it on loopback."""

ROUTERS = tuple(
    module.router
    for module in (
        battles,
        boards,
        board_details,
        board_prompts,
        models,
        changes,
        trials,
        events,
        webhooks,
        organisation,
        everything,
        contributions,
        credits,
        history,
        consent,
        exports,
        selections,
        sql,
        settlements,
        campaigns,
        findings,
        standing,
        waiting,
        tasks,
        work,
        imports,
        prompt_sets,
        gold,
        qualifications,
        media,
        backups,
        sessions,
        people,
        workspaces,
        leaving,
        health,
    )
)
"""Every route of the API, in the order in which they are tried."""


def build(installation: Installation) -> FastAPI:
    """The API of a running arena. Identity and limits are the gate's, in `arena.server`."""
    app = FastAPI(
        title="Preference Arena",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,  # its page fetches scripts from elsewhere
        redoc_url=None,
        dependencies=[Depends(bodies.demand_keys_once), Depends(queries.refuse_unknown)],
    )
    app.state.installation = installation
    problems.install(app)
    document.install(app)
    for router in ROUTERS:
        app.include_router(router)

    async def nothing(request: Request) -> JSONResponse:
        """Whatever is not in the API is refused here, before the pages are asked."""
        allowed = [method for router in ROUTERS for route in router.routes for method in _takes(route, request)]
        if allowed:
            return problems.not_allowed(request.method, request.url.path, allowed)
        raise NotFound(f"There is no {request.url.path}; /api/openapi.json lists what there is.")

    for path in ("/api/{path:path}", *MONITORED):
        app.add_api_route(path, nothing, methods=METHODS, include_in_schema=False)

    return app


def _takes(route: BaseRoute, request: Request) -> Iterable[str]:
    """The methods of a route whose path a request has, and whose method is another."""
    match, _ = route.matches({**request.scope, "root_path": ""})
    return sorted(route.methods or ()) if match is Match.PARTIAL and isinstance(route, APIRoute) else ()
