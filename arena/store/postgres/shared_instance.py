"""Tokens, accounts, sessions, invitations and the audit log where several processes share an installation.

The tables of the instance file, in a schema of their own; each process keeps them in memory, as of the file. A change
begins by locking the schema's head row and reading anew what others changed; a thread looks for that every second, so
that what was revoked in one process is worthless in all. A change whose connection is lost while it commits is looked
for on another one before anybody is told. Secrets, which the file leaves to the data folder, are here.
"""

import contextlib
import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg

from arena import errors
from arena.store import database, migrations, process_names, rows
from arena.store.instance import Instance
from arena.store.instance_file import InstanceFile, hashed, tables
from arena.store.postgres import failures, lost_commits, schema, sessions
from arena.store.postgres.sessions import DatabaseSession

log = logging.getLogger(__name__)

SCHEMA = "arena_instance"
OF_WORKSPACE = "secret"
"""Of the secrets `WORKSPACE/...`, the one that tells a workspace from the next one of its name."""
FOLLOWING_SECONDS = 1.0
"""How often a process looks for what others changed."""
WRITERS_SECONDS = sessions.IDLE_SECONDS + 1
"""How long to wait for whoever writes to a workspace that is put aside: longer than a process may stand still inside a
transaction, and shorter than others wait for this change of the installation."""
RECONNECT_SECONDS = 10.0
"""How long a change that may be there already waits for a database that is away."""
LOCK = "SELECT change FROM instance_head FOR UPDATE"
HEAD = (
    "CREATE TABLE IF NOT EXISTS instance_head (change BIGINT NOT NULL)",
    "INSERT INTO instance_head (change) SELECT 0 WHERE NOT EXISTS (SELECT * FROM instance_head)",
    # What each process committed last (`lost_commits.py`).
    "CREATE TABLE IF NOT EXISTS processes (process_id VARCHAR PRIMARY KEY, batch VARCHAR NOT NULL, "
    "at TIMESTAMPTZ NOT NULL)",
    "DELETE FROM processes WHERE at < clock_timestamp() - INTERVAL '30 days'",
    "CREATE TABLE IF NOT EXISTS workspaces (name VARCHAR PRIMARY KEY)",
    "CREATE TABLE IF NOT EXISTS secrets (name VARCHAR PRIMARY KEY, value VARCHAR NOT NULL)",
    "CREATE UNIQUE INDEX IF NOT EXISTS one_token ON tokens (hash)",
    "CREATE UNIQUE INDEX IF NOT EXISTS one_account ON accounts (email) WHERE email <> ''",
    "CREATE UNIQUE INDEX IF NOT EXISTS one_membership ON members (account_id, workspace)",
)
COMMITTING = (
    "INSERT INTO processes (process_id, batch, at) VALUES (?, ?, clock_timestamp()) "
    "ON CONFLICT (process_id) DO UPDATE SET batch = excluded.batch, at = excluded.at"
)


def open_instance(url: str, path: Path) -> Instance:
    """Open the installation's tables, made and brought to the newest as needed. `path` is what errors name.

    Raises `StoreError` where the database refuses or is newer than this code, `Overloaded` where it cannot be reached.
    """
    try:
        with contextlib.closing(sessions.connect(url, SCHEMA)) as session:
            schema.make(session, SCHEMA, migrations.known("instance"), HEAD)
        file = SharedInstanceFile(path, lambda: sessions.connect(url, SCHEMA))
        return Instance(file, shared=file)
    except psycopg.OperationalError as error:
        raise (failures.refused if failures.is_denied(error) else failures.unreachable)(error) from error


