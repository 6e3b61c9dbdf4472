"""What the store asks of a database: statements in, rows out. A connection of DuckDB is one of these.

The write path needs `Connection` alone, which every database can give. Boards, selections and exports also take whole
columns, which is DuckDB's part: `Analytical`.
"""

from typing import Any, Protocol

import pyarrow


class Connection(Protocol):
    """One session of a database, or a cursor of it: one statement at a time, for one thread."""

    def execute(self, query: str, parameters: object = ..., /) -> "Connection":
        """Run a statement, whose parameters stand as `?` or by name; its rows are fetched from what comes back."""

    def executemany(self, query: str, parameters: object = ..., /) -> "Connection":
        """Run a statement once for each row of parameters."""

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row."""

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows that are left."""

    def cursor(self) -> "Connection":
        """Another session of the same database."""

    def close(self) -> None:
        """Let go of it."""


class Columns(Protocol):
    """The answer to a query, not fetched yet."""

    def to_arrow_table(self) -> pyarrow.Table:
        """All rows, as columns."""

    def to_arrow_reader(self, batch_size: int, /) -> pyarrow.RecordBatchReader:
        """The same, so many rows after the other."""


class Analytical(Connection, Protocol):
    """A connection whose answers can be taken as columns."""

    def execute(self, query: str, parameters: object = ..., /) -> "Analytical":
        """As of every connection."""

    def extract_statements(self, query: str, /) -> list[Any]:
        """The statements in a text, read and not run."""

    def cursor(self) -> "Analytical":
        """As of every connection."""

    def sql(self, query: str, /, *, params: object = ...) -> Columns:
        """A query, whose parameters stand as `?` or by name."""

    def register(self, name: str, table: object, /) -> object:
        """Give columns of ours a name that statements of this session may use."""

    def interrupt(self) -> None:
        """End the statement that runs, from another thread."""

    def fetchnumpy(self) -> dict[str, Any]:
        """All rows, as arrays by column."""
