"""Milliseconds until a board answers: one that is kept, and a new cut, over a workspace of many votes.

    python benchmarks/boards.py [--votes 100000] [--models 200] [--dir FOLDER]

Each cut is asked for as the API asks, service and JSON text together: first when nothing is kept, then again many times
while a new cut is made beside it, which is what a visitor meets. A folder that is given and filled already is used.
"""

import argparse
import asyncio
import os
import platform
import statistics
import tempfile
import time
from pathlib import Path

import filled

from arena.domain.principal import Principal, Role
from arena.services import board_settings, open_workspace, paths
from arena.services.boards import Boards
from arena.services.workspace_rules import WorkspaceRules
from arena.settings import Settings
from arena.store.instance import Instance

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
)
AGAIN = 200
ASKER = Principal(id="benchmark", role=Role.ADMIN, workspace=paths.DEFAULT_WORKSPACE)


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
        asyncio.run(measure(folder, given.models))


async def measure(folder: Path, models: int) -> None:
    """Ask for every cut, and print what it took."""
    with Instance.open(paths.instance_path(folder)) as instance:
        rules = WorkspaceRules(instance, paths.DEFAULT_WORKSPACE, Settings())
        with open_workspace.opened(folder, paths.DEFAULT_WORKSPACE) as here:
            boards = Boards(here.store, here.pseudonyms, rules)
            votes = here.store.head.votes
            print(
                f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
                f"{votes:,} votes, {models} models"
            )
            for cut in CUTS:
                new = await seconds(boards, cut)
                print(f"new {said(cut)}: {new * 1000:,.0f} ms")
            beside = asyncio.create_task(seconds(boards, {"until": "2020-03-05"}))
            for cut in CUTS:
                taken = sorted([await seconds(boards, cut) for _ in range(AGAIN)])
                late = taken[int(0.95 * AGAIN)]
                print(f"kept {said(cut)}: p95 {late * 1000:,.1f} ms, median {statistics.median(taken) * 1000:,.1f} ms")
            print(f"new, while kept ones were asked for: {await beside * 1000:,.0f} ms")


async def seconds(boards: Boards, cut: dict[str, str]) -> float:
    """How long an answer takes."""
    asked = board_settings.read(cut)
    started = time.perf_counter()
    text = (await (boards.each if asked.each else boards.find)(ASKER, "overall", asked)).to_json()
    taken = time.perf_counter() - started
    if not text:
        raise AssertionError("the board is empty")
    await asyncio.sleep(0)
    return taken


def said(cut: dict[str, str]) -> str:
    """A cut in words."""
    return "&".join(f"{name}={value}" for name, value in cut.items()) or "overall"


if __name__ == "__main__":
    main()
