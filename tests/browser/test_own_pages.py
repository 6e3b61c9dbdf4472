"""A rater's credits, history and board: what they say, by the keyboard too, and axe in both themes and widths."""

import pytest

from tests import arenas
from tests.browser.conftest import Opened
from tests.browser.test_me_page import HOSTILE, saved

pytestmark = pytest.mark.browser

ADDRESSES = ("/me/credits", "/me/history", "/me/board")


def test_a_rater_sees_what_they_earned_and_finds_what_they_asked(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url, path="/me/credits")
    assert page.text("h1") == "You have no credits yet."
    page.visit("/me/history")
    assert page.text("h1") == "You have not voted yet."
    page.visit("/me/board")
    assert page.text("h1") == "You have no board yet: vote in a battle first."
    page.visit("/")
    page.ready(HOSTILE)
    page.press("a", "2", "Enter")
    page.wait("revealed")

    page.visit("/me/credits")
    assert page.text("h1") == "1 credit: 1 settled."
    assert "Vote, default" in page.text("table >> nth=1")
    own = saved(page, "text=Download my ledger")
    assert (own["earned"], len(own["lines"])) == (1, 1)
    assert own["contributor"] in page.text("#main")

    page.visit("/me/history")
    assert page.text("h1") == "You gave 1 vote."
    page.press("/")
    page.page.keyboard.type("SAY HI")
    page.press("Enter")
    page.page.wait_for_selector("text=1 of your 1 votes mentions “SAY HI”.")
    assert page.text("mark") == "Say hi"
    assert page.page.evaluate("window.hacked") is None
    assert page.page.url.endswith("?q=SAY+HI")
    assert [vote["prompt"] for vote in saved(page, "text=Download these")["votes"]] == [HOSTILE]
    page.page.check("text=Both bad")
    page.page.wait_for_selector("text=Nothing of yours mentions “SAY HI”.")

    page.visit("/me/board")
    assert page.page.locator("tbody tr").count() == 2
    for look in page.in_each_look():
        for address in ADDRESSES:
            page.visit(address)
            assert page.axe() == [], (address, look)
            assert page.sideways() == 0


def test_what_becomes_of_credits_is_said_before_somebody_leaves(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url, path="/me")
    assert "What you earned stays yours" in page.text("[data-withdraw]")
    assert "What you earned stays owed" in page.text("[data-erase]")
    assert page.page.locator("nav.subnav a").all_inner_texts()[:2] == ["Votes and data", "Credits"]
