"""The pages as one Gradio application, and how the server mounts it.

Gradio is a view here (design decision 6): all pages but one talk to the HTTP API, the leaderboard page asks
`services.boards`, and nothing is kept in Gradio's own state.
"""

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

IDLE_SECONDS = 1.0
"""How often Gradio looks into its queue, which is closed; its own thousand times a second keep an idle arena busy."""


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
        # Answered at once, past Gradio's queue: that holds without bound what anybody joins to it, and hands a result
        # to whoever names the session that asked.
        gr.on(
            occasions,
            show,
            outputs=shown,
            show_progress="hidden",
            queue=False,
            api_visibility="private",
        )
    with pages.route("Data", "/data", show_in_navbar=False):
        data.build()
    with pages.route("My contributions", "/me", show_in_navbar=False):
        me.build()
    pages._queue.sleep_when_free = pages._queue.progress_update_sleep_when_free = IDLE_SECONDS
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
