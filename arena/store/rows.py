"""Adding many rows with one statement, and reading them: SQL that DuckDB and PostgreSQL both have.

One execution of an INSERT costs a millisecond or more whatever it carries. Few rows cost least as a VALUES list; with
every bound parameter it costs more, so that many rows are bound as one list a column and unnested
(docs/decisions/0031-a-write-path-of-plain-sql.md).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import pyarrow

from arena.store.connections import Analytical, Connection

LISTED = 8
"""Rows from which lists cost less than a VALUES list (benchmarks/store_choices.py)."""

Columns = Sequence[list[Any]]
"""Rows as one list a column."""
Asked = TypeVar("Asked", bound=Connection)
Fetch = Callable[[Asked, Sequence[str], str, Sequence[Any]], Columns]
"""`columns`, or what does the same."""


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


def columns(connection: Connection, names: Sequence[str], rest: str, parameters: Sequence[Any]) -> Columns:
    """These columns of all rows, in their order. `rest` is the query behind its SELECT list."""
    found = fetched(connection, f"SELECT {', '.join(names)} {rest}", parameters)
    return [list(column) for column in zip(*found, strict=True)] if found else [[] for _ in names]


def columns_of_many(connection: Analytical, names: Sequence[str], rest: str, parameters: Sequence[Any]) -> Columns:
    """The same for thousands of rows, by way of Arrow: while it makes them, other threads run."""
    return [listed(column) for column in table(connection, f"SELECT {', '.join(names)} {rest}", parameters).columns]


def table(connection: Analytical, query: str, parameters: Sequence[Any]) -> pyarrow.Table:
    """All rows of a query, as Arrow has them."""
    return connection.sql(query, params=list(parameters)).to_arrow_table()


def picked(found: Columns, places: Sequence[int | None]) -> Columns:
    """The rows at these places, in this order; where there is none, a row of None."""
    return [[None if place is None else column[place] for place in places] for column in found]


def listed(column: pyarrow.ChunkedArray) -> list[Any]:
    """The values of a column. Arrow makes times one by one, at thirty times the cost."""
    times = pyarrow.types.is_timestamp(column.type)
    values: list[Any] = column.to_numpy().tolist() if times else column.to_pylist()
    return values


def number(connection: Connection, query: str, parameters: Sequence[Any] = ()) -> int:
    """The one whole number a query gives."""
    found = connection.execute(query, list(parameters)).fetchall()  # to its end: a result half read blocks `sql`
    if not found:
        raise LookupError(f"no row from {query}")
    return int(found[0][0])


def has_table(connection: Connection, name: str) -> bool:
    """Whether the database of a connection has a table of this name."""
    query = (
        "SELECT count(*) FROM information_schema.tables "
        "WHERE table_catalog = current_database() AND table_schema = current_schema() AND table_name = ?"
    )
    return number(connection, query, [name]) > 0
