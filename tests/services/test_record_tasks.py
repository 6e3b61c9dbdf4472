"""Gold and repeats among the tasks of a campaign: overlap stays exact, nothing of them counts, nothing tells which."""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest

from arena import errors
from arena.domain.assignment import Turn
from arena.domain.principal import Principal
from arena.domain.purpose import Purpose
from arena.domain.vote import Vote, Winner
from arena.pairing import record_tasks
from arena.services import record_candidates
from arena.services.voting import Ballot
from arena.services.workspace_services import Services
from arena.store import battles, rater_records, selection, tally
from arena.store.rater_records import RaterRecord
from tests.services import qualifying_made, tasking
from tests.services.tasking import Clock, rater

CAMPAIGN = {"overlap": 2, "gold": 0.2, "repeats": 0.15, "gold_set": qualifying_made.GOLD_SET}


async def take(services: Services, who: Principal) -> Turn:
    task = await services.tasks.next(who, "default")
    return await services.tasks.turn(who, task.battle_id)


async def vote(services: Services, who: Principal, turn: Turn, winner: Winner) -> Vote:
    """The vote as it is stored."""
    told = await services.voting.cast(who, turn.record, Ballot(winner=winner), f"key {turn.id}", turn.assignment)
    return (told.swapped if turn.swapped else told).vote


@contextmanager
def drawing(*purposes: Purpose | None) -> Iterator[None]:
    """The next tasks are for these purposes; later ones are ordinary."""
    coming = itertools.chain(purposes, itertools.repeat(None))
    with mock.patch.object(record_candidates.record_tasks, "draw", side_effect=coming):
        yield


@pytest.mark.slow
def test_overlap_stays_exact_and_only_ordinary_votes_count(tmp_path: Path) -> None:
    clock, dice = Clock(), random.Random(5)
    given: dict[int, list[tuple[Turn, Vote]]] = {}

    async def work(services: Services, number: int) -> None:
        who = rater(number)
        while True:
            try:
                turn = await take(services, who)
            except errors.NoTask:
                return
            await asyncio.sleep(0)
            cast = await vote(services, who, turn, dice.choice((Winner.MODEL_A, Winner.MODEL_B)))
            given.setdefault(number, []).append((turn, cast))

    async def all_of_it() -> None:
        async with tasking.opened(tmp_path, clock, **CAMPAIGN) as services:
            tasking.fill(services.workspace, 120)
            qualifying_made.fill(services.workspace, 12)
            await asyncio.gather(*(work(services, number) for number in range(8)))
            assert services.workspace.verify().problems == ()
            with services.workspace.reading() as connection:
                counted = battles.records(connection, selection.battle_ids(connection))
                released = list(selection.voted(connection))
                records = rater_records.records(connection)
            with services.workspace.reading() as connection:
                assert sum(tally.counts(connection).to_pydict()["count"]) == 240
            assert len(counted) == 120
            assert Counter(len(one.votes) for one in released) == {2: 120}
            _compare(records)

    def _compare(records: dict[str, RaterRecord]) -> None:
        kinds: Counter[Purpose | None] = Counter()
        for number, mine in given.items():
            kinds.update(cast.purpose for _, cast in mine)
            first = {cast.battle_id: cast for _, cast in mine if cast.purpose is None}
            place = {cast.battle_id: at for at, (_, cast) in enumerate(mine) if cast.purpose is None}
            same = 0
            for at, (turn, cast) in enumerate(mine):
                assert turn.assignment is not None
                if cast.purpose is Purpose.REPEAT:
                    assert cast.shown_left is not None
                    assert first[cast.battle_id].shown_left is cast.shown_left.other
                    between = [one for _, one in mine[place[cast.battle_id] + 1 : at] if one.purpose is None]
                    assert len(between) >= record_tasks.REPEAT_AFTER
                    same += cast.winner is first[cast.battle_id].winner
            gold = [cast for _, cast in mine if cast.purpose is Purpose.GOLD]
            again = [cast for _, cast in mine if cast.purpose is Purpose.REPEAT]
            assert len({cast.battle_id for cast in gold}) == len(gold)
            assert len({cast.battle_id for cast in again}) == len(again)
            assert records[rater(number).rater_id] == RaterRecord(
                gold_right=sum(cast.winner is Winner.MODEL_B for cast in gold),
                gold_seen=len(gold),
                repeats_same=same,
                repeats_seen=len(again),
            )
        assert kinds[None] == 240
        assert 25 <= kinds[Purpose.GOLD] <= 96
        assert 10 <= kinds[Purpose.REPEAT] <= 60

    asyncio.run(all_of_it())


