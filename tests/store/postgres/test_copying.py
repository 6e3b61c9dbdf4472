"""A workspace goes from a file into PostgreSQL and back, and everything is there, however often it was killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from arena import errors
from arena.cli import database as database_command
from arena.domain.ids import RaterId
from arena.domain.principal import Role
from arena.services import clock, database_copy, identity, paths
from arena.store import opening
from arena.store.instance import Instance
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests import postgres
from tests.store import making
from tests.store.postgres.test_shared_workspace import contents
from tests.store.writing.test_plain_sql import sent

pytestmark = pytest.mark.postgres

SMALL = 7
"""Rows a page, so that there are many of a small workspace."""


class KilledError(BaseException):
    """Stands for the end of the process."""


def cast(workspace: Workspace, rater: str) -> commands.CastResult:
    """A vote of somebody on a battle of their own."""
    record = making.completed(workspace, rater_id=RaterId(rater))
    return workspace.submit(commands.CastVote(vote=making.vote(record.battle.battle_id, rater), record=record)).result()


@pytest.fixture
def url(server: postgres.Server) -> Iterator[str]:
    """A database that nobody used yet."""
    with server.session() as session:
        session.execute("CREATE DATABASE empty")
        yield server.url("empty")
        session.execute("DROP DATABASE empty WITH (FORCE)")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with a workspace in which everything happened, and its people."""
    folder = tmp_path / "data"
    with Workspace.open(paths.workspace_path(folder, "default")) as workspace:
        sent(workspace)
        for number in range(20):
            cast(workspace, f"r_later_{number}")
    with Instance.open(paths.instance_path(folder)) as instance:
        instance.add_token(Role.READER, "default", clock.now(), made_by="lab@example.org")
    identity.release_signer(folder, "default")
    identity.signing_secret(folder)
    return folder


def secrets(folder: Path) -> list[str]:
    return [
        identity.signing_secret(folder).hex(),
        identity.workspace_secret(folder, "default").hex(),
        identity.name_key(folder, "default").to_json(),
        identity.release_signer(folder, "default").public_key,
    ]


def same(one: Path, other: Path) -> None:
    with (
        Workspace.open(paths.workspace_path(one, "default")) as here,
        Workspace.open(paths.workspace_path(other, "default")) as there,
        here.reading() as ours,
        there.reading() as theirs,
    ):
        assert contents(theirs) == contents(ours)
        assert there.head == here.head
    with Instance.open(paths.instance_path(one)) as here_, Instance.open(paths.instance_path(other)) as there_:
        assert there_.tokens() == here_.tokens()
    assert secrets(one) == secrets(other)


def untold(table: str, done: int) -> None:
    raise AssertionError(f"{table}: {done} rows were copied again")


def test_there_and_back_everything_is_as_it_was(url: str, data: Path, tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []
    lines = database_copy.into_database(data, url, "default", lambda table, done: told.append((table, done)))
    assert lines > 0
    assert {"battles", "ledger", "votes"} <= {table for table, _ in told}
    assert database_copy.into_database(data, url, "default", untold) == lines, "what is there is compared"
    with opening.workspace(tmp_path / "process" / "workspace.duckdb", "default", url) as shared:
        assert cast(shared, "r_last").line.sequence == lines + 1, "what comes after it follows"
        assert shared.verify().problems == ()
    assert database_copy.into_folder(url, tmp_path / "back", "default") == lines + 1
    with Workspace.open(paths.workspace_path(tmp_path / "back", "default")) as back:
        assert back.head.votes == lines + 1
    with pytest.raises(errors.StoreError, match="has a workspace default already"):
        database_copy.into_database(data, url, "default", lambda *_: None)
    with pytest.raises(errors.StoreError, match="is there already"):
        database_copy.into_folder(url, tmp_path / "back", "default")


def test_a_copy_that_ends_after_any_page_goes_on_there(
    url: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from arena.store.postgres import copying  # noqa: PLC0415 - of an extra

    monkeypatch.setattr(copying, "PAGE", SMALL)
    pages: list[tuple[str, int]] = []

    def killed(table: str, done: int) -> None:
        pages.append((table, done))
        if len(pages) in (3, 20):
            raise KilledError

    for _ in range(2):
        with pytest.raises(KilledError):
            database_copy.into_database(data, url, "default", killed)
        with pytest.raises(errors.StoreError, match="not copied to its end"):
            opening.workspace(tmp_path / "process" / "workspace.duckdb", "default", url)
    database_copy.into_database(data, url, "default", killed)
    assert len(pages) == len(set(pages)), "no page came twice"
    database_copy.into_folder(url, tmp_path / "back", "default")
    same(data, tmp_path / "back")


def test_a_row_that_differs_is_noticed(url: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The positive control of the comparison: a page of which a row is lost, and one that is changed."""
    from arena.store.postgres import schema, sessions  # noqa: PLC0415 - of an extra

    load = sessions.DatabaseSession.load
    with monkeypatch.context() as patch:
        patch.setattr(
            sessions.DatabaseSession,
            "load",
            lambda self, table, columns, page: load(self, table, columns, page[: -1 if table == "voids" else None]),
        )
        with pytest.raises(errors.StoreCorrupt, match="Table voids differs"):
            database_copy.into_database(data, url, "default", lambda *_: None)
    with pytest.raises(errors.StoreError, match="not copied to its end"):
        opening.workspace(tmp_path / "process" / "workspace.duckdb", "default", url)
    session = sessions.connect(url, schema.name_of("default"))
    session.execute("UPDATE battles SET language = 'xx' WHERE place = 1")
    session.close()
    with pytest.raises(errors.StoreCorrupt, match="Table battles differs"):
        database_copy.into_database(data, url, "default", lambda *_: None)


def test_the_command_that_is_killed_twice_copies_all_there_and_back(url: str, data: Path, tmp_path: Path) -> None:
    command = [str(Path(sys.executable).parent / "arena"), "database", "copy"]
    for lines in (1, 4):
        process = subprocess.Popen([*command, "--from", str(data), "--to", url], stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        for _ in range(lines):
            assert process.stderr.readline()
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    for options in (["--from", str(data), "--to", url], ["--to", str(tmp_path / "back")]):
        done = subprocess.run(
            [*command, *options],
            env={**os.environ, "ARENA_DATABASE": url}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "every row is as it was" in done.stdout
    same(data, tmp_path / "back")


def test_what_a_command_left_that_was_killed_on_the_way_back_is_removed(url: str, data: Path, tmp_path: Path) -> None:
    database_copy.into_database(data, url, "default", lambda *_: None)
    folder = paths.workspace_path(tmp_path / "back", "default").parent
    left = [folder / "copying-1" / "copy", tmp_path / "back" / "copying-2"]
    for one in left:
        one.mkdir(parents=True)
        (one / "workspace.duckdb").write_text("a part of it")
    database_copy.into_folder(url, tmp_path / "back", "default")
    assert not any(one.exists() for one in left)
    same(data, tmp_path / "back")


def test_one_of_both_is_the_database_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARENA_DATABASE", raising=False)
    with pytest.raises(errors.InvalidValue, match="set ARENA_DATABASE"):
        database_command.copy(source=str(tmp_path))
    monkeypatch.setenv("ARENA_DATABASE", "postgresql://arena@db.example/arena")
    with pytest.raises(errors.InvalidValue, match="is a data folder"):
        database_command.copy(source="postgresql://arena@db.example/arena")
