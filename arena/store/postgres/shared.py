"""Opening a workspace in PostgreSQL."""

import contextlib
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg

from arena import errors
from arena.store import database, heads, process_names, rows
from arena.store.connections import Analytical
from arena.store.postgres import copying, failures, schema, sessions
from arena.store.postgres.mirror import Mirror
from arena.store.postgres.sessions import DatabaseSession
from arena.store.postgres.shared_files import SharedFiles
from arena.store.postgres.shared_transactions import SharedTransactions
from arena.store.postgres.shared_work import SharedWork
from arena.store.workspace import Workspace, refuse_losses
from arena.store.writing.writer import Writer

log = logging.getLogger(__name__)

TRIES = 3
"""How often it is tried to delete what somebody reads or writes just now."""
WAIT_SECONDS = 3
"""How long each of these tries waits for them."""
HELD = "hashtext('copied aside to ' || CAST(? AS VARCHAR))"
"""The number of the lock that whoever copies into a schema holds."""


def open_shared(url: str, name: str, folder: Path, process: str | None = None) -> Workspace:
    """Open a workspace, whose schema is made and brought to the newest as needed. `folder` is this process's alone, for
    its mirror; `process` is what the others know it by, which no other ever was.

    Raises `StoreError` where the database refuses or is newer than this code, `Overloaded` where it cannot be reached,
    and `StoreCorrupt` where it is behind what it acknowledged to this process before.
    """
    schema_name, path = schema.name_of(name), folder / "mirror.duckdb"
    process = process or process_names.made()
    try:
        with contextlib.closing(sessions.connect(url, schema_name)) as session:
            schema.migrate(session, schema_name)
            copying.refuse_unfinished(session, name)
    except psycopg.OperationalError as error:
        raise (failures.refused if failures.is_denied(error) else failures.unreachable)(error) from error
    with contextlib.ExitStack() as opened:
        held = _alone(path)  # before the mirror, which begins anew in the folder
        opened.callback(held.close)
        mirror = Mirror(url, schema_name, folder)
        opened.callback(mirror.close)
        transactions = SharedTransactions(url, schema_name, mirror, held, process)
        with contextlib.closing(mirror.looking()) as connection:
            refuse_losses(path, connection, transactions.known.head, heads.last(held.path))
        held.resume(transactions.known.head)
        opened.pop_all()
        writer, others = Writer(transactions, path), SharedWork(url, schema_name, mirror.identity, process)
        files = SharedFiles(url, schema_name, mirror.identity, process)
        return Workspace(path, mirror, writer, held, others, files)


def _alone(path: Path) -> heads.Heads:
    database.make_folder(path.parent)
    try:
        return heads.Heads(path)
    except errors.StoreHeld:
        raise errors.StoreHeld(
            f"{path.parent} is in use by another process of this arena; give each a data folder of its own, or wait "
            "until that one ends."
        ) from None


def sizes(url: str) -> Mapping[str, int]:
    """The bytes of each workspace, with its indexes. Raises `Overloaded` where the database cannot be reached."""
    start = schema.name_of("")
    with _asking(url) as session:
        found = rows.fetched(
            session,
            "SELECT nspname, CAST(sum(pg_total_relation_size(pg_class.oid)) AS BIGINT) FROM pg_class "
            "JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE relkind = 'r' AND substr(nspname, 1, ?) = ? "
            "GROUP BY nspname",
            [len(start), start],
        )
    return {name.removeprefix(start): size for name, size in found}


@contextlib.contextmanager
def aside(url: str) -> Iterator[str]:
    """A name for a copy that is no workspace's until `SharedInstanceFile.settle_copy`: of none begins the name so, and
    no other copy has it. What is there under it when the block ends is deleted; after a kill, `delete_aside` does
    that. Raises `Overloaded` where the database cannot be reached."""
    copied = schema.aside()
    with _asking(url) as session:
        session.execute(f"SELECT pg_advisory_lock({HELD})", [schema.name_of(copied)])
        try:
            yield copied
        finally:
            with contextlib.suppress(psycopg.Error):  # then the next start does it
                session.execute(f'DROP SCHEMA IF EXISTS "{schema.name_of(copied)}" CASCADE')


def copy_aside(source: Analytical, url: str, copied: str) -> None:
    """Copy all of a workspace under a name of `aside`, and compare every row. Raises as `copying.copy_into`."""
    copying.copy_into(source, url, copied, lambda *_: None)


def delete_aside(url: str) -> None:
    """Delete the tables of workspaces that were removed, and the copies of processes that were killed before theirs was
    a workspace. Where that cannot be done, the log says why, and the next removal or start does it."""
    start = schema.name_of(schema.ASIDE)
    try:
        with contextlib.closing(sessions.connect(url, "public")) as session:
            left = "SELECT nspname FROM pg_namespace WHERE substr(nspname, 1, ?) = ? ORDER BY nspname"
            for (name,) in rows.fetched(session, left, [len(start), start]):
                if rows.fetched(session, f"SELECT pg_try_advisory_lock({HELD})", [name]) == [(True,)]:
                    _delete(session, name)
    except psycopg.Error as error:
        log.warning("tables of workspaces that are none stay until the next removal or start: %s", error)


def _delete(session: DatabaseSession, name: str) -> None:
    """Delete a schema, unless somebody reads it for long, or the database refuses. Who has a part of it and waits for
    another one stands in the way once: then it is tried again."""
    session.execute(f"SET lock_timeout = '{WAIT_SECONDS}s'")
    for _ in range(TRIES):
        try:
            session.execute(f'DROP SCHEMA IF EXISTS "{name}" CASCADE')
            log.info("deleted %s, which is no workspace", name)
            return
        except psycopg.Error as error:
            failed = error
            if not isinstance(error, failures.IN_THE_WAY):
                break
    log.warning("%s is no workspace, and stays until the next removal or start: %s", name, failed)


@contextlib.contextmanager
def _asking(url: str) -> Iterator[DatabaseSession]:
    try:
        with contextlib.closing(sessions.connect(url, "public")) as session:
            yield session
    except psycopg.OperationalError as error:
        raise failures.unreachable(error) from error
