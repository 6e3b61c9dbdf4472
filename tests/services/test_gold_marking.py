"""Making gold of items on which raters agree."""

import asyncio
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from arena import errors
from arena.domain.purpose import Purpose
from arena.domain.vote import Winner
from arena.services import campaigns, record_candidates
from arena.services.record_candidates import RecordCandidates
from arena.services.voting import Ballot
from arena.services.workspace_services import Services
from arena.store import qualifications
from tests.services import tasking
from tests.services.tasking import SET, Clock, rater

LAB = tasking.principal("lab")


async def voted(services: Services, winners: dict[int, tuple[Winner, ...]]) -> dict[str, str]:
    """Let raters vote on every item: each item gets these outcomes in turn. Battles by prompt."""
    found: dict[str, str] = {}
    for number in range(1, 4):
        while True:
            try:
                task = await services.tasks.next(rater(number), "default")
            except errors.NoTask:
                break
            turn = await services.tasks.turn(rater(number), task.battle_id)
            prompt = turn.record.battle.prompt
            winner = winners[int(prompt.removeprefix("Question ").removesuffix("?"))][number - 1]
            shown = winner.swapped if turn.swapped else winner
            await services.voting.cast(rater(number), turn.record, Ballot(winner=shown), f"k{turn.id}", turn.assignment)
            found[prompt] = turn.record.battle.battle_id
    return found


def run(tmp_path: Path, scene: Any, **changes: Any) -> None:
    async def all_of_it() -> None:
        async with tasking.opened(tmp_path, Clock(), overlap=3, **changes) as services:
            tasking.fill(services.workspace, 3)
            a, b, tie = Winner.MODEL_A, Winner.MODEL_B, Winner.TIE
            battles = await voted(services, {0: (b, b, b), 1: (a, a, tie), 2: (a, b, tie)})
            await scene(services, battles)
            assert services.workspace.verify().problems == ()

    asyncio.run(all_of_it())


def test_items_with_strong_agreement_are_found_and_become_gold_with_an_explanation(tmp_path: Path) -> None:
    async def scene(services: Services, battles: dict[str, str]) -> None:
        (strong,) = await services.gold_marking.agreed(LAB, SET, 3, "", 10)
        assert (strong.battle_id, strong.winner, strong.votes) == (battles["Question 0?"], Winner.MODEL_B, 3)
        assert await services.gold_marking.agreed(LAB, SET, 4, "", 10) == []
        for _ in range(2):
            made = await services.gold_marking.mark(LAB, "marked", strong.battle_id, " It adds up. ", None)
            assert (made.winner, made.votes, made.agreed) == (Winner.MODEL_B, 3, 3)
        with services.workspace.reading() as connection:
            (item,) = qualifications.gold_items(connection, "marked")
        assert (item.prompt_id, item.gold.winner) == (strong.battle_id, Winner.MODEL_B)
        assert item.gold.explanation == "It adds up."
        made = await services.gold_marking.mark(LAB, "marked", battles["Question 1?"], "Mostly so.", None)
        assert (made.winner, made.votes, made.agreed) == (Winner.MODEL_A, 3, 2)
        made = await services.gold_marking.mark(LAB, "marked", battles["Question 2?"], "I say so.", "both_bad")
        assert (made.winner, made.agreed) == (Winner.BOTH_BAD, 0)

    run(tmp_path, scene)


def test_what_cannot_be_gold_is_refused(tmp_path: Path) -> None:
    async def scene(services: Services, battles: dict[str, str]) -> None:
        split, agreed = battles["Question 2?"], battles["Question 0?"]
        for error, arguments in (
            (errors.InvalidValue, ("marked", split, "Why?", None)),
            (errors.InvalidValue, ("marked", split, "Why?", "banana")),
            (errors.InvalidValue, ("marked", agreed, " ", None)),
            (errors.InvalidValue, ("marked", agreed, "x" * 2_001, None)),
            (errors.InvalidValue, ("No slug", agreed, "Why?", None)),
            (errors.NotFound, ("marked", "b_00000000000000000000000009", "Why?", None)),
        ):
            with pytest.raises(error):
                await services.gold_marking.mark(LAB, *arguments)
        await services.gold_marking.mark(LAB, "marked", agreed, "Because.", None)
        with pytest.raises(errors.InvalidValue, match="another content"):
            await services.gold_marking.mark(LAB, "marked", agreed, "For another reason.", None)
        for who in (rater(1), tasking.principal("trainer")):
            with pytest.raises(errors.Forbidden):
                await services.gold_marking.mark(who, "marked", agreed, "Because.", None)
            with pytest.raises(errors.Forbidden):
                await services.gold_marking.agreed(who, SET, 3, "", 10)
        with pytest.raises(errors.NotFound):
            await services.gold_marking.agreed(LAB, "nowhere", 3, "", 10)

    run(tmp_path, scene)


def test_nobody_is_given_as_gold_what_they_had_before(tmp_path: Path) -> None:
    async def scene(services: Services, battles: dict[str, str]) -> None:
        await services.gold_marking.mark(LAB, "marked", battles["Question 0?"], "Because.", None)
        here = services.gold_marking._here
        made = campaigns.configured(tasking.settings(tmp_path, gold=0.5, gold_set="marked").campaign)
        with (
            services.workspace.reading() as connection,
            mock.patch.object(record_candidates.record_tasks, "draw", return_value=Purpose.GOLD),
        ):
            now = here.now()
            assert RecordCandidates(here, made).drawn(connection, rater(1), now, 0.5) == []
            (fresh,) = RecordCandidates(here, made).drawn(connection, rater(9), now, 0.5)
        assert fresh.prompt_id == battles["Question 0?"]

    run(tmp_path, scene)
