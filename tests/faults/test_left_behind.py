"""What tests that were killed left behind goes away with the next run."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests import owned_folder, postgres

KILLED = """
import os, signal, sys
from pathlib import Path
from tests import owned_folder, postgres

with {made} as made:
    print(made, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def left_by(made: str, place: Path) -> str:
    """What a process says of what it made in a folder, and is killed."""
    program = [sys.executable, "-c", KILLED.format(made=made), str(place)]
    return subprocess.run(program, capture_output=True, text=True, check=False, timeout=120).stdout.strip()


def test_a_folder_is_abandoned_once_its_process_is_gone(tmp_path: Path) -> None:
    with owned_folder.owned("a-", tmp_path) as held:
        left = Path(left_by("owned_folder.owned('a-', Path(sys.argv[1]))", tmp_path))
        (tmp_path / "a-foreign").mkdir()
        assert {*tmp_path.glob("a-*")} == {held, left, tmp_path / "a-foreign"}
        assert [*owned_folder.abandoned("a-", tmp_path)] == [left]
    assert not held.exists()


@pytest.mark.postgres
def test_a_server_whose_tests_were_killed_is_ended_and_removed() -> None:
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        place.chmod(0o755)  # PostgreSQL's own user finds its folder in it
        assert "Server" in left_by("postgres.running(Path(sys.argv[1]))", place)
        (folder,) = place.iterdir()
        process = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        assert str(folder) in said_by(process), "the control"
        postgres.clear_abandoned(place)
        assert [*place.iterdir()] == []
        assert str(folder) not in said_by(process)


def said_by(process: int) -> str:
    """The words that a process was started with; none where it has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except OSError:
        return ""
