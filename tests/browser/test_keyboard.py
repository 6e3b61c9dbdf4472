"""The whole way without a mouse, and keys that must not vote."""

import pytest

from tests import arenas
from tests.browser.conftest import Opened
from tests.browser.driver import BattlePage

pytestmark = pytest.mark.browser


@pytest.fixture
def ready(arena: arenas.Arena, opened: Opened) -> BattlePage:
    """A page with both answers there and nothing chosen."""
    page = opened(arena.url)
    page.ready()
    return page


def test_arrow_and_enter_record_a_vote_within_five_seconds(ready: BattlePage) -> None:
    ready.page.set_default_timeout(5_000)
    ready.press("ArrowLeft", "2", "Enter")
    ready.wait("revealed")
    assert ready.text("[data-said]") == "A is clearly better. Recorded."
    assert ready.page.evaluate("document.activeElement.matches('[data-receipt]')")
    assert ready.text("[data-votes]") == "1 vote"


@pytest.mark.parametrize(
    ("key", "said"), [("b", "B is better"), ("t", "Tie"), ("x", "Both bad"), ("ArrowRight", "B is better")]
)
def test_each_outcome_has_its_key(ready: BattlePage, key: str, said: str) -> None:
    ready.press(key, "Enter")
    ready.wait("revealed")
    assert ready.text("[data-said]") == f"{said}. Recorded."
    assert ready.page.is_visible("text=Ask a follow-up") == (said != "Both bad")


def test_keys_that_must_not_vote(ready: BattlePage) -> None:
    ready.press("Control+a", "Alt+b", "ArrowDown", "Enter")
    assert ready.state == "ready"
    ready.page.click("text=Keyboard")
    ready.press("a", "x")
    assert ready.state == "ready"
    ready.page.click("dialog[open] >> text=Close")

    ready.press("a", "r")
    ready.page.keyboard.type("tax b 1")
    assert ready.page.input_value("#why") == "tax b 1"
    assert ready.page.get_attribute("[data-vote=model_a]", "aria-pressed") == "true"
    assert not ready.page.is_checked("[value=slightly]")

    composing = "new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, isComposing: true})"
    ready.page.evaluate(f"document.querySelector('#why').dispatchEvent({composing})")
    assert ready.votes == []
    ready.press("Enter")  # in the reason line it records
    ready.wait("revealed")
    assert len(ready.votes) == 1


def test_escape_clears_and_down_ties_only_from_a_vote_button(ready: BattlePage) -> None:
    ready.press("b", "1")
    assert ready.page.is_checked("[value=slightly]")
    ready.press("Escape")
    assert ready.state == "ready"
    ready.press("ArrowDown")
    assert ready.state == "ready"
    ready.page.focus("[data-vote=model_b]")
    ready.press("ArrowDown")
    assert ready.page.get_attribute("[data-vote=tie]", "aria-pressed") == "true"
    assert ready.page.is_disabled("[value=slightly]")
    assert ready.page.is_disabled("[data-act=edit]")
    ready.press("]")
    assert ready.page.evaluate("document.activeElement.closest('article').id") == "ans-b"
    ready.press("[")
    assert ready.page.evaluate("document.activeElement.closest('article').id") == "ans-a"


def test_two_fast_enters_make_one_vote_and_leave_the_names_to_be_read(ready: BattlePage) -> None:
    ready.press("a", "Enter", "Enter", "Enter")
    ready.wait("revealed")
    ready.press("Enter")
    assert ready.state == "revealed"
    assert len(ready.votes) == 1
    ready.page.wait_for_timeout(800)
    ready.press("Enter")
    ready.wait("compose")
    assert ready.page.evaluate("document.activeElement.id") == "pr"
    assert len(ready.votes) == 1


def test_an_edit_is_sent_with_the_vote_and_the_answer_stays(ready: BattlePage, arena: arenas.Arena) -> None:
    answer = ready.answer("a")
    ready.press("a", "e")
    assert ready.page.evaluate("document.activeElement.id") == "edit-a"
    ready.page.fill("#edit-a", "Type =IF(C4=0, 0, B4/C4).")
    ready.press("Control+Enter")
    ready.wait("revealed")
    assert ready.answer("a") == answer
    with arena.admin() as admin:
        ballot = admin.get(f"/api/v1/battles/{ready.battle_id}").json()["ballot"]
    assert ballot["edit"] == "Type =IF(C4=0, 0, B4/C4)."


def test_details_given_before_the_names_are_in_the_vote(ready: BattlePage, arena: arenas.Arena) -> None:
    ready.press("b", "1")
    for words in ("Clear", "Right length"):
        ready.page.click(f".tags >> text='{words}'")
    ready.press("r")
    ready.page.keyboard.type("shorter")
    ready.press("Enter")
    ready.wait("revealed")
    assert ready.text("[data-said]") == "B is slightly better. Recorded."
    with arena.admin() as admin:
        ballot = admin.get(f"/api/v1/battles/{ready.battle_id}").json()["ballot"]
    assert ballot == {"tags": ["clear", "right_length"], "reason": "shorter", "edit": None, "criteria": {}}


def test_single_keys_can_be_switched_off_and_stay_off(ready: BattlePage) -> None:
    ready.page.click("text=Keyboard")
    ready.page.uncheck("[data-setting=keys]")
    ready.press("Escape")
    ready.press("a")
    assert ready.state == "ready"
    ready.page.reload()
    ready.wait("ready")
    ready.press("a")
    assert ready.state == "ready"
    ready.page.click("[data-vote=model_a]")
    ready.press("Enter")  # is not a single character
    ready.wait("revealed")


def test_record_at_once_is_a_personal_setting(ready: BattlePage) -> None:
    ready.page.click("text=Keyboard")
    ready.page.check("[data-setting=at_once]")
    ready.press("Escape")
    ready.press("x")
    ready.wait("revealed")
    assert ready.text("[data-said]") == "Both bad. Recorded."
