"""Items that several raters vote on: every one reaches its overlap, and no more."""

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest

from arena import errors
from arena.domain import prompt_set
from arena.domain.assignment import Turn
from arena.domain.battle import BattleState, Side
from arena.domain.campaign import PairingPolicy
from arena.domain.principal import Principal
from arena.domain.removal import RemovalKind
from arena.domain.vote import Vote, Winner
from arena.services.voting import Ballot
from arena.services.workspace_services import Services
from arena.store import battles, rater_facts, removals, selection
from arena.store.writing.commands import Remove
from tests.services import tasking
from tests.services.tasking import Clock, rater

WINNERS = (Winner.MODEL_A, Winner.MODEL_B, Winner.TIE)


async def take(services: Services, who: Principal) -> Turn:
    task = await services.tasks.next(who, "default")
    return await services.tasks.turn(who, task.battle_id)


async def vote(services: Services, who: Principal, turn: Turn, winner: str = "model_a") -> Vote:
    told = await services.voting.cast(who, turn.record, Ballot(winner=winner), f"key {turn.id}", turn.assignment)
    return told.vote


def cast(services: Services) -> dict[str, list[Vote]]:
    """The votes of every item that was opened."""
    with services.workspace.reading() as connection:
        records = battles.records(connection, selection.battle_ids(connection))
    return {battle_id: list(record.votes) for battle_id, record in records.items()}


@pytest.mark.slow
def test_thirty_raters_on_a_hundred_items_of_whom_some_walk_away(tmp_path: Path) -> None:
    """Overlap 3: exactly three votes an item, no rater twice on one, no item left; the export is their majority."""
    clock, dice = Clock(), random.Random(12)

    async def work(services: Services, number: int, *, walks: bool) -> None:
        who, done = rater(number), 0
        while True:
            try:
                turn = await take(services, who)
            except errors.NoTask:
                return
            if walks and done >= number % 7:
                return  # with an item open
            await asyncio.sleep(0)
            await vote(services, who, turn, dice.choice(WINNERS))
            done += 1

    async def all_of_it() -> tuple[dict[str, list[Vote]], int | None]:
        async with tasking.opened(tmp_path, clock, overlap=3, reservation=60) as services:
            tasking.fill(services.workspace, 100)
            await asyncio.gather(*(work(services, number, walks=number % 5 == 0) for number in range(30)))
            first = sum(len(votes) for votes in cast(services).values())
            assert 270 < first < 300  # those who walked away have items
            clock.pass_by(61)
            await asyncio.gather(*(work(services, number, walks=False) for number in range(1, 30)))
            assert services.workspace.verify().problems == ()
            return cast(services), await services.tasks.waiting(rater(99))

    votes, left = asyncio.run(all_of_it())
    assert Counter(len(of_item) for of_item in votes.values()) == {3: 100}
    assert all(len({one.rater_id for one in of_item}) == 3 for of_item in votes.values())
    assert left == 0
    swapped = Counter(one.shown_left for of_item in votes.values() for one in of_item)
    assert min(swapped[side] for side in Side) > 100


@pytest.mark.parametrize("pairing", list(PairingPolicy))
def test_whoever_asks_at_the_same_moment_is_given_an_item_and_none_is_opened_too_many(
    tmp_path: Path, pairing: PairingPolicy
) -> None:
    """As many raters as there are places: nobody is sent away, and no prompt has more items than it should."""

    async def run() -> Counter[str]:
        async with tasking.opened(tmp_path, Clock(), overlap=2, pairing=pairing.value) as services:
            tasking.fill(services.workspace, 6, tasking.MODELS)
            turns = await asyncio.gather(*(take(services, rater(number)) for number in range(12)))
            return Counter(one.record.battle.prompt for one in turns)

    assert sorted(asyncio.run(run()).values()) == [2] * 6


def test_a_place_that_nobody_used_goes_to_others_and_takes_no_vote_any_more(tmp_path: Path) -> None:
    clock = Clock()

    async def run() -> None:
        async with tasking.opened(tmp_path, clock, reservation=60) as services:
            tasking.fill(services.workspace, 1)
            slow, quick = rater(1), rater(2)
            late = await take(services, slow)
            assert (await take(services, slow)).id == late.id
            with pytest.raises(errors.NoTask):
                await take(services, quick)
            clock.pass_by(60)
            assert (await services.tasks.turn(slow, late.id)).seen.state is BattleState.VOID
            turn = await take(services, quick)
            assert turn.record.battle.battle_id == late.record.battle.battle_id
            assert turn.id != late.id
            clock.pass_by(-1)  # a vote that was under way when the place was given on
            with pytest.raises(errors.Conflict, match="turn is over"):
                await vote(services, slow, late)
            await vote(services, quick, turn)
            assert [len(of_item) for of_item in cast(services).values()] == [1]

    asyncio.run(run())


