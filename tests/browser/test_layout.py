"""Nothing jumps, nothing is clipped, nothing scrolls sideways."""

import random
from datetime import UTC, datetime

import pytest

from arena.domain import ids
from arena.domain.battle import Battle, Response
from arena.domain.ids import BattleId, ConversationId, ModelName, RaterId
from arena.store import commands
from tests import arenas
from tests.browser.conftest import NAMES, Opened

pytestmark = pytest.mark.browser

TOP = "document.querySelector('.dock').getBoundingClientRect().top"
WIDTHS = "[...document.querySelectorAll('.ans')].map(answer => answer.getBoundingClientRect().width)"


@pytest.mark.parametrize("width", [1440, 1100, 721])
def test_the_vote_bar_stays_put_and_both_columns_are_equal(arena: arenas.Arena, opened: Opened, width: int) -> None:
    page = opened(arena.url, width=width)
    page.ask()
    page.wait("waiting")
    waiting = page.page.evaluate(TOP)
    page.wait("streaming")
    streaming = page.page.evaluate(TOP)
    left, right = page.page.evaluate(WIDTHS)
    assert abs(left - right) <= 1
    assert page.page.locator(".caret").count() == 2
    page.wait("ready")
    assert page.page.locator(".caret").count() == 0
    assert waiting == streaming == page.page.evaluate(TOP)
    left, right = page.page.evaluate(WIDTHS)
    assert abs(left - right) <= 1
    assert page.sideways() == 0


@pytest.mark.parametrize(
    ("width", "height", "scale"), [(390, 844, 1.0), (720, 450, 2.0)], ids=["phone", "1440 at 200 percent"]
)
def test_no_sideways_scroll_and_the_end_of_a_long_answer_is_reachable(
    arena: arenas.Arena, opened: Opened, width: int, height: int, scale: float
) -> None:
    word = "unbreakable" * 30
    long = f"{word}\n\n| a | b |\n|---|---|\n| {word} | {word} |\n\n```\n{word}\n```\n\n"
    long += "A plain sentence that goes on. " * ((29_900 - len(long)) // 31) + "\n\nThe very last line."
    page = opened(arena.url, width=width, height=height, device_scale_factor=scale)
    rater_id = page.page.evaluate("fetch('/api/v1/me').then(answer => answer.json()).then(me => me.id)")
    page.visit(f"/?battle={written(arena, rater_id, word, long)}")
    page.wait("ready")
    assert page.sideways() == 0
    page.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    last = "document.querySelector('#ans-a [data-text] > :last-child')"
    assert page.page.evaluate(f"{last}.textContent") == "The very last line."
    assert page.page.evaluate(f"{last}.getBoundingClientRect().bottom") <= page.page.evaluate(TOP)


def written(arena: arenas.Arena, rater_id: str, prompt: str, answer: str) -> BattleId:
    """A battle whose answers are both there, put into the store: writing them at reading pace would take a minute."""
    now = datetime.now(UTC)
    battle = Battle(
        battle_id=BattleId(ids.mint("b", now, random.Random())),
        conversation_id=ConversationId(ids.mint("c", now, random.Random())),
        turn=1,
        continues=None,
        continued_side=None,
        campaign="default",
        rater_id=RaterId(rater_id),
        prompt=prompt,
        history=(),
        model_a=ModelName(NAMES[0]),
        model_b=ModelName(NAMES[1]),
        draw_probability=1.0,
        created_at=now,
    )
    response = Response(
        text=answer,
        finish_reason="stop",
        prompt_tokens=None,
        completion_tokens=None,
        first_token_seconds=0.1,
        total_seconds=1.0,
    )
    workspace = arena.services.workspace
    workspace.submit(commands.OpenBattle(battle=battle)).result()
    complete = commands.CompleteBattle(
        battle_id=battle.battle_id, response_a=response, response_b=response, completed_at=now
    )
    workspace.submit(complete).result()
    return battle.battle_id


def test_no_page_scrolls_sideways_on_a_phone(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url, width=390, height=844)
    assert page.sideways() == 0
    page.page.click("text=Menu")
    assert page.page.is_visible(".nav >> text=Leaderboard")
    assert page.sideways() == 0
    page.visit("/leaderboard")
    assert page.sideways() == 0


def test_voting_on_a_phone_unlocks_once_both_answers_were_opened(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url, width=390, height=844)
    page.ask()
    page.wait("ready")
    assert page.text("[data-hint]") == "Open B to unlock voting."
    assert page.page.is_disabled("[data-vote=model_a]")
    page.press("a")
    assert page.state == "ready"
    assert page.page.is_hidden("#ans-b")
    page.page.click("button[data-show=both]")
    assert page.page.is_visible("#ans-a")
    assert page.page.is_visible("#ans-b")
    page.page.click("[data-vote=model_a]")
    assert page.page.is_hidden("#why")
    page.page.click("text=Add a reason or an edit")
    page.page.fill("#why", "clearer")
    page.page.click("text=Record vote")
    page.wait("revealed")
