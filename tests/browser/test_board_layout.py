"""The leaderboard on a phone: rank, name, plot, rating and its interval are in sight without scrolling sideways."""

import dataclasses
import itertools

import pytest

import leaderboards
from arena.services import board_fitting
from arena.services.ranking import Ranking
from tests import arenas
from tests.browser.conftest import Opened
from tests.lengths import at_length

pytestmark = pytest.mark.browser

NAMES = (
    *("smollm2-135m-instruct-plain", "smollm2-135m-terse", "qwen3-30b-a3b-instruct-2507", "llama-3.1-8b-instruct"),
    *("mistral-small-3.2-24b", "gemma-3-12b-it", "phi-4-mini", "olmo-2-7b", "granite-3.3-2b-instruct", "tinyllama"),
)
RATING = ".board td.r:has(b)"
SEEN = """selector => [...document.querySelectorAll(selector)].every(part => {
    const box = part.getBoundingClientRect();
    return box.width > 0 && box.left >= 0 && box.right <= innerWidth;
})"""
DRIFTS = """() => {
    const middle = part => (({left, width}) => left + width / 2)(part.getBoundingClientRect());
    const lines = [...document.querySelectorAll('.board tbody tr:first-child .wide .gridl')].map(middle);
    const numbers = [...document.querySelectorAll('.board thead .wide text')];
    return numbers.map((number, place) => middle(number) - lines[place]);
}"""
"""How far each number of the scale stands from its line, in pixels."""


def stood(*rows: tuple[str, str, str, int]) -> Ranking:
    running = leaderboards.Running()
    for row in rows:
        running.add(*row)
    return board_fitting.fitted(running, {}, None)


@pytest.fixture
def voted(arena: arenas.Arena, monkeypatch: pytest.MonkeyPatch) -> arenas.Arena:
    """The arena with a board of ten models that have names of usual length, and one that never lost."""
    rows = [("x-unbeaten", NAMES[3], "model_a", 7)]
    for (high, better), (low, worse) in itertools.combinations(enumerate(NAMES), 2):
        lead = 5 * (low - high)
        rows += [(better, worse, "model_a", 40 + lead), (better, worse, "model_b", 40), (better, worse, "tie", 9)]
    standing = stood(*rows)

    async def find(*asked: object) -> Ranking:
        return standing

    monkeypatch.setattr(arena.services.boards, "find", find)
    return arena


@pytest.mark.parametrize("width", [390, 1440])
def test_rank_name_rating_and_interval_are_in_sight(voted: arenas.Arena, opened: Opened, width: int) -> None:
    page = opened(voted.url, width=width, height=844 if width == 390 else 900, path="/leaderboard")
    page.page.wait_for_selector(".board .model")
    assert page.page.locator(".board tbody tr[data-model]").count() == len(NAMES) + 1
    plot = ".board .narrow" if width == 390 else ".board .wide"
    for part in (".board .rk", ".board .rr", ".board .model", plot, RATING, f"{RATING} + td", ".heat tbody th"):
        assert page.page.evaluate(SEEN, part), part
    assert all(abs(drift) < 1 for drift in page.page.evaluate(DRIFTS))
    assert page.sideways() == 0
    assert page.axe() == []
    page.screenshot(f"leaderboard-{width}")


