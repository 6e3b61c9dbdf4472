"""The API as one FastAPI application; the OpenAPI document is at /api/openapi.json."""

from fastapi import Depends, FastAPI, Request

from arena import __version__
from arena.api import (
    backups,
    battles,
    boards,
    bodies,
    consent,
    contributions,
    exports,
    health,
    imports,
    leaving,
    media,
    models,
    people,
    problems,
    prompt_sets,
    selections,
    sessions,
    settlements,
    tasks,
    workspaces,
)
from arena.errors import NotFound
from arena.services.installation import Installation

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
MONITORED = ("/healthz", "/readyz", "/metrics")
"""What a monitor asks; the gate asks no identity for it on loopback."""


def build(installation: Installation) -> FastAPI:
    """The API of a running arena. Identity and limits are the gate's, in `arena.server`."""
    app = FastAPI(
        title="Preference Arena",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,  # its page fetches scripts from elsewhere
        redoc_url=None,
        dependencies=[Depends(bodies.demand_keys_once)],
    )
    app.state.installation = installation
    problems.install(app)
    for module in (
        battles,
        boards,
        models,
        contributions,
        consent,
        exports,
        selections,
        settlements,
        tasks,
        imports,
        prompt_sets,
        media,
        backups,
        sessions,
        people,
        workspaces,
        leaving,
        health,
    ):
        app.include_router(module.router)

    async def nothing(request: Request) -> None:
        """Whatever is not in the API is refused here, before the pages are asked."""
        raise NotFound(f"There is no {request.url.path} for {request.method}; /api/openapi.json lists what there is.")

    for path in ("/api/{path:path}", *MONITORED):
        app.add_api_route(path, nothing, methods=METHODS, include_in_schema=False)

    return app
