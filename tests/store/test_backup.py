"""Backups taken while the workspace is in use restore to what was there."""

import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from arena import errors
from arena.store import backup, heads, ledger
from arena.store.workspace import Workspace
from tests.store import making


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(tmp_path / "live" / "workspace.duckdb") as opened:
        yield opened


@pytest.mark.slow
def test_backups_under_writes_restore_to_one_moment_and_lose_nothing_told_before(
    workspace: Workspace, tmp_path: Path
) -> None:
    told: list[str] = []
    ending = threading.Event()

    def client(rater: str) -> None:
        while not ending.is_set():
            told.append(making.cast(workspace, rater).vote.vote_id)

    threads = [threading.Thread(target=client, args=(f"r_{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    try:
        for number in range(4):
            before = set(told)
            copy = backup.backup(workspace, tmp_path / f"backup{number}", "lab")
            restored = backup.restore(copy.parent, "lab", tmp_path / f"restored{number}" / "workspace.duckdb")
            with Workspace.open(restored) as again, again.reading() as connection:
                stored = {row[0] for row in connection.execute("SELECT vote_id FROM votes").fetchall()}
                head = ledger.head(connection)
            assert before <= stored
            assert head is None or head.sequence == len(stored)
            assert ledger.verify(restored).problems == ()
    finally:
        ending.set()
        for thread in threads:
            thread.join()
    assert len(told) > 6
    assert workspace.verify().problems == ()


def test_a_restored_workspace_goes_on(workspace: Workspace, tmp_path: Path) -> None:
    first = making.cast(workspace)
    backup.backup(workspace, tmp_path / "backup", "lab")
    with Workspace.open(backup.restore(tmp_path / "backup", "lab", tmp_path / "new" / "workspace.duckdb")) as restored:
        assert making.cast(restored).line.previous == first.line.hash
        assert making.loaded(restored, first.vote.battle_id).votes == (first.vote,)
        assert restored.verify() == ledger.VerifyReport(lines=2, problems=())


def test_a_backup_can_be_checked_with_the_system_s_own_tool(workspace: Workspace, tmp_path: Path) -> None:
    making.cast(workspace)
    copy = backup.backup(workspace, tmp_path / "backup", "lab")

    assert sorted(file.name for file in copy.parent.iterdir()) == ["lab.duckdb", "lab.heads", "lab.sha256"]
    checked = subprocess.run(["sha256sum", "--check", "lab.sha256"], cwd=copy.parent, capture_output=True, check=False)
    assert checked.returncode == 0


def test_the_heads_of_a_backup_end_at_its_moment(workspace: Workspace, tmp_path: Path) -> None:
    result = making.cast(workspace)
    copy = backup.backup(workspace, tmp_path / "backup", "lab")
    making.cast(workspace)

    newest = heads.last(heads.beside(copy))
    assert newest is not None
    assert (newest.votes, newest.hash) == (1, result.line.hash)
    assert len(list(heads.lines(heads.beside(copy)))) > 1


def test_a_backup_is_not_overwritten_and_leaves_nothing_half(workspace: Workspace, tmp_path: Path) -> None:
    backup.backup(workspace, tmp_path / "backup", "lab")
    with pytest.raises(errors.StoreError, match="exists and is not overwritten; name a new folder"):
        backup.backup(workspace, tmp_path / "backup", "lab")
    assert len(list((tmp_path / "backup").iterdir())) == 3


def test_a_restore_overwrites_nothing(workspace: Workspace, tmp_path: Path) -> None:
    backup.backup(workspace, tmp_path / "backup", "lab")
    before = workspace.path.stat()
    with pytest.raises(errors.StoreError, match="exists and is not overwritten; move it away"):
        backup.restore(tmp_path / "backup", "lab", workspace.path)
    assert workspace.path.stat() == before


@pytest.mark.parametrize("name", ["lab.duckdb", "lab.heads"])
def test_a_backup_with_a_flipped_bit_is_not_restored(workspace: Workspace, tmp_path: Path, name: str) -> None:
    making.cast(workspace)
    backup.backup(workspace, tmp_path / "backup", "lab")
    flip(tmp_path / "backup" / name)

    with pytest.raises(errors.StoreCorrupt, match=rf"{name} is not what lab\.sha256 says"):
        backup.restore(tmp_path / "backup", "lab", tmp_path / "new" / "workspace.duckdb")
    assert not (tmp_path / "new" / "workspace.duckdb").exists()


def test_a_backup_changed_together_with_its_checksum_is_not_restored(workspace: Workspace, tmp_path: Path) -> None:
    making.cast(workspace)
    copy = backup.backup(workspace, tmp_path / "backup", "lab")
    with backup.database.connect(copy) as connection:
        connection.execute("UPDATE votes SET winner = 'tie'")
    sums = subprocess.run(["sha256sum", "lab.duckdb", "lab.heads"], cwd=copy.parent, capture_output=True, check=True)
    copy.with_suffix(".sha256").write_bytes(sums.stdout)

    with pytest.raises(errors.StoreCorrupt, match="does not verify and was not restored: Vote v_"):
        backup.restore(tmp_path / "backup", "lab", tmp_path / "new" / "workspace.duckdb")
    assert list((tmp_path / "new").iterdir()) == []


def test_a_folder_without_the_backup_is_refused_with_what_is_there(workspace: Workspace, tmp_path: Path) -> None:
    backup.backup(workspace, tmp_path / "backup", "lab")
    with pytest.raises(errors.StoreError, match=r"holds no other\.duckdb; there is lab\.duckdb"):
        backup.restore(tmp_path / "backup", "other", tmp_path / "new" / "workspace.duckdb")


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
