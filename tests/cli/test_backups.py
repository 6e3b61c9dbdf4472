"""`arena export`, `backup`, `restore`, `verify`, `tokens`: through a running arena, and on the files."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests import arenas
from tests.cli.conftest import Command, refused
from tests.inference import misbehaving

MODELS = ("echo", "say:No.")


@pytest.fixture
def voted(tmp_path: Path) -> Iterator[arenas.Arena]:
    """A running arena on `data`, with three votes in two conversations."""
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(tmp_path / "data", server.endpoint, MODELS)
        with arenas.hurried(), arenas.running(settings, pages=False) as running, running.rater() as rater:
            first = arenas.battle(rater, "One?")
            arenas.vote(rater, first, "model_a")
            arenas.vote(rater, arenas.battle(rater, "Two?", continues=first), "model_b")
            arenas.vote(rater, arenas.battle(rater, "Three?"), "both_bad")
            yield running


def test_commands_go_through_a_running_arena(arena: Command, voted: arenas.Arena, tmp_path: Path) -> None:
    """Each command works while the arena holds the files, and again on the files after it stopped."""
    verified = arena("verify")
    assert (verified.returncode, verified.stdout) == (0, "ledger of 3 lines: every vote is as it was recorded\n")
    ranked = arena("rank", "--format", "json")
    assert ranked.returncode == 0, ranked.stderr
    assert json.loads(ranked.stdout)["votes"] == 3
    exported = arena("export", "--format", "trl-dpo", "--out", "release")
    assert exported.returncode == 0, exported.stderr
    rows = [json.loads(line) for line in (tmp_path / "release/data/train.jsonl").read_text().splitlines()]
    assert [len(row["prompt"]) for row in rows] == [1, 3]
    assert rows[1]["prompt"][:2] == [rows[0]["prompt"][0], rows[0]["chosen"][0]]
    for command in (
        ("verify",),
        ("rank",),
        ("tokens", "list"),
        ("backup", "x"),
        ("export", "--format", "battles", "--out", "x"),
    ):
        refused(arena(*command, "--workspace", "otherlab"), 2, "has no workspace otherlab")
    backed_up = arena("backup", "copy")
    assert backed_up.returncode == 0, backed_up.stderr
    whole = arena("backup", "whole", "--installation")
    assert (whole.returncode, whole.stdout) == (0, f"{tmp_path / 'whole'}\n"), whole.stderr
    assert "holds the secrets of this arena" in whole.stderr
    refused(arena("restore", "whole", "--data-dir", "elsewhere"), 2, "restore it with --installation")
    refused(arena("restore", "whole", "--installation"), 1, "exists and is not overwritten")
    assert arena("restore", "whole", "--installation", "--data-dir", "elsewhere").returncode == 0
    assert arena("verify", "--data-dir", "elsewhere").stdout == verified.stdout
    made = arena("tokens", "create", "--role", "trainer")
    assert (made.returncode, str(tmp_path / "data") in made.stderr) == (0, True), made.stderr
    with voted.client(made.stdout.strip()) as trainer:
        assert trainer.get("/api/v1/me").json()["role"] == "trainer"
    listed = arena("tokens", "list").stdout.splitlines()
    assert [line.split("\t")[1] for line in listed] == ["admin", "trainer"]
    assert arena("tokens", "revoke", listed[1].split("\t")[0]).returncode == 0
    assert "revoked" in arena("tokens", "list").stdout


def test_commands_work_on_the_files_when_no_arena_runs(arena: Command, tmp_path: Path) -> None:
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(tmp_path / "data", server.endpoint, MODELS)
        with arenas.hurried(), arenas.running(settings, pages=False) as running, running.rater() as rater:
            arenas.vote(rater, arenas.battle(rater, "One?"), "model_a")
    assert arena("verify").stdout == "ledger of 1 line: every vote is as it was recorded\n"
    assert json.loads(arena("rank", "--format", "json").stdout)["votes"] == 1
    assert arena("export", "--format", "battles", "--out", "release").returncode == 0
    refused(arena("export", "--format", "battles", "--out", "release"), 2, "exists already")
    refused(arena("export", "--format", "papyrus", "--out", "other"), 2, "papyrus", "trl-dpo")
    assert arena("backup", "copy").returncode == 0
    refused(arena("restore", "copy"), 1, "default/workspace.duckdb")
    assert arena("restore", "copy", "--data-dir", "elsewhere").returncode == 0
    assert arena("verify", "--data-dir", "elsewhere").stdout == "ledger of 1 line: every vote is as it was recorded\n"
    assert arena("tokens", "create", "--role", "lab").returncode == 0
    assert arena("backup", "whole", "--installation").returncode == 0
    assert (tmp_path / "whole" / "workspaces" / "default" / "release-key").exists()
    refused(arena("tokens", "create", "--role", "king"), 2, "king")

    with duckdb.connect(str(tmp_path / "data/workspaces/default/workspace.duckdb")) as connection:
        connection.execute("UPDATE votes SET winner = 'tie'")
    tampered = arena("verify")
    assert tampered.returncode == 1
    assert "changed after the vote" in tampered.stderr


def test_a_corrupt_database_is_named_and_not_touched(arena: Command, tmp_path: Path) -> None:
    path = tmp_path / "data/workspaces/default/workspace.duckdb"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a database" * 1000)
    refused(arena("export", "--format", "battles", "--out", "release"), 1, "default/workspace.duckdb", "restore")
    assert path.read_bytes() == b"not a database" * 1000


def test_a_file_held_by_another_program_is_named_with_its_process(arena: Command, tmp_path: Path) -> None:
    path = tmp_path / "data/workspaces/default/workspace.duckdb"
    path.parent.mkdir(parents=True)
    holder = subprocess.Popen(
        [sys.executable, "-c", f"import duckdb; c = duckdb.connect({str(path)!r}); print('held', flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    refused(arena("export", "--format", "battles", "--out", "release"), 1, str(holder.pid))
    holder.communicate(b"\n")
