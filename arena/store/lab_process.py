"""The process in which one SELECT of a lab is read and run: it has the columns that the query names, and nothing else.

    in    {"query", "tables"}          a line of JSON: what is asked, and which tables there are, with their columns
    out   {"needs"} or {"refused"}     the tables and columns that it takes
    in    an Arrow stream a table, in that order
    out   {"columns", "rows", "truncated"}, {"refused"} or {"too_large"}

It opens no file, knows no environment and no settings, and has a bounded memory and time, so that what a query makes of
DuckDB's parser, of one huge value or of a calculation without end is its own end alone.
"""

import json
import os
import resource
import sys
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import IO, Any

import pyarrow

from arena.errors import InvalidValue
from arena.store import database, failures, lab_statement
from arena.store.connections import Analytical

ROWS = 10_000
"""How many rows a query may give."""
BYTES = 50_000_000
"""How much they may hold."""
MEMORY = 1 << 30
"""Bytes that tables and what a query makes of them may take."""
ADDRESSES = 4 << 30
"""Bytes of addresses in all: of single huge values, too, which DuckDB does not count."""
SECONDS = 20
"""Of processor time, should whoever started it be gone."""
GENTLY = 5
"""How much later than the arena it has its turn."""
_VALUE = 8
"""Bytes counted for a number, and for each list and structure."""
_PIECE = 500
"""Rows fetched at once, between which their size is looked at."""


def main() -> None:
    """Answer the query that comes in."""
    _confine()
    source, goal = sys.stdin.buffer, sys.stdout.buffer
    asked = json.loads(source.readline())
    connection = database.alone(MEMORY)
    try:
        statement = lab_statement.read(connection, asked["query"], asked["tables"])
        _say(goal, {"needs": statement.needs})
        for name in statement.needs:
            with pyarrow.ipc.open_stream(source) as arriving:
                connection.register("arriving", arriving)
                connection.execute(f"CREATE TABLE {name} AS SELECT * FROM arriving")
        database.lock(connection)
        told = fetched(connection, f"SELECT * FROM ({statement.text}) LIMIT {ROWS + 1}")
    except InvalidValue as refusal:
        told = {"refused": str(refusal)}
    except failures.DatabaseError as error:
        said = str(error).split("\n\nLINE ")[0].strip()
        told = {"refused": f"DuckDB refused the query: {said}"}
    _say(goal, told)


def fetched(connection: Analytical, query: str) -> dict[str, Any]:
    """The first rows of a query, as JSON has values: times in RFC 3339, decimals as numbers, bytes in hex."""
    result: Any = connection.execute(query)
    found: list[list[Any]] = []
    size = 0
    while piece := result.fetchmany(_PIECE):
        found += [[_plain(value) for value in row] for row in piece]
        size += sum(_size(value) for row in found[-len(piece) :] for value in row)
        if size > BYTES:
            return {"too_large": True}
    columns = [column[0] for column in result.description]
    return {"columns": columns, "rows": found[:ROWS], "truncated": len(found) > ROWS}


def _confine() -> None:
    """Bound what this process may take, for good."""
    for kind, most in (
        (resource.RLIMIT_AS, ADDRESSES),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        allowed = resource.getrlimit(kind)[1]  # nobody may raise what whoever started the arena bounds
        bound = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
        resource.setrlimit(kind, (bound, bound))
    os.nice(GENTLY)


def _say(goal: IO[bytes], told: dict[str, Any]) -> None:
    goal.write(json.dumps(told, allow_nan=False).encode("ascii") + b"\n")
    goal.flush()


def _size(value: Any) -> int:
    """About how many bytes a plain value holds; the arena takes more for each value than its text is long."""
    match value:
        case str():
            return len(value)
        case list():
            return _VALUE + sum(map(_size, value))
        case dict():
            return _VALUE + sum(len(key) + _size(one) for key, one in value.items())
        case _:
            return _VALUE


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if value - value == 0 else None
        case Decimal():
            return float(value)
        case datetime():
            return value.isoformat() + ("Z" if value.tzinfo is None else "")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case bytes():
            return value.hex()
        case list() | tuple():
            return [_plain(one) for one in value]
        case dict():
            return {str(key): _plain(one) for key, one in value.items()}
        case _:
            return str(value)


if __name__ == "__main__":
    main()
