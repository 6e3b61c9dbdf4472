"""Room for the answers: at 200 percent, at 320 pixels and in forced colours they keep half of the window."""

import io
import re

import pytest
from PIL import Image

from tests import arenas
from tests.browser import stored
from tests.browser.conftest import Opened
from tests.browser.driver import BattlePage
from tests.lengths import at_length

pytestmark = pytest.mark.browser

LONG = "A plain sentence that goes on. " * 200
SHARE = """() => {
  const box = (selector) => document.querySelector(selector).getBoundingClientRect();
  const tabs = box(".pa-tabs"), dock = box(".dock"), duel = box("[data-duel]");
  return (Math.min(dock.top, duel.bottom, innerHeight) - Math.max(tabs.bottom, duel.top, 0)) / innerHeight;
}"""
"""Of the window, what shows answers."""

WINDOWS = {"320": (320, 568), "320 low": (320, 480), "1440 at 200": (720, 450), "1366 at 200": (683, 384),
           "1280 at 200": (640, 360), "1920 at 200": (960, 540), "phone": (390, 844), "desk": (1440, 900)}  # fmt: skip
NARROWEST = ("320", "1280 at 200")


def long_battle(arena: arenas.Arena, opened: Opened, window: str, **context: object) -> BattlePage:
    """A page with two long answers."""
    width, height = WINDOWS[window]
    page = opened(arena.url, width=width, height=height, path="", **context)
    rater_id = stored.rater(arena, page.page)
    page.visit(f"/?battle={stored.written(arena, rater_id, 'What goes on?', LONG)}")
    page.wait("ready")
    page.page.wait_for_function("document.querySelector('.pa-tabs + .duel').textContent.length > 10_000")
    page.settled()
    return page


def share(page: BattlePage, *, down: bool) -> float:
    """What answers have of the window: where the page opens, or further down."""
    if down:
        page.page.evaluate("document.querySelector('[data-duel]').scrollIntoView()")
        page.page.evaluate("scrollBy(0, 200)")
    found: float = page.page.evaluate(SHARE)
    return round(found, 3)


@pytest.mark.parametrize(
    ("window", "forced"),
    [
        *((window, "none") for window in WINDOWS),
        *((window, "active") for window in NARROWEST),
        *at_length(*((window, "active") for window in WINDOWS if window not in NARROWEST)),
    ],
)
def test_the_answers_keep_half_of_the_window(arena: arenas.Arena, opened: Opened, window: str, forced: str) -> None:
    page = long_battle(arena, opened, window, forced_colors=forced)
    shares = {"opened": share(page, down=False), "locked": share(page, down=True)}
    page.open_unread()
    shares["ready"] = share(page, down=True)
    page.press("a")
    shares["chosen"] = share(page, down=True)
    if page.page.is_visible("[data-more]"):
        page.page.click("[data-more]")
        shares["details"] = share(page, down=True)
        page.page.locator("[data-rec]").scroll_into_view_if_needed()
        assert page.page.is_visible("[data-rec]")
    page.screenshot(f"room-{window.replace(' ', '-')}-{forced}")
    page.press("Enter")
    page.wait("revealed")
    shares["revealed"] = share(page, down=True)
    assert {where: found for where, found in shares.items() if found < 0.5} == {}
    assert page.sideways() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_glyph_keeps_its_fill_in_forced_colours(arena: arenas.Arena, opened: Opened, scheme: str) -> None:
    page = long_battle(arena, opened, "desk", forced_colors="active", color_scheme=scheme)
    for outcome, halves in {
        "model_a": (True, False), "model_b": (False, True), "tie": (True, True), "both_bad": (False, False)
    }.items():  # fmt: skip
        assert filled(page, f"[data-vote={outcome}] .g") == halves, outcome
    page.press("b")
    assert filled(page, "[data-vote=model_b] .g") == (False, True)
    assert filled(page, ".ans.sa > header .g") == (True, False)
    page.page.add_style_tag(content=".pa .g::before, .pa .g::after { background: transparent !important; }")
    assert filled(page, "[data-vote=model_a] .g") == (False, False)  # the pixels are read rightly


def filled(page: BattlePage, selector: str) -> tuple[bool, bool]:
    """Whether the left and the right half of a glyph are painted in the colour of its border."""
    page.settled()
    glyph = page.page.locator(selector)
    border = [
        int(part) for part in re.findall(r"\d+", glyph.evaluate("glyph => getComputedStyle(glyph).borderTopColor"))
    ]
    picture = Image.open(io.BytesIO(glyph.screenshot())).convert("RGB")
    width, height = picture.size
    left, right = (picture.getpixel((width * part // 4, height // 2)) for part in (1, 3))
    return _alike(left, border), _alike(right, border)


def _alike(colour: object, other: list[int]) -> bool:
    assert isinstance(colour, tuple)
    return all(abs(one - another) < 40 for one, another in zip(colour, other, strict=False))
