"""CPU time of the arena for one request, in workspaces of several sizes.

    python benchmarks/request_cpu.py [--battles 0 200000] [--requests 100] [--dir FOLDER]

`arena serve` runs as a process of its own; this one sends it real HTTP over one kept connection and reads the
server's CPU clock before and after, over all its threads, so that other work on the machine does not count. Most of
the battles that are voted on lay in the file before the arena started, the others were opened over HTTP and answered
by a model server in this process. Votes come one after another, then from fifty connections at once, which share
commits. A board is asked for after each vote, and its time is its own.
"""

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import filled
import served
from served import Client

WARM = 10
"""Requests of each kind that are not counted: the first ones import and compile."""


AT_ONCE = 50


def opened(client: Client, count: int) -> list[str]:
    """Battles opened over HTTP, once all of them are ready."""
    made: list[str] = []
    while len(made) < count:
        fits = min(count - len(made), AT_ONCE)
        some = [client.ask("POST", "/api/v1/battles", {"prompt": "Say it."})["battle_id"] for _ in range(fits)]
        for battle_id in some:
            while client.ask("GET", f"/api/v1/battles/{battle_id}")["state"] == "open":
                time.sleep(0.2)
        made += some
    return made


def per_request(pid: int, work: Callable[[Any], None], over: list[Any]) -> float:
    """Milliseconds of the arena's CPU for each, without those that warm up."""
    for one in over[:WARM]:
        work(one)
    started = served.spent(pid)
    for one in over[WARM:]:
        work(one)
    return (served.spent(pid) - started) * 1000 / (len(over) - WARM)


def together(pid: int, url: str, token: str, battle_ids: list[str]) -> float:
    """Milliseconds for each vote where so many raters vote at once."""
    clients = [Client(url, token) for _ in range(AT_ONCE)]
    started = served.spent(pid)
    with ThreadPoolExecutor(AT_ONCE) as senders:
        for number, client in enumerate(clients):
            senders.submit(lambda client=client, own=battle_ids[number::AT_ONCE]: [client.vote(one) for one in own])
    return (served.spent(pid) - started) * 1000 / len(battle_ids)


def boards(pid: int, client: Client, battle_ids: list[str]) -> float:
    """Milliseconds for the board that follows a vote, the vote left out."""
    took = []
    for battle_id in battle_ids:
        client.vote(battle_id)
        started = served.spent(pid)
        client.ask("GET", "/api/v1/leaderboards/overall")
        took.append(served.spent(pid) - started)
    return sum(took[WARM:]) * 1000 / len(took[WARM:])


def measured(voted: int, requests: int, folder: Path) -> dict[str, float]:
    """Milliseconds of CPU by kind of request, in a workspace of so many battles."""
    each, crowd = requests + WARM, 10 * AT_ONCE
    token = filled.fill(folder, voted, 3 * each + crowd)
    stored = [filled.battle_id(voted + 1 + number) for number in range(3 * each + crowd)]
    found: dict[str, float] = {}
    with served.serving(folder) as (pid, url):
        client = Client(url, token)

        def get(path: str) -> None:
            client.ask("GET", path)

        live = opened(client, each)
        found["healthz"] = per_request(pid, get, ["/healthz"] * each)
        found["me"] = per_request(pid, get, ["/api/v1/me"] * each)
        found["battle, opened live"] = per_request(pid, get, [f"/api/v1/battles/{one}" for one in live])
        found["battle, from the file"] = per_request(pid, get, [f"/api/v1/battles/{one}" for one in stored[:each]])
        found["vote, opened live"] = per_request(pid, client.vote, live)
        found["vote, from the file"] = per_request(pid, client.vote, stored[each : 2 * each])
        found["battle, voted"] = per_request(pid, get, [f"/api/v1/battles/{one}" for one in live])
        found["board after a vote"] = boards(pid, client, stored[2 * each : 3 * each])
        found["vote, 50 at once"] = together(pid, url, token, stored[3 * each :])
        found["board unchanged"] = per_request(pid, get, ["/api/v1/leaderboards/overall"] * each)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--battles", type=int, nargs="+", default=[0, 200_000])
    parser.add_argument("--requests", type=int, default=100, help="of each kind, at each size")
    parser.add_argument("--dir", type=Path, help="where the folders are written; a temporary folder otherwise")
    given = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; ms of CPU a request")
    columns: list[dict[str, float]] = []
    for voted in given.battles:
        with tempfile.TemporaryDirectory(prefix="request-cpu-", dir=given.dir) as folder:
            columns.append(measured(voted, given.requests, Path(folder)))
    print(f"{'battles':24}" + "".join(f"{voted:>12,}" for voted in given.battles))
    for name in columns[0]:
        print(f"{name:24}" + "".join(f"{column[name]:12.2f}" for column in columns))
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