class SharedInstanceFile(InstanceFile):
    """What the tables of an instance file see, on a session that is made anew when it is lost."""

    def __init__(self, path: Path, connect: Callable[[], DatabaseSession]) -> None:
        self._connect = connect
        self._session = connect()
        self._process = process_names.made()
        super().__init__(path, self._session)
        self._workspaces: tuple[str, ...] = ()
        self._secrets: dict[str, str] = {}
        try:
            self._change = self._told()
            self._read_shared()
        except BaseException:
            self._session.close()
            raise
        self.on_change.append(self._read_shared)
        self._ending = threading.Event()
        self._following = threading.Thread(target=self._follow, name="follower of the instance", daemon=True)
        self._following.start()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        with self.lock:
            if self._inside:
                yield
                return
            with self._translated():
                self._begin()
            self._inside = True
            try:
                yield
                self._commit()
            except BaseException as error:
                self._take_back()
                if isinstance(error, failures.PASSING):
                    raise failures.unreachable(error) from error
                raise
            finally:
                self._inside = False

    def fetched(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self.lock, self._translated():
            if not self._inside:
                self._reconnect()
            return super().fetched(query, parameters)

    @property
    def workspaces(self) -> Mapping[str, str]:
        return {name: _id_of(self._secrets.get(f"{name}/{OF_WORKSPACE}")) for name in self._workspaces}

    def enter_workspace(self, name: str) -> bool:
        with self.transaction():
            same = next((one for one in self._workspaces if one != name and schema.is_shared(one, name)), None)
            if same is not None:
                raise errors.Conflict(
                    f"PostgreSQL cannot tell {name} from the workspace {same}; choose a shorter name."
                )
            if name in self._workspaces:
                return False
            if self._workspaces:  # an early database listed none, and has the secrets of its only one
                self._forget_secrets(name)  # which a process may have said after the former one was left
            return self._changed("INSERT INTO workspaces (name) VALUES (?) RETURNING name", [name])

    def settle_copy(self, copied: str, name: str) -> None:
        with self.transaction():
            self.put_aside(name)
            self._rename(copied, name)

    def put_aside(self, name: str) -> None:
        # To delete tables waits for all who read them; here everybody who changes anything would wait with them.
        with self.transaction():
            there = (
                "SELECT EXISTS (SELECT * FROM pg_tables WHERE schemaname = nspname AND tablename = ?) "
                "FROM pg_namespace WHERE nspname = ?"
            )
            stored = schema.name_of(name)[: schema.NAME_BYTES]
            for table in schema.HELD:
                if rows.fetched(self.connection, there, [table, stored]) == [(True,)]:
                    self._end_writing(name, table)
            if rows.fetched(self.connection, there, ["", stored]):
                self._rename(name, schema.aside())

    def _end_writing(self, name: str, table: str) -> None:
        """Wait for whoever holds a row of a workspace while they write, and let nobody hold it any more. Sessions find
        tables by the name of their schema: what is left to write would reach the next workspace of that name."""
        self.connection.execute(f"SET LOCAL lock_timeout = '{WRITERS_SECONDS}s'")
        self.connection.execute(f'DELETE FROM "{schema.name_of(name)}".{table}')

    def _rename(self, name: str, becoming: str) -> None:
        self.connection.execute(f'ALTER SCHEMA "{schema.name_of(name)}" RENAME TO "{schema.name_of(becoming)}"')

    def leave_workspace(self, name: str) -> bool:
        with self.transaction():
            self._forget_secrets(name)
            return self._changed("DELETE FROM workspaces WHERE name = ? RETURNING name", [name])

    def secret(self, name: str, value: str) -> str:
        with self.transaction():  # which holds the head: nobody else is at it
            kept = "INSERT INTO secrets (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING name"
            self._changed(kept, [name, value])
            return self._secrets[name]

    def told_secret(self, name: str) -> str | None:
        return self._secrets.get(name)

    def change_secret(self, name: str, value: str) -> None:
        with self.transaction():
            self.secret(name, value)
            self._changed("UPDATE secrets SET value = ? WHERE name = ? RETURNING name", [value, name])

    def copy_to(self, goal: Path) -> None:
        Instance.open(goal).close()
        with contextlib.closing(database.connect(goal)) as made, self.lock:
            made.execute("BEGIN TRANSACTION")
            for table, types in tables(made).items():
                stored = rows.fetched(self.connection, f"SELECT {', '.join(types)} FROM {table}")
                rows.append(made, table, types, stored)
            made.execute("COMMIT")

    def close(self) -> None:
        self._ending.set()
        self._following.join()
        with contextlib.suppress(psycopg.Error):
            self._session.execute("DELETE FROM processes WHERE process_id = ?", [self._process])
        super().close()

    def _forget_secrets(self, workspace: str) -> None:
        self.change("DELETE FROM secrets WHERE substr(name, 1, ?) = ?", [len(workspace) + 1, f"{workspace}/"])

    def _changed(self, statement: str, parameters: Sequence[str]) -> bool:
        """Change which workspaces or secrets there are. Returns whether anything changed."""
        with self.transaction():
            changed = bool(rows.fetched(self.connection, statement, list(parameters)))
            self._read_shared()
        return changed

    def _read_shared(self) -> None:
        self._workspaces = tuple(name for (name,) in self.fetched("SELECT name FROM workspaces ORDER BY name"))
        self._secrets = dict(self.fetched("SELECT name, value FROM secrets"))

    def _begin(self) -> None:
        """Take the lock, and know what others changed."""
        self._reconnect()
        self.connection.execute("BEGIN TRANSACTION")
        change = rows.number(self.connection, LOCK)
        if change != self._change:
            self._read(change)

    def _commit(self) -> None:
        batch = secrets.token_hex(8)
        self.connection.execute("UPDATE instance_head SET change = change + 1")
        self.connection.execute(COMMITTING, [self._process, batch])
        try:
            self.connection.execute("COMMIT")
        except failures.PASSING as error:
            if not self._was_committed(batch, error):
                raise
        self._change += 1

    def _was_committed(self, batch: str, lost: BaseException) -> bool:
        """Whether a change is there, though the connection was lost before the database said so."""
        self._session.close()
        return lost_commits.was_committed(
            self._connect,
            LOCK,
            self._process,
            batch,
            lost=lost,
            seconds=RECONNECT_SECONDS,
            then="look whether it is there before you ask for it again",
        )

    def _read(self, change: int) -> None:
        self._inside, before = True, self._inside
        try:
            self.read_anew()
            self._change = change
        finally:
            self._inside = before

    def _reconnect(self) -> None:
        if self._session.broken:
            self.connection = self._session = self._connect()

    def _take_back(self) -> None:
        """Nothing of a transaction is there, and what is in memory says so."""
        with contextlib.suppress(psycopg.Error):
            self.connection.execute("ROLLBACK")
        try:
            self._inside = False
            self.read_anew()
        except Exception as error:
            log.warning("what is known of accounts is read again in a second: %s", error)
            self._change = -1

    def _told(self) -> int:
        return rows.number(self._session, "SELECT change FROM instance_head")

    def _follow(self) -> None:
        known_at = time.monotonic()
        while not self._ending.wait(FOLLOWING_SECONDS):
            try:
                with self.lock:
                    self._reconnect()
                    change = self._told()
                    if change != self._change:
                        self._read(change)
                known_at = time.monotonic()
            except failures.TRIED_AGAIN as error:
                log.warning("accounts and tokens are as they were %.0f s ago: %s", time.monotonic() - known_at, error)
                self._session.close()
            except Exception:  # what was revoked elsewhere counts here until the next look
                log.exception("accounts and tokens are as they were %.0f s ago", time.monotonic() - known_at)

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except failures.PASSING as error:
            self._session.close()
            raise failures.unreachable(error) from error


def _id_of(secret: str | None) -> str:
    return "" if secret is None else hashed(secret)
