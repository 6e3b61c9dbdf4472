"""A battle with a model that thinks first: it is told once, for both sides alike, and counted only after the vote."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from arena.services.live import Delta, Thinks
from tests import arenas
from tests.inference import misbehaving

THINKER, PLAIN = "thinks-20ms", "say:Rivers bend."


@pytest.fixture(scope="module")
def server() -> Iterator[misbehaving.Server]:
    with misbehaving.serve(listed=(THINKER, PLAIN)) as running:
        yield running


@pytest.fixture(autouse=True)
def _hurried() -> Iterator[None]:
    with arenas.hurried():
        yield


@pytest.mark.parametrize("names", [(THINKER, PLAIN), (THINKER, THINKER)], ids=["one", "both"])
def test_thinking_is_told_once_and_says_nothing_of_a_side(
    tmp_path: Path, server: misbehaving.Server, names: tuple[str, str]
) -> None:
    settings = arenas.settings_for(tmp_path / "data", server.endpoint, names)
    with arenas.running(settings, pages=False) as arena, arena.rater() as rater:
        with server.holding(0):
            opened = rater.post("/api/v1/battles", json={"prompt": "Tell me of rivers."}).json()["battle_id"]
            with rater.stream("GET", f"/api/v1/battles/{opened}/stream") as response:
                lines = response.iter_lines()
                seen = [next(lines) for _ in range(6)]
        assert [line for line in seen if line] == ["event: start", "data: {}", "event: thinking", "data: {}"]
        events = arenas.events(rater, opened)
        assert [name for name, _ in events if name == "thinking"] in ([], ["thinking"])  # none once there is text
        assert events[-1][0] == "done"
        before = rater.get(f"/api/v1/battles/{opened}").json()
        assert before["reasoning_tokens_a"] is before["reasoning_tokens_b"] is before["reasoning_seconds_a"] is None
        told = arenas.vote(rater, opened).json()
        after = rater.get(f"/api/v1/battles/{opened}").json()
        for side in "ab":
            thought = "thinks" in told[f"model_{side}"]
            assert (told[f"reasoning_tokens_{side}"] is not None) == thought
            assert (after[f"reasoning_seconds_{side}"] is not None) == thought
        assert arena.services.workspace.verify().problems == ()


def test_a_pair_that_does_not_think_is_told_nothing(tmp_path: Path, server: misbehaving.Server) -> None:
    settings = arenas.settings_for(tmp_path / "data", server.endpoint, (PLAIN, PLAIN))
    with arenas.running(settings, pages=False) as arena, arena.rater() as rater:
        opened = arenas.battle(rater)
        assert "thinking" not in [name for name, _ in arenas.events(rater, opened)]


async def test_readers_who_come_while_it_thinks_are_told_too(tmp_path: Path, server: misbehaving.Server) -> None:
    settings = arenas.settings_for(tmp_path / "data", server.endpoint, (THINKER, PLAIN))
    async with arenas.opened(settings) as services:
        rater = services.identity.rater(services.identity.new_rater(services.battling._now()).token)
        assert rater is not None
        with server.holding(0):
            record = await services.battling.record(rater, await services.battling.open(rater, "Tell me."))
            for _ in range(2):
                deltas = services.battling.deltas(record)
                assert isinstance(await anext(deltas), Thinks)
                await asyncio.wait_for(deltas.aclose(), 5)  # type: ignore[attr-defined]
        kinds = [type(item) for item in [item async for item in services.battling.deltas(record)]]
        assert Delta in kinds
