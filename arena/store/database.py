"""Opening one DuckDB file.

Only what the wheel contains is used: no extension is ever fetched. A file is read and written by one process at
a time, and by one `Workspace` or `Instance` inside it (DuckDB itself would let a process open a file twice).
"""

import contextlib
import os
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from arena import errors
from arena.store import failures
from arena.store.connections import Connection

Configuration = dict[str, str | bool | int | float | list[str]]
CONFIGURATION: Configuration = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "checkpoint_threshold": "1TB",  # the writer says when: arena/store/writing/checkpoints.py
}


def connect(path: Path, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection to the file at `path`, made when it does not exist.

    Raises `StoreHeld`, `StoreCorrupt` or `StoreError`.
    """
    with failures.translated(path):
        return duckdb.connect(str(path), read_only=read_only, config=CONFIGURATION)


def alone(memory: int) -> duckdb.DuckDBPyConnection:
    """A database in memory, of so many bytes, that reaches nothing beside it."""
    closed: Configuration = {"enable_external_access": False, "temp_directory": "", "memory_limit": f"{memory}B"}
    return duckdb.connect(":memory:", config=CONFIGURATION | closed | {"threads": 1})


def lock(connection: Connection) -> None:
    """From now on no setting of a database is changed."""
    connection.execute("SET lock_configuration = true")


def copy(connection: Connection, goal: Path) -> None:
    """Write the database of a connection, as it is at one moment, to a new file; others go on reading and writing."""
    alias = f"copy_{secrets.token_hex(4)}"
    quoted = str(goal).replace("'", "''")
    with failures.translated(goal):
        row = connection.execute("SELECT current_database()").fetchone()
        name = str(row[0] if row else "").replace('"', '""')
        connection.execute(f"ATTACH '{quoted}' AS {alias}")
        try:
            connection.execute(f'COPY FROM DATABASE "{name}" TO {alias}')
        finally:
            connection.execute(f"DETACH {alias}")


def in_the_asking_thread(connection: Connection) -> None:
    """From now on a query on the database of a connection runs in the thread that asks, and wakes no other.

    A quarter of the CPU of a small transaction is threads that wake and find nothing (docs/decisions/0035)."""
    connection.execute("SET GLOBAL threads = 1")


@contextlib.contextmanager
def on_every_core(connection: Connection) -> Iterator[None]:
    """Inside it, queries on the database of a connection may use all cores; where two overlap, until the first ends."""
    with contextlib.closing(connection.cursor()) as settings:
        settings.execute("RESET GLOBAL threads")
        try:
            yield
        finally:
            in_the_asking_thread(settings)


def make_folder(folder: Path) -> None:
    """Make a folder for databases, readable by this user only; `StoreError` when that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise errors.StoreError(
            f"{folder} cannot be made ({error.strerror}); let this user write there, or choose another --data-dir."
        ) from error


def stored_time(moment: datetime) -> datetime:
    """What is bound for a time: UTC without a zone, so that no session's time zone can shift it."""
    if moment.tzinfo is None:
        raise ValueError(f"the time {moment} has no zone; times are UTC")
    return moment.astimezone(UTC).replace(tzinfo=None)


def read_time(stored: datetime) -> datetime:
    """The UTC time of a stored one. (`replace` would take five times as long, and every record has three of them.)"""
    return datetime.combine(stored, stored.time(), UTC)


def settle(file: Path, goal: Path) -> None:
    """Move a file to its place so that a power cut leaves it whole there, or what was there before."""
    sync(file)
    file.replace(goal)
    sync(goal.parent)


def sync(path: Path) -> None:
    """Make durable what a file says, or which files a folder has and under which names."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
