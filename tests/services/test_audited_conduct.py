"""What raters do beside the votes that count, from tasks to findings: who does not look is found, and told why."""

import asyncio
import dataclasses
import random
import shutil
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from arena import errors
from arena.domain.principal import Principal
from arena.domain.purpose import Purpose
from arena.domain.standing import Standing
from arena.domain.vote import RaterKind, Winner
from arena.services import audited_votes
from arena.services.voting import Ballot
from arena.services.workspace_services import Services
from tests.services import qualifying_made, tasking
from tests.services.tasking import Clock, principal

pytestmark = pytest.mark.slow

CAMPAIGN = {"overlap": 3, "gold": 0.25, "repeats": 0.25, "gold_set": qualifying_made.GOLD_SET}
FAILS_GOLD, CONTRADICTS, HURRIES, HUNTS = range(4)
PEOPLE, TASKS = 9, 90
FOUND = {FAILS_GOLD: "gold", CONTRADICTS: "repeat", HURRIES: "quick", HUNTS: "skip"}
BETTER = dict(zip(tasking.MODELS, range(3), strict=True))


def person(number: int) -> Principal:
    return dataclasses.replace(tasking.rater(number), kind=RaterKind.PERSON)


async def _work(services: Services, clock: Clock, number: int, dice: random.Random) -> None:
    """One person's tasks; most do as people do."""
    before: dict[str, Winner] = {}
    for turns in range(TASKS):
        try:
            task = await services.tasks.next(person(number), "default")
        except errors.NoTask:
            return
        turn = await services.tasks.turn(person(number), task.battle_id)
        assert turn.assignment is not None
        battle, purpose = turn.seen.battle, turn.assignment.purpose
        if number == HUNTS and purpose is None and "third" not in (battle.model_a, battle.model_b):
            clock.pass_by(2)
            await services.tasks.skip(person(number), task.battle_id, "Not mine.")
            continue
        clock.pass_by(0.5 if number == HURRIES else 15 + 30 * dice.random())
        a_better = BETTER[battle.model_a] > BETTER[battle.model_b]
        says_a = a_better == (dice.random() < 0.9)
        if purpose is Purpose.GOLD and number == FAILS_GOLD:
            says_a = not a_better
        if number == HURRIES:
            says_a = True
        if purpose is Purpose.REPEAT and number == CONTRADICTS:
            says_a = before[turn.record.battle.battle_id] is Winner.MODEL_A
        winner = Winner.MODEL_A if says_a else Winner.MODEL_B
        before[turn.record.battle.battle_id] = winner
        await services.voting.cast(person(number), turn.record, Ballot(winner=winner), f"k{turns}", turn.assignment)


@pytest.fixture(scope="module")
def voted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an arena whose people worked, four of them carelessly."""
    folder, clock, dice = tmp_path_factory.mktemp("conduct"), Clock(), random.Random(4)

    async def work() -> None:
        async with tasking.opened(folder, clock, **CAMPAIGN) as services:
            tasking.fill(services.workspace, 200, tasking.MODELS)
            qualifying_made.fill(services.workspace, 40)
            for number in range(PEOPLE):
                await _work(services, clock, number, dice)

    asyncio.run(work())
    return folder


def _opened(voted: Path, tmp_path: Path) -> tuple[Path, Clock]:
    shutil.copytree(voted, tmp_path / "data")
    clock = Clock()
    clock.pass_by(3 * 24 * 3600.0)
    return tmp_path / "data", clock


def _audited(services: Services) -> dict[str, Any]:
    services.audits._auditor = audited_votes.audited  # in this process: the other one is tested elsewhere
    return services.audits.made().document()


def _name(services: Services, number: int) -> str:
    return services.standing._states.people.of(person(number).rater_id).name


def test_who_does_not_look_is_found_each_for_their_own_and_held(voted: Path, tmp_path: Path) -> None:
    folder, clock = _opened(voted, tmp_path)

    async def run() -> None:
        async with tasking.opened(folder, clock, **CAMPAIGN) as services:
            done = _audited(services)
            names = {_name(services, number): number for number in range(PEOPLE)}
            told: dict[int, set[str]] = {}
            for one in done["findings"]:
                for rater in one["raters"]:
                    told.setdefault(names[rater], set()).add(one["kind"])
            assert {number: kind for number, kind in FOUND.items() if kind in told.get(number, ())} == FOUND
            assert set(told) == set(FOUND), "and nobody who looks"
            assert {names[one] for one in done["held_raters"]} == set(FOUND)
            assert {one["step"] for one in done["steps"]} == {"probation"}
            assert _audited(services)["steps"] == [], "the same votes once more change nothing"
            assert services.workspace.verify().problems == ()

    asyncio.run(run())


def test_the_votes_that_speak_are_told_with_what_they_are_compared_with(voted: Path, tmp_path: Path) -> None:
    folder, clock = _opened(voted, tmp_path)

    async def run() -> None:
        async with tasking.opened(folder, clock, **CAMPAIGN) as services:
            wanted = {(kind, _name(services, number)): kind for number, kind in FOUND.items()}  # each for their own
            each = [(one, (one["kind"], rater)) for one in _audited(services)["findings"] for rater in one["raters"]]
            found = {wanted[about]: one for one, about in each if about in wanted}
            reviewer = principal("reviewer")
            for kind in ("gold", "repeat"):
                _, spoken = await services.audits.find(reviewer, found[kind]["finding_id"], 500)
                counted = Counter(one.winner == one.expected for _, one in spoken)
                assert counted[False] >= 8
                assert counted[True] == 0, "none is as it should be"
                assert not any(one.held for _, one in spoken), "they count nowhere"
            _, spoken = await services.audits.find(reviewer, found["quick"]["finding_id"], 500)
            assert {one.expected for _, one in spoken} == {None}
            assert len(spoken) == found["quick"]["votes"]

    asyncio.run(run())


def test_who_a_person_restored_is_not_found_again_by_the_same_answers(voted: Path, tmp_path: Path) -> None:
    folder, clock = _opened(voted, tmp_path)

    async def run() -> None:
        async with tasking.opened(folder, clock, **CAMPAIGN) as services:
            _audited(services)
            who = person(FAILS_GOLD)
            (general, *_) = await services.standing.mine(who)
            assert general.now.standing is Standing.PROBATION
            assert general.reason is not None
            assert "known answers were found" in general.reason
            appeal = await services.appealing.appeal(who, "The known answers were wrong.", None)
            clock.pass_by(timedelta(hours=1).total_seconds())
            await services.appealing.answer(principal("reviewer"), appeal.appeal_id, "qualified", "They were.")
            done = _audited(services)
            assert _name(services, FAILS_GOLD) not in {rater for one in done["findings"] for rater in one["raters"]}
            (general, *_) = await services.standing.mine(who)
            assert (general.now.standing, general.votes.held) == (Standing.QUALIFIED, 0)

    asyncio.run(run())
