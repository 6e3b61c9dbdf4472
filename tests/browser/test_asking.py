"""Asking: Enter sends and Shift+Enter breaks the line, and what is being written can be let go."""

import pytest

from tests import arenas
from tests.browser.conftest import Opened, models
from tests.browser.driver import BattlePage
from tests.inference import misbehaving

pytestmark = pytest.mark.browser

COMPOSING = "new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, cancelable: true, isComposing: true})"


def asked(page: BattlePage) -> list[str]:
    """The prompts of battles that are opened from now on."""
    prompts: list[str] = []
    page.page.on(
        "request",
        lambda request: (
            prompts.append(request.post_data_json["prompt"])
            if request.method == "POST" and request.url.endswith("/battles")
            else None
        ),
    )
    return prompts


def test_enter_sends_and_shift_enter_breaks_the_line(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url)
    prompts = asked(page)
    page.page.focus("#pr")
    page.page.keyboard.type("First line")
    page.press("Shift+Enter")
    page.page.keyboard.type("second line")
    page.page.evaluate(f"document.querySelector('#pr').dispatchEvent({COMPOSING})")
    assert page.state == "compose"
    assert prompts == []
    page.press("Enter")
    page.page.wait_for_selector(".battle:not([data-state=compose])")
    assert prompts == ["First line\nsecond line"]


def test_an_empty_prompt_and_a_held_key_start_nothing(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url)
    prompts = asked(page)
    page.page.focus("#pr")
    page.press("Enter")
    assert page.state == "compose"
    page.page.fill("#pr", "Held.")
    page.page.keyboard.down("Enter")
    page.page.keyboard.down("Enter")  # the browser repeats a key that is held
    page.page.keyboard.up("Enter")
    page.wait("ready")
    assert prompts == ["Held."]


def test_a_battle_that_has_not_begun_says_how_long(
    opened: Opened, tmp_path_factory: pytest.TempPathFactory, model_server: misbehaving.Server
) -> None:
    contestants = models(model_server.endpoint, ("hang-before-text", "hang-before-text"))
    settings = arenas.settings_for(tmp_path_factory.mktemp("waiting"), model_server.endpoint, (), models=contestants)
    with arenas.running(settings) as arena:
        page = opened(arena.url)
        page.ask()
        page.wait("waiting")
        page.page.wait_for_selector("text=Both answers start together. 2 seconds so far.")
        page.page.reload()
        page.wait("waiting")
        page.page.wait_for_selector("[data-hint]:has-text(' seconds so far.')")  # it goes on counting
        assert page.page.get_attribute("[data-live]", "aria-live") == "polite"
        assert "second" not in (page.page.text_content("[data-live]") or "")  # and is not read out each second


def test_the_same_prompt_goes_to_a_new_pair_after_a_vote_and_after_both_bad(
    arena: arenas.Arena, opened: Opened
) -> None:
    page = opened(arena.url)
    prompts = asked(page)
    page.ready("Why is the sky blue?")
    page.press("x", "Enter")
    page.wait("revealed")
    first = page.battle_id
    assert page.page.is_hidden("text=Ask a follow-up")
    with arenas.hurried():
        page.page.wait_for_timeout(800)
        page.press("s")
        page.page.wait_for_function(f"!location.search.includes('{first}')")
        page.wait("ready")
    page.press("a", "Enter")
    page.wait("revealed")
    page.page.wait_for_timeout(800)
    with arenas.hurried():
        page.page.click("[data-receipt] >> text=Same prompt, new pair")
        page.wait("ready")
    assert prompts == ["Why is the sky blue?"] * 3


def test_back_and_forward_walk_through_battles(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url)
    page.ready("The first prompt.")
    page.press("a", "Enter")
    page.wait("revealed")
    first = page.battle_id
    page.page.wait_for_timeout(800)
    page.press("Enter")
    page.wait("compose")
    page.ready("The second prompt.")
    second = page.battle_id
    assert first != second

    page.page.go_back()
    page.wait("compose")
    assert page.page.input_value("#pr") == "The second prompt."  # to be changed and sent again
    page.page.go_back()
    page.wait("revealed")
    assert (page.battle_id, page.text("[data-question]")) == (first, "The first prompt.")
    page.page.go_back()
    page.wait("compose")
    assert page.page.input_value("#pr") == "The first prompt."
    page.page.go_forward()
    page.wait("revealed")
    page.page.go_forward()
    page.page.go_forward()
    page.wait("ready")
    assert (page.battle_id, page.text("[data-question]")) == (second, "The second prompt.")
    page.press("b", "Enter")
    page.wait("revealed")
    page.press("f")
    page.wait("follow")
    page.page.go_back()
    page.wait("revealed")
    page.page.go_forward()
    page.wait("follow")
    page.page.reload()
    page.wait("follow")
    assert page.text("[data-turns] summary .q") == "The second prompt."
