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
from tests import postgres
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


def test_an_audit_is_made_when_no_other_process_makes_one(
    server: postgres.Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from arena.store.postgres.shared_work import SharedWork  # noqa: PLC0415 - of an extra

    run("audit", "--dry-run")
    assert "0 of 1 vote held" in capsys.readouterr().out
    asked: list[str] = []
    taken = SharedWork.take

    def take(self: SharedWork, work: str) -> bool:
        asked.append(work)
        return len(asked) > 2 and taken(self, work)

    monkeypatch.setattr(SharedWork, "take", take)
    monkeypatch.setattr(sole_work, "WAIT_SECONDS", 0.01)
    run("audit", "--format", "json")
    assert asked == ["audits"] * 3, "it waited"
    assert json.loads(capsys.readouterr().out)["votes"] == 1
    with server.session() as session:
        held = session.execute("SELECT process_id FROM workspace_default.works WHERE work = 'audits'").fetchall()
        noted = "SELECT who, did FROM arena_instance.audit_entries WHERE did = 'audited votes'"
        assert session.execute(noted).fetchall() == [("command line", "audited votes")], "and none of the dry run"
    assert held == [("",)]


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
        held = session.execute("SELECT process_id FROM workspace_default.works WHERE work = 'exports'").fetchall()
    assert left == [(0,)], "the command's process took leave"
    assert held == [("",)]
    assert not [*elsewhere.rglob("mirror-*")]


@pytest.mark.parametrize("command", [("verify",), ("audit",), ("erase", "r_1"), ("tokens", "list")])
def test_of_no_workspace_none_is_made(server: postgres.Server, command: tuple[str, ...]) -> None:
    with pytest.raises(errors.NotFound, match="no workspace lab-z"):
        run(*command, "--workspace", "lab-z")
    with server.session() as session:
        made = "SELECT count(*) FROM pg_namespace WHERE nspname = 'workspace_lab-z'"
        assert session.execute(made).fetchall() == [(0,)]
