"""Running the command `arena` as a person does: a process of its own."""

import os
import pkgutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from arena import cli
from tests.forking import Forking, forking

PROGRAM = Path(sys.executable).parent / "arena"
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def ready() -> Iterator[Forking]:
    """A process that has imported every command."""
    commands = [module.name for module in pkgutil.iter_modules(cli.__path__, "arena.cli.")]
    with forking("arena.cli:main", [*commands, "pandas"]) as process:  # which DuckDB imports at the first query
        yield process


@pytest.fixture
def arena(tmp_path: Path, ready: Forking) -> Command:
    """Run `arena ARGUMENTS` in a folder of its own, with its data in `data` there unless told otherwise."""

    def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        own = {**os.environ, "ARENA_DATA_DIR": str(tmp_path / "data"), **environment}
        return ready.run([str(PROGRAM), *map(str, arguments)], tmp_path, own)

    return run


def refused(done: subprocess.CompletedProcess[str], status: int, *words: str) -> None:
    """The command ended with this status and one sentence that holds these words, and printed no document."""
    assert done.returncode == status, (done.stdout, done.stderr)
    assert done.stdout == ""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("arena: ")
    for word in words:
        assert word in lines[0]
