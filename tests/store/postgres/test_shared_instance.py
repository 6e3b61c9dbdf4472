"""Two processes over one installation: what is revoked at one is worth nothing at the other, whatever went wrong there
before; and they make one rater of an account that erased itself."""

import contextlib
import logging
import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from arena import errors
from arena.domain.account import Account, AuditEntry
from arena.domain.ids import AccountId
from arena.domain.principal import Role
from arena.services import identity, paths, shared_secrets, shared_workspaces
from arena.store import migrations, opening, rows
from arena.store.instance import Instance
from arena.store.writing import commands
from tests import postgres
from tests.services.test_renewing import Process, acting, begun
from tests.store import making, test_forgotten_people, test_people_by_id
from tests.store.conftest import Opener
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


def waits(session: Any) -> bool:
    """Whether somebody waits for a row of the database that the session looks at."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return bool(session.execute(waiting).fetchall())


def test_tables_are_put_aside_once_the_batch_that_is_written_to_them_has_ended(
    server: postgres.Server, name: str, process: Opener, tmp_path: Path
) -> None:
    """Or its process has stood still for too long. Who reads them is not waited for."""
    from arena.store.postgres import schema, sessions  # noqa: PLC0415 - of an extra

    process()
    with (
        opening.instance(tmp_path / "one", server.url()) as instance,
        closing(sessions.connect(server.url(), schema.name_of(name))) as batch,
        closing(sessions.connect(server.url(), schema.name_of(name))) as reader,
        server.session() as looking,
        ThreadPoolExecutor(1) as pool,
    ):
        assert instance.shared is not None
        reader.execute("BEGIN TRANSACTION")
        assert rows.number(reader, "SELECT count(*) FROM models") == 0
        batch.execute("BEGIN TRANSACTION")
        assert rows.number(batch, "SELECT change FROM shared_head FOR UPDATE") == 0
        putting = pool.submit(instance.shared.put_aside, name)
        wait_until(lambda: waits(looking) or putting.done())
        assert not putting.done()
        batch.execute("INSERT INTO works (work, process_id, done) VALUES ('one', '', 0)")
        batch.execute("COMMIT")
        putting.result(60)
        ours = "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'workspace_')"
        ((aside,),) = looking.execute(ours).fetchall()
        assert aside.startswith("workspace_."), "the control: it was put aside while it is read"
        assert looking.execute(f'SELECT work FROM "{aside}".works').fetchall() == [("one",)]


def test_a_batch_that_waits_while_its_workspace_is_put_aside_writes_nothing_to_the_next_of_its_name(
    server: postgres.Server, name: str, process: Opener, tmp_path: Path
) -> None:
    path, command = tmp_path / "next.duckdb", commands.AddModels(models=(making.model(),), added_at=making.NOW)
    with opening.workspace(path, "next", server.url()):
        pass
    with opening.instance(tmp_path / "one", server.url()) as instance, server.session() as looking:
        former, shared = process(), instance.shared
        assert shared is not None
        with instance.transaction():
            shared.settle_copy("next", name)
            writing = former.submit(command)
            wait_until(lambda: waits(looking) or writing.done())
            assert not writing.done(), "the control: it waits"
        with pytest.raises(errors.StoreStopped, match="was removed"):
            writing.result(60)
        of_next = f'SELECT count(*) FROM "workspace_{name}".'
        assert [looking.execute(of_next + table).fetchone() for table in ("models", "ledger")] == [(0,), (0,)]
        next_one = process()
        next_one.submit(command).result(60)
        assert looking.execute(f"{of_next}models").fetchone() == (1,), "the control: its own batches are written"


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


def test_tables_that_the_database_lets_nobody_delete_stay_and_the_others_are_deleted(
    server: postgres.Server, caplog: pytest.LogCaptureFixture
) -> None:
    """As those that another user of the database made."""
    import psycopg  # noqa: PLC0415 - of an extra

    with server.session() as session:
        session.execute("CREATE ROLE limited LOGIN PASSWORD 'secret'")
        for schema, owner in (("workspace_.1", "limited"), ("workspace_.2", "arena"), ("workspace_.3", "limited")):
            session.execute(f'CREATE SCHEMA "{schema}" AUTHORIZATION {owner}')
        with caplog.at_level(logging.WARNING):
            opening.delete_aside(server.url().replace("arena:", "limited:"))
        left = "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'workspace_.')"
        assert session.execute(left).fetchall() == [("workspace_.2",)]
        assert "workspace_.2 is no workspace, and stays until the next removal or start: must be owner" in caplog.text
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rows, "fetched", mock.Mock(side_effect=psycopg.InternalError("it is damaged")))
            opening.delete_aside(server.url())
        assert "stay until the next removal or start: it is damaged" in caplog.text
        opening.delete_aside(server.url())
        assert session.execute(left).fetchall() == [], "the control: who may delete them does"
        session.execute("DROP ROLE limited")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def test_a_person_is_forgotten_in_the_audit_log_of_every_process(server: postgres.Server, tmp_path: Path) -> None:
    from arena.store.postgres import shared_instance  # noqa: PLC0415 - of an extra

    one, other = (shared_instance.open_instance(server.url(), tmp_path / name) for name in ("one", "other"))
    with closing(one), closing(other):
        email = "o'quill+feather_100%@lab.example"
        gone = Account(account_id=AccountId("acc_gone"), email=email, name="Quill", password="", created_at=making.NOW)
        one.accounts.add(gone)
        for who, reason in (("acc_gone", None), ("t_token", f"{email.upper()} asked for it.")):
            one.audit.add(
                AuditEntry(
                    noted_at=making.NOW,
                    workspace="default",
                    who=who,
                    did="did",
                    subject=who,
                    reason=reason,
                    sent_from="1.2.3.4",
                )
            )
        one.audit.forget_person(gone)
        one.accounts.close(gone.account_id, making.NOW)
        found = {(entry.who, entry.reason, entry.sent_from) for entry in other.audit.of("default")}
        assert found == {("acc_gone", None, None), ("t_token", "acc_gone asked for it.", "1.2.3.4")}
        wait_until(lambda: other.accounts.find(email) is None)


def test_what_leads_to_a_person_goes_and_what_is_about_others_stays(server: postgres.Server, tmp_path: Path) -> None:
    from arena.store.postgres import shared_instance  # noqa: PLC0415 - of an extra

    with closing(shared_instance.open_instance(server.url(), tmp_path)) as instance:
        for email, workspace, reason, left in test_forgotten_people.CASES:
            with contextlib.suppress(UndoneError), instance.transaction():
                found = test_forgotten_people.reason_left(instance, workspace, email, reason)
                assert found == (left or reason)
                raise UndoneError
        test_forgotten_people.check_addresses(instance)


def test_where_accounts_that_were_closed_before_acted_from_goes(server: postgres.Server, tmp_path: Path) -> None:
    from arena.store.postgres import schema, sessions, shared_instance  # noqa: PLC0415 - of an extra

    with server.session() as session:
        session.execute("CREATE DATABASE earlier")
    url = server.url("earlier")
    with closing(sessions.connect(url, shared_instance.SCHEMA)) as session:
        steps = [step for step in migrations.known("instance") if step.number < 11]
        schema.make(session, shared_instance.SCHEMA, steps, shared_instance.HEAD)
        test_people_by_id.put_acts(session)
    with closing(shared_instance.open_instance(url, tmp_path)) as instance:
        test_people_by_id.check_acts(instance)


class UndoneError(Exception):
    """Ends a transaction that is to leave nothing."""
