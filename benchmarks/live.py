"""Live battles over HTTP: how late the ticks of a common pace are, how long opening takes, and the CPU of a token.

    python benchmarks/live.py [--battles 100 150 200 300] [--seconds 20] [--processes 1 2 3]

`arena serve` is a process of its own, the models are token sources in another, and this one opens battles, reads
their streams and votes, always so many at once. A tick is late by the time between the moment its slot of the
battle's grid began and its arrival here; a slot that brought nothing makes the next event later by its whole length.
The grid of a battle is told by its earliest event. Beside it stands how late a bare timer of this process is, which
is what the machine itself takes. `first s` is from the sources' first token to the first text here, `whole` is the
whole less one second in a source's own times: both at p95, and few battles show what the pace itself costs. With
`--processes`, so many arenas share a PostgreSQL server, and raters take one after the other; CPU is that of all
arenas, and `database` that of PostgreSQL.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import served
import sources

from arena import settings
from arena.domain.battle import Message
from arena.domain.ids import ModelName
from arena.domain.model import Model, Sampling
from arena.inference.client import ModelClient
from arena.inference.pacing import TICK
from tests import postgres

SPEED = sources.Speed()
MODELS = {"alpha": SPEED, "beta": SPEED, "gamma": SPEED}
RAMP_SECONDS = 8.0
"""Over which the battles begin: one lasts so long, so that later ones do not begin all at once either."""
VOTES = 50


@dataclass(frozen=True, kw_only=True)
class Arenas:
    """The processes that are asked."""

    name: str
    pids: Sequence[int]
    ports: Sequence[int]
    server: postgres.Server | None

    def spent(self) -> float:
        """CPU seconds of all arenas so far."""
        return sum(served.spent(pid) for pid in self.pids)

    def database(self) -> float:
        """CPU seconds of PostgreSQL so far, without sessions that have ended meanwhile."""
        return 0.0 if self.server is None else sum(served.spent(pid) for pid in self.server.processes())


@dataclass(kw_only=True)
class Seen:
    """What the readers saw while it counted."""

    counting: bool = False
    late: list[float] = field(default_factory=list)
    opening: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    timer: list[float] = field(default_factory=list)
    ready: int = 0
    void: int = 0


class Rater:
    """One rater on one kept connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._token = ""

    async def connect(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    def leave(self) -> None:
        self._writer.close()

    async def begin(self) -> None:
        await self.connect()
        self._token = (await self.ask("POST", "/api/v1/raters"))["token"]

    async def ask(self, method: str, path: str, body: object = None, key: str = "") -> dict[str, str]:
        await self._send(method, path, body, key)
        status, headers = await self._head()
        content = await self._reader.readexactly(int(headers.get("content-length", 0)))
        if status >= 300:
            raise AssertionError(f"{method} {path}: {status} {content.decode()}")
        answer: dict[str, str] = json.loads(content)
        return answer

    async def stream(self, battle_id: str) -> tuple[list[float], bool]:
        """When each piece of text came, and whether the battle became ready."""
        await self._send("GET", f"/api/v1/battles/{battle_id}/stream", None, "")
        await self._head()
        times: list[float] = []
        last = b""
        while True:
            size = int(await self._reader.readline(), 16)
            data = await self._reader.readexactly(size + 2)
            if not size:
                return times, b"event: done" in last
            last = data
            if b"event: delta" in data:
                times.append(time.monotonic())

    async def _send(self, method: str, path: str, body: object, key: str) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(content)}"]
        head += [f"Authorization: Bearer {self._token}"] if self._token else []
        head += ["Content-Type: application/json"] if content else []
        head += [f"Idempotency-Key: {key}"] if key else []
        self._writer.write("\r\n".join([*head, "", ""]).encode() + content)

    async def _head(self) -> tuple[int, dict[str, str]]:
        lines = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        return int(lines[0].split()[1]), dict(line.lower().split(": ", 1) for line in lines[1:] if line)


def lateness(times: list[float]) -> list[float]:
    """Seconds by which each event missed the slot after the one before it."""
    if not times:
        return []
    began = phase(times)
    slots = [int((moment - began) / TICK + 1e-6) for moment in times]
    return [moment - began - TICK * (before + 1) for moment, before in zip(times[1:], slots, strict=False)]


def phase(times: list[float]) -> float:
    """Where the slots of a battle's grid begin: after the widest gap, on the circle that one slot is."""
    places = sorted(moment % TICK for moment in times)
    gaps = [places[0] + TICK - places[-1], *(after - before for before, after in itertools.pairwise(places))]
    return places[gaps.index(max(gaps))]


async def one_battle(rater: Rater, number: int, seen: Seen, kept: list[tuple[Rater, str]]) -> None:
    started = time.monotonic()
    battle_id = (await rater.ask("POST", "/api/v1/battles", {"prompt": f"Say number {number}."}))["battle_id"]
    opened = time.monotonic() - started
    times, ready = await rater.stream(battle_id)
    if seen.counting:
        seen.opening.append(opened)
        seen.late += lateness(times)
        if times:
            seen.first.append(times[0] - started - SPEED.first_seconds)
            seen.whole.append((times[-1] - started - 1.0) / (SPEED.first_seconds + SPEED.tokens / SPEED.per_second))
        seen.ready += ready
        seen.void += not ready
    if ready and seen.counting and len(kept) < VOTES:
        kept.append((rater, battle_id))
    elif ready:
        await rater.ask("POST", f"/api/v1/battles/{battle_id}/votes", {"winner": "model_a"}, key=battle_id)


async def rounds(port: int, number: float, seen: Seen, kept: list[tuple[Rater, str]], until: float) -> None:
    """One rater after another, until the time has come."""
    await asyncio.sleep(RAMP_SECONDS * number)
    turn = 0
    while time.monotonic() < until:
        rater = Rater(port)
        await rater.begin()
        await one_battle(rater, turn, seen, kept)
        rater.leave()
        turn += 1


