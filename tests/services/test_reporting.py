"""Reports hold items for a person, and one rater's reports do not stop a campaign."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from arena import errors
from arena.store import items
from tests.services import tasking
from tests.services.tasking import Clock, rater
from tests.services.test_tasks import take, vote


def test_one_rater_holds_three_items_with_reports_and_others_are_given_the_rest(tmp_path: Path) -> None:
    clock = Clock()

    async def run() -> None:
        async with tasking.opened(tmp_path, clock) as services:
            tasking.fill(services.workspace, 10)
            made = []
            for _ in range(10):
                turn = await take(services, rater(1))
                made.append(await services.reporting.report(rater(1), turn.id, "It is empty.", None))
                clock.pass_by(1)
            with pytest.raises(errors.NoTask):
                await take(services, rater(1))
            lab = tasking.principal("lab")
            assert len(await services.reporting.listed(lab, "", 100)) == len(set(made)) == 10
            assert await services.tasks.waiting(rater(2)) == 10 - items.HELD_BY_ONE == 7
            await services.reporting.answer(lab, made[0], False, "It is.")  # out for good; the fourth waits now
            assert await services.tasks.waiting(rater(2)) == 6
            for report_id in made[1:]:
                await services.reporting.answer(lab, report_id, True, "It is not.")
            assert await services.tasks.waiting(rater(2)) == 9

    asyncio.run(run())


def test_two_reporters_hold_more_than_one_does(tmp_path: Path) -> None:
    async def run() -> None:
        async with tasking.opened(tmp_path, Clock()) as services:
            tasking.fill(services.workspace, 10)
            for number in (1, 2):
                for _ in range(3):
                    turn = await take(services, rater(number))
                    await services.reporting.report(rater(number), turn.id, "It is empty.", None)
            assert await services.tasks.waiting(rater(3)) == 4

    asyncio.run(run())


def test_a_second_report_on_a_battle_has_the_id_of_the_first_also_after_a_vote(tmp_path: Path) -> None:
    async def run() -> None:
        async with tasking.opened(tmp_path, Clock(), overlap=2) as services:
            tasking.fill(services.workspace, 1)
            turn, other = await take(services, rater(1)), await take(services, rater(2))
            await vote(services, rater(1), turn)
            first = await services.reporting.report(rater(1), turn.id, "It is empty.", None)
            assert await services.reporting.report(rater(1), turn.id, "It is.", "dangerous") == first
            signed_in = replace(rater(3), others=(rater(1).rater_id,))
            assert await services.reporting.report(signed_in, turn.id, "It is.", None) == first
            assert await services.reporting.report(rater(2), other.id, "It is.", None) != first
            assert len(await services.reporting.listed(tasking.principal("lab"), "", 10)) == 2

    asyncio.run(run())
