"""What commands change while no arena runs is in the audit log as if one ran."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from arena import errors
from arena.cli import commands
from arena.services import paths
from arena.store import ledger, prompt_sets
from arena.store.instance import Instance
from arena.store.workspace import Workspace
from tests.cli.conftest import Command
from tests.cli.test_campaign_settling import alone
from tests.imports import making


def noted(data_dir: Path) -> list[tuple[str, str]]:
    """Who did what, oldest first."""
    with Instance.open(paths.instance_path(data_dir)) as instance:
        return [(one.who, one.did) for one in instance.audit.of("default")]


def test_what_a_command_does_alone_is_in_the_audit_log(arena: Command, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    battles = making.write(tmp_path / "log.jsonl", [making.lmarena(), making.lmarena()])
    prompts = tmp_path / "prompts.jsonl"
    prompts.write_text(json.dumps({"prompt_id": "p1", "prompt": "Why?"}))
    with alone(data_dir):
        assert arena("import", "battles", battles).returncode == 0
        assert not paths.instance_path(data_dir).exists(), "where nobody has an account there is no log"
        assert noted(data_dir) == []
        before = [
            ("campaigns", "settle", "default", "1000", "--print-only"),
            ("audit", "--dry-run"),
            ("campaigns", "list"),
            ("verify",),
        ]
        commands = {
            ("import", "battles", battles): "began import of votes",
            ("import", "prompts", prompts, "--set", "asked"): "began import of prompts",
            ("campaigns", "settle", "default", "1000"): "settled a campaign at 1,000 EUR-cent",
            ("export", "--format", "battles", "--out", tmp_path / "release"): "began release as battles",
            ("release", "settle", tmp_path / "release", "500"): "settled a release at 500 EUR-cent",
            ("audit",): "audited votes",
            ("backup", tmp_path / "backup"): "backed up the workspace",
            ("workspaces", "export", "default", tmp_path / "moved"): "exported the workspace",
        }
        for command in (*before, *commands):
            done = arena(*command)
            assert done.returncode == 0, done.stderr
        made = [one for one in noted(data_dir) if "token" not in one[1]]
        assert made == [("command line", did) for did in commands.values()]


def test_a_command_that_cannot_note_what_it_does_does_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, release = tmp_path / "data", tmp_path / "release"
    monkeypatch.setenv("ARENA_DATA_DIR", str(data))
    votes = making.write(tmp_path / "log.jsonl", [making.lmarena()])
    prompts = tmp_path / "prompts.jsonl"
    prompts.write_text(json.dumps({"prompt_id": "p1", "prompt": "Why?"}))
    wanted: list[tuple[str | Path, ...]] = [
        ("import", "battles", votes),
        ("import", "prompts", prompts, "--set", "asked"),
        ("campaigns", "settle", "default", "1000"),
        ("release", "settle", release, "500"),
        ("audit",),
        ("backup", tmp_path / "backup"),
        ("workspaces", "export", "default", tmp_path / "moved"),
    ]
    with alone(data):
        run("export", "--format", "battles", "--out", release)
        Instance.open(paths.instance_path(data)).close()
        before = kept(data)
        with held(paths.instance_path(data)):
            for command in wanted:
                with pytest.raises(errors.StoreHeld):
                    run(*command)
                assert kept(data) == before, command
        assert {path.name for path in tmp_path.iterdir()} == {"data", "release", votes.name, prompts.name}
        for number, command in enumerate(wanted, 1):  # the positive control
            run(*command)
            assert len([did for _, did in noted(data) if "token" not in did]) == number, command
        assert kept(data) != before


def test_of_an_import_that_fails_the_audit_log_says_that_it_began(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    monkeypatch.setenv("ARENA_DATA_DIR", str(data))
    votes = making.write(tmp_path / "log.jsonl", [making.lmarena(winner="nobody")])
    with alone(data):
        Instance.open(paths.instance_path(data)).close()
        with pytest.raises(errors.InvalidValue, match="Nothing was imported"):
            run("import", "battles", votes)
        assert noted(data) == [("command line", "began import of votes")]


def run(*command: str | Path) -> None:
    """Run a command in this process. Raises what it raises."""
    commands.COMMANDS([*map(str, command)], standalone_mode=False)


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Another process has a database open."""
    code = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print(flush=True); sys.stdin.read()"
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code, str(file)], stdin=pipe, stdout=pipe) as other:
        assert other.stdout is not None
        assert other.stdout.readline()
        yield
        other.communicate()


def kept(data_dir: Path) -> tuple[int, int]:
    """How many lines the ledger has, and how many prompt sets there are."""
    path = paths.workspace_path(data_dir, "default")
    with Workspace.open(path) as store, store.reading() as connection:
        sets = len(prompt_sets.summaries(connection))
    return ledger.verify(path).lines, sets
