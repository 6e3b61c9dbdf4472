"""Running the command `arena` as a person does: a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def arena(tmp_path: Path) -> Command:
    """Run `arena ARGUMENTS` in a folder of its own, with its data in `data` there unless told otherwise."""

    def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [Path(sys.executable).parent / "arena", *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, "ARENA_DATA_DIR": str(tmp_path / "data"), **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

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
