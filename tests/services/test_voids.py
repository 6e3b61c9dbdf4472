"""Whatever a model server does wrong, on either side or both: the battle is void, and nothing counts or shows.

A matrix of every misbehaviour of the server in `tests.inference` and each way to place it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from arena.domain.battle import BattleState, VoidCause
from arena.domain.principal import Principal
from arena.errors import Conflict, Overloaded
from arena.services import clock
from arena.services.live import Delta
from arena.services.voting import Ballot
from arena.services.workspace_services import Services
from arena.settings import Settings
from arena.store import battles, tally
from tests import arenas
from tests.inference import misbehaving

SHORT = {"first_token": 0.6, "silence": 0.4, "total": 1.2, "connect": 0.5}
"""Deadlines in seconds."""
STATE_SHOWN_SECONDS = 2.0
"""After the longest deadline a rater knows."""
WRONG = sorted(set(misbehaving.BEHAVIOURS) - set(misbehaving.BEHAVED))


@pytest.fixture(scope="module")
def server() -> Iterator[misbehaving.Server]:
    with misbehaving.serve() as running:
        yield running


@asynccontextmanager
async def two_models(
    folder: Path, url: str, names: tuple[str, str], **changes: object
) -> AsyncIterator[tuple[Services, Principal]]:
    """The services of an arena with two models, and a rater."""
    settings: Settings = arenas.settings_for(folder / "data", url, names, **{"deadlines": SHORT, **changes})
    async with arenas.opened(settings) as services:
        rater = services.identity.rater(services.identity.new_rater(clock.now()).token)
        assert rater is not None
        yield services, rater


def votes(services: Services) -> int:
    with services.workspace.reading() as connection:
        return tally.totals(connection)["votes"]


@pytest.mark.slow
@pytest.mark.parametrize("other", ["say:All is well.", None], ids=["one-side", "both-sides"])
@pytest.mark.parametrize("wrong", WRONG)
async def test_a_misbehaving_server_voids_the_battle_for_both(
    tmp_path: Path, server: misbehaving.Server, wrong: str, other: str | None
) -> None:
    async with two_models(tmp_path, server.endpoint, (wrong, other or wrong)) as (services, rater):
        started = time.monotonic()
        battle_id = await services.battling.open(rater, "Tell me.")
        record = await services.battling.record(rater, battle_id)
        seen = [item async for item in services.battling.deltas(record)]
        assert time.monotonic() - started < SHORT["total"] + STATE_SHOWN_SECONDS
        assert seen[-1] is BattleState.VOID
        record = await services.battling.record(rater, battle_id)
        assert record.state is BattleState.VOID
        assert record.void is not None
        assert record.void.cause is (VoidCause.PROMPT if wrong in misbehaving.REFUSING else VoidCause.MODEL)
        assert (record.void.next is None) == (record.void.cause is VoidCause.PROMPT)
        if other and record.void.failed_side is not None:
            assert services.battling.view(record).text_a == services.battling.view(record).text_b == ""
            failed = record.battle.model(record.void.failed_side)
            assert failed == next(iter(services.battling._roster.models))
        with pytest.raises(Conflict, match="void"):
            await services.voting.cast(rater, record, Ballot(winner="model_a"), "key")
        with pytest.raises(Conflict):
            await services.battling.open(rater, "And?", continues=battle_id)
        assert votes(services) == 0


async def test_two_healthy_models_make_a_battle_that_is_voted_on(tmp_path: Path, server: misbehaving.Server) -> None:
    """The control of the matrix: the same steps with nothing wrong end in a vote."""
    async with two_models(tmp_path, server.endpoint, ("say:Yes.", "say:No.")) as (services, rater):
        battle_id = await services.battling.open(rater, "Tell me.")
        record = await services.battling.record(rater, battle_id)
        seen = [item async for item in services.battling.deltas(record)]
        assert seen[-1] is BattleState.READY
        record = await services.battling.record(rater, battle_id)
        await services.voting.cast(rater, record, Ballot(winner="model_a"), "key")
        assert votes(services) == 1


async def test_a_dead_server_voids_at_once_and_its_model_rests(tmp_path: Path, server: misbehaving.Server) -> None:
    """With two others left, a model that failed is not drawn again for a while."""
    models = [
        {"name": "dead", "endpoint": "http://127.0.0.1:9/v1", "served_name": "x"},
        *({"name": name, "endpoint": server.endpoint, "served_name": "say:Yes."} for name in ("one", "two")),
    ]
    settings = Settings.model_validate({"data_dir": tmp_path / "data", "models": models, "deadlines": SHORT})
    with arenas.hurried():
        async with arenas.opened(settings) as services:
            rater = services.identity.rater(services.identity.new_rater(clock.now()).token)
            assert rater is not None
            ended, pairs = [], []
            for _ in range(12):
                record = await services.battling.record(rater, await services.battling.open(rater, "Tell me."))
                pairs.append({record.battle.model_a, record.battle.model_b})
                ended.append([item async for item in services.battling.deltas(record)][-1])
            voids = ended.count(BattleState.VOID)
            assert voids <= 1
            if voids:
                after = ended.index(BattleState.VOID) + 1
                assert all("dead" not in pair for pair in pairs[after:])


async def test_the_release_ends_within_the_total_deadline(tmp_path: Path, server: misbehaving.Server) -> None:
    """What the pace has not shown by then comes at once, on both sides."""
    deadlines = {"deadlines": {**SHORT, "first_token": 2.0, "total": 2.5}}
    async with two_models(tmp_path, server.endpoint, ("lines", "lines"), **deadlines) as (services, rater):
        started = time.monotonic()
        record = await services.battling.record(rater, await services.battling.open(rater, "Tell me."))
        seen = [item async for item in services.battling.deltas(record)]
        assert seen[-1] is BattleState.READY
        assert time.monotonic() - started < 2.5 + STATE_SHOWN_SECONDS
        assert "".join(item.a for item in seen if isinstance(item, Delta)) == misbehaving.LINES


async def test_the_healthy_side_is_told_to_stop_when_the_other_fails(
    tmp_path: Path, server: misbehaving.Server
) -> None:
    """Cancellation reaches the model server."""
    async with two_models(tmp_path, server.endpoint, ("status-500", "lines-50ms")) as (services, rater):
        before = server.disconnects.count("lines-50ms")
        record = await services.battling.record(rater, await services.battling.open(rater, "Tell me."))
        assert [item async for item in services.battling.deltas(record)][-1] is BattleState.VOID
        assert await eventually(lambda: server.disconnects.count("lines-50ms") == before + 1)


async def test_an_abandoned_battle_is_cancelled_and_a_watched_one_is_not(
    tmp_path: Path, server: misbehaving.Server
) -> None:
    changes = {"deadlines": {"abandoned": 0.3}}
    async with two_models(tmp_path, server.endpoint, ("lines-40ms", "lines-50ms"), **changes) as (services, rater):
        left = await services.battling.open(rater, "Tell me.")
        watched = await services.battling.record(rater, await services.battling.open(rater, "Tell me."))
        assert [item async for item in services.battling.deltas(watched)][-1] is BattleState.READY
        record = await services.battling.record(rater, left)
        assert record.void is not None
        assert record.void.cause is VoidCause.EXPIRED


async def test_a_battle_that_was_being_written_when_the_arena_stopped_is_void_after(
    tmp_path: Path, server: misbehaving.Server
) -> None:
    async with two_models(tmp_path, server.endpoint, ("lines-50ms", "lines-50ms")) as (services, rater):
        battle_id = await services.battling.open(rater, "Tell me.")
    async with two_models(tmp_path, server.endpoint, ("lines-50ms", "lines-50ms")) as (services, _):
        with services.workspace.reading() as connection:
            record = battles.load(connection, battle_id)
        assert record is not None
        assert record.void is not None
        assert record.void.cause is VoidCause.ARENA


async def test_a_reader_that_comes_late_or_again_gets_everything(tmp_path: Path, server: misbehaving.Server) -> None:
    async with two_models(tmp_path, server.endpoint, ("lines", "lines")) as (services, rater):
        record = await services.battling.record(rater, await services.battling.open(rater, "Tell me."))
        early = services.battling.deltas(record)
        first = await anext(early)
        late = [item async for item in services.battling.deltas(record)]
        rest = [first, *[item async for item in early]]
        for items in (late, rest):
            assert "".join(item.a for item in items if isinstance(item, Delta)) == misbehaving.LINES
            assert items[-1] is BattleState.READY


async def test_too_many_live_battles_are_refused_clearly(tmp_path: Path, server: misbehaving.Server) -> None:
    limits = {"limits": {"live_battles": 2, "live_battles_per_rater": 1}}
    async with two_models(tmp_path, server.endpoint, ("lines-50ms", "lines-50ms"), **limits) as (services, rater):
        other = services.identity.rater(services.identity.new_rater(clock.now()).token)
        third = services.identity.rater(services.identity.new_rater(clock.now()).token)
        assert other is not None
        assert third is not None
        await services.battling.open(rater, "Tell me.")
        with pytest.raises(Overloaded, match="several"):
            await services.battling.open(rater, "Tell me.")
        await services.battling.open(other, "Tell me.")
        with pytest.raises(Overloaded, match="as many"):
            await services.battling.open(third, "Tell me.")


async def eventually(fact: Callable[[], bool]) -> bool:
    """Whether a fact comes true within three seconds."""
    for _ in range(60):
        if fact():
            return True
        await asyncio.sleep(0.05)
    return False
