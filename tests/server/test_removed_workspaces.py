"""A workspace that is removed at one process is gone at the others, whether they were there or away, and the next of
its name is another one."""

import asyncio
import logging
from collections.abc import Sequence
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
