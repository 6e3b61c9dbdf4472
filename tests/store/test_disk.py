"""What the disk does to the store: syncs that fail, files that may not be written, a disk that is full."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from arena import errors
from arena.store import ledger
from arena.store.workspace import Workspace
from tests.nursery import NURSERY
from tests.store import making
from tests.store.test_crashes import stored_votes, told_votes

pytestmark = pytest.mark.usefixtures("made_anew")

CHILD = Path(__file__).with_name("voting_child.py")


def traceable() -> bool:
    """Whether strace is here, and this machine lets it trace."""
    program = shutil.which("strace")
    return program is not None and subprocess.run([program, "-o", os.devnull, "true"], check=False).returncode == 0


strace = pytest.mark.skipif(not traceable(), reason="strace is absent or may not trace: install it to fail real syncs")
root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")


def traced(folder: Path, *options: str, votes: int = 3, child: tuple[str, ...] = ()) -> tuple[list[str], str]:
    """One client votes under strace; the trace's lines, and what the process said at its end."""
    trace = folder / "trace"
    command = ["strace", "-f", "-y", "-o", str(trace), *options]
    arguments = [sys.executable, str(CHILD), str(folder / "a.duckdb"), str(folder / "log"), "1", str(votes), *child]
    ended = subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=60, check=False)
    return trace.read_text().splitlines(), ended.stderr


def unsynced_acknowledgements(trace: list[str]) -> tuple[int, int]:
    """Acknowledgements in a trace, and those without a sync of the log since the one before."""
    told = unsynced = 0
    synced = False
    for line in trace:
        if "fdatasync(" in line and "a.duckdb" in line and line.endswith("= 0"):
            synced = True
        if re.search(r'write\(.*log>, "try', line):
            synced = False
        if re.search(r'write\(.*log>, "done', line):
            told += 1
            unsynced += not synced
            synced = False
    return told, unsynced


@strace
def test_a_vote_is_acknowledged_only_after_its_sync(tmp_path: Path) -> None:
    trace, _ = traced(tmp_path, "-e", "trace=fdatasync,write")

    assert unsynced_acknowledgements(trace) == (3, 0)


@strace
def test_the_control_without_syncs_is_caught(tmp_path: Path) -> None:
    trace, _ = traced(tmp_path, "-e", "trace=fdatasync,write", child=("--unsynced",))

    assert unsynced_acknowledgements(trace) == (3, 3)


@strace
@pytest.mark.parametrize("call", range(1, 7))
def test_nothing_is_acknowledged_after_a_failed_sync(tmp_path: Path, call: int) -> None:
    """Every thread's k-th sync fails; together the six reach the making of the file, its migration and the votes."""
    trace, said = traced(
        tmp_path, "-e", "trace=fdatasync,write", "-e", f"inject=fdatasync:error=EIO:when={call}", votes=6
    )
    failed = [number for number, line in enumerate(trace) if "INJECTED" in line]
    told = [number for number, line in enumerate(trace) if re.search(r'write\(.*log>, "done', line)]

    assert failed
    assert not told or max(told) < min(failed)
    assert re.match(r"Store\w+: .*a\.duckdb", said), said
    assert len(said.splitlines()) == 1
    assert told_votes(tmp_path / "log") <= set(stored_votes(tmp_path / "a.duckdb"))
    assert ledger.verify(tmp_path / "a.duckdb").problems == ()


def test_after_an_error_while_writing_nothing_more_is_accepted(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "a.duckdb") as workspace:
        told = making.cast(workspace)
        record = making.completed(workspace)
        # The commit's head cannot be written: as good as any other error of the disk.
        os.close(workspace._heads._descriptor)
        vote = making.vote(record.battle.battle_id)
        with pytest.raises(errors.StoreStopped, match=r"a\.duckdb could not be written"):
            workspace.submit(making.commands.CastVote(vote=vote, record=record)).result()
        with pytest.raises(errors.StoreStopped, match="Check the disk and start the arena again"):
            workspace.submit(making.commands.OpenBattle(battle=making.battle()))
        assert workspace.stopped is not None
        with workspace.reading() as connection:
            assert ledger.head(connection) is not None
        workspace._heads._descriptor = os.open(os.devnull, os.O_WRONLY)

    assert told.vote.vote_id in {vote for _, _, vote in stored_votes(tmp_path / "a.duckdb")}


def as_nobody(path: Path, said: Path) -> None:
    """Open a workspace as a user without rights, in a process of its own."""
    report = os.open(said, os.O_WRONLY | os.O_CREAT)
    if os.geteuid() == 0:
        os.setuid(65534)
    try:
        Workspace.open(path).close()
        os.write(report, b"opened")
    except errors.StoreError as error:
        os.write(report, f"{type(error).__name__}: {error}".encode())


@pytest.mark.parametrize("state", ["absent", "unwritable", "no folder"])
def test_a_place_that_may_not_be_written_is_refused_with_a_sentence(tmp_path: Path, state: str) -> None:
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    folder = tmp_path / "workspaces"
    folder.mkdir()
    path = folder / "a.duckdb"
    if state == "unwritable":
        with Workspace.open(path) as workspace:
            making.cast(workspace)
        path.chmod(0o444)
    if state == "no folder":
        path = folder / "deeper" / "a.duckdb"
    folder.chmod(0o555)
    process = NURSERY.Process(target=as_nobody, args=(path, tmp_path / "said"))
    (tmp_path / "said").touch()
    (tmp_path / "said").chmod(0o666)
    process.start()
    process.join()
    folder.chmod(0o755)

    said = (tmp_path / "said").read_text()
    assert re.match(r"StoreError: .* cannot be (opened|made) \(.*\); .*--data-dir", said), said
    assert process.exitcode == 0


@pytest.mark.slow
@root
def test_a_full_disk_refuses_loses_nothing_and_goes_on_when_there_is_space(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(disk)], check=True)
    try:
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * 7_000_000)
        told: list[str] = []
        with Workspace.open(disk / "a.duckdb") as workspace:

            def vote_until_refused() -> None:
                while True:
                    told.append(making.cast(workspace).vote.vote_id)

            with pytest.raises(errors.Overloaded, match=r"disk that holds a\.duckdb is full"):
                vote_until_refused()
            with workspace.reading() as connection:
                head = ledger.head(connection)
            assert head is not None
            assert head.sequence == len(told) > 0
            ballast.unlink()
            told += [making.cast(workspace).vote.vote_id for _ in range(5)]
            assert workspace.stopped is None

        assert {vote for _, _, vote in stored_votes(disk / "a.duckdb")} == set(told)
        assert ledger.verify(disk / "a.duckdb").problems == ()
    finally:
        subprocess.run(["umount", str(disk)], check=True)
