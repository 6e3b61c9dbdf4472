"""The API as one FastAPI application; the OpenAPI document is at /api/openapi.json."""

from fastapi import FastAPI

from arena import __version__
from arena.api import battles, boards, exports, health, keeping, leaving, problems
from arena.errors import NotFound
from arena.services.arena import Services


def build(services: Services) -> FastAPI:
    """The API of a running arena. Identity and limits are the gate's, in `arena.server`."""
    app = FastAPI(
        title="Preference Arena",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,  # its page fetches scripts from elsewhere
        redoc_url=None,
    )
    app.state.services = services
    problems.install(app)
    for module in (battles, boards, exports, keeping, leaving, health):
        app.include_router(module.router)

    @app.api_route("/api/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    async def nothing(path: str) -> None:
        """Whatever is not in the API is refused here, before the pages are asked."""
        raise NotFound(f"There is no /api/{path} for this method; /api/openapi.json lists what there is.")

    return app
