"""After a battle that failed through no fault of its rater the arena opens another, twice at most."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from arena.domain.battle import BattleRecord, BattleState, VoidCause
from arena.domain.ids import BattleId
from arena.domain.principal import Principal
from arena.errors import Conflict, Forbidden, NotAsked, Overloaded
from arena.inference.client import Server
from arena.services import clock
from arena.services.roster import Roster
from arena.services.voting import Ballot
from arena.services.workspace_services import Services
from arena.settings import Settings
from tests import arenas
from tests.inference import misbehaving

HEALTHY = ("say:One.", "say:Two.", "say:Three.")


@pytest.fixture(scope="module")
def server() -> Iterator[misbehaving.Server]:
    with misbehaving.serve(listed=HEALTHY) as running:
        yield running


@pytest.fixture(autouse=True)
def _hurried() -> Iterator[None]:
    with arenas.hurried():
        yield


def rater_of(services: Services) -> Principal:
    rater = services.identity.rater(services.identity.new_rater(clock.now()).token)
    assert rater is not None
    return rater


def settings(folder: Path, server: misbehaving.Server, names: tuple[str, ...], **changes: Any) -> Settings:
    return arenas.settings_for(folder / "data", server.endpoint, names, **changes)


async def ended(services: Services, rater: Principal, battle_id: BattleId) -> BattleRecord:
    record = await services.battling.record(rater, battle_id)
    _ = [item async for item in services.battling.deltas(record)]
    return await services.battling.record(rater, battle_id)


async def chain(services: Services, rater: Principal, battle_id: BattleId) -> list[BattleRecord]:
    """A battle and those that followed it."""
    found = [await ended(services, rater, battle_id)]
    while found[-1].void is not None and found[-1].void.next is not None:
        found.append(await ended(services, rater, found[-1].void.next))
    return found


async def test_two_more_are_opened_on_the_same_prompt_and_then_no_more(
    tmp_path: Path, server: misbehaving.Server
) -> None:
    async with arenas.opened(settings(tmp_path, server, ("unauthorized",) * 6)) as services:
        rater = rater_of(services)
        found = await chain(services, rater, await services.battling.open(rater, "Tell me."))
        assert len(found) == 3
        assert {record.void.cause for record in found if record.void} == {VoidCause.MODEL}
        assert {record.battle.prompt for record in found} == {"Tell me."}
        assert len({record.battle.conversation_id for record in found}) == 1
        latest = await services.battling.latest(rater)
        assert latest is not None
        assert latest.battle.battle_id == found[-1].battle.battle_id
        assert services.battling.writing.live_count == 0


async def test_the_model_that_failed_is_not_in_the_next_pair(tmp_path: Path, server: misbehaving.Server) -> None:
    async with arenas.opened(settings(tmp_path, server, ("unauthorized", *HEALTHY))) as services:
        rater = rater_of(services)
        failing = next(name for name in services.battling._roster.models if "unauthorized" in name)
        for _ in range(12):
            found = await chain(services, rater, await services.battling.open(rater, "Tell me."))
            assert found[-1].state is BattleState.READY
            if len(found) > 1:
                assert len(found) == 2
                assert failing not in {found[1].battle.model_a, found[1].battle.model_b}
                break
        else:
            raise AssertionError("the failing model was never drawn")
        await services.voting.cast(rater, found[1], Ballot(winner="model_a"), "key")


async def test_a_refused_prompt_is_not_asked_again_and_rests_nobody(tmp_path: Path, server: misbehaving.Server) -> None:
    async with arenas.opened(settings(tmp_path, server, ("overflow",) * 4)) as services:
        rater = rater_of(services)
        found = await chain(services, rater, await services.battling.open(rater, "Tell me."))
        assert [record.void.cause for record in found if record.void] == [VoidCause.PROMPT]
        assert services.battling._roster._resting == set()
        view = services.battling.view(found[0])
        assert (view.cause, view.next) == (VoidCause.PROMPT, None)


async def test_want_of_means_is_the_arenas_matter_and_rests_nobody(tmp_path: Path, server: misbehaving.Server) -> None:
    with mock.patch.object(Server, "send", side_effect=NotAsked("no socket left")):
        async with arenas.opened(settings(tmp_path, server, HEALTHY)) as services:
            rater = rater_of(services)
            found = await chain(services, rater, await services.battling.open(rater, "Tell me."))
            assert [record.void.cause for record in found if record.void] == [VoidCause.ARENA] * 3
            assert {record.void.failed_side for record in found if record.void} == {None}
            assert services.battling._roster._resting == set()


async def test_the_battle_in_its_place_takes_the_same_place(tmp_path: Path, server: misbehaving.Server) -> None:
    """A rater with one place cannot open another battle while the arena tries again."""
    limits = {"live_battles": 1, "live_battles_per_rater": 1}
    names = ("unauthorized", "unauthorized", "hang-before-text", "hang-before-text")
    async with arenas.opened(settings(tmp_path, server, names, limits=limits)) as services:
        rater = rater_of(services)
        first = await services.battling.open(rater, "Tell me.")
        for _ in range(100):
            await asyncio.sleep(0.02)
            with pytest.raises(Overloaded):
                await services.battling.open(rater, "Tell me.")
            assert services.battling.writing.is_live(first)
            if (await services.battling.record(rater, first)).state is BattleState.VOID:
                break
            if services.battling.writing.live_count == 1 and len(server.requests) > 50:
                break


async def until(seen: Callable[[], bool]) -> None:
    """Wait for a fact, for a minute at most."""
    for _ in range(6_000):
        if seen():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it was not seen within a minute")


async def test_stop_voids_at_once_frees_the_place_and_reaches_the_servers(
    tmp_path: Path, server: misbehaving.Server
) -> None:
    limits = {"live_battles_per_rater": 1}
    async with arenas.opened(settings(tmp_path, server, ("lines-200ms", "lines-200ms"), limits=limits)) as services:
        rater, other = rater_of(services), rater_of(services)
        battle_id = await services.battling.open(rater, "Tell me.")
        with pytest.raises(Overloaded):
            await services.battling.open(rater, "Tell me.")
        reading = asyncio.create_task(ended(services, rater, battle_id))
        await until(lambda: server.writing >= 2)
        server.disconnects.clear()
        with pytest.raises((Forbidden, Exception), match="battle"):
            await services.battling.stop(other, battle_id)
        began = time.monotonic()
        await services.battling.stop(rater, battle_id)
        assert time.monotonic() - began < 1
        await services.battling.stop(rater, battle_id)  # again
        record = await reading
        assert record.void is not None
        assert (record.void.cause, record.void.next) == (VoidCause.RATER, None)
        with pytest.raises(Conflict):
            await services.voting.cast(rater, record, Ballot(winner="model_a"), "key")
        await services.battling.open(rater, "Another.")
        await until(lambda: len(server.disconnects) >= 2)
        assert server.disconnects == ["lines-200ms"] * 2


async def test_stop_ends_a_battle_that_waits_for_its_vote_and_refuses_a_voted_one(
    tmp_path: Path, server: misbehaving.Server
) -> None:
    async with arenas.opened(settings(tmp_path, server, HEALTHY)) as services:
        rater = rater_of(services)
        waiting = await ended(services, rater, await services.battling.open(rater, "Tell me."))
        assert waiting.state is BattleState.READY
        await services.battling.stop(rater, waiting.battle.battle_id)
        with pytest.raises(Conflict):
            await services.voting.cast(rater, waiting, Ballot(winner="model_a"), "key")
        voted = await ended(services, rater, await services.battling.open(rater, "Tell me."))
        await services.voting.cast(rater, voted, Ballot(winner="model_a"), "key")
        with pytest.raises(Conflict, match="a vote stays"):
            await services.battling.stop(rater, voted.battle.battle_id)


async def test_a_model_comes_back_after_its_rest_when_its_probe_passes(
    tmp_path: Path, server: misbehaving.Server
) -> None:
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(Roster, "of", _restless))
        async with arenas.opened(settings(tmp_path, server, HEALTHY)) as services:
            name = next(iter(services.battling._roster.models))
            services.battling.writing._probing.failed(name)
            assert services.battling._roster._resting == {name}
            await asyncio.sleep(1.0)
            assert services.battling._roster._resting == set()


def _restless(models: Any) -> Any:
    return Roster({model.name: model for model in models}, shortest_rest=0.1)
