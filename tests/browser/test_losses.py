"""Reloads, lost connections and a killed arena: nothing is lost and nothing counts twice."""

import pytest
from playwright import sync_api

from tests import arenas
from tests.browser.conftest import NAMES, Opened
from tests.browser.driver import PROMPT
from tests.browser.served import Served

pytestmark = pytest.mark.browser


def test_a_reload_while_the_answers_are_written_resumes_them(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url)
    page.ask()
    page.wait("streaming")
    battle_id = page.battle_id
    page.visit("/")  # not even the address is needed
    page.wait("ready")
    assert page.battle_id == battle_id
    whole = page.answer("a"), page.answer("b")
    page.page.reload()
    page.wait("ready")
    assert (page.answer("a"), page.answer("b")) == whole
    assert all("DIV/0" in text or "C4" in text for text in whole)


def test_a_reload_after_the_vote_shows_the_receipt_again(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url)
    page.ready()
    page.press("t", "Enter")
    page.wait("revealed")
    receipt = page.text("[data-ledger]")
    page.page.reload()
    page.wait("revealed")
    assert page.text("[data-ledger]") == receipt
    assert {page.text("#ans-a .name"), page.text("#ans-b .name")} == set(NAMES)
    page.visit("/")
    assert page.state == "compose"


def test_a_lost_connection_while_the_answers_are_written_is_found_again(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url)
    page.ask()
    page.wait("streaming")
    shown = len(page.answer("a"))
    page.context.set_offline(True)
    page.page.wait_for_timeout(1_500)
    assert len(page.answer("a")) >= shown
    page.context.set_offline(False)
    page.wait("ready")
    assert page.answer("a").count("divides") + page.answer("b").count("divides") == 1  # no text came twice


def test_a_choice_made_offline_is_kept_and_sent_once(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url)
    page.ready()
    page.context.set_offline(True)
    page.page.wait_for_selector("text=You are offline.")
    page.press("b", "Enter")
    assert page.text("[data-hint]").startswith("Your choice is kept in this browser")
    assert page.page.inner_text("#ans-a .names") == ""
    page.press("a")  # a change of mind replaces what is kept
    page.context.set_offline(False)
    page.wait("revealed")
    assert page.text("[data-said]") == "A is better. Recorded."
    with arena.admin() as admin:
        assert admin.get(f"/api/v1/battles/{page.battle_id}").json()["winner"] == "model_a"
    assert len(set(page.votes)) == 1


def test_a_choice_kept_offline_survives_closing_the_page(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url)
    page.ready()
    page.context.set_offline(True)
    page.press("x", "Enter")
    page.page.goto("about:blank")  # else it may be there until the network is, and send the vote itself
    page.page.close()
    page.context.set_offline(False)
    page.page = page.context.new_page()
    page.page.goto(page.url)
    page.wait("revealed")
    assert page.text("[data-said]") == "Both bad. Recorded."


def test_a_vote_cast_in_another_tab_is_the_one_that_counts(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url)
    page.ready()
    first = page.page
    page.page = page.context.new_page()
    page.page.goto(first.url)
    page.wait("ready")
    page.press("b", "Enter")
    page.wait("revealed")
    page.page = first
    page.press("a", "Enter")
    page.wait("revealed")
    assert page.text("[data-said]") == "B is better. Recorded."


def test_another_prompt_leaves_a_battle_without_a_vote(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url)
    page.ready()
    page.page.click(".dock >> text=Another prompt")
    page.wait("compose")
    page.ready("Something else.")
    assert page.text("[data-question]") == "Something else."
    assert page.text("[data-votes]") == "0 votes"


def test_an_arena_killed_while_writing_makes_the_battle_void(served: Served, opened: Opened) -> None:
    served.start()
    page = opened(served.url)
    page.ask()
    page.wait("streaming")
    served.kill()
    page.page.wait_for_selector("text=The connection was lost. Looking for it.")
    served.start()
    page.wait("void")
    page.press("Enter")  # the same prompt, to a new pair
    page.wait("ready")
    assert page.text("[data-question]") == PROMPT


def test_a_vote_on_a_killed_arena_is_kept_and_sent_again_as_one(served: Served, opened: Opened) -> None:
    served.start()
    page = opened(served.url)
    page.ready()
    page.press("a", "2")
    served.kill()
    page.press("Enter")
    page.wait("error")
    assert page.text("[data-error-heading]") == "Your vote was not saved. The arena did not reply within 10 seconds."
    assert page.text("[data-error-choice]") == "A is clearly better"
    assert page.page.is_hidden(".duel")
    served.start()
    page.press("Enter")
    page.wait("revealed")
    assert page.text("[data-said]") == "A is clearly better. Recorded."
    assert len(set(page.votes)) == 1
    assert len(page.votes) > 1
    assert served.votes() == 1


def test_a_vote_that_was_saved_but_whose_answer_was_lost_counts_once(served: Served, opened: Opened) -> None:
    served.start()
    page = opened(served.url)
    lose = {"answers": 1}

    def lost(route: sync_api.Route) -> None:
        if lose["answers"]:
            lose["answers"] -= 1
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.page.route("**/votes", lost)
    page.visit()  # after the route: one set on a loaded page may miss the first request
    page.ready()
    page.press("b", "Enter")
    page.wait("revealed")
    assert len(page.votes) == 2
    assert len(set(page.votes)) == 1
    assert served.votes() == 1
