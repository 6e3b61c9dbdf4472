"""A data folder that commit 6d1c148 left is looked at as it is, and moved by the first command that opens it."""

import hashlib
from pathlib import Path

from arena.cli import doctor, local
from arena.cli.doctor import CheckState
from arena.services import identity, old_layout, paths
from arena.store import backup, ledger
from arena.store.workspace import Workspace
from tests.old.test_workspace import unpacked


def test_a_backup_that_was_made_then_is_restored_now(tmp_path: Path) -> None:
    told = unpacked(tmp_path)
    kept = tmp_path / "data" / "workspaces"
    names = [path.name for path in kept.iterdir()]
    digests = [f"{hashlib.sha256((kept / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (kept / "default.sha256").write_text("".join(digests))
    restored = backup.restore(kept, "default", paths.workspace_path(tmp_path / "new", "default"))
    with Workspace.open(restored) as workspace:
        assert workspace.verify().lines == told["verification"]["lines"]
    assert sorted(path.name for path in restored.parent.iterdir()) == ["workspace.duckdb", "workspace.heads"]


def test_a_command_moves_it_and_finds_every_vote_and_the_same_key(tmp_path: Path) -> None:
    told = unpacked(tmp_path)
    data = tmp_path / "data"
    found = list(doctor.examined(None, data))
    assert old_layout.found(data), "doctor changes nothing"
    layout, workspace = (one for one in found if one.check in ("layout", "workspace default"))
    assert (layout.state, workspace.state) == (CheckState.NOTE, CheckState.FINE)

    assert ledger.verify(local.existing(data, "default")) == ledger.VerifyReport(
        lines=told["verification"]["lines"], problems=()
    )
    assert not old_layout.found(data)
    assert identity.release_signer(data, "default").public_key == told["key"]["key"]
    releases = paths.releases_path(data, "default")
    assert {one["release_id"] for one in told["releases"].values()} <= {path.name for path in releases.iterdir()}
    assert (data / "admin-token").read_text().strip() == told["admin_token"]
    assert "layout" not in {one.check for one in doctor.examined(None, data)}
