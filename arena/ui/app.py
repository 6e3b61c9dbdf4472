"""The pages as one Gradio application, and how the server mounts it.

Gradio is a view here (design decision 6): all pages but one talk to the HTTP API, the leaderboard page asks
`services.boards`, and nothing is kept in Gradio's own state.
"""

import sys
import warnings
from collections.abc import Awaitable, Callable

import fastapi
import gradio as gr
from fastapi.responses import HTMLResponse
from starlette.requests import Request

from arena.domain.principal import Principal, Role
from arena.services.installation import Installation
from arena.ui import assets, battle, frame, language, plain, plain_pages, theme
from arena.ui.pages import data, leaderboard, me
from arena.ui.plain_pages import Page

PAGES = frozenset(address for _, address in frame.PAGES)
"""Paths of the pages that Gradio draws; `plain_pages` has the others."""

QUEUE_SECONDS = 0.1
"""How often Gradio looks for handlers to run; its own thousand times a second keep an idle arena busy. Only the
leaderboard's page waits for it."""
PROGRESS_SECONDS = 1.0
"""How often Gradio looks for progress to show. Our handlers report none."""

WORKERS = 40
"""Threads in which Gradio runs handlers; the streams of battles are not among them."""


def build(installation: Installation) -> gr.Blocks:
    """Every page."""
    pages: gr.Blocks
    with gr.Blocks(title="Preference Arena", analytics_enabled=False, fill_width=True) as pages:
        frame.bar("/")
        frame.part(battle.markup(), script=frame.mounted("battle.js"))
    with pages.route("Leaderboard", "/leaderboard", show_in_navbar=False):
        shown = leaderboard.build()

        async def show(request: gr.Request) -> str:
            return await leaderboard.show(installation, request)

        occasions = [pages.load, shown.submit]  # the second by the page's script, when votes have come
        gr.on(occasions, show, outputs=shown, show_progress="hidden", api_visibility="private")
    with pages.route("Data", "/data", show_in_navbar=False):
        data.build()
    with pages.route("My contributions", "/me", show_in_navbar=False):
        me.build()
    pages.max_threads = WORKERS
    pages.queue(default_concurrency_limit=WORKERS)
    pages._queue.sleep_when_free = QUEUE_SECONDS
    pages._queue.progress_update_sleep_when_free = PROGRESS_SECONDS
    pages._queue.ANAYLTICS_CACHE_FREQUENCY = sys.maxsize  # (its spelling) no data frame of all events after each event
    return pages


def _plain(page: Page) -> Callable[[Request], Awaitable[HTMLResponse]]:
    async def show(request: Request) -> HTMLResponse:
        principal: Principal | None = request.scope.get("state", {}).get("principal")
        role = Role.ANONYMOUS if principal is None else principal.held
        with language.speaking(language.asked(request.headers)):
            return HTMLResponse(plain.page(page, role), headers={"Cache-Control": "no-store"})

    return show


def mount(app: fastapi.FastAPI, installation: Installation) -> None:
    """Put the pages under "/" of an application that serves the files of `arena.ui.assets` at /static."""
    for page in plain_pages.PAGES:
        app.add_route(page.address, _plain(page), methods=["GET"])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="SSR mode is not supported")  # nor asked for
        gr.mount_gradio_app(
            app,
            build(installation),
            path="/",
            theme=theme.arena_theme(),
            head=frame.HEAD,
            css=frame.EARLY_CSS,
            favicon_path=str(assets.STATIC / "favicon.png"),
            footer_links=[],
            run_history=False,
            show_error=False,
            enable_monitoring=False,
            ssr_mode=False,
        )
