"""Whoever withdrew is told before the vote that it counts nowhere, and is not thanked for it."""

import pytest

from tests import arenas
from tests.browser.conftest import Opened
from tests.lengths import at_length

pytestmark = pytest.mark.browser

COUNTS_NOWHERE = "You have withdrawn. You may go on reading, and a vote counts nowhere."


@pytest.mark.parametrize("width", [390, *at_length(1440)])
def test_a_withdrawn_rater_is_told_before_the_vote_and_not_thanked(
    arena: arenas.Arena, opened: Opened, width: int
) -> None:
    page = opened(arena.url, width=width)
    page.ready()
    assert page.page.is_hidden(f"text={COUNTS_NOWHERE}")
    page.press("a", "Enter")
    page.wait("revealed")
    assert page.text("[data-counted]") == "One vote added; you have 1."
    assert page.page.evaluate("fetch('/api/v1/me/withdrawal', {method: 'POST'}).then(a => a.status)") == 201

    page.visit()
    assert "counts nowhere: you have withdrawn" in page.text("[data-compose]")
    page.ready()
    assert page.page.is_visible(f".dock >> text={COUNTS_NOWHERE}")
    page.press("b")
    assert page.page.is_visible(f".dock >> text={COUNTS_NOWHERE}")
    page.screenshot(f"{width}-withdrawn")
    assert page.axe() == []
    page.press("Enter")
    page.wait("revealed")
    assert page.text("[data-counted]") == "You have withdrawn, so it counts nowhere."
    assert "added" not in page.text("[data-receipt]")
