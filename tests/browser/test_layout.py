"""Nothing jumps, nothing is clipped, nothing scrolls sideways."""

import pytest

from tests import arenas
from tests.browser import stored
from tests.browser.conftest import Opened
from tests.inference import misbehaving

pytestmark = pytest.mark.browser

TOP = "document.querySelector('.dock').getBoundingClientRect().top"
WIDTHS = "[...document.querySelectorAll('.ans')].map(answer => answer.getBoundingClientRect().width)"


@pytest.mark.parametrize("width", [1440, 1100, 721])
def test_the_vote_bar_stays_put_and_both_columns_are_equal(
    arena: arenas.Arena, opened: Opened, model_server: misbehaving.Server, width: int
) -> None:
    page = opened(arena.url, width=width)
    with model_server.holding(0):
        page.ask()
        page.wait("waiting")
        waiting = page.page.evaluate(TOP)
    with model_server.holding(12):
        page.wait("streaming")
        streaming = page.page.evaluate(TOP)
        left, right = page.page.evaluate(WIDTHS)
        assert abs(left - right) <= 1
        assert page.page.locator(".caret").count() == 2
    page.wait("ready")
    assert page.page.locator(".caret").count() == 0
    assert waiting == streaming == page.page.evaluate(TOP)
    left, right = page.page.evaluate(WIDTHS)
    assert abs(left - right) <= 1
    assert page.sideways() == 0


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
