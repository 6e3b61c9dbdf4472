"""Schemas, by numbered migrations: `0001_name.sql` in the folder of each kind of file.

Each runs in one transaction together with its line in `schema_version`, so a database is at the old or at the
new schema, never between; a CHECKPOINT right after keeps schema changes out of the log that a crash replays.
"""

from importlib import resources
from typing import NamedTuple

import duckdb

from arena import errors

VERSION_TABLE = "CREATE TABLE IF NOT EXISTS schema_version (number INTEGER NOT NULL, name VARCHAR NOT NULL)"


class Migration(NamedTuple):
    """One step of a schema."""

    number: int
    name: str
    sql: str


def known(kind: str) -> list[Migration]:
    """The migrations of `workspace` or `instance` files, in order."""
    found = []
    for entry in resources.files(__name__).joinpath(kind).iterdir():
        if entry.name.endswith(".sql"):
            number, _, name = entry.name.removesuffix(".sql").partition("_")
            found.append(Migration(int(number), name, entry.read_text(encoding="utf-8")))
    return sorted(found)


def version(connection: duckdb.DuckDBPyConnection) -> int:
    """The number of the last migration that ran; 0 for a new file."""
    row = connection.execute(
        "SELECT count(*) FROM duckdb_tables() "
        "WHERE database_name = current_database() AND table_name = 'schema_version'"
    ).fetchone()
    if row is None or row[0] == 0:
        return 0
    row = connection.execute("SELECT coalesce(max(number), 0) FROM schema_version").fetchone()
    return 0 if row is None else int(row[0])


def _done(connection: duckdb.DuckDBPyConnection) -> set[int]:
    """Numbers of the migrations that ran. Two that were written at once may reach a file in either order."""
    return {int(row[0]) for row in connection.execute("SELECT number FROM schema_version").fetchall()}


def migrate(connection: duckdb.DuckDBPyConnection, steps: list[Migration], path: object) -> None:
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
    done = _done(connection) if current else set()
    for step in steps:
        if step.number not in done:
            connection.execute("BEGIN TRANSACTION")
            connection.execute(VERSION_TABLE)
            for statement in connection.extract_statements(step.sql):
                connection.execute(statement)
            connection.execute("INSERT INTO schema_version (number, name) VALUES (?, ?)", [step.number, step.name])
            connection.execute("COMMIT")
            connection.execute("CHECKPOINT")
