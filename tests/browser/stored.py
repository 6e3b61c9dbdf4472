"""Battles put straight into the store: writing long answers at reading pace would take minutes."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from playwright.sync_api import Page

from arena.domain import ids, parts
from arena.domain.battle import Battle, Response
from arena.domain.ids import BattleId, ConversationId, ModelName, RaterId
from arena.domain.parts import Content, Media
from arena.store.writing import commands
from tests import arenas
from tests.browser.conftest import NAMES


def rater(arena: arenas.Arena, page: Page) -> str:
    """The id under which the arena keeps the rater of a browser; pages and answers show another."""
    value = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "arena_rater")
    principal = arena.services.identity.rater(value)
    assert principal is not None
    return principal.id


def written(
    arena: arenas.Arena, rater_id: str, prompt: str, answer: str, *, asked: Content = (), files: Sequence[Media] = ()
) -> BattleId:
    """A battle whose answers are both there, and equal but for the file of each; `asked` stands before the prompt."""
    now = datetime.now(UTC)
    battle = Battle(
        battle_id=BattleId(ids.mint("b", now, random.Random())),
        conversation_id=ConversationId(ids.mint("c", now, random.Random())),
        turn=1,
        continues=None,
        continued_side=None,
        campaign="default",
        rater_id=RaterId(rater_id),
        content=(*asked, *parts.of_text(prompt)),
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
    response_a, response_b = (replace(response, media=(file,)) for file in files) if files else (response, response)
    complete = commands.CompleteBattle(
        battle_id=battle.battle_id, response_a=response_a, response_b=response_b, completed_at=now
    )
    workspace.submit(complete).result()
    return battle.battle_id
