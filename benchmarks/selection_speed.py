"""Seconds of CPU until a selection is counted and examples are drawn: battles that are alike together, and one by one.

    python benchmarks/selection_speed.py [--votes 100000] [--dir FOLDER]

The workspace is that of `export_speed.py`, one vote a battle. Each selection is counted twice in a fresh `Selecting`:
the second time, what was found in the prompts is known. One by one is the same count with every record read, as it has
to be where a selection compares texts or looks for names in them. Languages are not looked for.
"""

import argparse
import functools
import os
import platform
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import export_speed
from filled import pairs

from arena import exports
from arena.domain.selection import Selection
from arena.exports.filters import counting, examples
from arena.exports.filters.counting import BattleGroup
from arena.services import battle_groups, selecting
from arena.services.battle_groups import Texts
from arena.store import selection
from arena.store.rows import Connection
from arena.store.workspace import Workspace

FORM = exports.FORMATS["trl-dpo"]
SELECTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"ties": "drop"},
    {"minimum_rater_votes": 50},
    {"minimum_answer_characters": 10, "since": "2025-01-01"},
    {"test_share": 0.1},
    {"leaks": "drop"},
)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--votes", type=int, default=100_000)
    parser.add_argument("--dir", type=Path, default=None, help="where the workspace is written; a temporary folder")
    given = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {given.votes:,} votes")
    with tempfile.TemporaryDirectory(dir=given.dir) as folder:
        path = Path(folder) / export_speed.WORKSPACE
        pairs.fill(path, given.votes)
        with Workspace.open(path) as workspace, workspace.reading() as connection:
            for select in SELECTIONS:
                chosen, texts = Selection.from_mapping(select), Texts()
                together = functools.partial(count, connection, chosen, texts, one_by_one=False)
                alone = functools.partial(count, connection, chosen, texts, one_by_one=True)
                figures = f"first {seconds(together):.2f} s, again {seconds(together):.2f} s"
                print(f"{select}: {figures}, one by one {seconds(alone):.2f} s")
            print(f"four examples: {seconds(functools.partial(draw, connection)):.2f} s")


def seconds(work: Callable[[], object]) -> float:
    """Of CPU, all threads together."""
    started = time.process_time()
    work()
    return time.process_time() - started


def count(connection: Connection, chosen: Selection, texts: Texts, *, one_by_one: bool) -> None:
    known = selecting.asked_of(connection, chosen, texts.language)
    found = battle_groups.counted(connection, chosen, FORM, texts, known.private, threading.Event(), by_language=False)
    if one_by_one:
        found = map(BattleGroup.alone, selection.voted(connection))
    counting.count(found, chosen, known, FORM, without=("languages",))


def draw(connection: Connection) -> None:
    known = selecting.asked_of(connection, Selection())
    drawn = battle_groups.drawn(connection, Selection(), 1)
    if len(examples.draw(drawn, Selection(), known, FORM, seed=1, by_rank=True)) != 4:
        raise AssertionError("there are fewer than four examples")


if __name__ == "__main__":
    main()
