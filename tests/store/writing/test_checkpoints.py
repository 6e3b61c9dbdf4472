"""The log is folded into the file when nobody waits, and only when there is room."""

import os
import time
from pathlib import Path

import pytest

from arena.store.workspace import Workspace
from arena.store.writing import checkpoints
from tests.store import making


def size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # also between two looks at it
        return 0


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "IDLE_BYTES", 1)
    monkeypatch.setattr(checkpoints, "IDLE_SECONDS", 0.05)


@pytest.mark.usefixtures("eager")
def test_an_idle_workspace_folds_its_log(tmp_path: Path) -> None:
    log = tmp_path / "a.duckdb.wal"
    with Workspace.open(tmp_path / "a.duckdb") as workspace:
        first = making.cast(workspace)
        deadline = time.monotonic() + 10
        while size(log) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert size(log) == 0
        assert making.cast(workspace).line.previous == first.line.hash
        assert workspace.verify().problems == ()


@pytest.mark.usefixtures("eager")
def test_without_room_the_log_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Workspace.open(tmp_path / "a.duckdb") as workspace:
        small = os.statvfs_result((4096, 4096, *[0] * 8))
        monkeypatch.setattr(os, "statvfs", lambda folder: small)
        making.cast(workspace)
        time.sleep(0.3)
        assert size(tmp_path / "a.duckdb.wal") > 0


def test_a_small_log_stays(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "a.duckdb") as workspace:
        making.cast(workspace)
        time.sleep(2 * checkpoints.IDLE_SECONDS)
        assert size(tmp_path / "a.duckdb.wal") > 0
