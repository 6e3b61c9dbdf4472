"""The page of a rater's own contributions: one part, drawn once here and run by static/me.js.

It asks the HTTP API with the rater's cookie. Nothing of the rater is in this markup.
"""

from pathlib import Path

from arena.domain.vote import Winner
from arena.ui import frame

TEMPLATE = Path(__file__).with_name("me.html")

OUTCOMES = {Winner.MODEL_A: "a", Winner.MODEL_B: "b", Winner.TIE: "t", Winner.BOTH_BAD: ""}
"""Glyph of each outcome."""
WORDS = {
    Winner.MODEL_A: "A is better",
    Winner.MODEL_B: "B is better",
    Winner.TIE: "Tie",
    Winner.BOTH_BAD: "Both bad",
}


def build() -> None:
    """Put the page into the Blocks that is open."""
    frame.bar("/me")
    frame.part(markup(), script=frame.mounted("me.js"))


def markup() -> str:
    """The whole page, in its first state."""
    page = TEMPLATE.read_text(encoding="utf-8")
    return page.replace("{outcomes}", "".join(_outcome(winner) for winner in WORDS))


def _outcome(winner: Winner) -> str:
    return (
        f'<tr data-outcome="{winner}"><th scope="row" class="nowrap"><span class="g {OUTCOMES[winner]}" '
        f'aria-hidden="true"></span> {WORDS[winner]}</th><td class="of" aria-hidden="true"><div class="bar"></div></td>'
        '<td class="r" data-count></td><td class="r mute" data-share></td></tr>'
    )
