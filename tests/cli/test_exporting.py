"""`arena export` leaves a release that the arena knows of, or none."""

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from arena.cli import exporting
from arena.domain.consent import Choice, Scope
from arena.errors import ArenaError, StoreStopped
from arena.services import paths
from arena.store import selection
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.store import making


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data of an arena with two votes."""
    path = paths.workspace_path(tmp_path / "data", "default")
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
    out, releases = tmp_path / "out", paths.releases_path(data, "default")
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, failing)
        with pytest.raises(ArenaError):
            exporting.export("battles", out, data_dir=data)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]
    assert list(releases.iterdir()) == []
    exporting.export("battles", out, data_dir=data)
    assert out.is_dir(), "positive control"
    assert len(list(releases.iterdir())) == 1


def test_it_says_that_a_release_is_not_for_publication(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exporting.export("battles", tmp_path / "before", data_dir=data)
    assert "publication" not in capsys.readouterr().err, "control: nobody chose"
    with Workspace.open(paths.workspace_path(data, "default")) as workspace:
        with workspace.reading() as connection:
            (record, *_) = selection.voted(connection)
        choice = Choice(choice_id="k_1", rater_id=record.votes[0].rater_id, scope=Scope.PRIVATE, chosen_at=making.NOW)
        workspace.submit(commands.Choose(choice=choice)).result()
    exporting.export("battles", tmp_path / "after", data_dir=data)
    assert "do not agree to publication; --select consent=public leaves them out." in capsys.readouterr().err
