"""Adding many rows with one statement, and reading them.

One execution of an INSERT costs a millisecond or more whatever it carries, and a bound parameter of a VALUES list
adds to it. A list bound a column and unnested carries 60 votes in a tenth of the time, with a statement that never
changes (docs/decisions/0004-group-commit.md).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

Connection = duckdb.DuckDBPyConnection
"""For signatures above the store, where only it knows DuckDB."""


def append(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Add rows to a table. `columns` gives names and SQL types in the order of each row's values."""
    if not rows:
        return
    names = ", ".join(columns)
    lists = ", ".join(f"unnest(?::{kind}[])" for kind in columns.values())
    connection.execute(
        f"INSERT INTO {table} ({names}) SELECT {lists}", [list(column) for column in zip(*rows, strict=True)]
    )


def among(column: str, ids: Sequence[str]) -> tuple[str, list[Any]]:
    """A condition that picks these ids, and its parameters.

    Ids sort by time, as the tables do, so a range lets DuckDB skip all other row groups: that is the index.
    """
    if len(ids) == 1:
        return f"{column} = ?", [ids[0]]
    return f"{column} BETWEEN ? AND ? AND {column} IN (SELECT unnest(?::VARCHAR[]))", [min(ids), max(ids), list(ids)]


def fetched(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] | dict[str, Any] = ()
) -> list[tuple[Any, ...]]:
    """All rows of a query, whose parameters are given in their order or by name."""
    given = parameters if isinstance(parameters, dict) else list(parameters)
    return connection.execute(query, given).fetchall()


def number(connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] = ()) -> int:
    """The one whole number a query gives."""
    row = connection.execute(query, list(parameters)).fetchone()
    if row is None:
        raise LookupError(f"no row from {query}")
    return int(row[0])
