"""What others notice while one address asks for everything, and how soon it is refused.

    python benchmarks/flood.py [--rounds 6] [--seconds 5] [--others 12]

`arena serve` with its default limits runs as a process of its own, two token sources (30 tokens/s) in another, the
flood in a third. Each round one address opens 640 battles (ten times what the arena takes on), 1,500 streams, 500 new
raters and 400 half-sent requests, spread evenly over the seconds. Raters at other addresses open a battle, read it to
its end and open the next: first with nobody else there, then during the flood. Times are what a client sees, from the
attempt"""

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import numpy
import served
from crowd import Address, Answer, Flood, refused

ARENA = Path(sys.executable).parent / "arena"
ATTACKER = "127.0.0.1"
TOKENS = 40
TOKEN_SECONDS = 1 / 30
NAMES = ("one", "two")
TIMER_SECONDS = 0.05


async def _model(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one request as a model server does, and close."""
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        asked = await reader.readuntil(b"\r\n\r\n")
        if asked.startswith(b"GET"):
            body = json.dumps({"data": [{"id": name} for name in NAMES]}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" + body)
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
            for number in range(TOKENS + 1):
                last = number == TOKENS
                choice = {"delta": {} if last else {"content": " word"}, "finish_reason": "stop" if last else None}
                writer.write(f"data: {json.dumps({'choices': [{'index': 0, **choice}]})}\n\n".encode())
                await writer.drain()
                await asyncio.sleep(TOKEN_SECONDS)
            writer.write(b"data: [DONE]\n\n")
        await writer.drain()
    writer.close()


def models(told: Connection) -> None:
    """Serve both token sources until the process is ended."""

    async def serve() -> None:
        server = await asyncio.start_server(_model, "127.0.0.1", 0, backlog=1024)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


def flood(told: Connection, port: int, rounds: int, seconds: float) -> None:
    """Attack in so many rounds, and tell what came back."""

    async def attack() -> Flood:
        sender = Address(port=port, source=ATTACKER)
        tokens = [await sender.rater() for _ in range(20)]
        told.send("begun")
        done = Flood(seconds=seconds)
        timer = asyncio.create_task(bare_timer(late))
        for _ in range(rounds):
            await done.attack(sender, tokens)
        timer.cancel()
        return done

    began, late = time.monotonic(), list[float]()
    told.send(asyncio.run(attack()).answers)
    told.send((time.process_time() / (time.monotonic() - began), late))


async def bare_timer(late: list[float]) -> None:
    """Note by how many seconds a timer of this process is late, until it is cancelled."""
    while True:
        due = time.monotonic() + TIMER_SECONDS
        await asyncio.sleep(TIMER_SECONDS)
        late.append(time.monotonic() - due)


@contextlib.contextmanager
def process(work: object, *given: object) -> Iterator[Connection]:
    """Run a function in a process of its own; what it tells comes through the connection."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=work, args=(theirs, *given), daemon=True)  # type: ignore[arg-type]
    child.start()
    try:
        yield ours
    finally:
        child.terminate()
        child.join()


@contextlib.contextmanager
def arena(folder: Path, models_port: int) -> Iterator[tuple[int, int]]:
    """`arena serve` on a new folder; its process and its port."""
    config = folder / "arena.toml"
    tables = "".join(
        f'[[models]]\nname = "model-{name}"\nendpoint = "http://127.0.0.1:{models_port}/v1"\nserved_name = "{name}"\n'
        for name in NAMES
    )
    config.write_text(f'port = 0\ndata_dir = "{folder / "data"}"\n{tables}')
    log = folder / "log"
    with log.open("w") as written, subprocess.Popen([ARENA, "serve", "--config", config], stderr=written) as running:
        try:
            while "The arena is ready: " not in (said := log.read_text()):
                assert running.poll() is None, said
                time.sleep(0.2)
            yield running.pid, int(said.split("The arena is ready: ")[1].split()[0].rstrip("/").rpartition(":")[2])
        finally:
            running.terminate()
            running.wait()


async def others(port: int, count: int, until: asyncio.Event) -> list[tuple[float, str]]:
    """Seconds that each battle took to open, and how it ended, of raters at other addresses."""
    found: list[tuple[float, str]] = []

    async def rate(number: int) -> None:
        person = Address(port=port, source=f"127.0.1.{number + 1}")
        token = await person.rater()
        while not until.is_set():
            answer = await person.ask("POST", "/api/v1/battles", token, {"prompt": "Which is better?"})
            ended = f"refused {answer.status}"
            if answer.status == 201:
                _, ended = await person.stream(answer.json()["battle_id"], token)
            found.append((answer.seconds, ended))

    await asyncio.gather(*(rate(number) for number in range(count)))
    return found


async def watched(port: int, count: int, seconds: float) -> list[tuple[float, str]]:
    """Others for so long."""
    until = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, until.set)
    return await others(port, count, until)


def quantiles(seconds: list[float]) -> str:
    """Middle and ends of times, in milliseconds."""
    if not seconds:
        return "none"
    middle, most, nearly = numpy.quantile(numpy.array(seconds) * 1000, [0.5, 0.95, 0.99])
    return f"p50 {middle:6.0f} ms  p95 {most:6.0f} ms  p99 {nearly:6.0f} ms  most {max(seconds) * 1000:6.0f} ms"


def told(name: str, found: list[tuple[float, str]]) -> None:
    """Print what others saw."""
    ends = Counter(ended for _, ended in found)
    print(f"{name:18} {len(found):5} opened: {quantiles([seconds for seconds, _ in found])}  ended {dict(ends)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=5, help="of a round")
    parser.add_argument("--others", type=int, default=12, help="raters at other addresses")
    given = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with (
        tempfile.TemporaryDirectory(prefix="flood-") as folder,
        process(models) as source,
        arena(Path(folder), source.recv()) as (pid, port),
    ):
        told("nobody else", asyncio.run(watched(port, given.others, 2 * given.seconds)))
        with process(flood, port, given.rounds, given.seconds) as attacker:
            attacker.recv()
            spent, began = served.spent(pid), time.monotonic()
            told("during the flood", asyncio.run(watched(port, given.others, given.rounds * given.seconds)))
            busy = (served.spent(pid) - spent) / (time.monotonic() - began)
            answers: dict[str, list[Answer]] = attacker.recv()
            attacked, late_timer = attacker.recv()
    print(f"cores busy: the arena {busy:.2f}, the attacker {attacked:.2f}")
    everything = [answer for kind in answers.values() for answer in kind]
    for kind, came in answers.items():
        statuses = Counter(str(answer.status) for answer in came)
        print(f"{kind:18} {len(came):5} asked, by status {dict(statuses)}")
        print(f"{'':18} {len(refused(came)):5} refused: {quantiles([answer.seconds for answer in refused(came)])}")
    print(f"{'a bare timer':18} {len(late_timer):5} late:    {quantiles(late_timer)}")
    late = refused(everything)
    print(f"{'all refusals':18} {len(late):5} refused: {quantiles([answer.seconds for answer in late])}")
    print(f"without Retry-After {sum('retry-after' not in answer.headers for answer in late)}")
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
