"""A flipped bit or a cut in any file of a workspace is found, or changes nothing that was stored.

Each damaged copy is read in a process of its own, since DuckDB may end the process on a log it cannot read.
"""

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from arena.store.workspace import Workspace
from tests.store import making

VOTES = 25
FLIPS = 6
"""Per file and state; a thousand of each run in make soak."""

READER = """
import json, sys
from pathlib import Path
from arena import errors
from arena.store import database, ledger, selection
from arena.store.workspace import Workspace

def content(connection):
    return [repr(record) for record in selection.voted(connection)]

for name in sys.argv[2:]:
    path = Path(name)
    if sys.argv[1] == "bare":
        try:
            with database.connect(path, read_only=True) as connection:
                print(json.dumps([name, True, content(connection)]), flush=True)
        except Exception:
            print(json.dumps([name, False, None]), flush=True)
        continue
    problems = ledger.verify(path).problems
    try:
        with Workspace.open(path) as workspace, workspace.reading() as connection:
            print(json.dumps([name, not problems, content(connection)]), flush=True)
    except errors.StoreError as error:
        print(json.dumps([name, False, None]), flush=True)
"""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same workspace twice: with its votes in the log, as after a crash, and folded into the file."""
    folder = tmp_path_factory.mktemp("sound")
    logged, folded = folder / "logged", folder / "folded"
    with Workspace.open(folder / "live" / "a.duckdb") as workspace:
        for _ in range(VOTES):
            making.cast(workspace)
        shutil.copytree(folder / "live", logged)
    shutil.copytree(folder / "live", folded)
    assert (logged / "a.duckdb.wal").stat().st_size > 10_000
    assert not (folded / "a.duckdb.wal").exists()
    return {"logged": logged, "folded": folded}


def damaged(source: Path, name: str, folder: Path, chance: random.Random, count: int, cut: bool) -> Iterator[Path]:
    """Copies of a workspace with one bit of one file flipped, or the file cut off somewhere."""
    for number in range(count):
        copy = folder / f"{source.name}-{name}-{'cut' if cut else 'flip'}-{number}"
        shutil.copytree(source, copy)
        content = bytearray((copy / name).read_bytes())
        place = chance.randrange(len(content))
        if cut:
            del content[place:]
        else:
            content[place] ^= 1 << chance.randrange(8)
        (copy / name).write_bytes(content)
        yield copy / "a.duckdb"


def read(how: str, paths: list[Path]) -> dict[Path, tuple[bool, list[str] | None]]:
    """Per copy: whether it was taken for sound, and what it held. A process that died found its damage, loudly."""
    found: dict[Path, tuple[bool, list[str] | None]] = {}
    waiting = list(paths)
    while waiting:
        command = [sys.executable, "-c", READER, how, *map(str, waiting)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=120 + 2 * len(waiting), check=False)
        for line in ended.stdout.splitlines():
            name, sound, content = json.loads(line)
            found[Path(name)] = (sound, content)
        waiting = [path for path in waiting if path not in found]
        if waiting:
            assert ended.returncode < 0, ended.stderr
            found[waiting.pop(0)] = (False, None)
    return found


CASES = [
    ("logged", "a.duckdb.wal", False),
    ("logged", "a.duckdb.wal", True),
    ("logged", "a.duckdb", False),
    ("logged", "a.heads", False),
    ("folded", "a.duckdb", False),
    ("folded", "a.duckdb", True),
    ("folded", "a.heads", False),
    ("folded", "a.heads", True),
]


@pytest.mark.slow
@pytest.mark.parametrize(("state", "name", "cut"), CASES)
def test_damage_is_found_or_harmless(
    folders: dict[str, Path], tmp_path: Path, state: str, name: str, cut: bool
) -> None:
    check_damage(folders, tmp_path, state, name, cut, FLIPS)


@pytest.mark.soak
@pytest.mark.parametrize(("state", "name", "cut"), CASES)
def test_a_thousand_times_damage_is_found_or_harmless(
    folders: dict[str, Path], tmp_path: Path, state: str, name: str, cut: bool
) -> None:
    check_damage(folders, tmp_path, state, name, cut, 1000)


def check_damage(folders: dict[str, Path], tmp_path: Path, state: str, name: str, cut: bool, count: int) -> None:
    (whole,) = read("verified", [Path(shutil.copytree(folders[state], tmp_path / "whole")) / "a.duckdb"]).values()
    assert whole[0] is True
    copies = list(damaged(folders[state], name, tmp_path, random.Random(f"{state} {name} {cut}"), count, cut))
    for path, (sound, content) in read("verified", copies).items():
        assert not sound or content == whole[1], path.parent.name


def test_the_control_the_bare_database_loses_votes_without_a_word(folders: dict[str, Path], tmp_path: Path) -> None:
    copies = list(damaged(folders["logged"], "a.duckdb.wal", tmp_path, random.Random(1), 10, cut=True))
    taken_for_sound = [content for sound, content in read("bare", copies).values() if sound]

    assert any(content is not None and len(content) < VOTES for content in taken_for_sound)
