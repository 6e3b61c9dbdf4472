"""An arena without models says at once that there is nothing to compare yet, and offers no battle."""

from pathlib import Path

import pytest

from tests import arenas
from tests.browser.conftest import Opened
from tests.lengths import at_length

pytestmark = pytest.mark.browser

NOTHING = "There is nothing to compare yet: a battle needs two models."


@pytest.mark.parametrize("width", [390, *at_length(1440)])
def test_an_arena_without_models_says_what_to_do_and_starts_nothing(
    arena: arenas.Arena, opened: Opened, tmp_path: Path, width: int
) -> None:
    page = opened(arena.url, width=width)
    page.page.wait_for_selector("[data-start]:not([disabled])")
    assert page.page.is_hidden(f"text={NOTHING}"), "positive control: with two models nothing is said"
    with arenas.running(arenas.settings_for(tmp_path / "data", "http://127.0.0.1:9/v1", ())) as empty:
        page = opened(empty.url, width=width)
        page.page.wait_for_selector(f"text={NOTHING}")
        assert page.page.is_disabled("[data-start]")
        page.screenshot(f"{width}-no-models")
        assert page.axe() == []
        with empty.rater() as rater:
            refused = rater.post("/api/v1/battles", json={"prompt": "Why?"})
            assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_compare")
            assert rater.get("/api/v1/leaderboards/overall").json()["votes"] == 0
            assert rater.get("/readyz").status_code == 503
