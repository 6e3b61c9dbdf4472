"""A workspace that is removed at one process is gone at the others, whether they were there or away, and the next of
its name is another one."""

import asyncio
import logging
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest import mock

import pytest

from arena.domain.ids import RaterId
from arena.services import installation, paths, shared_secrets, shared_workspaces
from arena.services.installation import Installation
from arena.settings import Settings
from arena.store.writing import commands
from tests.arenas import Arena, Two, seconds_until
from tests.store import making

pytestmark = pytest.mark.postgres

RATER = RaterId("r_asker")


def made(two: Two, arena: Arena, name: str) -> str:
    """A new workspace, made at one of them; returns its admin token."""
    with arena.client(two.one.admin_token) as operator:
        answer = operator.post("/api/v1/workspaces", json={"name": name}).raise_for_status().json()
    return Path(answer["admin_token_file"]).read_text().strip()


def removed(two: Two, arena: Arena, name: str) -> None:
    with arena.client(two.one.admin_token) as operator:
        operator.delete(f"/api/v1/workspaces/{name}").raise_for_status()


def seen(settings: Settings, names: Sequence[str]) -> list[bool]:
    """Which of these workspaces a process has that is there for a moment; in those it has, a model is added."""

    async def looked(arena: Installation) -> list[bool]:
        for name in names:
            if (found := arena.named(name)) is not None:
                command = commands.AddModels(models=(making.model(),), added_at=making.NOW)
                await asyncio.wrap_future(found.workspace.submit(command))
        return [arena.named(name) is not None for name in names]

    async def visit() -> list[bool]:
        async with installation.opened(settings) as opened:
            return await looked(opened)

    return asyncio.run(visit())


def away(two: Two, folder: Path) -> Settings:
    """The settings of a third process."""
    return two.one.installation.settings.model_copy(update={"data_dir": folder})


