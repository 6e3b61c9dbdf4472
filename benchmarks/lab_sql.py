"""CPU seconds of a lab's SELECT: in the process that is started for it, and in the arena, which hands the columns over.

    python benchmarks/lab_sql.py [--votes 1000000] [--rounds 5] [--dir FOLDER]

The median of the rounds, on a workspace of pairs (`filled/pairs.py`).
"""

import argparse
import os
import resource
import statistics
import tempfile
import time
from pathlib import Path

from filled import pairs

from arena.domain.ids import RaterId
from arena.store import lab_queries
from arena.store.workspace import Workspace

QUERIES = {
    "no table": "SELECT 1",
    "one column of all votes": "SELECT winner, count(*) FROM votes GROUP BY winner",
    "four columns of all votes": "SELECT winner, rater, max(battle_id), max(cast_at) FROM votes GROUP BY ALL",
}
NAMES = {RaterId(f"r_{number}"): RaterId(f"rater-{number}") for number in range(pairs.RATERS)}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--votes", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--dir", type=Path, default=None, help="where the workspace is written; a temporary folder")
    given = parser.parse_args()
    print(f"{given.votes:,} votes, load {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores")
    print(f"{'':28}{'arena, CPU s':>14}{'query, CPU s':>14}{'seconds':>10}")
    with tempfile.TemporaryDirectory(dir=given.dir) as folder:
        path = Path(folder) / "default.duckdb"
        pairs.fill(path, given.votes)
        with Workspace.open(path) as workspace:
            for name, query in QUERIES.items():
                rounds = [asked(workspace, query) for _ in range(given.rounds)]
                figures = [statistics.median(column) for column in zip(*rounds, strict=True)]
                print(f"{name:28}{figures[0]:14.2f}{figures[1]:14.2f}{figures[2]:10.2f}")
    print(f"load {os.getloadavg()[0]:.1f}")


def asked(workspace: Workspace, query: str) -> tuple[float, float, float]:
    """CPU seconds of this process and of that of the query, and seconds."""
    here, there, started = time.process_time(), children(), time.perf_counter()
    lab_queries.ask(workspace, query, NAMES)
    return time.process_time() - here, children() - there, time.perf_counter() - started


def children() -> float:
    """CPU seconds of processes that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
