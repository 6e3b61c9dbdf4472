"""The whole arena as one ASGI application: the gate around the API, the static files and the pages."""

from pathlib import Path

from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from arena import ui
from arena.api import app as api_app
from arena.server.gate import Gate
from arena.services.arena import Services
from arena.ui import app as ui_app


def build(services: Services) -> ASGIApp:
    """The application of a running arena."""
    app = api_app.build(services)
    app.mount("/static", StaticFiles(directory=Path(ui.__file__).parent / "static"), name="static")
    ui_app.mount(app, services)
    return Gate(app, services, ui_app.PAGES)
