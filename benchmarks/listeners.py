"""How late a thousand listeners hear of votes, and what they cost.

    python benchmarks/listeners.py [--listeners 1000] [--votes 20]

`arena serve` runs as a process of its own with battles that lie in its file; the listeners are connections of this one.
After each vote it is measured how long it takes until the first and until the last of them was told; the arena looks
once a second. CPU is the arena's. The machine's load is printed, because both processes share its cores.
"""

import argparse
import asyncio
import json
import os
import platform
import resource
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import filled
import numpy
import served
from served import Client

AT_ONCE = 100
"""Connections that are opened together."""
PATIENCE = 60.0
"""Seconds to wait for whoever was told nothing."""


class Crowd:
    """Listeners, and when each heard of a number of votes."""

    def __init__(self) -> None:
        self.heard: dict[int, list[float]] = {}
        self.there = 0
        self.changed = asyncio.Event()

    async def listen(self, host: str, port: int, token: str) -> None:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(
            f"GET /api/v1/events HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
        )
        kind = b""
        while line := await reader.readline():
            if line.startswith(b"event: "):
                kind = line
            elif line.startswith(b"data: ") and kind == b"event: votes\n":
                counted = json.loads(line[6:])["counted"]
                heard = self.heard.setdefault(counted, [])
                heard.append(time.perf_counter())
                self.changed.set()

    async def until(self, counted: int, listeners: int) -> int:
        """Wait until all heard of a number of votes; how many did."""
        limit = time.perf_counter() + PATIENCE
        while len(self.heard.get(counted, ())) < listeners and time.perf_counter() < limit:
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), 1)
            except TimeoutError:
                continue
        return len(self.heard.get(counted, ()))


async def measured(url: str, token: str, pid: int, listeners: int, votes: int) -> None:
    """Print the figures of one arena."""
    parts, crowd = urlsplit(url), Crowd()
    host, port = str(parts.hostname), int(parts.port or 80)
    tasks = []
    for number in range(1, listeners + 1):
        tasks.append(asyncio.create_task(crowd.listen(host, port, token)))
        if number % AT_ONCE == 0 or number == listeners:
            await crowd.until(0, number)  # one address may not open all of them at the same moment
    print(f"{len(crowd.heard[0]):,} of {listeners:,} listeners told how it stands")
    client = Client(url, token)
    first, last, told = [], [], 0
    began = served.spent(pid)
    for number in range(1, votes + 1):
        await asyncio.to_thread(client.vote, filled.battle_id(number))
        voted = time.perf_counter()
        told += await crowd.until(number, listeners)
        heard = [one - voted for one in crowd.heard.get(number, [PATIENCE])]
        first.append(min(heard))
        last.append(max(heard))
    spent = served.spent(pid) - began
    print(f"told: {told:,} of {listeners * votes:,}")
    for name, values in (("first", first), ("last", last)):
        print(f"{name} listener, seconds after the vote: median {numpy.median(values):.2f}, worst {max(values):.2f}")
    print(f"CPU of the arena for a vote and all who hear of it: {spent * 1000 / votes:.0f} ms")
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def main() -> None:
    """Measure, and print what came of it with the load."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listeners", type=int, default=1000)
    parser.add_argument("--votes", type=int, default=20)
    given = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, given.listeners + 200)), hard))
    print(f"{platform.machine()}, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        token = filled.fill(folder, 0, given.votes)
        with served.serving(folder) as (pid, url):
            asyncio.run(measured(url, token, pid, given.listeners, given.votes))
    print(f"load at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
