"""The ledger as stored."""

import duckdb

from arena.domain.ledger import Line
from arena.store import known


def head(connection: duckdb.DuckDBPyConnection) -> Line | None:
    """The ledger's last line, or None before the first vote."""
    return known.last_line(connection)
