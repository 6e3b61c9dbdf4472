"""Both sides of a battle fail at the same moment: every connection is given back, and the next battle is written.

The first failure cancels the other side, often while that closes its own connection.
"""

import asyncio
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest

from arena import settings
from arena.domain.battle import Message, Side
from arena.domain.ids import ModelName
from arena.domain.model import Model
from arena.inference import answers, client
from arena.services.live import LiveBattle, SideFailedError
from tests import arenas
from tests.inference import misbehaving

PROMPT = (Message.of_text(role="user", text="Tell me."),)
AT_ONCE = 20
PLACES = 3 * AT_ONCE
KINDS = ("refused", "killed", "hung", "status-400", "cancelled")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Servers are asked once more without a pause, and answers shown as they are written."""
    monkeypatch.setattr(answers, "AGAIN_SECONDS", 0.0)
    with arenas.hurried():
        yield


@pytest.fixture(scope="module")
def server() -> Iterator[misbehaving.Server]:
    with misbehaving.serve() as running:
        yield running


def sockets() -> int:
    """Sockets this process holds, those of the misbehaving server too."""
    found = 0
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            found += str(descriptor.readlink()).startswith("socket:")
        except FileNotFoundError:  # the folder's own
            continue
    return found


def asking(endpoint: str, served_name: str) -> Model:
    return Model(name=ModelName("slug-under-test"), endpoint=endpoint, served_name=served_name)


def contestant(kind: str, server: misbehaving.Server) -> Model:
    """A model that fails in one of `KINDS`."""
    if kind == "refused":
        return asking(misbehaving.closed_endpoint(), "echo")
    return asking(
        server.endpoint,
        {"killed": "reset", "hung": "hang-before-text", "status-400": "overflow", "cancelled": "overflow"}[kind],
    )


def deadlines(kind: str) -> settings.Deadlines:
    return settings.Deadlines(first_token=0.05) if kind == "hung" else settings.Deadlines()


async def fail_twice(models: client.ModelClient, model: Model, *, cancel_after: float | None = None) -> None:
    """One battle in which both sides fail, and which may be cancelled while they do."""
    live = LiveBattle({Side.A: model, Side.B: model}, PROMPT, settings.Deadlines())
    writing = asyncio.create_task(live.write(models))
    if cancel_after is not None:
        await asyncio.sleep(cancel_after)
        writing.cancel()
    await asyncio.wait((writing,))
    assert writing.cancelled() or isinstance(writing.exception(), SideFailedError)


async def fail_often(models: client.ModelClient, model: Model, kind: str, times: int) -> None:
    chance = random.Random(7)
    for _ in range(times // AT_ONCE):
        delays = [chance.uniform(0.0, 0.08) if kind == "cancelled" else None for _ in range(AT_ONCE)]
        await asyncio.gather(*(fail_twice(models, model, cancel_after=delay) for delay in delays))


async def eventually(fact: Callable[[], bool], seconds: float = 5.0) -> bool:
    for _ in range(int(seconds / 0.02)):
        if fact():
            return True
        await asyncio.sleep(0.02)
    return False


async def left_after(kind: str, times: int, server: misbehaving.Server) -> None:
    """Nothing is held after many double failures, and a healthy battle is written."""
    before = sockets()
    async with client.ModelClient(deadlines(kind), connections=PLACES) as models:
        await fail_often(models, contestant(kind, server), kind, times)
        assert models.in_use == 0
        assert await eventually(lambda: sockets() <= before), f"{sockets()} sockets, {before} before"
        models.deadlines = settings.Deadlines()
        healthy = asking(server.endpoint, "say:All is well.")
        written = await LiveBattle({Side.A: healthy, Side.B: healthy}, PROMPT, settings.Deadlines()).write(models)
        assert {response.text for response in written.values()} == {"All is well."}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
async def test_after_200_double_failures_nothing_is_held(kind: str, server: misbehaving.Server) -> None:
    await left_after(kind, 200, server)


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
async def test_after_2000_double_failures_nothing_is_held(kind: str, server: misbehaving.Server) -> None:
    await left_after(kind, 2_000, server)


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
async def test_the_pool_of_httpx_would_be_stuck(server: misbehaving.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same failures, with connections pooled by httpx and closed by awaiting."""

    pools = []

    class Pooled(httpx.AsyncHTTPTransport):
        def __init__(self, limit: int, tls: Any) -> None:
            super().__init__(verify=tls, limits=httpx.Limits(max_connections=limit, max_keepalive_connections=0))
            pools.append(self)

        def close(self) -> None:
            """Nothing: such a pool is closed by awaiting, below."""

        @property
        def in_use(self) -> int:
            assert isinstance(self._pool, httpcore.AsyncConnectionPool)
            return len(self._pool._requests) + len(self._pool.connections)

    monkeypatch.setattr(client, "Connections", Pooled)
    async with client.ModelClient(settings.Deadlines(), connections=1_000) as models:
        await cancel_at_each_step(models, server.endpoint)
        for _ in range(30):
            await fail_twice(models, asking(server.endpoint, "overflow"))
        assert models.in_use > 0
    for pool in pools:
        await pool.aclose()


async def test_a_connection_that_opens_while_its_request_is_cancelled_is_closed(server: misbehaving.Server) -> None:
    """Cancelled after any number of steps of the loop: while connecting, sending, waiting, reading and closing."""
    before = sockets()
    async with client.ModelClient(settings.Deadlines(), connections=PLACES) as models:
        await cancel_at_each_step(models, server.endpoint)
        assert models.in_use == 0
        assert await eventually(lambda: sockets() <= before)


async def cancel_at_each_step(models: client.ModelClient, endpoint: str) -> None:
    """Cancel requests after 0, 1, 2, ... steps of the loop, and again while that closes their connection."""
    for steps in range(40):
        for served_name in ("overflow", "say:Yes.", "hang-before-text"):
            reading = asyncio.create_task(_exhaust(models, asking(endpoint, served_name)))
            for _ in range(steps):
                await asyncio.sleep(0)
            for _ in range(2):
                reading.cancel()
                await asyncio.sleep(0)
            await asyncio.wait((reading,))


async def _exhaust(models: client.ModelClient, model: Model) -> None:
    async with models.stream(model, PROMPT) as answer:
        async for _ in answer:
            pass
