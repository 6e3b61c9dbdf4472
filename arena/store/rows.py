"""Adding many rows with one statement, and reading them: SQL that DuckDB and PostgreSQL both have.

One execution of an INSERT costs a millisecond or more whatever it carries. Few rows cost least as a VALUES list; with
every bound parameter it costs more, so that many rows are bound as one list a column and unnested
(docs/decisions/0031-a-write-path-of-plain-sql.md).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from arena.store.connections import Connection

LISTED = 8
"""Rows from which lists cost less than a VALUES list (benchmarks/store_choices.py)."""


def append(connection: Connection, table: str, columns: Mapping[str, str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Add rows to a table. `columns` gives names and SQL types in the order of each row's values."""
    if not rows:
        return
    names = ", ".join(columns)
    if len(rows) < LISTED:
        row = f"({', '.join('?' * len(columns))})"
        connection.execute(
            f"INSERT INTO {table} ({names}) VALUES {', '.join([row] * len(rows))}",
            [value for row in rows for value in row],
        )
        return
    lists = ", ".join(f"unnest(CAST(? AS {kind}[]))" for kind in columns.values())
    connection.execute(
        f"INSERT INTO {table} ({names}) SELECT {lists}", [list(column) for column in zip(*rows, strict=True)]
    )


def among(column: str, ids: Sequence[str]) -> tuple[str, list[Any]]:
    """A condition that picks these ids, and its parameters.

    Ids sort by time, as the tables do, so a range lets DuckDB skip all other row groups: that is the index.
    """
    if len(ids) == 1:
        return f"{column} = ?", [ids[0]]
    listed = f"{column} IN (SELECT unnest(CAST(? AS VARCHAR[])))"
    return f"{column} BETWEEN ? AND ? AND {listed}", [min(ids), max(ids), list(ids)]


def fetched(
    connection: Connection, query: str, parameters: Sequence[Any] | dict[str, Any] = ()
) -> list[tuple[Any, ...]]:
    """All rows of a query, whose parameters are given in their order or by name."""
    given = parameters if isinstance(parameters, dict) else list(parameters)
    return connection.execute(query, given).fetchall()


def number(connection: Connection, query: str, parameters: Sequence[Any] = ()) -> int:
    """The one whole number a query gives."""
    row = connection.execute(query, list(parameters)).fetchone()
    if row is None:
        raise LookupError(f"no row from {query}")
    return int(row[0])


def has_table(connection: Connection, name: str) -> bool:
    """Whether the database of a connection has a table of this name."""
    query = (
        "SELECT count(*) FROM information_schema.tables "
        "WHERE table_catalog = current_database() AND table_schema = current_schema() AND table_name = ?"
    )
    return number(connection, query, [name]) > 0