async def bare_timer(seen: Seen) -> None:
    """What the machine itself makes late."""
    while True:
        due = time.monotonic() + TICK
        await asyncio.sleep(TICK)
        seen.timer.append(time.monotonic() - due)


async def measured(arenas: Arenas, battles: int, seconds: float, written: "Synchronized[int]") -> str:
    """One row of the table."""
    seen, kept = Seen(), list[tuple[Rater, str]]()
    until = time.monotonic() + RAMP_SECONDS + 2 + seconds
    timer = asyncio.create_task(bare_timer(seen))
    workers = [
        asyncio.create_task(rounds(arenas.ports[one % len(arenas.ports)], one / battles, seen, kept, until))
        for one in range(battles)
    ]
    await asyncio.sleep(RAMP_SECONDS + 2)
    seen.counting, tokens, cpu, stored = True, written.value, arenas.spent(), arenas.database()
    await asyncio.sleep(seconds)
    tokens, cpu, stored = written.value - tokens, arenas.spent() - cpu, arenas.database() - stored
    ready = seen.ready
    await asyncio.gather(*workers)
    timer.cancel()
    for rater, _ in kept:
        await rater.connect()
    started = arenas.spent()
    for rater, battle_id in kept:
        await rater.ask("POST", f"/api/v1/battles/{battle_id}/votes", {"winner": "model_a"}, key=battle_id)
    vote = (arenas.spent() - started) / max(len(kept), 1)
    late, opening, bare = (sorted(1000 * value for value in values) for values in (seen.late, seen.opening, seen.timer))
    return (
        f"{arenas.name:>9} {battles:7} {share(late, 0.5):8.0f} {share(late, 0.95):8.0f} {share(opening, 0.95):12.0f} "
        f"{seen.void:5} {seen.ready:6} {share(sorted(seen.first), 0.95):8.2f} {share(sorted(seen.whole), 0.95):8.3f} "
        f"{1000 * cpu / max(tokens, 1):11.3f} {1000 * cpu / max(ready, 1):10.1f} {cpu / seconds:6.2f} "
        f"{1000 * vote:8.1f} {stored / seconds:8.2f} "
        f"{share(bare, 0.95):10.0f} {os.getloadavg()[0]:6.1f}"
    )


def share(ordered: list[float], part: float) -> float:
    return ordered[min(int(part * len(ordered)), len(ordered) - 1)] if ordered else float("nan")


async def client_alone(endpoint: str, streams: int) -> float:
    """Milliseconds of CPU a token of this process while it only reads answers through `ModelClient`."""
    model = Model(name=ModelName("alpha"), endpoint=endpoint, served_name="alpha", sampling=Sampling())
    async with ModelClient(settings.Deadlines(), connections=streams) as client:

        async def read(number: int) -> None:
            await asyncio.sleep(number / streams / SPEED.per_second)
            async with client.stream(model, [Message.of_text(role="user", text="Say it.")]) as answer:
                async for _ in answer:
                    pass

        started = time.process_time()
        await asyncio.gather(*(read(number) for number in range(streams)))
        return 1000 * (time.process_time() - started) / (streams * SPEED.tokens)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--battles", type=int, nargs="*", default=[100, 150, 200, 300])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument(
        "--processes", type=int, nargs="*", default=[], help="over PostgreSQL; left out, one over a file"
    )
    given = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with sources.serving(MODELS) as source, tempfile.TemporaryDirectory(prefix="live-") as folder:
        below = asyncio.run(client_alone(source.endpoint, 200))
        print(f"ModelClient alone, 200 streams of {SPEED.per_second:g} tokens/s: {below:.3f} ms of CPU a token")
        print(
            f"{'processes':>9} {'battles':>7} {'late p50':>8} {'late p95':>8} {'opening p95':>12} {'void':>5} "
            f"{'ready':>6} {'first s':>8} {'whole':>8} {'CPU a token':>11} {'a battle':>10} {'CPU/s':>6} "
            f"{'CPU/vote':>8} {'database':>8} {'timer p95':>10} {'load':>6}   ms"
        )
        for processes in given.processes or [0]:
            with opened(Path(folder) / str(processes), source.endpoint, processes) as arenas:
                for battles in given.battles:
                    print(asyncio.run(measured(arenas, battles, given.seconds, source.written)), flush=True)


@contextlib.contextmanager
def opened(folder: Path, endpoint: str, processes: int) -> Iterator[Arenas]:
    """One arena over its file, or so many over a PostgreSQL server of their own."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(postgres.running()) if processes else None
        pids, ports = [], []
        for number in range(max(processes, 1)):
            config = folder / str(number) / "live.toml"
            config.parent.mkdir(parents=True)
            database = "" if server is None else f'database = "{server.url()}"\n'
            config.write_text(database + configuration(config.parent, endpoint))
            pid, url = stack.enter_context(served.arena(config))
            pids.append(pid)
            ports.append(int(url.rsplit(":", 1)[1]))
        yield Arenas(name=str(processes or "a file"), pids=pids, ports=ports, server=server)


def configuration(folder: Path, endpoint: str) -> str:
    """An arena that takes on as many battles of one address as are asked for."""
    return (
        f'port = 0\ndata_dir = "{folder / "data"}"\n'
        "[limits]\nlive_battles = 2000\nbattles_per_address = 2000\nrequests_per_address = 4000\n"
        "raters_per_minute = 60000\n"
        + "".join(f'[[models]]\nname = "{n}"\nendpoint = "{endpoint}"\nserved_name = "{n}"\n' for n in MODELS)
    )


if __name__ == "__main__":
    main()
