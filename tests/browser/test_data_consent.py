"""The data page where a rater does not agree to publication: it says so, and one box leaves those votes out."""

from pathlib import Path

import pytest

from tests import arenas
from tests.browser import trainer
from tests.browser.conftest import Opened
from tests.browser.trainer import MINUS
from tests.inference import misbehaving

pytestmark = pytest.mark.browser

OTHERS = (("What is a tide?", {"winner": "model_a"}),)


def test_votes_that_are_not_to_be_published_are_told_and_left_out_by_one_box(
    model_server: misbehaving.Server, opened: Opened, tmp_path: Path
) -> None:
    with trainer.voted(model_server, tmp_path, OTHERS) as arena, arena.rater() as rater:
        for prompt, ballot in trainer.VOTES[2:4]:
            arenas.vote(rater, arenas.battle(rater, prompt), **ballot).raise_for_status()
        page = opened(arena.url, path="/data")
        trainer.offer(page, arena.admin_token)
        trainer.counted(page)
        assert not page.page.is_visible("[data-private]"), "everybody agrees"
        rater.put("/api/v1/me/consent", json={"scope": "private"}).raise_for_status()
        page.visit("/data")
        trainer.counted(page)
        said = page.text("[data-private]")
        assert said.startswith("Keep it to yourselves: the raters of 2 votes do not agree to publication.")
        trainer.build(page)
        assert "no: the raters of 2 votes do not agree" in page.text("[data-release]")
        page.page.uncheck("[data-keep=consent]")
        page.page.wait_for_selector(f"[data-took=consent]:text-is('{MINUS}2')")
        trainer.counted(page)
        assert page.page.url.endswith("?consent=public")
        assert not page.page.is_visible("[data-private]")
        table = trainer.waterfall(page)
        assert table["Who voted, or who wrote the prompt, does not agree to publication"] == -2
        assert table["Rows of the release"] == 1
        assert page.axe() == []
        page.screenshot("1440-light-data-consent")
        page.page.set_viewport_size({"width": 390, "height": 844})
        assert page.sideways() == 0
        page.page.locator("[data-keep=consent]").scroll_into_view_if_needed()
        page.screenshot("390-light-data-consent")
        page.visit("/data?consent=public")
        page.page.wait_for_selector("[data-keep=consent]:not(:checked)")
        assert not page.page.is_visible("[data-others]"), "its control shows it"
