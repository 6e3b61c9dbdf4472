"""The instance file as its tables see it: rows read at the start, and changes written one after the other."""

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from arena import errors
from arena.store import database, failures, rows
from arena.store.connections import Connection


class SharedInstallation(Protocol):
    """What processes that share an installation settle beside its tables. Of the one process that has a file, the data
    folder keeps it."""

    @property
    def workspaces(self) -> Mapping[str, str]:
        """The workspaces there are, by name, each with what tells it from others that had the name before; empty while
        nobody opened it."""

    def enter_workspace(self, name: str) -> bool:
        """Enter a workspace. Returns whether there was none of this name."""

    def settle_copy(self, copied: str, name: str) -> None:
        """Let what was copied aside be the tables of a workspace, in place of any that are there."""

    def put_aside(self, name: str) -> None:
        """Let a workspace have no tables any more, if it has any: they are to be deleted, outside any transaction."""

    def leave_workspace(self, name: str) -> bool:
        """Remove a workspace and its secrets. Returns whether there was one."""

    def secret(self, name: str, value: str) -> str:
        """The secret of a name; where there is none, it is `value` from now on, for every process."""

    def told_secret(self, name: str) -> str | None:
        """The secret of a name, if there is one."""

    def change_secret(self, name: str, value: str) -> None:
        """Let the secret of a name be another one."""


class InstanceFile:
    """One connection that threads share, and the lock that they take for it."""

    def __init__(self, path: Path, connection: Connection) -> None:
        self.path = path
        self.connection = connection
        self.lock = threading.RLock()
        self.on_change: list[Callable[[], None]] = []
        """What reads its table anew, after a transaction that failed or where somebody else wrote."""
        self._inside = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All changes made in the block, or none of them; a block inside another one belongs to it."""
        with self.lock, failures.translated(self.path):
            if self._inside:
                yield
                return
            self.connection.execute("BEGIN TRANSACTION")
            self._inside = True
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                self.connection.execute("ROLLBACK")
                self.read_anew()
                raise
            finally:
                self._inside = False

    def read_anew(self) -> None:
        """Let every table be read again."""
        for read in self.on_change:
            read()

    def append(self, table: str, columns: Mapping[str, str], row: Sequence[Any]) -> None:
        """Add a row; times as UTC."""
        with self.transaction():
            rows.append(self.connection, table, columns, [tuple(map(_bound, row))])

    def change(self, statement: str, parameters: Sequence[Any]) -> None:
        """Run a statement that changes rows."""
        with self.transaction():
            self.connection.execute(statement, list(map(_bound, parameters)))

    def fetched(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query, with times in UTC."""
        with self.lock, failures.translated(self.path):
            found = rows.fetched(self.connection, query, list(map(_bound, parameters)))
        return [tuple(database.read_time(one) if isinstance(one, datetime) else one for one in row) for row in found]

    def take_in(self, other: "InstanceFile") -> None:
        """Have everything that a file holds. Raises `StoreError` where a table has something else."""
        with self.transaction():
            for table, types in tables(other.connection).items():
                query = f"SELECT {', '.join(types)} FROM {table}"
                there, here = (sorted(rows.fetched(one.connection, query), key=repr) for one in (other, self))
                if here and here != there:
                    raise errors.StoreError(f"{table} of another installation are there; copy into an empty database.")
                if not here:
                    rows.append(self.connection, table, types, there)
            self.read_anew()

    def copy_to(self, goal: Path) -> None:
        """Write everything as it is now to a new file."""
        with self.lock:
            database.copy(self.connection, goal)

    def close(self) -> None:
        """Let go of it."""
        self.connection.close()


def tables(file: Connection) -> dict[str, dict[str, str]]:
    """The tables of an instance file, each with the types of its columns."""
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in rows.fetched(
        file,
        "SELECT table_name, column_name, data_type FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND table_name <> 'schema_version' "
        "ORDER BY table_name, ordinal_position",
    ):
        found.setdefault(table, {})[column] = kind
    return found


def hashed(plaintext: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(plaintext.encode("utf-8", "surrogatepass")).hexdigest()


def _bound(value: Any) -> Any:
    return database.stored_time(value) if isinstance(value, datetime) else value
