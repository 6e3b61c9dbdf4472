"""Tasks over live answers: an item waits for its battle, a void gives it back, and nothing tells what a task is."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from arena import errors
from arena.domain.assignment import Turn
from arena.domain.battle import Answers, BattleState, VoidCause
from arena.domain.principal import Principal
from arena.domain.purpose import Purpose
from arena.domain.vote import Winner
from arena.services import record_candidates
from arena.services.live import Delta
from arena.services.voting import Ballot
from arena.services.workspace_services import Services
from tests import arenas
from tests.inference import misbehaving
from tests.services import qualifying_made, tasking
from tests.services.tasking import rater

MODELS = ("echo", "say:Rivers bend.", "say:Lanterns glow.")
BROKEN = ("echo", "refuse")
LIVE = {"answers": "live", "overlap": 2}


@pytest.fixture
def server() -> Iterator[misbehaving.Server]:
    with misbehaving.serve(listed=MODELS) as running:
        yield running


@asynccontextmanager
async def opened(
    folder: Path, server: misbehaving.Server, models: tuple[str, ...] = MODELS, prompts: int = 5, **changes: Any
) -> AsyncIterator[Services]:
    campaign = tasking.campaign(**{**LIVE, **changes})
    settings = arenas.settings_for(folder, server.endpoint, models, campaign=campaign)
    with arenas.hurried():
        async with arenas.opened(settings) as services:
            tasking.fill(services.workspace, prompts, models=())
            qualifying_made.fill(services.workspace, 4)
            yield services


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(work())


async def take(services: Services, who: Principal) -> Turn:
    task = await services.tasks.next(who, "default")
    return await services.tasks.turn(who, task.battle_id)


async def vote(services: Services, who: Principal, turn: Turn) -> None:
    await services.voting.cast(who, turn.record, Ballot(winner=Winner.TIE), f"key {turn.id}", turn.assignment)


def test_every_item_has_its_votes_on_one_battle_of_live_models(tmp_path: Path, server: misbehaving.Server) -> None:
    async def all_of_it() -> None:
        async with opened(tmp_path, server) as services:

            async def work(who: Principal) -> None:
                while True:
                    try:
                        turn = await take(services, who)
                    except errors.NoTask:
                        return
                    assert turn.record.state is not BattleState.OPEN, "the item waited for its battle"
                    await vote(services, who, turn)

            await asyncio.gather(*(work(rater(number)) for number in range(4)))
            with services.workspace.reading() as connection:
                votes = connection.execute("SELECT battle_id, rater_id FROM counted_votes").fetchall()
                prompts = connection.execute("SELECT battle_id, prompt_id FROM items WHERE NOT gold").fetchall()
            assert sorted(Counter(battle_id for battle_id, _ in votes).values()) == [2] * 5
            assert len(set(votes)) == 10
            assert len({prompt_id for _, prompt_id in prompts}) == len(prompts) == 5
            for battle_id, _ in votes:
                kept = services.workspace.battle(battle_id)
                assert kept is not None
                assert kept.record.battle.answers is Answers.LIVE
            assert services.workspace.verify().problems == ()

    run(all_of_it)


def test_a_void_battle_was_nobody_s_task_and_its_prompt_waits_on(tmp_path: Path, server: misbehaving.Server) -> None:
    async def all_of_it() -> None:
        async with opened(tmp_path, server, BROKEN, prompts=2) as services:
            with pytest.raises(errors.Overloaded, match="still writing the next items"):
                await take(services, rater(1))
            queue = services.tasks.queue(services.campaigns.current())
            assert services.workspace.turns.items_of("default", tasking.SET) == []
            assert len(queue._items.unopened(None)) == 2
            with services.workspace.reading() as connection:
                causes = {row[0] for row in connection.execute("SELECT cause FROM voids").fetchall()}
                given = connection.execute("SELECT count(*) FROM assignments").fetchall()
            assert causes == {VoidCause.MODEL}
            assert given == [(0,)]
        async with opened(tmp_path, server, MODELS[:2], prompts=2) as services:
            turn = await take(services, rater(1))
            assert turn.record.state is BattleState.READY

    run(all_of_it)


def test_a_repeat_and_gold_come_as_any_task_does(tmp_path: Path, server: misbehaving.Server) -> None:
    async def told(services: Services, turn: Turn) -> list[type]:
        """What a reader of the stream is given, in kind."""
        return [type(one) async for one in services.battling.deltas(turn.seen)]

    async def all_of_it() -> None:
        shares = {"gold": 0.2, "repeats": 0.2, "gold_set": qualifying_made.GOLD_SET, "pace": "complete"}
        purposes = [None, Purpose.REPEAT, Purpose.GOLD, None]
        async with opened(tmp_path, server, **shares) as services:
            with (
                mock.patch.object(record_candidates.record_tasks, "draw", side_effect=purposes),
                mock.patch.object(record_candidates.record_tasks, "REPEAT_AFTER", 0),
                mock.patch.object(record_candidates.record_tasks, "far_enough", lambda voted: voted),
            ):
                turns = []
                for purpose in purposes:
                    turn = await take(services, rater(1))
                    assert turn.assignment is not None
                    assert turn.assignment.purpose is purpose
                    assert await told(services, turn) == [Delta, BattleState]
                    await vote(services, rater(1), turn)
                    turns.append(turn)
            first, again = turns[0].seen, turns[1].seen
            assert again.response_a is not None
            assert again.response_b is not None
            assert first.response_a is not None
            assert first.response_b is not None
            shown = [again.response_a.text, again.response_b.text]
            assert shown == [first.response_b.text, first.response_a.text], "the stored answers, sides swapped"

    run(all_of_it)


def test_after_a_stop_nothing_is_stuck(tmp_path: Path, server: misbehaving.Server) -> None:
    """What was ready and nobody's is forgotten; its prompt is asked again."""

    async def all_of_it() -> None:
        async with opened(tmp_path, server, prompts=3) as services:
            await vote(services, rater(1), await take(services, rater(1)))
        async with opened(tmp_path, server, prompts=3) as services:
            done = 1
            for who in (rater(1), rater(2)):
                while True:
                    try:
                        turn = await take(services, who)
                    except errors.NoTask:
                        break
                    await vote(services, who, turn)
                    done += 1
            assert done == 6
            assert services.workspace.verify().problems == ()

    run(all_of_it)


def test_nothing_is_written_for_who_is_not_let_in(tmp_path: Path, server: misbehaving.Server) -> None:
    async def battles(folder: Path, **changes: Any) -> int:
        async with opened(folder, server, **changes) as services:
            try:
                await take(services, rater(1))
            except (errors.Forbidden, errors.NoTask):
                assert changes
            return services.workspace.head.battles

    async def all_of_it() -> None:
        assert await battles(tmp_path / "named", raters=["somebody else"]) == 0
        assert await battles(tmp_path / "over", ends="2020-01-01") == 0
        assert await battles(tmp_path / "open") > 0, "the control"

    run(all_of_it)
