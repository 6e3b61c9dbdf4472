"""A connection to DuckDB that reads the text of each statement once.

The writer sends the same few statements again and again, and DuckDB would take each text apart anew: a tenth of what a
vote costs in the database (docs/decisions/0057).
"""

from typing import Any

from arena.store.connections import Analytical, Connection

KEPT = 256
"""Statements that are kept: those of the write path have few forms, each up to `rows.LISTED` rows long."""


class ReadStatements:
    """A connection for one thread, which it closes."""

    def __init__(self, connection: Analytical) -> None:
        self._connection = connection
        self._read: dict[str, Any] = {}
        self.executemany = connection.executemany
        self.fetchone = connection.fetchone
        self.fetchall = connection.fetchall
        self.cursor = connection.cursor
        self.close = connection.close

    def execute(self, query: str, parameters: object = None, /) -> Connection:
        """Run one statement."""
        statement = self._read.get(query)
        if statement is None:
            (statement,) = self._connection.extract_statements(query)
            if len(self._read) == KEPT:
                del self._read[next(iter(self._read))]
            self._read[query] = statement
        return self._connection.execute(statement, parameters)