@pytest.mark.parametrize("pairing", list(PairingPolicy))
def test_no_more_turns_are_given_than_votes_are_wanted(tmp_path: Path, pairing: PairingPolicy) -> None:
    """However many raters ask at the same moment, also once turns ran out, and after a restart."""
    clock = Clock()
    keys = {"target_votes": 3, "overlap": 2, "pairing": pairing.value, "reservation": 60}

    async def asked(services: Services, numbers: range) -> list[tuple[int, Turn]]:
        found = await asyncio.gather(*(take(services, rater(one)) for one in numbers), return_exceptions=True)
        refused = [one for one in found if not isinstance(one, Turn)]
        assert {type(one) for one in refused} <= {errors.NoTask}
        return [(number, one) for number, one in zip(numbers, found, strict=True) if isinstance(one, Turn)]

    async def run() -> int:
        async with tasking.opened(tmp_path, clock, **keys) as services:
            tasking.fill(services.workspace, 9, tasking.MODELS)
            slow = await asked(services, range(9))
            assert len(slow) == 3
            number, turn = slow[0]
            await vote(services, rater(number), turn)
            clock.pass_by(60)
        async with tasking.opened(tmp_path, clock, **keys) as services:
            quick = await asked(services, range(10, 30))
            assert len(quick) == 2, "their places are given on"
            clock.pass_by(-1)  # votes that were under way when the places were given on
            for number, turn in slow[1:]:
                with pytest.raises(errors.Conflict, match="turn is over"):
                    await vote(services, rater(number), turn)
            for number, turn in quick:
                await vote(services, rater(number), turn)
            assert await asked(services, range(40, 50)) == []
            return sum(map(len, cast(services).values()))

    assert asyncio.run(run()) == 3


def test_a_place_that_is_skipped_or_erased_is_given_on_where_so_many_votes_are_wanted(tmp_path: Path) -> None:
    async def run() -> None:
        async with tasking.opened(tmp_path, Clock(), target_votes=2) as services:
            tasking.fill(services.workspace, 9)
            first, second = await take(services, rater(1)), await take(services, rater(2))
            await vote(services, rater(1), first)
            with pytest.raises(errors.NoTask):
                await take(services, rater(3))
            await services.tasks.skip(rater(2), second.id, "No idea.")
            await take(services, rater(3))
            services.workspace.submit(
                Remove(
                    removal_id="x_1",
                    rater_id=rater(1).rater_id,
                    kind=RemovalKind.ERASED,
                    removed_at=tasking.making.NOW,
                )
            ).result()
            await take(services, rater(4))
            with pytest.raises(errors.NoTask):
                await take(services, rater(5))

    asyncio.run(run())


def test_whoever_comes_back_is_given_the_item_again_that_they_let_pass(tmp_path: Path) -> None:
    clock = Clock()

    async def run() -> None:
        async with tasking.opened(tmp_path, clock, reservation=60) as services:
            tasking.fill(services.workspace, 1)
            first = await take(services, rater(1))
            clock.pass_by(61)
            again = await take(services, rater(1))
            assert (again.record.battle.battle_id, again.id != first.id) == (first.record.battle.battle_id, True)
            await vote(services, rater(1), again)
            with pytest.raises(errors.NoTask):
                await take(services, rater(1))

    asyncio.run(run())


def test_a_vote_is_stored_in_the_battle_s_own_orientation(tmp_path: Path) -> None:
    async def run() -> None:
        async with tasking.opened(tmp_path, Clock(), overlap=20, criteria=["tone", "truth"]) as services:
            tasking.fill(services.workspace, 1)
            sides = set()
            for number in range(20):
                turn = await take(services, rater(number))
                assert turn.assignment is not None
                seen, real = turn.seen.battle, turn.record.battle
                sides.add(turn.assignment.shown_first)
                ballot = Ballot(winner="model_a", criteria=(("truth", "model_b"), ("tone", "tie")))
                told = await services.voting.cast(rater(number), turn.record, ballot, "key", turn.assignment)
                assert (told.model_a, told.model_b) == (seen.model_a, seen.model_b)
                assert told.vote.winner is Winner.MODEL_A
                again = await services.tasks.turn(rater(number), turn.id)
                assert (await services.voting.reveal(again)).vote == told.vote
                stored = next(one for one in again.record.votes if one.vote_id == told.vote.vote_id)
                preferred = real.model_a if stored.winner is Winner.MODEL_A else real.model_b
                assert preferred == seen.model_a
                assert stored.shown_left is turn.assignment.shown_first
                assert stored.criteria == (("tone", Winner.TIE), ("truth", stored.winner.swapped))
            assert sides == set(Side)
            assert services.workspace.verify().problems == ()

    asyncio.run(run())