def test_while_somebody_reads_what_is_removed_nobody_else_waits(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a mirror that takes in a large table. The tables are deleted once that has ended."""
    import psycopg  # noqa: PLC0415 - of an extra

    from arena.store.postgres import shared  # noqa: PLC0415 - of an extra

    monkeypatch.setattr(shared, "TRIES", 1000)
    made(two, two.one, "lab-read")
    seconds_until(lambda: two.other.installation.named("lab-read") is not None)
    url = str(two.one.installation.settings.database)
    with (
        psycopg.connect(url) as reader,
        psycopg.connect(url, autocommit=True) as looking,
        ThreadPoolExecutor(1) as pool,
        two.other.client(two.one.admin_token) as admin,
    ):

        def schemas() -> list[tuple[str]]:
            left = "SELECT nspname FROM pg_namespace WHERE nspname ~ '^workspace_([.]|lab-read)'"
            return looking.execute(left).fetchall()

        reader.execute('SELECT count(*) FROM "workspace_lab-read".votes')
        removing = pool.submit(removed, two, two.one, "lab-read")
        seconds_until(lambda: schemas() not in ([], [("workspace_lab-read",)]))
        assert admin.post("/api/v1/tokens", json={"role": "reader"}).status_code == 201
        assert not removing.done(), "the control: the tables are there still, because somebody reads them"
        reader.rollback()
        removing.result(60)
        assert schemas() == []


def test_a_process_that_was_away_keeps_nothing_of_what_was_removed_meanwhile(
    two: Two, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings, folder = away(two, tmp_path), paths.workspaces_folder(tmp_path)
    names = ("lab-gone", "lab-anew", "lab-stays")
    for name in names:
        made(two, two.one, name)
    assert seen(settings, names) == [True, True, True]
    (folder / "lab-gone" / paths.MEDIA / "00").mkdir(parents=True)
    for name, inside in (("unknown", "release-key"), ("a-file", "workspace.duckdb")):
        (folder / name).mkdir()
        (folder / name / inside).touch()
    for name in names[:2]:
        removed(two, two.one, name)
    made(two, two.one, "lab-anew")
    with caplog.at_level(logging.WARNING):
        assert seen(settings, names) == [False, True, True], "the new one is opened, though it begins anew"
    there = {one.name for one in folder.iterdir()}
    assert there == {"default", "lab-anew", "lab-stays", "unknown", "a-file"}, "what nobody removed is left"
    for name in ("unknown", "a-file"):
        assert f"{folder / name} is of no workspace" in caplog.text
    assert f"{folder / 'lab-stays'} is" not in caplog.text
    for name in names[1:]:
        removed(two, two.one, name)


def test_a_workspace_that_is_a_file_keeps_every_byte_where_another_of_its_name_is_made_and_removed(
    two: Two, caplog: pytest.LogCaptureFixture
) -> None:
    """It was never copied into the database: what lies in its folder is nowhere else."""
    arena, other = two.one.installation, two.other.installation
    data_dir = arena.settings.data_dir
    kept = paths.workspaces_folder(data_dir) / "lab-file"
    (kept / "media").mkdir(parents=True)
    files = {"workspace.duckdb": b"rows", "secret": b"5e" * 32, "names": b"{}", "release-key": b"key", "media/a": b"a"}
    for name, content in files.items():
        (kept / name).write_bytes(content)
    with two.one.client(two.one.admin_token) as operator:
        assert operator.post("/api/v1/workspaces", json={"name": "lab-file"}).status_code == 409
    with two.other.client(two.one.admin_token) as operator:
        answer = operator.post("/api/v1/workspaces", json={"name": "lab-file"}).raise_for_status()
    assert other.named("lab-file") is not None
    seconds_until(lambda: "lab-file stays closed" in caplog.text)
    assert arena.named("lab-file") is None
    removed(two, two.one, "lab-file")
    seconds_until(lambda: other.named("lab-file") is None)
    assert f"{kept} is of no workspace" in caplog.text
    assert {str(one.relative_to(kept)): one.read_bytes() for one in kept.rglob("*") if one.is_file()} == files
    there = other.settings.data_dir / "workspaces" / "lab-file"
    seconds_until(lambda: not there.exists())
    assert answer.json()["admin_token_file"], "the control: where it was made, its copies are deleted"
    shutil.rmtree(kept)


def test_a_folder_of_which_nothing_can_be_read_holds_up_no_other(
    two: Two, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings, folder = away(two, tmp_path), paths.workspaces_folder(tmp_path)
    made(two, two.one, "lab-read")
    assert seen(settings, ["lab-read"]) == [True]
    removed(two, two.one, "lab-read")
    (folder / "a-folder" / "secret").mkdir(parents=True)
    (folder / "a-text").mkdir()
    (folder / "a-text" / "secret").write_text("gehört niemandem", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        assert seen(settings, ["lab-read"]) == [False]
    assert {one.name for one in folder.iterdir()} == {"default", "a-folder", "a-text"}
    for name in ("a-folder", "a-text"):
        assert f"{folder / name} is left as it is, and not looked at" in caplog.text


def test_a_folder_stays_where_another_workspace_of_its_name_was_removed(
    two: Two, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As where a process of one installation is started on the database of another one."""
    settings, folder = away(two, tmp_path), paths.workspaces_folder(tmp_path)
    made(two, two.one, "lab-same")
    assert seen(settings, ["lab-same"]) == [True]
    removed(two, two.one, "lab-same")
    (folder / "lab-same" / "secret").write_text("5e" * 32)
    with caplog.at_level(logging.WARNING):
        assert seen(settings, ["lab-same"]) == [False]
    assert f"{folder / 'lab-same'} is of no workspace" in caplog.text
    assert (folder / "lab-same" / "names").exists()
    made(two, two.one, "lab-same")
    assert seen(settings, ["lab-same"]) == [False], "nor is it given to the next one"
    assert (folder / "lab-same" / "secret").read_text() == "5e" * 32
    removed(two, two.one, "lab-same")


def test_a_process_keeps_the_folder_of_its_configured_workspace_that_was_removed_elsewhere(
    two: Two, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its mirror is open there still."""
    made(two, two.one, "lab-own")
    settings = away(two, tmp_path).model_copy(update={"workspace": "lab-own"})

    async def visit() -> None:
        async with installation.opened(settings) as arena:
            await asyncio.to_thread(removed, two, two.one, "lab-own")
            shared = arena.instance.shared
            assert shared is not None
            await asyncio.to_thread(seconds_until, lambda: "lab-own" not in shared.workspaces)
            for _ in range(2):
                await arena.open_shared()
            assert (paths.workspaces_folder(tmp_path) / "lab-own" / "secret").exists()

    asyncio.run(visit())
    said = [one for one in caplog.messages if "lab-own, which the configuration names, was removed" in one]
    assert len(said) == 1


def test_a_workspace_that_is_made_anew_within_a_second_is_another_one_at_every_process(two: Two) -> None:
    token = made(two, two.one, "lab-b")
    seconds_until(lambda: two.other.installation.named("lab-b") is not None)
    former = two.other.installation.named("lab-b")
    with two.other.client(token) as lab:
        seconds_until(lambda: lab.get("/w/lab-b/api/v1/workspace").status_code == 200)
    removed(two, two.one, "lab-b")
    token = made(two, two.one, "lab-b")
    seconds_until(lambda: two.other.installation.named("lab-b") not in (None, former))
    anew = two.other.installation.named("lab-b")
    assert anew is not None
    assert anew.identity.name_of(RATER) == two.one.installation.named("lab-b").identity.name_of(RATER)  # type: ignore[union-attr]
    with two.one.client(token) as lab, two.other.client(token) as there:
        lab.post("/w/lab-b/api/v1/campaigns", json={"name": "ours"}).raise_for_status()
        seconds_until(lambda: there.get("/w/lab-b/api/v1/campaigns/ours").status_code == 200)
    removed(two, two.other, "lab-b")


def test_a_workspace_that_is_removed_elsewhere_and_made_anew_here_is_not_the_former_one(two: Two) -> None:
    made(two, two.one, "lab-c")
    seconds_until(lambda: two.other.installation.named("lab-c") is not None)
    former = two.one.installation.named("lab-c")
    removed(two, two.other, "lab-c")
    made(two, two.one, "lab-c")
    assert two.one.installation.named("lab-c") not in (None, former)
    removed(two, two.one, "lab-c")


def test_tables_of_one_that_was_made_anew_are_not_deleted_by_who_removed_the_former(two: Two, tmp_path: Path) -> None:
    """As where the others are faster than whoever deletes the tables."""
    arena, other = two.one.installation, two.other.installation
    made(two, two.one, "lab-d")
    url, shared = str(arena.settings.database), arena.instance.shared
    assert shared is not None
    shared_workspaces.leave(arena.instance, "lab-d", "t_1", making.NOW, url=url, shared=shared)
    seconds_until(lambda: arena.named("lab-d") is None)
    token = made(two, two.other, "lab-d")
    shared_workspaces.delete(tmp_path, arena.instance, "lab-d", url=url, shared=shared)
    with two.other.client(token) as lab:
        lab.post("/w/lab-d/api/v1/campaigns", json={"name": "ours"}).raise_for_status()
    assert other.named("lab-d") is not None
    removed(two, two.other, "lab-d")


def test_a_new_token_of_the_operator_is_known_at_the_other_process(two: Two) -> None:
    file = two.one.installation.settings.data_dir / "admin-token"
    before = file.read_text()
    with two.one.admin() as admin, two.other.client(before.strip()) as old:
        assert old.get("/api/v1/workspaces").status_code == 200
        token = admin.post("/api/v1/tokens", json={"role": "admin"}).raise_for_status().json()["token"]
        with two.other.client(token) as new:
            seconds_until(lambda: new.get("/api/v1/me").status_code == 200)
            assert new.get("/api/v1/workspaces").status_code == 403, "the control: an admin, and no operator"
            file.write_text(f"{token}\n")
            seconds_until(lambda: new.get("/api/v1/workspaces").status_code == 200)
            assert old.get("/api/v1/workspaces").status_code == 403
        file.write_text(before)


def test_secrets_are_asked_for_once_where_nothing_changed(two: Two, tmp_path: Path) -> None:
    """What tells workspaces apart is in memory: a look at them asks the database nothing."""
    arena = two.one.installation
    file = arena.instance._file
    with mock.patch.object(type(file), "fetched", side_effect=AssertionError("it was asked")):
        assert arena.instance.shared is not None
        assert arena.instance.shared.workspaces["default"] == shared_workspaces.told_apart(
            arena.settings.data_dir, "default"
        )
        assert arena.instance.shared.told_secret("default/secret")
    shared_secrets.bring(tmp_path, arena.instance, "default")
    assert shared_workspaces.told_apart(tmp_path, "default") == arena.instance.shared.workspaces["default"]
