"""The leaderboard on a phone: rank, name, plot, rating and its interval are in sight without scrolling sideways."""

import itertools

import pytest

import leaderboards
from arena.services import boards
from tests import arenas
from tests.browser.conftest import Opened

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


def stood(*rows: tuple[str, str, str, int]) -> boards.Ranking:
    running = leaderboards.Running()
    for row in rows:
        running.add(*row)
    return boards.stand(running, {}, None)


@pytest.fixture
def voted(arena: arenas.Arena, monkeypatch: pytest.MonkeyPatch) -> arenas.Arena:
    """The arena with a board of ten models that have names of usual length, and one that never lost."""
    rows = [("x-unbeaten", NAMES[3], "model_a", 7)]
    for (high, better), (low, worse) in itertools.combinations(enumerate(NAMES), 2):
        lead = 5 * (low - high)
        rows += [(better, worse, "model_a", 40 + lead), (better, worse, "model_b", 40), (better, worse, "tie", 9)]
    standing = stood(*rows)

    async def overall(principal: object) -> boards.Ranking:
        return standing

    monkeypatch.setattr(arena.services.boards, "overall", overall)
    return arena


@pytest.mark.parametrize("width", [390, 1440])
def test_rank_name_rating_and_interval_are_in_sight(voted: arenas.Arena, opened: Opened, width: int) -> None:
    page = opened(voted.url, width=width, height=844 if width == 390 else 900, path="/leaderboard")
    page.page.wait_for_selector(".board .model")
    assert page.page.locator(".board tbody tr").count() == len(NAMES) + 1
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

    async def overall(principal: object) -> boards.Ranking:
        return standing

    monkeypatch.setattr(arena.services.boards, "overall", overall)
    page = opened(arena.url, width=390, height=844, path="/leaderboard")
    page.page.wait_for_selector(".board .model")
    assert page.page.evaluate(SEEN, RATING)
    assert page.sideways() == 0
