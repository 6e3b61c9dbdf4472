"""A rater who sends what no model can take, every 5 s for 5 min, costs the models nothing.

Draws, rests and void rates of everybody else's battles are those of a run without that rater. In the fast test a round
stands for 5 s; the soak waits them out.
"""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest

from arena.domain.battle import BattleRecord, BattleState, VoidCause
from arena.domain.ids import ModelName
from arena.domain.principal import Principal
from arena.services import clock, live
from arena.services.voting import Ballot
from arena.services.workspace_services import Services
from arena.store import tally
from tests import arenas
from tests.inference import misbehaving

ROUNDS = 60
EVERY_SECONDS = 5.0
TOO_LONG = "word " * 51


@pytest.fixture(scope="module")
def server() -> Iterator[misbehaving.Server]:
    with misbehaving.serve() as running:
        yield running


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a run did to the models."""

    draws: list[tuple[ModelName, ModelName]]
    """Of the other rater's battles."""
    rests: list[ModelName]
    void_rates: list[tuple[ModelName, float]]


async def run(
    folder: Path, server: misbehaving.Server, *, overflowing: bool, rounds: int = ROUNDS, pause: float = 0.0
) -> Seen:
    """A rater votes once a round; before that, when `overflowing`, another sends what no model can take.

    Each draw has chance of its own, so that two runs differ only by which models may be drawn.
    """
    settings = arenas.settings_for(folder, server.endpoint, ("takes-50-words",) * 4)
    draws: list[tuple[ModelName, ModelName]] = []
    with arenas.hurried():
        async with arenas.opened(settings) as services:
            voter, sender = _rater(services), _rater(services)
            with mock.patch.object(
                services.battling.writing._probing, "failed", wraps=services.battling.writing._probing.failed
            ) as failed:
                for number in range(rounds):
                    if overflowing:
                        services.battling._draws._chance = random.Random(-1 - number)
                        assert (await _ended(services, sender, TOO_LONG)).state is BattleState.VOID
                    services.battling._draws._chance = random.Random(number)
                    record = await _ended(services, voter, "Tell me.")
                    draws.append((record.battle.model_a, record.battle.model_b))
                    await services.voting.cast(voter, record, Ballot(winner="model_a"), f"key-{number}")
                    await asyncio.sleep(pause)
            with services.workspace.reading() as connection:
                rates = [(rate.model, rate.failed / rate.battles) for rate in tally.void_rates(connection)]
    return Seen(draws=draws, rests=[call.args[0] for call in failed.call_args_list], void_rates=rates)


@pytest.mark.slow
async def test_overflows_of_one_rater_leave_the_models_as_they_are(tmp_path: Path, server: misbehaving.Server) -> None:
    calm = await run(tmp_path / "calm", server, overflowing=False)
    assert await run(tmp_path / "overflowing", server, overflowing=True) == calm
    assert calm.rests == []
    assert {rate for _, rate in calm.void_rates} == {0.0}


async def test_overflows_blamed_on_the_models_would_rest_them_and_spoil_their_void_rates(
    tmp_path: Path, server: misbehaving.Server
) -> None:
    """The control: with every cause taken for the model's."""
    calm = await run(tmp_path / "calm", server, overflowing=False, rounds=8)
    with mock.patch.object(live, "_cause", return_value=VoidCause.MODEL):
        blamed = await run(tmp_path / "blamed", server, overflowing=True, rounds=8)
    assert blamed.draws != calm.draws
    assert blamed.rests
    assert any(rate > 0 for _, rate in blamed.void_rates)


@pytest.mark.soak
async def test_overflows_every_five_seconds_for_five_minutes(tmp_path: Path, server: misbehaving.Server) -> None:
    calm = await run(tmp_path / "calm", server, overflowing=False)
    seen = await run(tmp_path / "overflowing", server, overflowing=True, pause=EVERY_SECONDS)
    assert seen == calm


def _rater(services: Services) -> Principal:
    rater = services.identity.rater(services.identity.new_rater(clock.now()).token)
    assert rater is not None
    return rater


async def _ended(services: Services, rater: Principal, prompt: str) -> BattleRecord:
    """A battle of this rater's, at its end."""
    record = await services.battling.record(rater, await services.battling.open(rater, prompt))
    _ = [item async for item in services.battling.deltas(record)]
    return await services.battling.record(rater, record.battle.battle_id)