def test_a_name_without_a_place_to_break_still_leaves_the_rating_in_sight(
    arena: arenas.Arena, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    word = "unbreakable" * 8
    standing = stood((word, "x", "model_a", 60), (word, "x", "model_b", 40))

    async def find(*asked: object) -> Ranking:
        return standing

    monkeypatch.setattr(arena.services.boards, "find", find)
    page = opened(arena.url, width=390, height=844, path="/leaderboard")
    page.page.wait_for_selector(".board .model")
    assert page.page.evaluate(SEEN, RATING)
    assert page.sideways() == 0


@pytest.mark.parametrize(("models", "width"), [(59, 1440), (59, 390), *at_length((600, 1440))])
def test_many_models_are_found_sorted_and_folded(
    arena: arenas.Arena, opened: Opened, monkeypatch: pytest.MonkeyPatch, models: int, width: int
) -> None:
    names = [f"heron-{number:03}b" for number in range(models)]
    rows = [
        (name, names[place + step], winner, 20 + (3 * step if winner == "model_a" else 0))
        for place, name in enumerate(names)
        for step in (1, 2, 5, 11)
        if place + step < models
        for winner in ("model_a", "model_b")
    ]
    standing = stood(*rows)

    async def find(*asked: object) -> Ranking:
        return standing

    monkeypatch.setattr(arena.services.boards, "find", find)
    opening = opened(arena.url, width=width, height=844 if width == 390 else 900, path="/leaderboard")
    page = opening.page
    page.wait_for_selector(".board .model")
    seen = page.locator(".board tr[data-model]:visible")
    assert 0 < seen.count() <= 25
    assert page.evaluate("document.documentElement.scrollHeight") < 6000
    drawn = ".board .narrow" if width == 1440 else ".board .wide"
    assert page.locator(f"{drawn}:visible").count() == 0, "one plot a row"
    assert opening.sideways() == 0
    assert opening.axe() == []
    opening.screenshot(f"leaderboard-{models}-{width}")
    page.locator("[data-fold]").first.focus()
    before = seen.count()
    page.keyboard.press("Enter")
    assert seen.count() > before
    page.locator("[data-find]").fill("N-007")
    assert seen.all_inner_texts()
    assert seen.count() == 1
    page.locator("[data-find]").fill("")
    page.locator("[data-sort=rating]").press("Enter")
    page.locator("[data-sort=rating]").press("Enter")
    ratings = [float(row) for row in seen.evaluate_all("rows => rows.map(row => row.dataset.rating)")]
    assert len(ratings) == models
    assert ratings == sorted(ratings)
    assert page.locator("th[aria-sort=ascending]").count() == 1
    assert opening.axe() == []


def test_the_switches_ask_for_a_board_that_a_link_leads_to(voted: arenas.Arena, opened: Opened) -> None:
    opening = opened(voted.url, path="/leaderboard?ties=drop")
    page = opening.page
    page.wait_for_selector(".board .model")
    page.locator("[name=ties]").select_option("")
    page.locator("[name=cluster]").select_option("rater")
    page.locator("[data-switches] [type=submit]").press("Enter")
    page.wait_for_url("**/leaderboard?cluster=rater")
    page.wait_for_selector(".board .model")
    assert opening.sideways() == 0


def test_a_board_that_is_open_is_brought_up_to_date_where_its_reader_is(
    arena: arenas.Arena, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        (better, worse, "model_a", 40 + 5 * place) for place, (better, worse) in enumerate(itertools.pairwise(NAMES))
    ]
    rows += [(better, worse, "model_b", 40) for better, worse in itertools.pairwise(NAMES)]
    standing = [dataclasses.replace(stood(*rows), head="one")]

    async def find(*asked: object) -> Ranking:
        return standing[0]

    monkeypatch.setattr(arena.services.boards, "find", find)
    opening = opened(arena.url)
    page = opening.page
    page.clock.install()
    opening.visit("/leaderboard")
    page.wait_for_selector(".board .model")
    votes = page.locator(f"tr[data-model='{NAMES[0]}']")
    before = votes.get_attribute("data-votes")
    page.locator("[data-sort=votes]").press("Enter")
    page.clock.fast_forward(61_000)
    assert votes.first.get_attribute("data-votes") == before, "the control: nothing moved, so nothing is drawn anew"
    assert page.text_content("[data-moved]") == ""

    standing[0] = dataclasses.replace(stood(*rows, (NAMES[0], NAMES[1], "model_a", 500)), head="two")
    page.clock.fast_forward(61_000)
    page.wait_for_selector("[data-head=two]")
    page.wait_for_selector("[data-moved]:has-text('Brought up to date at ')")
    assert votes.first.get_attribute("data-votes") == str(int(before or 0) + 500)
    assert page.locator("th[aria-sort=descending] [data-sort=votes]").count() == 1, "sorted as it was"
    assert page.evaluate("document.activeElement.dataset.sort") == "votes", "the focus is where it was"
