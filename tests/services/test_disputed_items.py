"""Disputed items go to further raters: as many as the campaign asks for, and no item that is not disputed gets one."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from arena import errors
from arena.domain.removal import RemovalKind
from arena.domain.vote import Vote, Winner
from arena.services.workspace_services import Services
from arena.store.writing.commands import Remove
from tests.services import tasking
from tests.services.tasking import Clock, rater
from tests.services.test_tasks import cast, take, vote

OVERLAP, FURTHER = 3, 2
ASKS = {"overlap": OVERLAP, "further_votes": FURTHER}


def disputed(votes: Sequence[Vote]) -> bool:
    return {Winner.MODEL_A, Winner.MODEL_B} <= {one.winner for one in votes}


async def opposed(services: Services, number: int, winner: Winner) -> None:
    """A rater's vote for one model of the battle, whichever side they saw it on."""
    turn = await take(services, rater(number))
    assert turn.assignment is not None
    seen = winner if turn.seen.battle.model_a == turn.record.battle.model_a else winner.swapped
    await vote(services, rater(number), turn, seen)


@pytest.mark.slow
def test_each_disputed_item_has_its_further_votes_and_no_other_has_one(tmp_path: Path) -> None:
    """Thirty raters, of whom some walk away; with a restart between."""
    clock, dice = Clock(), random.Random(7)

    async def work(services: Services, number: int, *, walks: bool) -> None:
        who, done = rater(number), 0
        while not (walks and done >= number % 7):
            try:
                turn = await take(services, who)
            except errors.NoTask:
                return
            await asyncio.sleep(0)
            await vote(services, who, turn, dice.choice(("model_a", "model_b", "tie", "both_bad")))
            done += 1
        await take(services, who)  # and they leave it open

    async def run() -> None:
        async with tasking.opened(tmp_path, clock, reservation=60, **ASKS) as services:
            tasking.fill(services.workspace, 60)
            await asyncio.gather(*(work(services, number, walks=number % 5 == 0) for number in range(12)))
        clock.pass_by(61)
        async with tasking.opened(tmp_path, clock, reservation=60, **ASKS) as services:
            before = -1
            while (many := sum(map(len, cast(services).values()))) > before:  # one may be disputed once some have left
                before = many
                await asyncio.gather(*(work(services, number, walks=False) for number in range(30)))
            found = list(cast(services).values())
            told = await services.progress.of(services.campaigns.current())
            assert services.workspace.verify().problems == ()
        expected = [OVERLAP + FURTHER * disputed(votes) for votes in found]
        assert set(expected) == {OVERLAP, OVERLAP + FURTHER}, "positive control: there are both kinds"
        assert [len(votes) for votes in found] == expected
        assert all(len({one.rater_id for one in votes}) == len(votes) for votes in found), "each by another rater"
        many = sum(map(disputed, found))
        assert (told.done, told.disputed, told.disputed_done, told.plan) == (60, many, many, sum(expected))
        assert told.estimate.credits == told.facts.votes == sum(expected)

    asyncio.run(run())


def test_a_dispute_is_asked_of_others_who_have_not_judged_it(tmp_path: Path) -> None:
    async def run() -> None:
        async with tasking.opened(tmp_path, Clock(), overlap=2, further_votes=1) as services:
            tasking.fill(services.workspace, 1)
            await opposed(services, 1, Winner.MODEL_A)
            assert (await services.progress.of(services.campaigns.current())).plan == 2
            await opposed(services, 2, Winner.MODEL_B)
            told = await services.progress.of(services.campaigns.current())
            assert (told.done, told.disputed, told.disputed_done, told.plan) == (0, 1, 0, 3)
            for number in (1, 2):
                with pytest.raises(errors.NoTask):
                    await take(services, rater(number))
            assert await services.tasks.waiting(rater(3)) == 1
            turn = await take(services, rater(3))
            with pytest.raises(errors.NoTask):
                await take(services, rater(4))
            await vote(services, rater(3), turn)
            with pytest.raises(errors.NoTask):
                await take(services, rater(4))
            told = await services.progress.of(services.campaigns.current())
            assert (told.done, told.disputed_done, told.examples[0].given) == (1, 1, 3)
            assert (await services.crediting.own(rater(3))).unpaid == 100, "one credit, as for any other vote"

    asyncio.run(run())


@pytest.mark.parametrize("winner", [Winner.MODEL_A, Winner.TIE, Winner.BOTH_BAD])
def test_an_item_without_votes_for_both_models_is_not_disputed(tmp_path: Path, winner: Winner) -> None:
    async def run() -> None:
        async with tasking.opened(tmp_path, Clock(), overlap=2, further_votes=1) as services:
            tasking.fill(services.workspace, 1)
            await opposed(services, 1, Winner.MODEL_A)
            await opposed(services, 2, winner)
            with pytest.raises(errors.NoTask):
                await take(services, rater(3))

    asyncio.run(run())


@pytest.mark.parametrize(
    ("keys", "code"),
    [({"target_votes": 5}, "closed"), ({"daily_limit": 1}, "limit"), ({"rater_share": 1 / 8}, "limit"), ({}, "done")],
)
def test_limits_hold_for_further_votes(tmp_path: Path, keys: dict[str, float], code: str) -> None:
    """Two disputed items of which a third rater judges one; without a limit, the other one too. A share is of the
    eight votes that are to be."""

    async def run() -> None:
        clock = Clock()
        async with tasking.opened(tmp_path, clock, overlap=2, further_votes=2, **keys) as services:
            tasking.fill(services.workspace, 2)
            for number in range(1, 5):
                await take(services, rater(number))  # two raters an item, before anybody votes
            for number, winner in ((1, Winner.MODEL_A), (2, Winner.MODEL_B), (3, Winner.MODEL_A), (4, Winner.MODEL_B)):
                await opposed(services, number, winner)
            await opposed(services, 5, Winner.TIE)
            if not keys:
                await opposed(services, 5, Winner.TIE)
            with pytest.raises(errors.NoTask) as told:
                await take(services, rater(5))
            assert told.value.code == code

    asyncio.run(run())


def test_who_leaves_takes_their_dispute_along(tmp_path: Path) -> None:
    """The place of the vote that left is free, and none beyond the overlap."""

    async def run() -> None:
        async with tasking.opened(tmp_path, Clock(), overlap=2, further_votes=1) as services:
            tasking.fill(services.workspace, 1)
            await opposed(services, 1, Winner.MODEL_A)
            await opposed(services, 2, Winner.MODEL_B)
            services.workspace.submit(
                Remove(
                    removal_id="x_1",
                    rater_id=rater(2).rater_id,
                    kind=RemovalKind.WITHDRAWN,
                    removed_at=tasking.making.NOW,
                )
            ).result()
            await opposed(services, 3, Winner.MODEL_A)
            with pytest.raises(errors.NoTask):
                await take(services, rater(4))
            told = await services.progress.of(services.campaigns.current())
            assert (told.done, told.disputed, Counter(told.by_votes)) == (1, 0, {2: 1})

    asyncio.run(run())
