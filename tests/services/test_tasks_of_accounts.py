"""Whoever signs in is one rater of tasks with whom their browser was before."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from arena import errors
from arena.domain.ids import AccountId, AssignmentId
from arena.services.workspace_services import Services
from arena.store.writing.commands import Candidate, TakeTask
from tests.services import tasking
from tests.services.tasking import Clock, rater
from tests.services.test_tasks import take, vote

BEFORE, APART = rater(1), rater(2)
SIGNED_IN = replace(APART, account=AccountId("acc_1"), others=(BEFORE.rater_id,))


async def no_task(services: Services) -> str | None:
    with pytest.raises(errors.NoTask) as refused:
        await take(services, SIGNED_IN)
    return refused.value.code


def test_an_item_that_was_voted_on_before_signing_in_is_not_given_again(tmp_path: Path) -> None:
    async def run() -> None:
        async with tasking.opened(tmp_path, Clock(), overlap=3) as services:
            tasking.fill(services.workspace, 1)
            turn = await take(services, BEFORE)
            assert (await take(services, SIGNED_IN)).id == turn.id  # what the browser had open
            await vote(services, BEFORE, turn)
            assert await services.tasks.waiting(SIGNED_IN) == 0
            assert await no_task(services) == "done"
            assert turn.assignment is not None
            wanted = replace(turn.assignment, assignment_id=AssignmentId("asg_forced"), rater_id=APART.rater_id)
            forced = TakeTask(campaign="default", overlap=3, candidates=(Candidate(assignment=wanted),))
            as_one = replace(forced, others=SIGNED_IN.others)
            assert services.workspace.submit(as_one).result() is None  # the writer's own check
            assert services.workspace.submit(forced).result() == wanted  # somebody else's it would be

    asyncio.run(run())


def test_the_daily_limit_counts_what_was_done_before_signing_in(tmp_path: Path) -> None:
    async def run() -> None:
        async with tasking.opened(tmp_path, Clock(), overlap=3, daily_limit=2) as services:
            tasking.fill(services.workspace, 5)
            await vote(services, BEFORE, await take(services, BEFORE))
            assert await services.tasks.waiting(SIGNED_IN) == 1
            await vote(services, SIGNED_IN, await take(services, SIGNED_IN))
            assert await no_task(services) == "limit"
            assert (await services.tasks.next(APART, "default")).place.number == 2  # the account alone has one

    asyncio.run(run())


def test_an_open_turn_that_is_brought_along_takes_no_second_vote_on_its_item(tmp_path: Path) -> None:
    async def run() -> None:
        async with tasking.opened(tmp_path, Clock(), overlap=3) as services:
            tasking.fill(services.workspace, 1)
            brought, own = await take(services, BEFORE), await take(services, APART)
            await vote(services, APART, own)
            again = await services.tasks.turn(SIGNED_IN, brought.id)
            with pytest.raises(errors.Conflict, match="another of your ids"):
                await vote(services, SIGNED_IN, again)
            await services.tasks.skip(SIGNED_IN, brought.id, "I have voted on it")
            assert await no_task(services) == "done"

    asyncio.run(run())


def test_of_two_ids_of_one_account_that_vote_at_the_same_instant_one_counts(tmp_path: Path) -> None:
    """Both records were read before either vote was stored; the writer has the last word."""

    async def run() -> None:
        async with tasking.opened(tmp_path, Clock(), overlap=3) as services:
            tasking.fill(services.workspace, 1)
            brought, own = await take(services, BEFORE), await take(services, APART)
            turns = [await services.tasks.turn(SIGNED_IN, one.id) for one in (brought, own)]
            done = await asyncio.gather(*(vote(services, SIGNED_IN, turn) for turn in turns), return_exceptions=True)
            refused = [one for one in done if isinstance(one, errors.Conflict)]
            assert len(refused) == 1, done
            assert "another of your ids" in str(refused[0])
            stranger = await take(services, tasking.rater("stranger"))
            await vote(services, tasking.rater("stranger"), stranger)  # the control: somebody else's counts

    asyncio.run(run())
