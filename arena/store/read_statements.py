"""A connection to DuckDB for which the text of each statement is read once.

The same few statements are sent again and again, and DuckDB would take each text apart anew: a tenth of what a vote
costs in the database, and more of a look-up of many columns (docs/decisions/0057).
"""

import threading
from typing import Any

from arena.store.connections import Analytical, Connection

KEPT = 256
"""Statements that are kept: those of the write path have few forms, each up to `rows.LISTED` rows long."""


class Statements:
    """Statements as DuckDB has read them, by their text. For every thread, and for every connection: a statement is
    bound to tables when it is run."""

    def __init__(self) -> None:
        self._read: dict[str, Any] = {}
        self._lock = threading.Lock()

    def find(self, connection: Analytical, query: str) -> Any:
        """The one statement in a text."""
        statement = self._read.get(query)
        if statement is None:
            (statement,) = connection.extract_statements(query)
            with self._lock:
                if len(self._read) >= KEPT:
                    del self._read[next(iter(self._read))]
                self._read[query] = statement
        return statement


class ReadStatements:
    """A connection for one thread, which it closes."""

    def __init__(self, connection: Analytical, statements: Statements) -> None:
        self._connection = connection
        self._statements = statements
        self.executemany = connection.executemany
        self.fetchone = connection.fetchone
        self.fetchall = connection.fetchall
        self.cursor = connection.cursor
        self.close = connection.close

    def execute(self, query: str, parameters: object = None, /) -> Connection:
        """Run one statement."""
        return self._connection.execute(self._statements.find(self._connection, query), parameters)
