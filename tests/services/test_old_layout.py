"""A data folder of an earlier arena is moved to today's layout; a kill at any step loses and doubles nothing."""

import fcntl
import itertools
import json
import os
from collections import Counter
from pathlib import Path
from unittest import mock

import pytest

from arena.errors import StoreError, StoreHeld
from arena.services import old_layout, paths
from tests import kills


def fill(data: Path, *names: str) -> dict[str, str]:
    """The folder of an earlier arena with these workspaces; where each file is to be afterwards, and what it says."""
    files = {"admin-token": "token", "signing-secret": "secret", "instance.duckdb": "instance", "server.json": "{}"}
    goals = dict(files)
    for name in names:
        for ending in (".duckdb", ".duckdb.wal", ".heads"):
            files[f"workspaces/{name}{ending}"] = goals[f"workspaces/{name}/workspace{ending}"] = f"{name}{ending}"
        release = f"releases/rel_{name}/manifest.json"
        files[release] = goals[f"workspaces/{name}/{release}"] = json.dumps({"workspace": name})
        files[f"releases/rel_{name}/data/train.jsonl"] = f"rows of {name}"
        goals[f"workspaces/{name}/releases/rel_{name}/data/train.jsonl"] = f"rows of {name}"
        goals[f"workspaces/{name}/release-key"] = "key"
    files["release-key"] = "key"
    files[f"workspaces/.{names[0]}.duckdb.0a1b2c3d"] = "a second copy that was not finished"
    for name, content in files.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text(content)
    return goals


def files(data: Path) -> dict[str, str]:
    """Every file below a folder with what it says."""
    return {str(path.relative_to(data)): path.read_text() for path in data.rglob("*") if path.is_file()}


@pytest.mark.parametrize("names", [("default",), ("lab-b",), ("default", "lab-b", "lab.duckdb")])
def test_everything_is_moved_to_its_workspace_and_nothing_else_changes(tmp_path: Path, names: tuple[str, ...]) -> None:
    goals = fill(tmp_path / "data", *names)
    assert old_layout.found(tmp_path / "data")
    assert old_layout.bring_over(tmp_path / "data") == tuple(sorted(names))
    assert files(tmp_path / "data") == goals
    assert not old_layout.found(tmp_path / "data")
    assert old_layout.bring_over(tmp_path / "data") == ()
    assert files(tmp_path / "data") == goals
    assert paths.workspaces(tmp_path / "data") == tuple(sorted(names))


@pytest.mark.slow
@pytest.mark.parametrize("names", [("default",), ("default", "lab-b")])
def test_killed_at_any_operation_on_a_file_it_is_finished_the_next_time(tmp_path: Path, names: tuple[str, ...]) -> None:
    for operation in itertools.count(1):
        data = tmp_path / str(operation)
        goals = fill(data, *names)
        code = kills.killed_at(lambda: old_layout.bring_over(data), operation)  # noqa: B023 - called at once
        left = Counter(files(data).values())
        for content, count in Counter(goals.values()).items():
            if content == "key":  # copied to every workspace before it goes from its old place
                assert 1 <= left[content] <= len(names) + 2
            else:
                assert left[content] == count, f"{content!r} after a kill at operation {operation}"
        old_layout.bring_over(data)
        assert files(data) == goals, f"killed at operation {operation}"
        if code == 0:
            break
        assert code == 9
    assert operation > 30, "positive control: it was killed at each of many operations"


def test_every_step_is_on_disk_before_the_next(tmp_path: Path) -> None:
    fill(tmp_path / "data", "default")
    done: list[str] = []
    rename, fsync = Path.rename, os.fsync

    def renamed(source: Path, goal: Path) -> Path:
        done.append(f"rename {source.name}")
        return rename(source, goal)

    def synced(number: int) -> None:
        done.append("sync")
        fsync(number)

    with mock.patch.object(Path, "rename", renamed), mock.patch.object(os, "fsync", synced):
        old_layout.bring_over(tmp_path / "data")
    moves = [place for place, what in enumerate(done) if what.startswith("rename")]
    assert [done[place] for place in moves] == [
        "rename default.duckdb",
        "rename default.duckdb.wal",
        "rename releases",
        "rename default.heads",
    ]
    assert all(done[place + 1 : place + 3] == ["sync", "sync"] for place in moves)


def test_what_lies_at_both_places_is_refused_and_stays(tmp_path: Path) -> None:
    fill(tmp_path, "default")
    newer = paths.workspace_path(tmp_path, "default")
    newer.parent.mkdir()
    newer.write_text("another database")
    before = files(tmp_path)
    with pytest.raises(StoreError, match=r"default\.duckdb, where earlier arenas kept it, and .*workspace\.duckdb"):
        old_layout.bring_over(tmp_path)
    assert files(tmp_path) == before


def test_a_key_that_differs_is_refused_and_the_same_one_is_let_go(tmp_path: Path) -> None:
    goals = fill(tmp_path, "default")
    old_layout.bring_over(tmp_path)
    (tmp_path / "release-key").write_text("another key")
    with pytest.raises(StoreError, match=r"release-key, where earlier arenas kept it, and .*default/release-key"):
        old_layout.bring_over(tmp_path)
    (tmp_path / "release-key").write_text("key")
    old_layout.bring_over(tmp_path)
    assert files(tmp_path) == goals


def test_a_key_and_releases_put_back_by_hand_join_the_workspace_that_has_none(tmp_path: Path) -> None:
    goals = fill(tmp_path, "default")
    (tmp_path / "workspaces" / ".default.duckdb.0a1b2c3d").unlink()
    folder = tmp_path / "workspaces" / "default"
    folder.mkdir()
    for ending in (".duckdb", ".duckdb.wal", ".heads"):
        (tmp_path / "workspaces" / f"default{ending}").rename(folder / f"workspace{ending}")
    old_layout.bring_over(tmp_path)
    assert files(tmp_path) == goals


def test_nothing_is_moved_while_an_earlier_arena_has_a_workspace_open(tmp_path: Path) -> None:
    goals = fill(tmp_path, "default")
    before = files(tmp_path)
    with (tmp_path / "workspaces" / "default.heads").open("rb") as open_there:
        fcntl.flock(open_there, fcntl.LOCK_EX)
        with pytest.raises(StoreHeld, match=r"default\.duckdb is open in another process"):
            old_layout.bring_over(tmp_path)
    assert files(tmp_path) == before
    old_layout.bring_over(tmp_path)
    assert files(tmp_path) == goals


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    fill(tmp_path, "default")
    error = PermissionError(30, "Read-only file system", str(tmp_path / "workspaces/default.duckdb"))
    with (
        mock.patch.object(Path, "rename", side_effect=error),
        pytest.raises(StoreError, match=r"laid out as earlier arenas did.*default\.duckdb cannot be moved.*Read-only"),
    ):
        old_layout.bring_over(tmp_path)


def test_releases_on_another_disk_stay_where_their_link_leads(tmp_path: Path) -> None:
    data, disk = tmp_path / "data", tmp_path / "disk"
    fill(data, "default")
    (data / "releases").rename(disk)
    (data / "releases").symlink_to(Path("..") / "disk")
    old_layout.bring_over(data)
    moved = data / "workspaces" / "default" / "releases"
    assert moved.is_symlink()
    assert (moved / "rel_default" / "data" / "train.jsonl").read_text() == "rows of default"


def test_a_new_folder_has_nothing_to_move(tmp_path: Path) -> None:
    assert not old_layout.found(tmp_path / "none")
    assert old_layout.bring_over(tmp_path / "none") == ()
    assert not (tmp_path / "none").exists()
