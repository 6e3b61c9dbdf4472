"""A workspace that was exported is taken in by an arena over a database, and is there at every process."""

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import pytest

from arena.errors import Overloaded, Undecided
from arena.services import checked_folder, identity, installation, shared_workspaces, unfinished, workspaces
from arena.store import opening
from tests.arenas import Arena, Two, seconds_until
from tests.imports import making as imported
from tests.server.test_removed_workspaces import made, removed
from tests.store import making

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def written(two: Two, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with an imported vote and a release, in a folder; the workspace is removed then."""
    name, tmp_path = "lab-out", tmp_path_factory.mktemp("written")
    with two.one.client(made(two, two.one, name)) as lab:
        file = imported.write(tmp_path / "votes.jsonl", [imported.battles()])
        begun = lab.post(f"/w/{name}/api/v1/imports", json={"files": [str(file)]}).raise_for_status().json()
        path = f"/w/{name}/api/v1/imports/{begun['import_id']}"
        seconds_until(lambda: lab.get(path).json()["state"] == "done")
        release = lab.post(f"/w/{name}/api/v1/exports", json={"format": "battles"}).raise_for_status().json()
        path = f"/w/{name}/api/v1/exports/{release['release_id']}"
        seconds_until(lambda: lab.get(path).json()["state"] == "done")
        lab.post(f"/w/{name}/api/v1/workspace/exports", json={"directory": str(tmp_path / "out")}).raise_for_status()
    seconds_until(lambda: two.other.installation.named(name) is not None)
    removed(two, two.one, name)
    return tmp_path / "out"


@pytest.fixture
def exported(written: Path, tmp_path: Path) -> Path:
    """The folder, for a test to do with as it likes."""
    return shutil.copytree(written, tmp_path / "out")


def taken_in(two: Two, arena: Arena, folder: Path, name: str) -> httpx.Response:
    with arena.client(two.one.admin_token) as operator:
        return operator.post("/api/v1/workspaces/imports", json={"directory": str(folder), "name": name})


def test_what_was_exported_is_taken_in_and_there_at_every_process(two: Two, exported: Path) -> None:
    token = Path(taken_in(two, two.other, exported, "lab-in").raise_for_status().json()["admin_token_file"]).read_text()
    for arena in two:
        with arena.client(token.strip()) as lab:
            seconds_until(lambda lab=lab: lab.get("/w/lab-in/api/v1/workspace").status_code == 200)  # type: ignore[misc]
            verified = lab.get("/w/lab-in/api/v1/verification").raise_for_status().json()
            assert (verified["lines"], verified["problems"]) == (1, [])
            (release,) = lab.get("/w/lab-in/api/v1/exports").raise_for_status().json()["exports"]
            archive = f"/w/lab-in/api/v1/exports/{release['release_id']}/archive"
            seconds_until(lambda lab=lab, archive=archive: lab.get(archive).status_code == 200)  # type: ignore[misc]
    assert taken_in(two, two.one, exported, "lab-in").status_code == 409, "a name that is taken"
    files = {one.name for one in (two.other.installation.settings.data_dir / "workspaces" / "lab-in").iterdir()}
    assert "workspace.duckdb" not in files
    removed(two, two.one, "lab-in")


def take_in(arena: Arena, folder: Path, name: str) -> None:
    """Past the arena's routes, so that a test may end it anywhere."""
    settings, instance = arena.installation.settings, arena.installation.instance
    assert settings.database is not None
    assert instance.shared is not None
    url, shared = settings.database, instance.shared
    shared_workspaces.take_in(
        settings.data_dir, instance, folder, name, "t_1", making.NOW, url=url, shared=shared
    )  # fmt: skip


def asked(two: Two, statement: str, parameters: Sequence[object] = ()) -> list[Any]:
    """What a statement gives, on a session of the test's own."""
    import psycopg  # noqa: PLC0415 - of an extra

    with psycopg.connect(str(two.one.installation.settings.database), autocommit=True) as session:
        cursor = session.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def tables_of(two: Two, start: str) -> list[str]:
    """The schemas whose names begin so."""
    return [name for (name,) in asked(two, "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)", [start])]


def test_one_that_ended_halfway_is_nothing_and_is_taken_in_by_the_next_try(two: Two, exported: Path) -> None:
    shared = two.one.installation.instance.shared
    assert shared is not None
    with mock.patch.object(shared, "settle_copy", side_effect=KeyError("it ends here")), pytest.raises(KeyError):
        take_in(two.one, exported, "lab-half")
    assert "lab-half" not in shared.workspaces
    assert not (two.one.installation.settings.data_dir / "workspaces" / "lab-half").exists()
    assert tables_of(two, "workspace_.") == []
    taken_in(two, two.one, exported, "lab-half").raise_for_status()


def test_one_whose_transaction_is_lost_at_its_end_is_nothing_and_is_taken_in_by_the_next_try(
    two: Two, exported: Path
) -> None:
    instance = two.one.installation.instance
    tell = identity.tell_written_token

    def lost(*given: Any) -> None:
        tell(*given)
        asked(two, "SELECT pg_terminate_backend(%s, 10000)", [instance.shared._session.number])  # type: ignore[union-attr]

    with mock.patch.object(identity, "tell_written_token", lost), pytest.raises(Overloaded):
        take_in(two.one, exported, "lab-lost")
    assert not (two.one.installation.settings.data_dir / "workspaces" / "lab-lost").exists()
    assert tables_of(two, "workspace_.") == tables_of(two, "workspace_lab-lost") == []
    taken_in(two, two.one, exported, "lab-lost").raise_for_status()


def test_two_of_one_name_at_once_have_a_copy_each(two: Two, exported: Path) -> None:
    """The second ends while it copies, after the first has copied all and before it is a workspace."""
    from arena.store.postgres import copying  # noqa: PLC0415 - of an extra

    copy, second = opening.copy_aside, iter([True])

    def copied(*given: Any) -> None:
        copy(*given)
        if next(second, False):
            ends = mock.patch.object(copying, "_copy_table", side_effect=KeyError("it ends here"))
            with ends, pytest.raises(KeyError):
                take_in(two.other, exported, "lab-both")

    with mock.patch.object(opening, "copy_aside", copied):
        take_in(two.one, exported, "lab-both")
    with two.other.client(workspace_token(two.one, "lab-both")) as lab:
        seconds_until(lambda: lab.get("/w/lab-both/api/v1/workspace").status_code == 200)
        verified = lab.get("/w/lab-both/api/v1/verification").raise_for_status().json()
    assert (verified["lines"], verified["problems"]) == (1, [])


@pytest.mark.parametrize("taken", [True, False], ids=["taken in", "made"])
def test_what_a_killed_process_was_making_is_nothing_at_the_next_start(
    two: Two, exported: Path, taken: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """What it has of a workspace that exists in another database is nowhere else, and stays."""
    arena, name = two.one, "lab-killed" if taken else "lab-unmade"
    settings, instance = arena.installation.settings, arena.installation.instance
    shared = instance.shared
    assert shared is not None
    folder = settings.data_dir / "workspaces" / name

    def made() -> None:
        if taken:
            take_in(arena, exported, name)
        else:
            url = str(settings.database)
            shared_workspaces.make(settings.data_dir, instance, name, {}, "t_1", making.NOW, url=url, shared=shared)

    def look() -> None:
        shared_workspaces.delete_left(settings.data_dir, instance, shared, {"default"})

    with (
        mock.patch.object(workspaces, "enter", side_effect=KeyError("it ends here")),
        mock.patch.object(shared_workspaces, "put_aside"),
        pytest.raises(KeyError),
    ):
        made()
    look()
    assert folder.exists(), "the control: a process that lives is making it"
    with mock.patch.object(unfinished, "PROCESS", "the next start"):
        look()
        assert folder.exists() == taken, "releases came with it, and the database may be a wrong one"
        assert (f"{folder} or taking it in, and this database has no such workspace" in caplog.text) == taken
        for more in folder.glob("*"):
            if more.name not in (*workspaces.SECRETS, unfinished.NOTE):
                shutil.rmtree(more) if more.is_dir() else more.unlink()
        look()
        assert not folder.exists()
    made()
    unfinished.begin(folder)  # as if it had been killed once the workspace was known
    with mock.patch.object(unfinished, "PROCESS", "the next start"):
        look()
    assert (folder.exists(), (folder / unfinished.NOTE).exists()) == (True, False)


def test_a_workspace_of_which_nobody_can_say_whether_it_was_taken_in_keeps_its_folder(two: Two, exported: Path) -> None:
    arena = two.one
    folder = arena.installation.settings.data_dir / "workspaces" / "lab-unsaid"

    with (
        mock.patch.object(identity, "tell_written_token", side_effect=Undecided("Nobody can say.")),
        pytest.raises(Undecided),
    ):
        take_in(arena, exported, "lab-unsaid")
    assert folder.exists()
    shutil.rmtree(folder)


def workspace_token(arena: Arena, name: str) -> str:
    return identity.admin_token_path(arena.installation.settings.data_dir, name).read_text().strip()


def test_nobody_waits_while_what_arrives_is_made_durable(two: Two, exported: Path) -> None:
    settle, waited = checked_folder._settle, []

    def settled(folder: Path) -> None:
        with two.other.installation.instance.transaction():
            waited.append(folder)
        settle(folder)

    with mock.patch.object(checked_folder, "_settle", settled):
        take_in(two.one, exported, "lab-slow")
    assert len(waited) == 1
    seconds_until(lambda: two.one.installation.named("lab-slow") is not None)


def test_what_a_killed_process_had_copied_is_deleted_at_the_next_start(two: Two, tmp_path: Path) -> None:
    settings = two.one.installation.settings
    url = str(settings.database)
    asked(two, 'CREATE SCHEMA "workspace_.left"')
    asked(two, 'CREATE TABLE "workspace_.left".battles (battle_id VARCHAR)')

    async def start() -> None:
        async with installation.opened(settings.model_copy(update={"data_dir": tmp_path / "third"})):
            pass

    with opening.aside(url) as living:
        asked(two, f'CREATE SCHEMA "workspace_{living}"')
        asyncio.run(start())
        assert tables_of(two, "workspace_.") == [f"workspace_{living}"], "the control: one that lives stays"
    assert tables_of(two, "workspace_.") == []


def test_what_is_damaged_is_refused_with_a_sentence(two: Two, exported: Path) -> None:
    (exported / "ledger.jsonl").write_text("")
    answer = taken_in(two, two.one, exported, "lab-bad")
    assert (answer.status_code, "ledger.jsonl" in answer.text) == (409, True)
    assert two.one.installation.named("lab-bad") is None
