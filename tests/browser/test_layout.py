"""Nothing jumps, nothing is clipped, nothing scrolls sideways."""

from dataclasses import dataclass, field

import pytest

from tests import arenas
from tests.browser import stored
from tests.browser.conftest import Opened
from tests.inference import misbehaving

pytestmark = pytest.mark.browser

TOP = "document.querySelector('.dock').getBoundingClientRect().top"
COLUMNS = (1440, 1100, 721)
"""Widths at which both answers stand beside each other."""
WIDTHS = "[...document.querySelectorAll('.ans')].map(answer => answer.getBoundingClientRect().width)"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a battle in a window, in each of its states."""

    tops: list[float] = field(default_factory=list)
    """Where the vote bar began."""
    columns: list[list[float]] = field(default_factory=list)
    """How wide both answers were."""
    carets: list[int] = field(default_factory=list)
    sideways: list[int] = field(default_factory=list)


@pytest.fixture(scope="module")
def known() -> dict[int, Seen]:
    """What was seen, by the width of the window."""
    return {}


def seen(arena: arenas.Arena, opened: Opened, model_server: misbehaving.Server) -> dict[int, Seen]:
    """One battle, looked at in every width while it waits, is written and is ready."""
    page = opened(arena.url, width=COLUMNS[0])
    found = {width: Seen() for width in COLUMNS}

    def look(carets: int) -> None:
        for width in (*COLUMNS, COLUMNS[0]):
            page.page.set_viewport_size({"width": width, "height": 900})
            page.page.wait_for_function("width => innerWidth === width", arg=width)
            found[width].tops.append(page.page.evaluate(TOP))
            found[width].carets.append(page.page.locator(".caret").count() - carets)
            found[width].columns.append(page.page.evaluate(WIDTHS))
            found[width].sideways.append(page.sideways())

    with model_server.holding(0):
        page.ask()
        page.wait("waiting")
        look(0)
    with model_server.holding(12):
        page.wait("streaming")
        look(2)
        assert page.state == "streaming"
    page.wait("ready")
    look(0)
    return found


@pytest.mark.parametrize("width", COLUMNS)
def test_the_vote_bar_stays_put_and_both_columns_are_equal(
    arena: arenas.Arena, opened: Opened, model_server: misbehaving.Server, known: dict[int, Seen], width: int
) -> None:
    if not known:
        known.update(seen(arena, opened, model_server))
    found = known[width]
    assert len(found.tops) >= 3
    assert len(set(found.tops)) == 1
    assert [(left, right) for left, right in found.columns if abs(left - right) > 1] == []
    assert set(found.carets) == {0}, "two while it is written, none before and after"
    assert set(found.sideways) == {0}


@pytest.mark.parametrize(
    ("width", "height", "scale"), [(390, 844, 1.0), (720, 450, 2.0)], ids=["phone", "1440 at 200 percent"]
)
def test_no_sideways_scroll_and_the_end_of_a_long_answer_is_reachable(
    arena: arenas.Arena, opened: Opened, width: int, height: int, scale: float
) -> None:
    word = "unbreakable" * 30
    long = f"{word}\n\n| a | b |\n|---|---|\n| {word} | {word} |\n\n```\n{word}\n```\n\n"
    long += "A plain sentence that goes on. " * ((29_900 - len(long)) // 31) + "\n\nThe very last line."
    page = opened(arena.url, width=width, height=height, path="", device_scale_factor=scale)
    rater_id = stored.rater(arena, page.page)
    page.visit(f"/?battle={stored.written(arena, rater_id, word, long)}")
    page.wait("ready")
    assert page.sideways() == 0
    page.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    last = "document.querySelector('#ans-a [data-text] > :last-child')"
    assert page.page.evaluate(f"{last}.textContent") == "The very last line."
    assert page.page.evaluate(f"{last}.getBoundingClientRect().bottom") <= page.page.evaluate(TOP)


def test_no_page_scrolls_sideways_on_a_phone(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url, width=390, height=844)
    assert page.sideways() == 0
    page.page.click("text=Menu")
    assert page.page.is_visible(".nav >> text=Leaderboard")
    assert page.sideways() == 0
    page.visit("/leaderboard")
    assert page.sideways() == 0


def test_voting_on_a_phone_unlocks_once_both_answers_were_opened(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url, width=390, height=844)
    page.ask()
    page.wait("ready")
    first = page.page.get_attribute("[data-duel]", "data-show") or ""
    second = {"a": "b", "b": "a"}[first]
    assert page.text("[data-hint]") == f"Open {second.upper()} to unlock voting."
    assert page.page.is_disabled("[data-vote=model_a]")
    page.press("a")
    assert page.state == "ready"
    assert page.page.is_hidden(f"#ans-{second}")
    page.page.click("button[data-show=both]")
    assert page.page.is_visible("#ans-a")
    assert page.page.is_visible("#ans-b")
    page.page.click("[data-vote=model_a]")
    assert page.page.is_hidden("#why")
    page.page.click("text=Add a reason or an edit")
    page.page.fill("#why", "clearer")
    page.page.click("text=Record vote")
    page.wait("revealed")
