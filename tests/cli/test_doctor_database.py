"""`arena doctor` where several processes share a database: what is wrong with it, and what to do."""

import asyncio
import dataclasses
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from arena.cli import doctor
from arena.cli.check_results import CheckState
from arena.services import installation, paths, secret_files
from arena.settings import Settings
from arena.store import heads, opening
from tests import postgres

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    with postgres.running() as found:
        yield found


@pytest.fixture(scope="module")
def folder(server: postgres.Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a process that was there once."""
    made = tmp_path_factory.mktemp("doctor") / "data"

    async def visit() -> None:
        async with installation.opened(Settings(data_dir=made, database=server.url())):
            pass

    with paths.private_files():
        asyncio.run(visit())
    return made


@pytest.fixture(autouse=True)
def named(server: postgres.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARENA_DATABASE", server.url())


def found(folder: Path, state: CheckState = CheckState.WRONG) -> dict[str, str]:
    """What is so, by check."""
    return {one.check: one.sentence for one in doctor.examined(None, folder) if one.state is state}


@contextmanager
def changed(server: postgres.Server, there: str, back: str) -> Iterator[None]:
    """The database is otherwise until the block ends."""
    with server.session() as session:
        session.execute(there)
        try:
            yield
        finally:
            session.execute(back)


def test_a_healthy_database_has_nothing_wrong(folder: Path) -> None:
    assert found(folder) == {}
    fine = found(folder, CheckState.FINE)
    assert {"database", "commits", "sessions", "clocks", "rights", "accounts", "workspace default"} <= fine.keys()
    assert "0 votes" in fine["workspace default"]
    assert "no arena serves it" in found(folder, CheckState.NOTE)["processes of default"]


@pytest.mark.parametrize(
    "url", ["postgresql://arena:secret@127.0.0.1:1/arena", "the server's, with a wrong password", "no such database"]
)
def test_a_database_that_cannot_be_reached_is_told_without_its_password(
    server: postgres.Server, folder: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    if url.startswith("the server's"):
        url = server.url().replace("secret", "other-secret")
    elif url.startswith("no such"):
        url = server.url("nowhere")
    monkeypatch.setenv("ARENA_DATABASE", url)
    said = found(folder)
    assert [*said] == ["database"]
    assert "secret" not in said["database"]


def test_what_changes_in_the_database_is_told(server: postgres.Server, folder: Path) -> None:
    now = "INSERT INTO workspace_default.processes VALUES ('elsewhere-1-ab', '', clock_timestamp() {} INTERVAL '9 s')"
    gone = "DELETE FROM workspace_default.processes"
    with changed(server, now.format("-"), gone):
        assert "taken it for gone" in found(folder, CheckState.NOTE)["process elsewhere-1-ab"]
    with changed(server, now.format("+"), gone):
        assert "elsewhere-1-ab" in found(folder, CheckState.FINE)["processes of default"]
    newer = "schema_version WHERE number = 999"
    for of, check in (("workspace_default", "workspace default"), ("arena_instance", "accounts")):
        with changed(server, f"INSERT INTO {of}.schema_version VALUES (999, 'later')", f"DELETE FROM {of}.{newer}"):
            assert "Install the newer arena" in found(folder)[check]
    with changed(
        server, "CREATE TABLE workspace_default.copying (head VARCHAR)", "DROP TABLE workspace_default.copying"
    ):
        assert "arena database copy" in found(folder)["workspace default"]
    with changed(
        server,
        "ALTER DATABASE postgres SET default_transaction_read_only = on",
        "SET default_transaction_read_only = off; ALTER DATABASE postgres RESET default_transaction_read_only",
    ):
        assert "only reads" in found(folder)["database"]
    assert found(folder) == {}


def test_a_running_arena_that_gives_no_sign_is_wrong(
    server: postgres.Server, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = mock.Mock(pid=os.getpid(), url="http://127.0.0.1:1")
    monkeypatch.setattr(doctor.running, "find", lambda _: running)
    assert "gives this workspace no sign" in found(folder)["processes of default"]
    ours = f"{socket.gethostname()}-{os.getpid()}-ab"
    with changed(
        server,
        f"INSERT INTO workspace_default.processes VALUES ('{ours}', '', clock_timestamp() + INTERVAL '9 s')",
        "DELETE FROM workspace_default.processes",
    ):
        assert found(folder) == {}


def test_a_database_behind_what_it_acknowledged_here_is_wrong(folder: Path) -> None:
    kept = heads.beside(paths.workspace_path(folder, "default").with_name("mirror.duckdb"))
    before = kept.read_bytes()
    promised = heads.last(kept)
    assert promised is not None
    kept.write_bytes(before + dataclasses.replace(promised, votes=3).written())
    assert "lacks 3 of 3 votes" in found(folder)["workspace default"]
    kept.write_bytes(before)
    assert found(folder) == {}


def test_a_folder_of_another_workspace_is_wrong(folder: Path) -> None:
    secret = paths.workspace_path(folder, "default").with_name(paths.SECRET)
    before = secret.read_bytes()
    secret_files.write(secret, b"00" * 32 + b"\n")
    assert "is of another workspace" in found(folder)["workspace default"]
    secret.write_bytes(before)
    assert found(folder) == {}


@pytest.mark.parametrize(
    ("more", "check", "state", "words"),
    [
        ({"number": 120_009, "version": "12.9"}, "database", CheckState.WRONG, "PostgreSQL 13"),
        ({"unsafe": ("fsync",)}, "database settings", CheckState.WRONG, "fsync is off"),
        ({"commit_seconds": 2.0}, "commits", CheckState.WRONG, "2000.0 ms"),
        ({"commit_seconds": 0.2}, "commits", CheckState.NOTE, "200.0 ms"),
        ({"ahead_seconds": -40.0}, "clocks", CheckState.WRONG, "40.0 s behind"),
        ({"ahead_seconds": 3.0}, "clocks", CheckState.NOTE, "3.0 s ahead"),
        ({"sessions": 98, "most_sessions": 100}, "sessions", CheckState.NOTE, "max_connections"),
        ({"may_make_schemas": False}, "rights", CheckState.NOTE, "GRANT CREATE"),
        ({"may_make_schemas": False, "instance": None}, "rights", CheckState.WRONG, "GRANT CREATE"),
    ],
)
def test_figures_that_are_unusual_are_told(
    folder: Path,
    server: postgres.Server,
    monkeypatch: pytest.MonkeyPatch,
    more: dict[str, Any],
    check: str,
    state: CheckState,
    words: str,
) -> None:
    usual = opening.examined(server.url())
    monkeypatch.setattr(opening, "examined", lambda _: dataclasses.replace(usual, **more))
    assert words in found(folder, state)[check]


def test_an_installation_in_a_database_that_nobody_names_is_wrong(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ARENA_DATABASE")
    assert "Name it in ARENA_DATABASE" in found(folder)["database"]
