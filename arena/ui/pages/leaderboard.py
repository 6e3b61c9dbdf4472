"""The leaderboard page: drawn on the server on every load, and again while it is open and votes have come."""

from datetime import UTC, datetime

import gradio as gr
from starlette.datastructures import Headers

from arena.errors import ArenaError
from arena.services import board_settings
from arena.services.boards import OVERALL
from arena.services.installation import Installation
from arena.ui import board, frame, language

WAITING = (
    '<div id="main" class="pa-wrap unstyled board-page" tabindex="-1">'
    '<p class="vh" role="status">Counting votes</p>'
    '<p class="late mute">Counting votes is taking long. If nothing comes, reload the page.</p></div>'
)

GIVEN = ("element", "trigger", "watch")
"""With them the script asks for the board anew."""


def build() -> gr.HTML:
    """Put the page into the Blocks that is open; the part that is returned takes what `show` gives."""
    frame.bar("/leaderboard")
    return frame.part("${value}", value=WAITING, script=frame.mounted("board.js", given=GIVEN))


async def show(installation: Installation, request: gr.Request) -> str:
    """The board as it stands now, for whoever asks and in that language, as the query of the page says."""
    code = language.ENGLISH if request.request is None else language.asked(Headers(scope=request.request.scope))
    with language.speaking(code):
        return await _show(installation, request)


async def _show(installation: Installation, request: gr.Request) -> str:
    try:
        principal = frame.principal(request)
        boards, now = installation.of(principal).boards, datetime.now(UTC)
        asked = board_settings.read({word: request.query_params.get(word) for word in board_settings.WORDS})
        values = await boards.values(principal)
        if asked.each:
            found = await boards.each(principal, OVERALL, asked)
            return board.each(found, asked, principal.workspace, now, values)
        return board.page(await boards.find(principal, OVERALL, asked), principal.workspace, now, values)
    except ArenaError as error:
        return board.refused(str(error))
