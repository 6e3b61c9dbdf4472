"""Milliseconds until a board answers: one that is kept, and a new cut, over a workspace of many votes.

    python benchmarks/boards.py [--votes 100000] [--models 200] [--dir FOLDER]

`arena serve` runs as a process of its own, and this one asks it over one kept connection, one request at a time: first
for each cut when nothing is kept, with the server's CPU time and memory, then for all in turn, many times. The first of
all, and the first with controls, read what later ones find in memory. A folder that is given and filled is used.
"""

import argparse
import os
import platform
import statistics
import tempfile
import time
import urllib.parse
from pathlib import Path

import filled
import served

from arena.services import paths

CUTS: tuple[dict[str, str], ...] = (
    {},
    {"category": "uncategorised"},
    {"since": "2020-01-03"},
    {"ties": "davidson"},
    {"both_bad": "separate", "anchor": "model-07=1000"},
    {"cluster": "rater"},
    {"by": "month", "value": "2020-01"},
    {"by": "week"},
    {"controls": "length"},
    {"controls": "length,bold,lists"},
    {"controls": "length,bold,lists", "since": "2020-01-03", "cluster": "rater"},
    {"until": "2020-02-05", "votes": "all"},
)
AGAIN = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--votes", type=int, default=100_000)
    parser.add_argument("--models", type=int, default=200)
    parser.add_argument("--dir", type=Path, default=None, help="where the data is, or is written; a temporary folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.dir or Path(temporary)
        if not paths.workspace_path(folder, paths.DEFAULT_WORKSPACE).exists():
            filled.fill(folder, given.votes, 0, given.models)
        with served.serving(folder) as (pid, url):
            token = (folder / "admin-token").read_text().strip()
            measure(pid, served.Client(url, token), given.models)


def measure(pid: int, client: served.Client, models: int) -> None:
    """Ask for every cut, and print what it took."""

    def seconds(cut: dict[str, str]) -> float:
        started = time.perf_counter()
        client.ask("GET", f"/api/v1/leaderboards/overall?{urllib.parse.urlencode(cut)}")
        return time.perf_counter() - started

    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {models} models")
    for cut in ({"ties": "drop", "votes": "all"}, *CUTS):
        used = served.spent(pid)
        new = seconds(cut)
        print(
            f"new {said(cut)}: {new * 1000:,.0f} ms, {(served.spent(pid) - used) * 1000:,.0f} ms of CPU, "
            f"{memory(pid):,.0f} MB held"
        )
    for cut in CUTS:
        taken = sorted([seconds(cut) for _ in range(AGAIN)])
        late = taken[int(0.95 * AGAIN)]
        print(f"kept {said(cut)}: p95 {late * 1000:,.1f} ms, median {statistics.median(taken) * 1000:,.1f} ms")
    votes = client.ask("GET", "/api/v1/leaderboards/overall")["votes"]
    print(f"{votes:,} votes, load {os.getloadavg()[0]:.1f}")


def memory(pid: int) -> float:
    """What a process holds now, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def said(cut: dict[str, str]) -> str:
    """A cut in words."""
    return "&".join(f"{name}={value}" for name, value in cut.items()) or "overall"


if __name__ == "__main__":
    main()
