"""The CPU that reading model servers takes, through httpx's own transport and through the arena's, in one run.

    python benchmarks/transport.py [--streams 100] [--rounds 3]

`ModelClient` reads the same token sources through both in turn: each token as it comes, and gathered with a pause after
each. Last, through the arena's, what has come is taken at each tick, as a battle does.
What counts is this process's CPU time a token; the sources are a process of their own.
"""

import argparse
import asyncio
import os
import platform
import ssl
import statistics
import time
from collections.abc import Callable
from unittest import mock

import httpx
import sources

from arena import settings
from arena.domain.battle import Message
from arena.domain.ids import ModelName
from arena.domain.model import Model, Sampling
from arena.inference import client
from arena.inference.connections import Connections
from arena.inference.pacing import TICK

SPEED = sources.Speed()


class Pooled(httpx.AsyncHTTPTransport):
    """httpx's own, with as many connections."""

    in_use = 0

    def __init__(self, limit: int, tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls, limits=httpx.Limits(max_connections=limit, max_keepalive_connections=0))


TRANSPORTS: dict[str, Callable[[int, ssl.SSLContext], httpx.AsyncBaseTransport]] = {
    "httpx's own": Pooled,
    "the arena's": Connections,
}
PAUSES = {"each token": 0.0, "gathered": 0.6 * TICK}
AT_TICKS = "the arena's", "at ticks"


async def spent(endpoint: str, streams: int, pause: float | None) -> float:
    """Milliseconds of CPU a token. Without a pause, what has come is taken at each tick."""
    model = Model(name=ModelName("alpha"), endpoint=endpoint, served_name="alpha", sampling=Sampling())
    async with client.ModelClient(settings.Deadlines(), connections=streams) as models:

        async def read(number: int) -> None:
            await asyncio.sleep(number / streams / SPEED.per_second)
            async with models.stream(model, [Message.of_text(role="user", text="Say it.")]) as answer:
                if pause is None:
                    await answer.begin()
                    while not answer.complete:
                        await asyncio.sleep(TICK)
                        answer.come()
                    return
                async for _ in answer:
                    if pause:
                        await asyncio.sleep(pause)

        started = time.process_time()
        await asyncio.gather(*(read(number) for number in range(streams)))
        return 1000 * (time.process_time() - started) / (streams * SPEED.tokens)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--streams", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {given.streams} streams")
    kinds = [*((name, how) for name in TRANSPORTS for how in PAUSES), AT_TICKS]
    found: dict[tuple[str, str], list[float]] = {kind: [] for kind in kinds}
    with sources.serving({"alpha": SPEED}) as source:
        for _ in range(given.rounds):
            for (name, how), each in found.items():
                with mock.patch.object(client, "Connections", TRANSPORTS[name]):
                    each.append(asyncio.run(spent(source.endpoint, given.streams, PAUSES.get(how))))
    for (name, how), each in found.items():
        rounds = ", ".join(f"{one:.3f}" for one in each)
        print(f"{name:12} {how:12} {statistics.median(each):.3f} ms of CPU a token, median of {rounds}")
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
