"""A workspace copied from a DuckDB file into PostgreSQL as it lies: every row of every table, in its order.

A page of rows is one transaction, so what the database holds of a table says how far the copy has come, and one that
was killed goes on there. Until it is whole the schema has a table `copying`, and no arena opens it.
"""

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg

from arena import errors
from arena.store import rows, table_files
from arena.store.connections import Analytical, Connection
from arena.store.postgres import failures, schema, sessions
from arena.store.postgres.sessions import DatabaseSession

PAGE = 20_000
"""Rows that are copied, or compared, at a time."""
Told = Callable[[str, int], None]
"""Told of each page: the table, and how many of its rows are there."""


def refuse_unfinished(connection: Connection, name: str) -> None:
    """Raise `StoreError` for a workspace of which a part is still to be copied."""
    if rows.has_table(connection, "copying"):
        raise errors.StoreError(
            f"Workspace {name} was not copied to its end; run `arena database copy` again, which goes on there."
        )


def copy_into(source: Analytical, url: str, name: str, told: Told) -> None:
    """Copy all of a workspace into the schema of that name, or go on with it, and compare every row of both.

    Raises `StoreError` where there is another workspace, or another one was being copied, and `StoreCorrupt` where a
    row differs in the end.
    """
    with _session(url, name) as session:
        is_whole = _begin(session, name, table_files.head(source).written().decode())
        if not is_whole:
            for table, columns in schema.columns(source).items():
                _copy_table(source, session, table, columns, told)
        compare(source, session)
        if is_whole:
            return
        session.execute("BEGIN TRANSACTION")
        session.execute("UPDATE shared_head SET change = change + 1")
        session.execute("DROP TABLE copying")
        session.execute("COMMIT")


def compare_with(source: Analytical, url: str, name: str) -> None:
    """Raise `StoreCorrupt` where a row of a file is not what the database has, or the other way round."""
    with _session(url, name) as session:
        compare(source, session)


def compare(source: Analytical, session: DatabaseSession) -> None:
    """The same, on a session."""
    for table, columns in schema.columns(source).items():
        if _digest(_pages_of_file(source, table, columns, 0)) != _digest(_pages_of_database(session, table, columns)):
            raise errors.StoreCorrupt(f"Table {table} differs between file and database; copy into an empty one.")


@contextlib.contextmanager
def _session(url: str, name: str) -> Iterator[DatabaseSession]:
    schema_name = schema.name_of(name)
    try:
        with contextlib.closing(sessions.connect(url, schema_name)) as session:
            schema.migrate(session, schema_name)
            yield session
    except psycopg.DataError as error:
        raise failures.unfit(error) from error
    except failures.PASSING as error:
        raise (failures.refused if failures.is_denied(error) else failures.unreachable)(error) from error


def _begin(session: DatabaseSession, name: str, head: str) -> bool:
    """Whether this workspace was copied to its end before. Refuse what is no copy of it."""
    if rows.has_table(session, "copying"):
        begun = rows.fetched(session, "SELECT head FROM copying")
        if begun != [(head,)]:
            raise errors.StoreError(
                f"Another workspace was being copied to {name} in the database, or this one changed since; copy into "
                "an empty database."
            )
        return False
    if any(rows.number(session, f"SELECT count(*) FROM {table}") for table in ("ledger", "battles", "models")):
        if table_files.head(session).written().decode() == head:
            return True
        raise errors.StoreError(f"The database has a workspace {name} already; copy into an empty database.")
    session.execute("BEGIN TRANSACTION")
    session.execute("CREATE TABLE copying (head VARCHAR NOT NULL)")
    session.execute("INSERT INTO copying (head) VALUES (?)", [head])
    session.execute("COMMIT")
    return False


def _copy_table(source: Analytical, session: DatabaseSession, table: str, columns: Sequence[str], told: Told) -> None:
    done = rows.number(session, f"SELECT count(*) FROM {table}")
    for page in _pages_of_file(source, table, columns, done):
        session.execute("BEGIN TRANSACTION")
        session.load(table, columns, page)
        session.execute("COMMIT")
        done += len(page)
        told(table, done)


def _pages_of_file(
    source: Analytical, table: str, columns: Sequence[str], first: int
) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a table from one on, in the order in which they were written."""
    query = f"SELECT {', '.join(columns)} FROM {table} ORDER BY rowid LIMIT {PAGE} OFFSET "
    while page := rows.fetched(source, f"{query}{first}"):
        yield page
        first += len(page)


def _pages_of_database(session: DatabaseSession, table: str, columns: Sequence[str]) -> Iterator[list[tuple[Any, ...]]]:
    place = 0
    query = f"SELECT {', '.join(columns)}, place FROM {table} WHERE place > ? ORDER BY place LIMIT {PAGE}"
    while page := rows.fetched(session, query, [place]):
        yield [row[:-1] for row in page]
        place = page[-1][-1]


def _digest(pages: Iterator[list[tuple[Any, ...]]]) -> str:
    """SHA-256 over every row, in order."""
    hashing = hashlib.sha256()
    for page in pages:
        for row in page:
            hashing.update(repr(row).encode("utf-8", "backslashreplace"))
    return hashing.hexdigest()
