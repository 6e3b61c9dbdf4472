"""The leaderboard page: asked for afresh on every load, drawn on the server."""

from datetime import UTC, datetime

import gradio as gr

from arena.errors import ArenaError
from arena.services.installation import Installation
from arena.ui import board, frame

WAITING = (
    '<div id="main" class="pa-wrap unstyled board-page" tabindex="-1">'
    '<p class="vh" role="status">Counting votes</p>'
    '<p class="late mute">Counting votes is taking long. If nothing comes, reload the page.</p></div>'
)


def build() -> gr.HTML:
    """Put the page into the Blocks that is open; the part that is returned takes what `show` gives."""
    frame.bar("/leaderboard")
    return frame.part("${value}", value=WAITING)


async def show(installation: Installation, request: gr.Request) -> str:
    """The board as it stands now, for whoever asks."""
    try:
        principal = frame.principal(request)
        ranking = await installation.of(principal).boards.overall(principal)
    except ArenaError as error:
        return board.refusal("There is no board to show you.", str(error))
    return board.page(ranking, principal.workspace, datetime.now(UTC))
