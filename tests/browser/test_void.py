"""A void battle says why in the page's words, and goes on where the arena has gone on."""

import json
import re

import pytest

from tests import arenas
from tests.browser.conftest import NAMES, Opened
from tests.browser.driver import BattlePage
from tests.lengths import at_length

pytestmark = pytest.mark.browser

BATTLE = {
    "battle_id": "b_1", "conversation_id": "c_1", "turn": 1, "continues": None, "state": "void", "prompt": "Say yes.",
    "opens_first": "a", "history": [], "text_a": "", "text_b": "", "cause": "model", "next": None,
}  # fmt: skip

HEADINGS = {
    "model": "One of the two could not answer. Nothing was recorded.",
    "prompt": "The models could not take this prompt. Shorten it, or ask differently. Nothing was recorded.",
    "rater": "You stopped both answers. Nothing was recorded.",
    "arena": "The arena could not finish this battle. It is not your fault. Nothing was recorded.",
    "expired": "This battle was left for too long. Nothing was recorded.",
}


def told(page: BattlePage, cause: str, following: str | None = None, *, by_stream: bool) -> None:
    """Let the arena say of battle b_1 that it is void, in its stream or when it is looked at."""
    battle = BATTLE | {"cause": cause, "next": following}
    if by_stream:
        event = {"reason": "Nothing was recorded.", "cause": cause, "next": following}
        body = f"event: start\ndata: {{}}\n\nevent: void\ndata: {json.dumps(event)}\n\n"
        page.page.route("**/b_1/stream", lambda route: route.fulfill(content_type="text/event-stream", body=body))
        battle |= {"state": "open"}
    page.page.route(re.compile("/battles/b_1$"), lambda route: route.fulfill(json=battle))
    page.page.goto(f"{page.url}/?battle=b_1")
    page.wait("void")


@pytest.mark.parametrize(
    ("cause", "by_stream"),
    [
        *((cause, True) for cause in HEADINGS),
        ("model", False),
        *at_length(*((cause, False) for cause in HEADINGS if cause != "model")),
    ],
)
def test_each_cause_has_its_words(arena: arenas.Arena, opened: Opened, cause: str, by_stream: bool) -> None:
    page = opened(arena.url, path="")
    told(page, cause, by_stream=by_stream)
    assert page.text("[data-void-heading]") == HEADINGS[cause]
    assert page.page.text_content("[data-live]") == HEADINGS[cause]
    assert "Your count stays at 0." in page.text("[data-void]")
    assert page.page.evaluate("document.activeElement.matches('[data-void-heading]')")
    assert page.page.is_visible("[data-void] >> text=Same prompt, new pair")
    assert page.page.is_hidden("text=Go on now")
    assert page.page.is_visible("text=Change the prompt") == (cause == "prompt")
    assert page.axe() == []
    page.screenshot(f"1440-void-{cause}")


def test_a_prompt_that_the_models_could_not_take_goes_back_into_the_box(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url, path="")
    told(page, "prompt", by_stream=True)
    page.press("Enter")
    page.wait("compose")
    assert page.page.input_value("#pr") == "Say yes."


@pytest.mark.parametrize("by_stream", [True, False], ids=["stream", "reload"])
def test_the_page_goes_on_by_itself_to_the_battle_that_the_arena_opened(
    arena: arenas.Arena, opened: Opened, by_stream: bool
) -> None:
    page = opened(arena.url)
    page.ready("Say yes.")
    following = page.battle_id
    page.page.goto("about:blank")
    told(page, "model", following, by_stream=by_stream)
    assert "goes on to them" in page.text("[data-void-next]")
    assert page.page.is_hidden("[data-void] >> text=Same prompt, new pair")
    page.screenshot(f"1440-void-next-{by_stream}")
    page.wait("ready")
    assert page.battle_id == following
    page.page.go_back()  # and Back does not lead into the void again
    page.page.wait_for_url("about:blank")


def test_enter_goes_on_at_once(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url)
    page.ready("Say yes.")
    following = page.battle_id
    told(page, "arena", following, by_stream=True)
    page.page.set_default_timeout(2_500)
    page.press("Enter")
    page.wait("ready")
    assert page.battle_id == following


def test_another_prompt_lets_go_of_the_battle_that_was_opened_instead(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url, path="")
    stopped: list[str] = []
    page.page.route("**/stop", lambda route: (stopped.append(route.request.url), route.fulfill(status=204)))
    told(page, "model", "b_2", by_stream=True)
    page.press("n")
    page.wait("compose")
    page.page.wait_for_timeout(4_500)  # longer than the page waits before it goes on
    assert page.state == "compose"
    assert [url.rsplit("/", 2)[1] for url in stopped] == ["b_2"]


def test_a_stream_that_ends_without_a_word_is_found_again(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url, path="")
    body = "event: start\ndata: {}\n\n"
    page.page.route("**/b_1/stream", lambda route: route.fulfill(content_type="text/event-stream", body=body))
    answers = [BATTLE | {"state": "open"}, None, BATTLE | {"cause": "arena"}]
    page.page.route(
        re.compile("/battles/b_1$"),
        lambda route: route.fulfill(json=answer) if (answer := answers.pop(0)) else route.abort(),
    )
    page.page.goto(f"{page.url}/?battle=b_1")
    page.page.wait_for_selector("text=The connection was lost. Looking for it.")
    page.wait("void")
    assert page.text("[data-void-heading]") == HEADINGS["arena"]


def test_what_cut_an_answer_off_is_said_after_the_vote(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url, path="")
    voted = BATTLE | {
        "state": "voted", "text_a": "Yes", "text_b": "Yes.", "winner": "model_b", "strength": None,
        "model_a": NAMES[0], "model_b": NAMES[1], "votes_between": 1, "receipt": {"line": 1, "hash": "ab" * 32},
        "finish_reason_a": "length", "finish_reason_b": "content_filter",
    }  # fmt: skip
    page.page.route(re.compile("/battles/b_1$"), lambda route: route.fulfill(json=voted))
    page.page.goto(f"{page.url}/?battle=b_1")
    page.wait("revealed")
    assert page.text("#ans-a [data-cut]") == "Cut off at the model's length limit."
    assert page.text("#ans-b [data-cut]") == "Ended by the model's content filter."
    assert page.axe() == []
    page.screenshot("1440-revealed-cut")