def test_what_is_skipped_or_reported_is_not_given_again_until_it_may(tmp_path: Path) -> None:
    clock = Clock()

    async def run() -> None:
        async with tasking.opened(tmp_path, clock) as services:
            tasking.fill(services.workspace, 1)
            turn = await take(services, rater(1))
            await services.tasks.skip(rater(1), turn.id, "not my field")
            await services.tasks.skip(rater(1), turn.id, "not my field")
            with pytest.raises(errors.Conflict, match="turn is over"):
                await vote(services, rater(1), turn)
            with pytest.raises(errors.NoTask):
                await take(services, rater(1))
            other = await take(services, rater(2))
            report_id = await services.reporting.report(rater(2), other.id, "it names a person", "personal")
            with pytest.raises(errors.NoTask):
                await take(services, rater(3))
            lab = tasking.principal("lab")
            (told,) = await services.reporting.listed(lab, "", 10)
            reported = (told.report.report_id, told.report.battle_id, told.answer)
            assert reported == (report_id, other.record.battle.battle_id, None)
            await services.reporting.answer(lab, report_id, False, "it does")
            with pytest.raises(errors.NoTask):
                await take(services, rater(3))
            clock.pass_by(1)
            await services.reporting.answer(lab, report_id, True, "a name of a figure in a novel")
            third = await take(services, rater(3))
            await vote(services, rater(3), third)
            with pytest.raises(errors.Conflict, match="a vote stays"):
                await services.tasks.skip(rater(3), third.id, "too late")
            for refused in (services.reporting.listed(rater(1), "", 1), services.tasks.turn(rater(1), third.id)):
                with pytest.raises((errors.Forbidden, errors.NotFound)):
                    await refused

    asyncio.run(run())


def test_a_campaign_says_why_it_has_no_task(tmp_path: Path) -> None:
    clock = Clock()
    limits = {"starts": "2026-03-05", "ends": "2026-03-08", "daily_limit": 2, "target_votes": 3}

    async def code(services: Services, number: int = 1) -> str | None:
        with pytest.raises(errors.NoTask) as refused:
            await take(services, rater(number))
        return refused.value.code

    async def run() -> None:
        async with tasking.opened(tmp_path, clock, **limits) as services:
            assert await code(services) == "not_started"
            clock.pass_by(86_400)
            assert await code(services) == "done"  # no set yet
            tasking.fill(services.workspace, 9)
            for place in (1, 2):
                task = await services.tasks.next(rater(1), "default")
                assert (task.place.number, task.place.of) == (place, 2)
                clock.pass_by(1)
                await vote(services, rater(1), await services.tasks.turn(rater(1), task.battle_id))
            assert await code(services) == "limit"
            assert await services.tasks.waiting(rater(1)) == 0
            clock.pass_by(86_400)
            assert await services.tasks.waiting(rater(1)) == 2
            turn = await take(services, rater(1))
            assert await code(services, 2) == "done"  # the last vote that is wanted is being thought about
            await vote(services, rater(1), turn)
            assert await code(services) == "closed"
            clock.pass_by(3 * 86_400)
            assert await code(services, 3) == "closed"

    asyncio.run(run())


def test_an_erased_rater_s_place_is_free_again_and_a_withdrawn_one_s_vote_holds_none(tmp_path: Path) -> None:
    clock = Clock()

    async def run() -> None:
        async with tasking.opened(tmp_path, clock, reservation=60) as services:
            tasking.fill(services.workspace, 2)
            first, second = await take(services, rater(1)), await take(services, rater(2))
            await vote(services, rater(1), first)
            await vote(services, rater(2), second)
            with pytest.raises(errors.NoTask):
                await take(services, rater(3))
            await services.withdrawing.erase(rater(1))
            assert (await take(services, rater(3))).record.battle.battle_id == first.record.battle.battle_id
            await services.withdrawing.withdraw(rater(2))
            assert (await take(services, rater(4))).record.battle.battle_id == second.record.battle.battle_id
            assert services.workspace.verify().problems == ()

    asyncio.run(run())


def test_the_id_under_which_prompts_are_asked_is_no_rater_and_takes_no_votes_along(tmp_path: Path) -> None:
    async def run() -> None:
        async with tasking.opened(tmp_path, Clock()) as services:
            tasking.fill(services.workspace, 1)
            who = rater(1)
            await vote(services, who, await take(services, who))
            owner = prompt_set.owner(tasking.SET)
            with services.workspace.reading() as connection:
                assert rater_facts.every(connection) == [who.rater_id]
                assert removals.raters(connection) == [who.rater_id]
            for kind in RemovalKind:
                command = Remove(removal_id=f"x_{kind}", rater_id=owner, kind=kind, removed_at=Clock().now)
                with pytest.raises(errors.Conflict, match="it is nobody"):
                    services.workspace.submit(command).result()
            assert [len(of_item) for of_item in cast(services).values()] == [1]

    asyncio.run(run())
