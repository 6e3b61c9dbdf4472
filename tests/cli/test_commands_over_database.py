"""Commands that reach a database where no arena runs on the data folder."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from arena import errors
from arena.cli import commands
from arena.services import installation, paths, sole_work
from arena.services.installation import Installation
from arena.settings import Settings
from arena.store.workspace import Workspace
from tests import postgres
from tests.imports import making as imported
from tests.store import making

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    with postgres.running(**postgres.UNSYNCED) as found:
        yield found


@pytest.fixture(scope="module")
def rated(server: postgres.Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an arena that ran over the database; a rater voted there."""
    folder = tmp_path_factory.mktemp("ran") / "data"

    async def visit(arena: Installation) -> None:
        await asyncio.to_thread(making.cast, arena.default.workspace)

    async def ran() -> None:
        async with installation.opened(Settings(data_dir=folder, database=server.url())) as arena:
            await visit(arena)

    with paths.private_files():
        asyncio.run(ran())
    return folder


@pytest.fixture(autouse=True)
def elsewhere(rated: Path, server: postgres.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of another machine, which knows the database alone."""
    assert rated.exists()
    folder = tmp_path / "data"
    monkeypatch.setenv("ARENA_DATA_DIR", str(folder))
    monkeypatch.setenv("ARENA_DATABASE", server.url())
    return folder


def run(*arguments: str) -> None:
    commands.COMMANDS(list(arguments), standalone_mode=False)


def test_tokens_are_made_listed_and_revoked(capsys: pytest.CaptureFixture[str]) -> None:
    run("tokens", "create", "--role", "admin")
    assert capsys.readouterr().out.strip()
    run("tokens", "list")
    (made,) = [line.split("\t") for line in capsys.readouterr().out.splitlines() if "valid" in line][-1:]
    run("tokens", "revoke", made[0])
    run("tokens", "list")
    assert "revoked" in next(line for line in capsys.readouterr().out.splitlines() if line.startswith(made[0]))


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each work is another process's at the first two looks. Gives what was asked for."""
    from arena.store.postgres.shared_work import SharedWork  # noqa: PLC0415 - of an extra

    asked: list[str] = []
    taken = SharedWork.take

    def take(self: SharedWork, work: str) -> bool:
        asked.append(work)
        return len(asked) > 2 and taken(self, work)

    monkeypatch.setattr(SharedWork, "take", take)
    monkeypatch.setattr(sole_work, "WAIT_SECONDS", 0.01)
    return asked


def by_command(server: postgres.Server, did: str) -> int:
    """How often the audit log says that a command did something."""
    query = "SELECT count(*) FROM arena_instance.audit_entries WHERE who = 'command line' AND did = %s"
    with server.session() as session:
        return int(session.execute(query, [did]).fetchone()[0])


def is_free(server: postgres.Server, work: str) -> bool:
    query = "SELECT process_id FROM workspace_default.works WHERE work = %s"
    with server.session() as session:
        found: list[tuple[str]] = session.execute(query, [work]).fetchall()
    return found == [("",)]


def test_an_audit_is_made_when_no_other_process_makes_one(
    server: postgres.Server, capsys: pytest.CaptureFixture[str], busy: list[str]
) -> None:
    run("audit", "--format", "json")
    assert busy == ["audits"] * 3, "it waited"
    assert json.loads(capsys.readouterr().out)["votes"] == 1
    assert is_free(server, "audits")
    run("audit", "--dry-run")
    assert "0 of 1 vote held" in capsys.readouterr().out
    assert by_command(server, "audited votes") == 1, "and not of the dry run"


def test_votes_are_imported_once_when_no_other_process_imports(
    server: postgres.Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], busy: list[str]
) -> None:
    file = imported.write(tmp_path / "log.jsonl", [imported.lmarena(), imported.lmarena(winner="nobody")])
    run("import", "battles", str(file))
    told = capsys.readouterr()
    assert "1 vote on 1 new battle entered, 0 here already, 1 left outside" in told.out
    assert "row 2 of log.jsonl" in told.err
    assert busy == ["imports"] * 3, "it waited"
    assert is_free(server, "imports")
    run("import", "battles", str(file))
    assert "0 votes on 0 new battles entered, 1 here already" in capsys.readouterr().out
    assert by_command(server, "began import of votes") == 2
    run("verify")
    assert "every vote is as it was recorded" in capsys.readouterr().out


def test_a_workspace_is_backed_up_and_the_whole_installation_is_not(
    elsewhere: Path, server: postgres.Server, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    run("backup", str(tmp_path / "backup"))
    assert by_command(server, "backed up the workspace") == 1
    with pytest.raises(errors.StoreError, match="is in a database"):
        run("backup", str(tmp_path / "whole"), "--installation")
    assert not (tmp_path / "whole").exists()
    run("verify")
    there = capsys.readouterr().out.splitlines()[-1]
    monkeypatch.delenv("ARENA_DATABASE")
    monkeypatch.setenv("ARENA_DATA_DIR", str(tmp_path / "back"))
    run("restore", str(tmp_path / "backup"))
    run("verify")
    assert capsys.readouterr().out.splitlines()[-1] == there
    with Workspace.open(paths.workspace_path(tmp_path / "back", "default")) as restored:
        making.cast(restored, "r_later")
    assert not [*elsewhere.rglob("mirror-*")]


def test_a_rater_is_erased_and_what_is_left_verifies(
    elsewhere: Path, server: postgres.Server, capsys: pytest.CaptureFixture[str]
) -> None:
    run("erase", "r_asker")
    assert "is erased" in capsys.readouterr().out
    with pytest.raises(errors.Conflict, match="erased already"):
        run("erase", "r_asker")
    run("verify")
    assert "every vote is as it was recorded" in capsys.readouterr().out
    with server.session() as session:
        left = session.execute("SELECT count(*) FROM workspace_default.processes").fetchall()
    assert left == [(0,)], "the command's process took leave"
    assert is_free(server, "exports")
    assert not [*elsewhere.rglob("mirror-*")]


@pytest.mark.parametrize(
    "command", [("verify",), ("audit",), ("import", "battles"), ("backup",), ("erase", "r_1"), ("tokens", "list")]
)
def test_of_no_workspace_none_is_made(server: postgres.Server, tmp_path: Path, command: tuple[str, ...]) -> None:
    file = imported.write(tmp_path / "log.jsonl", [imported.lmarena()])
    more = {"import": file, "backup": tmp_path / "backup"}
    command = (*command, *(str(more[one]) for one in command if one in more))
    with pytest.raises(errors.NotFound, match="no workspace lab-z"):
        run(*command, "--workspace", "lab-z")
    with server.session() as session:
        made = "SELECT count(*) FROM pg_namespace WHERE nspname = 'workspace_lab-z'"
        assert session.execute(made).fetchall() == [(0,)]
