"""Two processes over one installation: what is revoked at one is worth nothing at the other, whatever went wrong there
before; and they make one rater of an account that erased itself."""

import secrets
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from arena import errors
from arena.domain.principal import Role
from arena.services import identity, paths, shared_secrets, shared_workspaces
from arena.store import opening, rows
from arena.store.instance import Instance
from arena.store.writing import commands
from tests import postgres
from tests.services.test_renewing import Process, acting, begun
from tests.store import making
from tests.store.postgres.test_others import wait_until

pytestmark = pytest.mark.postgres


def where(instance: Instance, server: postgres.Server) -> dict[str, Any]:
    """Where the workspaces of an installation are."""
    return {"url": server.url(), "shared": instance.shared}


def test_a_process_that_could_not_look_once_looks_again(
    server: postgres.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from arena.store.postgres import shared_instance  # noqa: PLC0415 - of an extra

    one, other = (shared_instance.open_instance(server.url(), tmp_path / name) for name in ("one", "other"))
    with closing(one), closing(other):
        token_id, plaintext = one.add_token(Role.READER, "default", making.NOW)
        wait_until(lambda: other.find_token(plaintext) is not None)
        file: Any = other._file
        told, failed = file._told, [0]

        def odd() -> int:
            failed[0] += 1
            if failed[0] == 1:
                raise RuntimeError("nobody thought of this")
            return int(told())

        monkeypatch.setattr(file, "_told", odd)
        wait_until(lambda: failed[0] > 0)
        one.revoke(token_id, making.NOW)
        wait_until(lambda: other.find_token(plaintext) is None)


def test_a_release_key_that_is_taken_from_folders_and_database_is_made_anew_for_all(
    server: postgres.Server, name: str, tmp_path: Path
) -> None:
    """As docs/operating.md says."""
    folders = [tmp_path / "one", tmp_path / "other"]

    def brought() -> list[tuple[str, bytes]]:
        for folder in folders:
            with opening.instance(paths.instance_path(folder), server.url()) as instance:
                assert instance.shared is not None
                instance.shared.enter_workspace(name)
                assert shared_secrets.bring(folder, instance, name)
        return [
            (identity.release_signer(folder, name).public_key, identity.signing_secret(folder)) for folder in folders
        ]

    for folder in folders:
        folder.mkdir()
    first, second = brought()
    assert first == second
    with server.session() as session:
        session.execute("DELETE FROM arena_instance.secrets WHERE name = %s", [f"{name}/release-key"])
    for folder in folders:
        paths.release_key_path(folder, name).unlink()
    later, also = brought()
    assert later == also
    assert (later[0] != first[0], later[1]) == (True, first[1]), "another key, and the other secrets as they were"


def test_requests_at_two_processes_make_one_rater(server: postgres.Server, tmp_path: Path) -> None:
    from arena.store.postgres import shared_instance  # noqa: PLC0415 - of an extra

    one, other = (shared_instance.open_instance(server.url(), tmp_path / name) for name in ("one", "other"))
    with closing(one), closing(other):
        processes = [Process(one, "one"), Process(other, "other")]
        session = begun(processes[0])
        with other.transaction():
            pass  # it knows of the account, and not of what comes now
        found = acting(processes, session)
        assert [one.found_erased for one in processes] == [1, 1]
        assert len(set(found)) == 1
        assert sum(len(one.told) for one in processes) == 1


def test_workspaces_whose_names_postgresql_cuts_to_one_are_not_both_there(
    server: postgres.Server, tmp_path: Path
) -> None:
    begin = f"lab-{secrets.token_hex(24)}-"
    with opening.instance(tmp_path / "one", server.url()) as opened:
        instance = opened.shared
        assert instance is not None
        assert instance.enter_workspace(f"{begin}one")
        assert not instance.enter_workspace(f"{begin}one"), "the same one is entered twice"
        with pytest.raises(errors.Conflict, match=f"cannot tell {begin}other from the workspace {begin}one"):
            instance.enter_workspace(f"{begin}other")
        assert f"{begin}other" not in instance.workspaces
        assert instance.enter_workspace(f"{begin[:40]}"), "the control: a shorter name"
        for name in (f"{begin}one", begin[:40]):
            instance.leave_workspace(name)


def test_a_lab_finds_nothing_of_one_whose_removal_ended_halfway(
    server: postgres.Server, name: str, tmp_path: Path
) -> None:
    """As where a process is killed once nobody finds the workspace any more, and before its tables are deleted."""
    path = paths.workspace_path(tmp_path, name)

    def models() -> list[tuple[Any, ...]]:
        with opening.workspace(path, name, server.url()) as workspace, workspace.reading() as connection:
            return rows.fetched(connection, "SELECT name FROM models")

    with opening.instance(paths.instance_path(tmp_path), server.url()) as instance:
        shared_workspaces.make(tmp_path, instance, name, {}, "t_1", making.NOW, **where(instance, server))
        with opening.workspace(path, name, server.url()) as former:
            former.submit(commands.AddModels(models=(making.model(),), added_at=making.NOW)).result()
        shared_workspaces.leave(instance, name, "t_1", making.NOW, **where(instance, server))
        shared_workspaces.put_aside(tmp_path, name)
        assert models() != [], "the control: its tables are there"
        shared_workspaces.put_aside(tmp_path, name)
        shared_workspaces.make(tmp_path, instance, name, {}, "t_1", making.NOW, **where(instance, server))
        assert models() == []


def test_a_removal_that_ended_halfway_is_asked_for_again(server: postgres.Server, name: str, tmp_path: Path) -> None:
    with opening.instance(paths.instance_path(tmp_path), server.url()) as instance:
        shared_workspaces.make(tmp_path, instance, name, {}, "t_1", making.NOW, **where(instance, server))
        with opening.workspace(paths.workspace_path(tmp_path, name), name, server.url()):
            pass
        for _ in range(2):  # after the first, its tables are there still
            shared_workspaces.leave(instance, name, "t_1", making.NOW, **where(instance, server))
        shared_workspaces.delete(tmp_path, instance, name, **where(instance, server))
        with pytest.raises(errors.NotFound):
            shared_workspaces.leave(instance, name, "t_1", making.NOW, **where(instance, server))


def test_what_is_brought_late_is_not_the_secret_of_the_next_workspace(
    server: postgres.Server, name: str, tmp_path: Path
) -> None:
    with opening.instance(paths.instance_path(tmp_path), server.url()) as instance:
        shared = instance.shared
        assert shared is not None
        shared.enter_workspace("default")
        shared_workspaces.make(tmp_path, instance, name, {}, "t_1", making.NOW, **where(instance, server))
        former = shared.workspaces[name]
        shared_workspaces.leave(instance, name, "t_1", making.NOW, **where(instance, server))
        assert not shared_secrets.bring(tmp_path, instance, name), "its folder is here still"
        assert shared.told_secret(f"{name}/secret") is None
        shared.secret(f"{name}/secret", "late")
        assert shared.enter_workspace(name)
        assert shared.told_secret(f"{name}/secret") is None, "what an earlier arena said late is forgotten"
        assert shared_secrets.bring(tmp_path, instance, name), "the control: of one that is there, they are brought"
        assert shared.workspaces[name] == former
        shared_workspaces.leave(instance, name, "t_1", making.NOW, **where(instance, server))


def test_keys_of_a_workspace_that_is_a_file_are_overwritten_by_no_database(
    server: postgres.Server, name: str, tmp_path: Path
) -> None:
    """As where an installation of files is started on a database that has workspaces of these names."""
    file, later = tmp_path / "file", tmp_path / "later"

    def brought(folder: Path) -> None:
        with opening.instance(paths.instance_path(folder), server.url()) as instance:
            assert instance.shared is not None
            instance.shared.enter_workspace(name)
            shared_secrets.bring(folder, instance, name)

    for folder in (file, later):
        folder.mkdir()
        identity.signing_secret(folder)
        identity.name_key(folder, name)
        identity.release_signer(folder, name)
    (tmp_path / "first").mkdir()
    brought(tmp_path / "first")
    paths.workspace_path(file, name).touch()
    before = contents(file)
    with pytest.raises(errors.StoreError, match="was not copied into this database"):
        brought(file)
    assert contents(file) == before
    (file / "signing-secret").write_bytes((tmp_path / "first" / "signing-secret").read_bytes())
    before = contents(file)
    with pytest.raises(errors.StoreError, match=f"another {name}/names than"):
        brought(file)
    assert contents(file) == before
    brought(later)
    assert contents(later) == contents(tmp_path / "first"), "the control: without a file, it takes them over"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}