def test_what_a_rater_is_told_goes_on_alike_whatever_the_task_was(tmp_path: Path) -> None:
    """Position, number, what waits and the count of votes: the same after gold, repeat and ordinary item."""

    def told(folder: Path, *purposes: Purpose | None) -> list[object]:
        found: list[object] = []

        async def run() -> None:
            async with tasking.opened(folder, Clock(), **CAMPAIGN) as services:
                tasking.fill(services.workspace, 40)
                qualifying_made.fill(services.workspace, 5)
                who = rater(1)
                with drawing(*[None] * 12, *purposes):
                    for number in range(12 + len(purposes)):
                        task = await services.tasks.next(who, "default")
                        turn = await services.tasks.turn(who, task.battle_id)
                        assert turn.assignment is not None
                        assert turn.assignment.purpose is ([None] * 12 + list(purposes))[number]
                        before = await services.tasks.waiting(who)
                        cast = await services.voting.cast(
                            who, turn.record, Ballot(winner="tie"), f"k{number}", turn.assignment
                        )
                        place = await services.tasks.place(who, turn)
                        assert place is not None
                        found.append(
                            (
                                task.place.number,
                                task.place.of,
                                before,
                                await services.tasks.waiting(who),
                                place.number,
                                place.of,
                                services.voting.votes_between(cast),
                                services.voting.count(who),
                            )
                        )

        asyncio.run(run())
        return found

    ordinary = told(tmp_path / "1", None, None, None)
    assert told(tmp_path / "2", Purpose.GOLD, None, Purpose.GOLD) == ordinary
    assert told(tmp_path / "3", Purpose.REPEAT, Purpose.GOLD, None) == ordinary


def test_a_task_that_is_skipped_is_told_alike(tmp_path: Path) -> None:
    def waiting(folder: Path, purpose: Purpose | None) -> list[int | None]:
        async def run() -> list[int | None]:
            async with tasking.opened(folder, Clock(), **CAMPAIGN) as services:
                tasking.fill(services.workspace, 9)
                qualifying_made.fill(services.workspace, 5)
                found = [await services.tasks.waiting(rater(1))]
                with drawing(purpose):
                    turn = await take(services, rater(1))
                    assert turn.assignment is not None
                    assert turn.assignment.purpose is purpose
                    found.append(await services.tasks.waiting(rater(1)))
                    await services.tasks.skip(rater(1), turn.id, "Not my field")
                    found.append(await services.tasks.waiting(rater(1)))
                    await take(services, rater(1))
                    return [*found, await services.tasks.waiting(rater(1))]

        return asyncio.run(run())

    assert waiting(tmp_path / "1", None) == waiting(tmp_path / "2", Purpose.GOLD)


def test_gold_that_was_drawn_and_is_not_there_is_an_ordinary_task(tmp_path: Path) -> None:
    async def run() -> None:
        async with tasking.opened(tmp_path, Clock(), **CAMPAIGN) as services:
            tasking.fill(services.workspace, 6)
            qualifying_made.fill(services.workspace, 1)
            purposes = []
            with drawing(Purpose.GOLD, Purpose.GOLD, Purpose.REPEAT):
                for _ in range(3):
                    turn = await take(services, rater(1))
                    assert turn.assignment is not None
                    purposes.append(turn.assignment.purpose)
                    await vote(services, rater(1), turn, Winner.TIE)
            assert purposes == [Purpose.GOLD, None, None]

    asyncio.run(run())


def test_each_task_is_drawn_for_itself_in_the_shares_that_are_asked() -> None:
    dice = random.Random(3)
    drawn = [record_tasks.draw(dice, gold=0.05, repeats=0.04) for _ in range(20_000)]
    counted = Counter(drawn)
    assert counted[Purpose.GOLD] == pytest.approx(1_000, abs=130)
    assert counted[Purpose.REPEAT] == pytest.approx(800, abs=120)
    after = Counter(second for first, second in itertools.pairwise(drawn) if first is Purpose.GOLD)
    assert after[Purpose.GOLD] / counted[Purpose.GOLD] == pytest.approx(0.05, abs=0.03)
    assert {record_tasks.draw(dice, gold=0, repeats=0) for _ in range(100)} == {None}


def test_prompts_with_a_known_outcome_in_the_campaign_s_own_set_are_gold_alone(tmp_path: Path) -> None:
    async def run() -> None:
        async with tasking.opened(tmp_path, Clock(), gold=0.2, gold_set=tasking.SET) as services:
            tasking.fill(services.workspace, 3)
            qualifying_made.fill(services.workspace, 4, tasking.SET)
            asked = set()
            with drawing():
                for _ in range(3):
                    turn = await take(services, rater(1))
                    asked.add(turn.record.battle.prompt)
                    await vote(services, rater(1), turn, Winner.TIE)
                with pytest.raises(errors.NoTask):
                    await take(services, rater(1))
            assert all(prompt.startswith("Question") for prompt in asked)

    asyncio.run(run())
