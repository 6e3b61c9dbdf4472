"""A command whose streams are closed does its work, and says nothing where it should not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.imports import making


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "closed", "status", "heard"),
    [
        ("export --format battles --out out", "2>&-", 0, ""),
        ("export --format battles --out out", "<&- >&- 2>&-", 0, ""),
        ("export --format nope --out out", "2>&-", 2, ""),
        ("export --format nope --out out", ">&-", 2, "arena: format is 'nope'"),
    ],
)
def test_a_closed_stream_neither_ends_a_command_nor_speaks_on_another(
    arena: Command, tmp_path: Path, arguments: str, closed: str, status: int, heard: str
) -> None:
    assert arena("import", "battles", making.write(tmp_path / "log.jsonl", [making.lmarena()])).returncode == 0
    done = subprocess.run(
        ["sh", "-c", f"{Path(sys.executable).parent / 'arena'} {arguments} {closed}"],
        cwd=tmp_path,
        env={**os.environ, "ARENA_DATA_DIR": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status
    assert (done.stdout + done.stderr).startswith(heard)
    assert bool(done.stdout + done.stderr) == bool(heard)
    assert (tmp_path / "out" / "manifest.json").exists() == ("battles" in arguments)
