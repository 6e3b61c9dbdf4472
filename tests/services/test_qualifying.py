"""Qualifying: practice, a test, a second try, a waiting time; and nothing of it counts anywhere."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from arena import errors
from arena.domain.assignment import Turn
from arena.domain.battle import BattleState
from arena.domain.principal import Principal
from arena.domain.purpose import Purpose
from arena.domain.qualification import QualificationProgress, Stage
from arena.domain.standing import Standing
from arena.domain.vote import Winner
from arena.services.qualification_making import Wanted
from arena.services.qualifying import Feedback, PracticeFeedback, ResultFeedback
from arena.services.voting import Ballot
from arena.services.workspace_services import Services
from arena.store import standing_decisions, tally
from tests.services import qualifying_made, tasking
from tests.services.qualifying_made import GOLD_SET
from tests.services.tasking import Clock, rater

WANTED = Wanted(field="law", gold_set=GOLD_SET, practice=2, items=3, needed=2)
LAB = tasking.principal("lab")
DAY = 24 * 60 * 60.0


async def take(services: Services, who: Principal) -> Turn:
    task = await services.qualifying.next(who, "law")
    return await services.tasks.turn(who, task.battle_id)


async def answer(services: Services, who: Principal, winner: str, turn: Turn | None = None) -> Feedback | None:
    """Vote on the next item; `winner` as the set says it, whatever side it is shown on."""
    turn = turn or await take(services, who)
    await services.voting.cast(who, turn.record, Ballot(winner=shown(turn, winner)), f"key {turn.id}", turn.assignment)
    return await services.qualifying.feedback(who, await services.tasks.turn(who, turn.id))


def shown(turn: Turn, winner: str) -> Winner:
    """An outcome of the set as the rater of a turn is shown it."""
    return Winner(winner).swapped if turn.swapped else Winner(winner)


async def stand(services: Services, who: Principal) -> QualificationProgress:
    ((_, mine),) = await services.qualifying.listed(who)
    assert mine is not None
    return mine


async def refused(services: Services, who: Principal) -> str | None:
    with pytest.raises(errors.NoTask) as told:
        await services.qualifying.next(who, "law")
    return told.value.code


def qualified(services: Services, who: Principal, clock: Clock) -> bool:
    with services.workspace.reading() as connection:
        found = standing_decisions.standing_of(connection, who.raters, "law", clock.now)
    return found.standing is Standing.QUALIFIED


def run(tmp_path: Path, scene: Any, prompts: int = 8, wanted: Wanted = WANTED) -> None:
    clock = Clock()

    async def all_of_it() -> None:
        async with tasking.opened(tmp_path, clock) as services:
            tasking.fill(services.workspace, 2)
            qualifying_made.fill(services.workspace, prompts)
            await services.qualifying.create(LAB, wanted)
            await scene(services, clock)
            assert services.workspace.verify().problems == ()
            with services.workspace.reading() as connection:
                assert tally.counts(connection).num_rows == 0
                assert tally.void_rates(connection) == []

    asyncio.run(all_of_it())


def test_practice_is_explained_at_once_and_a_test_at_its_end(tmp_path: Path) -> None:
    async def scene(services: Services, clock: Clock) -> None:
        who = rater(1)
        for number, said in enumerate(("model_b", "tie")):
            turn = await take(services, who)
            assert await answer(services, who, said, turn) == PracticeFeedback(
                right=said == WINNER, known=shown(turn, WINNER), explanation=f"Because of {number}."
            )
        assert await answer(services, who, "model_b") is None
        second = await take(services, who)
        assert await answer(services, who, "model_a", second) is None
        told = await answer(services, who, "model_b")
        assert isinstance(told, ResultFeedback)
        assert (told.result.passed, told.result.correct, told.again_at) == (True, 2, None)
        (miss,) = told.misses
        assert (miss.number, miss.yours, miss.known) == (2, shown(second, "model_a"), shown(second, WINNER))
        assert miss.explanation.startswith("Because of ")
        there = await stand(services, who)
        assert (there.stage, there.right, there.answered) == (Stage.PASSED, 2, 3)
        assert await refused(services, who) == "passed"
        assert qualified(services, who, clock)
        clock.pass_by(365 * DAY)
        assert not qualified(services, who, clock)
        assert (await take(services, who)).assignment is not None

    run(tmp_path, scene)


def test_a_second_try_has_other_items_and_then_there_is_a_waiting_time(tmp_path: Path) -> None:
    async def scene(services: Services, clock: Clock) -> None:
        who, seen = rater(1), []
        for _ in range(2):
            await answer(services, who, "model_b")
        for number in range(6):
            turn = await take(services, who)
            seen.append(turn.record.battle.prompt)
            told = await answer(services, who, "tie", turn)
            assert (told is None) == (number not in (2, 5))
            if number == 2:
                assert isinstance(told, ResultFeedback)
                assert (told.result.passed, told.tries_left, told.again_at, len(told.misses)) == (False, 1, None, 3)
                assert (await stand(services, who)).stage is Stage.FAILED
        assert len(set(seen)) == 6
        assert await refused(services, who) == "waiting"
        there = await stand(services, who)
        assert (there.stage, there.tries_left) == (Stage.FAILED, 0)
        assert not qualified(services, who, clock)
        clock.pass_by(7 * DAY)
        assert (await stand(services, who)).tries_left == 2
        assert [await answer(services, who, "model_b") for _ in range(2)] == [None, None]
        told = await answer(services, who, "model_b")
        assert isinstance(told, ResultFeedback)
        assert told.result.passed

    run(tmp_path, scene)


def test_skipping_does_not_help_and_an_item_that_ran_out_of_time_comes_again(tmp_path: Path) -> None:
    async def scene(services: Services, clock: Clock) -> None:
        who = rater(1)
        late = await take(services, who)
        clock.pass_by(1_800)
        again = await take(services, who)
        assert again.record.battle.battle_id == late.record.battle.battle_id
        assert again.id != late.id
        assert (await services.tasks.turn(who, late.id)).seen.state is BattleState.VOID
        for _ in range(2):
            await services.tasks.skip(who, (await take(services, who)).id, "Not my field")
        task = await services.qualifying.next(who, "law")
        assert (task.part, task.number, task.of) == (Purpose.TEST, 1, 3)
        for _ in range(2):
            await services.tasks.skip(who, (await take(services, who)).id, "Not my field")
        told = await answer(services, who, "model_b")
        assert isinstance(told, ResultFeedback)
        assert (told.result.passed, [miss.yours for miss in told.misses]) == (False, [None, None])

    run(tmp_path, scene)


def test_a_test_that_ended_while_nobody_recorded_it_is_recorded_when_its_rater_comes_back(tmp_path: Path) -> None:
    async def scene(services: Services, clock: Clock) -> None:
        who = rater(1)
        for _ in range(2):
            await answer(services, who, "model_b")
        for _ in range(3):
            turn = await take(services, who)
            await services.voting.cast(
                who, turn.record, Ballot(winner=shown(turn, "model_b")), f"key {turn.id}", turn.assignment
            )
        assert not qualified(services, who, clock)
        assert (await stand(services, who)).stage is Stage.PASSED
        assert qualified(services, who, clock)
        told = await services.qualifying.feedback(who, await services.tasks.turn(who, turn.id))
        assert isinstance(told, ResultFeedback)

    run(tmp_path, scene)


def test_raters_get_the_items_of_a_test_in_orders_of_their_own(tmp_path: Path) -> None:
    async def scene(services: Services, clock: Clock) -> None:
        orders = set()
        for number in range(1, 7):
            order = []
            for _ in range(3):
                turn = await take(services, rater(number))
                order.append(turn.record.battle.prompt)
                await answer(services, rater(number), "model_b", turn)
            orders.add(tuple(order))
        assert len(orders) > 3

    run(tmp_path, scene, prompts=12, wanted=Wanted(field="law", gold_set=GOLD_SET, items=3, needed=3))


def test_who_always_says_one_side_is_not_right_always_and_each_miss_is_told_as_it_was_shown(tmp_path: Path) -> None:
    async def scene(services: Services, clock: Clock) -> None:
        who, turns = rater(1), []
        for _ in range(12):
            turn = await take(services, who)
            turns.append(turn)
            await services.voting.cast(who, turn.record, Ballot(winner="model_b"), f"key {turn.id}", turn.assignment)
        told = await services.qualifying.feedback(who, await services.tasks.turn(who, turn.id))
        assert isinstance(told, ResultFeedback)
        swapped = [number for number, one in enumerate(turns, 1) if one.swapped]
        assert 0 < len(swapped) < 12
        assert [(miss.number, miss.yours, miss.known) for miss in told.misses] == [
            (number, "model_b", "model_a") for number in swapped
        ]

    run(tmp_path, scene, prompts=12, wanted=Wanted(field="law", gold_set=GOLD_SET, items=12, needed=12, tries=1))


WINNER = "model_b"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"field": "general"}, "field"),
        ({"field": "Law!"}, "field"),
        ({"title": " "}, "title"),
        ({"needed": 4}, "needed"),
        ({"tries": 0}, "tries"),
        ({"practice": -1}, "practice"),
        ({"wait_days": 99_999}, "wait_days"),
        ({"gold_set": "nowhere"}, "no prompt set nowhere"),
        ({"tries": 3}, "8 prompts with a known outcome"),
        ({"gold_set": tasking.SET, "practice": 0, "items": 1, "tries": 1, "needed": 1}, "0 prompts"),
    ],
)
def test_what_cannot_be_a_qualification_is_refused(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    async def all_of_it() -> None:
        async with tasking.opened(tmp_path, Clock()) as services:
            tasking.fill(services.workspace, 2)
            qualifying_made.fill(services.workspace, 8)
            given = {"field": "law", "gold_set": GOLD_SET, "practice": 2, "items": 3, "needed": 2, **changes}
            with pytest.raises(errors.InvalidValue, match=said):
                await services.qualifying.create(LAB, Wanted(**given))

    asyncio.run(all_of_it())


def test_a_field_has_one_qualification_and_only_a_lab_makes_it(tmp_path: Path) -> None:
    async def scene(services: Services, clock: Clock) -> None:
        with pytest.raises(errors.Conflict, match="has a qualification"):
            await services.qualifying.create(LAB, WANTED)
        with pytest.raises(errors.Forbidden):
            await services.qualifying.create(rater(1), Wanted(field="medicine", gold_set=GOLD_SET))
        with pytest.raises(errors.NotFound):
            await services.qualifying.next(rater(1), "medicine")

    run(tmp_path, scene)


def test_an_account_takes_a_later_test_over_items_that_its_browser_had_before(tmp_path: Path) -> None:
    async def scene(services: Services, clock: Clock) -> None:
        before = rater(1)
        for _ in range(3):
            await answer(services, before, "model_b")
        clock.pass_by(365 * DAY)
        account = replace(rater(2), others=before.raters)
        assert (await stand(services, account)).stage is Stage.OPEN
        for _ in range(3):
            told = await answer(services, account, "model_b")
        assert isinstance(told, ResultFeedback)
        assert told.result.passed

    run(tmp_path, scene, prompts=3, wanted=Wanted(field="law", gold_set=GOLD_SET, items=3, needed=3, tries=1))


def test_a_campaign_gives_tasks_to_who_is_qualified_for_all_of_its_fields(tmp_path: Path) -> None:
    async def scene(services: Services, clock: Clock) -> None:
        who = rater(1)
        given = {**tasking.campaign(), "anonymous": True}
        for name, fields in (("cases", ["law"]), ("both", ["law", "medicine"])):
            table = {**given, "name": name, "qualifications": fields}
            await services.campaigns.create(LAB, table, start=True)
            with pytest.raises(errors.NoTask, match="qualified for law") as told:
                await services.tasks.next(who, name)
            assert told.value.code == "not_qualified"
        for _ in range(3):
            await answer(services, who, "model_b")
        assert (await services.tasks.next(who, "cases")).place.number == 1
        with pytest.raises(errors.NoTask, match="medicine") as told:
            await services.tasks.next(who, "both")
        assert told.value.code == "not_qualified"
        clock.pass_by(365 * DAY)
        with pytest.raises(errors.NoTask, match="law"):
            await services.tasks.next(who, "cases")

    run(tmp_path, scene, wanted=Wanted(field="law", gold_set=GOLD_SET, items=3, needed=3))
