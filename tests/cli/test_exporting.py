"""`arena export` leaves a release that the arena knows of, or none."""

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from arena.cli import exporting
from arena.errors import ArenaError, StoreStopped
from arena.services import places
from arena.store import commands
from arena.store.workspace import Workspace
from tests.store import making


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data of an arena with two votes."""
    path = places.workspace_path(tmp_path / "data", "default")
    path.parent.mkdir(parents=True)
    with Workspace.open(path) as workspace:
        for _ in range(2):
            making.cast(workspace)
    return tmp_path / "data"


def full_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def not_recorded(workspace: Workspace, command: Any) -> Any:
    if isinstance(command, commands.RecordRelease):
        raise StoreStopped("The disk is full.")
    return submit(workspace, command)


submit = Workspace.submit


@pytest.mark.parametrize(
    ("owner", "name", "failing"), [(shutil, "copyfile", full_disk), (Workspace, "submit", not_recorded)]
)
def test_a_release_that_cannot_be_recorded_is_not_left_behind(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: object, name: str, failing: object
) -> None:
    """Nobody could settle it or prove a vote in it, and what it holds out would bind no later one."""
    out, releases = tmp_path / "out", places.releases_path(data)
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, failing)
        with pytest.raises(ArenaError):
            exporting.export("battles", out, data_dir=data)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]
    assert list(releases.iterdir()) == []
    exporting.export("battles", out, data_dir=data)
    assert out.is_dir(), "positive control"
    assert len(list(releases.iterdir())) == 1
