"""The whole arena as one ASGI application: the gate around the API, the static files and the pages."""

from starlette.types import ASGIApp

from arena.api import app as api_app
from arena.api.direct import Direct
from arena.server.documents import Documents
from arena.server.gate import Gate
from arena.server.static import Static
from arena.services.installation import Installation
from arena.ui import app as ui_app


def build(installation: Installation) -> ASGIApp:
    """The application of a running arena."""
    app = api_app.build(installation)
    app.mount("/static", Static(), name="static")
    ui_app.mount(app, installation)
    public_url = installation.settings.public_url
    documents = Documents(Direct(app, api_app.ROUTERS), ui_app.PAGES, None if public_url is None else str(public_url))
    return Gate(documents, installation, ui_app.PAGES)
