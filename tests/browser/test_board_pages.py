"""The pages behind the leaderboard: what they say is the board's, they are sound at both widths and in both themes, and
a picture is saved as SVG, PNG and CSV."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from quality_worlds import World

from arena.settings import Settings
from tests import arenas
from tests.browser.conftest import Opened
from tests.browser.driver import BattlePage
from tests.browser.test_finding_pages import both_themes
from tests.browser.test_standing_pages import look
from tests.services import voting_rings

pytestmark = pytest.mark.browser

PAGES = ("model", "compare", "history", "change", "prompts", "transparency")
PROMPTS = (
    ("Explain compound interest to a twelve-year-old.", "default", "money"),
    ("Which planet is the third?", "default", "sky"),
    ("A prompt of a campaign that keeps its prompts.", "kept", "money"),
)


@pytest.fixture(scope="module")
def voted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    """An arena with the votes of 40 people on eight models."""
    folder: Path = tmp_path_factory.mktemp("board-pages")
    settings = Settings.model_validate({"port": 0, "data_dir": folder, "campaign": {"publish": "battles"}})
    with arenas.running(settings) as running:
        votes = World(seed=5, models=8, raters=40, votes=1_200).clean()
        voting_rings.enter(running.services.workspace, votes, prompts=PROMPTS)
        yield running


def whole(page: BattlePage) -> None:
    """Wait until nothing on the page waits any more."""
    page.page.wait_for_selector("#main:not(:has([aria-busy])) [data-part] h1")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_sound_in_both_widths_and_themes(voted: arenas.Arena, opened: Opened, name: str) -> None:
    page = opened(voted.url, path="")
    look(page, f"/leaderboard/{name}")
    whole(page)
    both_themes(page, f"board-{name}")


def test_a_link_to_what_was_left_out_leads_there_once_it_is_drawn(voted: arenas.Arena, opened: Opened) -> None:
    page = opened(voted.url, path="")
    page.page.set_viewport_size({"width": 1440, "height": 300})
    look(page, "/leaderboard/transparency#held")
    whole(page)
    expect(page.page.locator("#held h2")).to_be_in_viewport()


def test_a_model_is_reached_from_the_board_by_keyboard_and_its_figures_are_the_board_s(
    voted: arenas.Arena, opened: Opened
) -> None:
    page = opened(voted.url, path="/leaderboard")
    with voted.client() as anybody:
        anybody.headers["Authorization"] = f"Bearer {voted.admin_token}"
        board = anybody.get("/api/v1/leaderboards/overall").json()
    second = board["entries"][1]
    link = page.page.locator(f"tr[data-model='{second['model']}'] a")
    link.press("Enter")
    page.page.wait_for_url("**/leaderboard/model?model=*")
    whole(page)
    assert second["model"] in page.text("h1")
    assert f"{round(second['rating']):,}" in page.text(".facts")
    against = page.page.locator("figure:has([aria-labelledby='against-title']) tbody tr")
    assert against.count() == len(board["entries"]) - 1
    drawn = page.page.locator("svg[aria-labelledby=against-title]")
    assert drawn.locator("circle").count() == len(board["entries"]) - 1
    assert drawn.locator("title").text_content() == "Share won against each model"

    figure = page.page.locator("figure:has([aria-labelledby='against-title'])")
    kept = {}
    for kind in ("SVG", "PNG", "CSV"):
        with page.page.expect_download() as saving:
            figure.locator(f"button:has-text('{kind}')").press("Enter")
        kept[kind] = Path(saving.value.path()).read_bytes()
    assert kept["PNG"].startswith(b"\x89PNG")
    assert b"<title" in kept["SVG"]
    assert b"stroke:" in kept["SVG"], "with its styles"
    lines = kept["CSV"].decode().splitlines()
    assert lines[0] == "Against,Share won,Lowest,Highest,Votes"
    assert len(lines) == len(board["entries"])


def test_two_models_are_chosen_and_compared(voted: arenas.Arena, opened: Opened) -> None:
    page = opened(voted.url, path="")
    look(page, "/leaderboard/compare")
    before = page.text("h1")
    page.page.locator("[name=second]").select_option(index=7)
    page.page.locator("form.switches [type=submit]").press("Enter")
    page.page.wait_for_url("**/leaderboard/compare?first=*")
    whole(page)
    assert page.text("h1") != before
    assert "told apart" in page.text("h1")


def test_what_would_change_the_board_says_so_under_each_rule(voted: arenas.Arena, opened: Opened) -> None:
    page = opened(voted.url, path="")
    look(page, "/leaderboard/change")
    whole(page)
    assert "decide" in page.text("h1")
    rules = page.page.locator("[aria-label^='What if the rules were others'] tbody tr")
    rules.first.wait_for()
    assert rules.count() == 5
    assert "every rating stays within its interval" in page.text("#main"), "pairs were drawn alike"


def test_a_visitor_reads_published_prompts_and_the_board_of_one(voted: arenas.Arena, opened: Opened) -> None:
    page = opened(voted.url, path="")
    look(page, "/leaderboard/prompts")
    whole(page)
    assert "of 3 prompts" in page.text("h1")
    table = page.page.locator("[aria-label^='Prompts, scrolls']")
    assert table.locator("tbody tr").count() == 2
    assert "1 other is counted and not shown" in page.text("#main")
    assert PROMPTS[2][0] not in page.page.content()
    page.page.locator("[name=words]").fill("planet")
    page.page.locator("[name=words]").press("Enter")
    page.page.wait_for_url("**words=planet*")
    whole(page)
    table.locator("tbody a.asked").press("Enter")
    page.page.wait_for_url("**#one")
    page.page.wait_for_selector("#one svg circle")
    assert "by=prompt" in page.text("#one code")
    sample = page.page.locator("#one .sample").first
    sample.locator("summary").press("Enter")
    assert PROMPTS[1][0] in sample.locator(".quoted").first.inner_text()
