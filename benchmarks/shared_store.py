"""Votes a second of the store: a DuckDB file, and PostgreSQL from one, two and three processes on one chain.

Each client opens a battle, completes it and votes, and waits for each to be durable, as raters do; each process is one
of its own. Needs Debian's postgresql and the extra postgres: scripts/setup.sh .venv embedded,dev,postgres
"""

import argparse
import importlib.util
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from arena.domain.ids import RaterId
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests import postgres
from tests.store import making


def opened(url: str | None, folder: Path) -> Workspace:
    if url is None:
        return Workspace.open(folder / "workspace.duckdb")
    from arena.store.postgres.shared import open_shared  # noqa: PLC0415 - of an extra

    return open_shared(url, "default", folder)


def process(
    url: str | None, folder: Path, number: int, clients: int, seconds: float, ready: object, told: object
) -> None:
    """One process: its clients vote for some seconds, all processes at the same time."""
    making.CHANCE.seed(number)
    votes = [0] * clients
    with opened(url, folder) as workspace:

        def client(place: int) -> None:
            rater = RaterId(f"r_{number}_{place}")
            while time.monotonic() < ends:
                battle = making.battle(rater_id=rater)
                workspace.submit(commands.OpenBattle(battle=battle)).result()
                workspace.submit(making.completing(battle.battle_id)).result()
                recent = workspace.battle(battle.battle_id)
                assert recent is not None
                vote = making.vote(battle.battle_id, rater)
                workspace.submit(commands.CastVote(vote=vote, record=recent.record)).result()
                votes[place] += 1

        ready.wait()  # type: ignore[attr-defined]
        ends, busy = time.monotonic() + seconds, time.process_time()
        threads = [threading.Thread(target=client, args=(place,)) for place in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        told.put((sum(votes), time.process_time() - busy))  # type: ignore[attr-defined]


def measured(url: str | None, processes: int, clients: int, seconds: float) -> tuple[int, float]:
    """Votes of all, and their CPU seconds."""
    made = multiprocessing.get_context("spawn")
    ready, told = made.Barrier(processes), made.Queue()
    with tempfile.TemporaryDirectory() as folder:
        running = [
            made.Process(
                target=process,
                args=(url, Path(folder) / str(number), number, clients // processes, seconds, ready, told),
            )
            for number in range(processes)
        ]
        for one in running:
            one.start()
        found = [told.get(timeout=120) for _ in running]
        for one in running:
            one.join()
    return sum(votes for votes, _ in found), sum(cpu for _, cpu in found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=48)
    parser.add_argument("--seconds", type=float, default=5.0)
    asked = parser.parse_args()
    print(f"{'store':<34}{'votes/s':>9}{'CPU ms a vote':>15}{'load':>7}")
    for name, shared, processes in (
        ("a DuckDB file", False, 1),
        ("PostgreSQL, one process", True, 1),
        ("PostgreSQL, two processes", True, 2),
        ("PostgreSQL, three processes", True, 3),
    ):
        if shared and (postgres.found_programs() is None or importlib.util.find_spec("psycopg") is None):
            print(f"{name:<34} left out: PostgreSQL or the extra postgres is absent")
            continue
        if shared:
            with postgres.running() as server:
                votes, cpu = measured(server.url(), processes, asked.clients, asked.seconds)
        else:
            votes, cpu = measured(None, processes, asked.clients, asked.seconds)
        load = os.getloadavg()[0]
        print(f"{name:<34}{votes / asked.seconds:>9.0f}{1000 * cpu / max(votes, 1):>15.1f}{load:>7.1f}", flush=True)


if __name__ == "__main__":
    main()
