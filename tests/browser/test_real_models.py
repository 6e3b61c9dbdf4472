"""One run with real models: `arena demo` as a stranger starts it, two battles in a real browser, the board."""

import pytest

from tests.browser.conftest import Opened

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.slow]

ANSWER_SECONDS = 180


def test_real_models_are_compared_and_ranked(demo: str, opened: Opened) -> None:
    page = opened(demo)
    page.page.set_default_timeout(1000 * ANSWER_SECONDS)
    page.ask("Explain compound interest to a twelve-year-old using pocket money. Use a short list.")
    page.wait("ready")
    answers = page.answer("a"), page.answer("b")
    assert all(len(answer) > 20 for answer in answers)
    assert answers[0] != answers[1]
    page.press("a", "2")
    page.screenshot("1440-real-chosen")
    page.press("Enter")
    page.wait("revealed")
    names = {page.text("#ans-a .name"), page.text("#ans-b .name")}
    assert len(names) == 2
    page.screenshot("1440-real-revealed")
    page.press("f")
    page.wait("follow")
    page.ask("And with ten euros a month?")
    page.wait("ready")
    page.press("t", "Enter")
    page.wait("revealed")
    page.visit("/leaderboard")
    assert "2 votes on" in page.text(".lead")
    page.screenshot("1440-real-leaderboard")
