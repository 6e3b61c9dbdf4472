"""Stop and "Another prompt" free a place at once, and what the arena opens in place of a void battle is shown."""

import time
from collections.abc import Iterator

import pytest

from tests import arenas
from tests.browser.conftest import Opened, models
from tests.browser.driver import BattlePage
from tests.browser.test_void import HEADINGS
from tests.inference import misbehaving
from tests.lengths import at_length

pytestmark = pytest.mark.browser

SLOW = tuple(f"say:{'One word after another. ' * 40}{end}-200ms" for end in ("Here.", "There."))
STREAMING = "[data-state=streaming]"
BEGUN = f":is([data-state=waiting], {STREAMING})"
ROOM_SECONDS = 2.0
"""In which a place has to be free."""


@pytest.fixture(scope="module")
def slow(model_server: misbehaving.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    """An arena whose answers take half a minute, with room for two battles of a rater."""
    settings = arenas.settings_for(
        tmp_path_factory.mktemp("slow"),
        model_server.endpoint,
        (),
        models=models(model_server.endpoint, SLOW),
        limits={"live_battles_per_rater": 2},
    )
    with arenas.running(settings) as running:
        yield running


def free(arena: arenas.Arena) -> bool:
    """Whether no battle is being written, soon enough."""
    limit = time.monotonic() + ROOM_SECONDS
    while arena.services.battling.writing.live_count and time.monotonic() < limit:
        time.sleep(0.05)
    return arena.services.battling.writing.live_count == 0


@pytest.mark.parametrize(
    ("width", "state"), [(320, BEGUN), (1440, STREAMING), *at_length((1440, BEGUN), (320, STREAMING))]
)
def test_stop_ends_both_answers_and_frees_the_place(slow: arenas.Arena, opened: Opened, width: int, state: str) -> None:
    page = opened(slow.url, width=width)
    page.ask("Go on and on.")
    page.page.wait_for_selector(f".battle{state}")
    assert slow.services.battling.writing.live_count == 1
    page.page.click("[data-act=stop]")
    page.wait("void")
    assert page.text("[data-void-heading]") == HEADINGS["rater"]
    assert free(slow)
    assert page.page.is_hidden("text=Go on now")  # the rater stopped it, so nothing is opened instead
    page.page.reload()
    page.wait("void")
    assert page.text("[data-void-heading]") == HEADINGS["rater"]


def test_nobody_is_locked_out_by_skipping(slow: arenas.Arena, opened: Opened) -> None:
    page = opened(slow.url)
    for turn in range(6):  # three times as many as a rater may have at once
        page.ask(f"Prompt {turn}.")
        page.wait("streaming")
        page.page.click("[data-act=compose] >> visible=true")
        page.wait("compose")
        assert free(slow)
    assert page.page.is_hidden("[data-compose] [data-refused]")


def test_without_stop_the_places_would_be_taken(slow: arenas.Arena, opened: Opened) -> None:
    page = opened(slow.url)
    page.page.route("**/stop", lambda route: route.abort())
    for turn in range(3):
        page.ask(f"Prompt {turn}.")
        if turn < 2:
            page.page.wait_for_selector(f".battle{BEGUN}")
            page.page.click("[data-act=compose] >> visible=true")
            page.wait("compose")
    page.page.wait_for_selector("[data-compose] [data-refused]:visible")
    assert page.state == "compose"


def test_a_stop_that_is_not_answered_can_be_pressed_again(slow: arenas.Arena, opened: Opened) -> None:
    page = opened(slow.url)
    page.page.route("**/stop", lambda route: route.abort())
    page.ask("Go on and on.")
    page.wait("streaming")
    page.page.click("[data-act=stop]")
    page.page.wait_for_selector("text=The arena did not answer. Press Stop again.")
    page.page.unroute("**/stop")
    page.page.click("[data-act=stop]")
    page.wait("void")


def followed(page: BattlePage) -> str:
    """The battle that a void one leads to, once the page has gone there by itself."""
    before = page.battle_id
    page.page.wait_for_function(f"!location.search.includes('{before}')")
    return page.battle_id


def test_the_page_goes_on_to_the_pair_that_the_arena_draws_after_a_failure(
    opened: Opened, model_server: misbehaving.Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    contestants = models(model_server.endpoint, ("say:One whole answer that is fine.-30ms", "die-after-3"))
    settings = arenas.settings_for(tmp_path_factory.mktemp("next"), model_server.endpoint, (), models=contestants)
    with arenas.running(settings) as arena:
        page = opened(arena.url)
        page.ask("Who are you?")
        page.wait("void")
        assert page.text("[data-void-heading]") == HEADINGS["model"]
        assert "goes on to them" in page.text("[data-void-next]")
        followed(page)
        assert page.text("[data-question]") == "Who are you?"
