"""Schemas, by numbered migrations: `0001_name.sql` in the folder of each kind of file.

Each runs in one transaction together with its line in `schema_version`, so a database is at the old or at the
new schema, never between; a CHECKPOINT right after keeps schema changes out of the log that a crash replays.

A number is used once. 0011 of `workspace` never was.
"""

import functools
from collections.abc import Sequence
from importlib import resources
from typing import NamedTuple

import duckdb

from arena import errors
from arena.store import rows
from arena.store.connections import Connection

VERSION_TABLE = "CREATE TABLE IF NOT EXISTS schema_version (number INTEGER NOT NULL, name VARCHAR NOT NULL)"


class Migration(NamedTuple):
    """One step of a schema."""

    number: int
    name: str
    sql: str


@functools.cache
def known(kind: str) -> tuple[Migration, ...]:
    """The migrations of `workspace` or `instance` files, in order."""
    found = []
    for entry in resources.files(__name__).joinpath(kind).iterdir():
        if entry.name.endswith(".sql"):
            number, _, name = entry.name.removesuffix(".sql").partition("_")
            found.append(Migration(int(number), name, entry.read_text(encoding="utf-8")))
    return tuple(sorted(found))


def version(connection: Connection) -> int:
    """The number of the last migration that ran; 0 for a new file."""
    return max(_done(connection), default=0)


def missing(connection: Connection, steps: Sequence[Migration]) -> list[Migration]:
    """Those of these steps that have not run, in order."""
    done = _done(connection)
    return [step for step in steps if step.number not in done]


def _done(connection: Connection) -> set[int]:
    """Numbers of the migrations that ran. Two that were written at once may reach a file in either order."""
    if not rows.has_table(connection, "schema_version"):
        return set()
    return {int(row[0]) for row in rows.fetched(connection, "SELECT number FROM schema_version")}


def migrate(connection: duckdb.DuckDBPyConnection, steps: Sequence[Migration], path: object) -> None:
    """Bring a file to the newest schema of `steps`.

    Raises `StoreError` when the file's schema is newer than this code.
    """
    current = version(connection)
    newest = steps[-1].number
    if current > newest:
        raise errors.StoreError(
            f"{path} has schema {current} and this arena knows schemas up to {newest}; "
            "install the newer arena that wrote it."
        )
    for step in missing(connection, steps):
        connection.execute("BEGIN TRANSACTION")
        connection.execute(VERSION_TABLE)
        for statement in connection.extract_statements(step.sql):
            connection.execute(statement)
        connection.execute("INSERT INTO schema_version (number, name) VALUES (?, ?)", [step.number, step.name])
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT")
