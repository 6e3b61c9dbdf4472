"""Sessions of PostgreSQL that take what the write path says: `?` for a parameter, a statement at a time.

A session waits for no lock and no answer for ever, and a process that stands still inside a transaction is thrown out
of it, so that the others go on.
"""

import contextlib
import functools
import re
from collections.abc import Sequence
from typing import Any, Self

import psycopg
from psycopg import conninfo
from psycopg.types import numeric

from arena import errors

STATEMENT_SECONDS = 30
"""A statement that runs longer is ended."""
LOCK_SECONDS = 10
"""Whoever waits longer for the others' transactions begins anew."""
IDLE_SECONDS = 5
"""A transaction in which nothing is asked for so long is taken back: its process stands still."""
READING_SECONDS = 3600
"""The same two for a mirror, which takes in a large table between two queries. It holds up nobody who reads or writes
rows; a change of the tables themselves waits for it."""
CONNECT_SECONDS = 3
"""How long to wait for a server that does not answer."""
UNREADABLE = (
    "The address of the database (`database` or ARENA_DATABASE) cannot be read; say "
    "postgresql://USER:PASSWORD@HOST/DATABASE, with %40 for @ in a password, %25 for % and so on."
)

QUOTED = re.compile(r"('(?:[^']|'')*')")


class DatabaseSession:
    """One session: what `Connection` asks for."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._cursor = psycopg.RawCursor(connection)

    def execute(self, query: str, parameters: object = (), /) -> Self:
        """Run a statement, whose parameters stand as `?`."""
        if not isinstance(parameters, Sequence):
            raise TypeError(f"{query} has parameters by name, and only `?` is taken here")
        self._cursor.execute(numbered(query), parameters)
        return self

    def executemany(self, query: str, parameters: object = (), /) -> Self:
        """Run a statement once for each row of parameters."""
        self._cursor.executemany(numbered(query), parameters)
        return self

    def load(self, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        """Add many rows to a table, in their order."""
        with self._cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def fetchone(self) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._cursor.fetchone()
        return row

    def fetchall(self) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self._cursor.fetchall()
        return found

    def cursor(self) -> "DatabaseSession":
        """Another cursor of the same session: PostgreSQL's transactions are the session's."""
        return DatabaseSession(self._connection)

    @property
    def broken(self) -> bool:
        """Whether nothing can be asked any more."""
        closed: bool = self._connection.closed
        return closed

    @property
    def number(self) -> int:
        """What the server calls it."""
        number: int = self._connection.info.backend_pid
        return number

    def close(self) -> None:
        """End it; one that is lost is over anyway."""
        with contextlib.suppress(psycopg.Error):
            self._connection.close()


def connect(url: str, schema: str, program: str = "arena") -> DatabaseSession:
    """A session whose tables are those of a schema. Raises psycopg's errors; `failures` knows what they mean."""
    connection = psycopg.connect(described(url, schema), autocommit=True, application_name=program)
    connection.adapters.register_loader("numeric", numeric.IntLoader)  # sums of whole numbers
    return DatabaseSession(connection)


def described(url: str, schema: str, *, reads: bool = False) -> str:
    """How to connect, for every program that uses PostgreSQL's own library. `reads`: for a mirror.

    Raises `StoreError` for an address that cannot be read.
    """
    statement, idle = (READING_SECONDS, READING_SECONDS) if reads else (STATEMENT_SECONDS, IDLE_SECONDS)
    options = {
        "search_path": f'"{schema}"',
        "timezone": "UTC",
        "statement_timeout": f"{statement}s",
        "lock_timeout": f"{LOCK_SECONDS}s",
        "idle_in_transaction_session_timeout": f"{idle}s",
        "synchronous_commit": "on",
    }
    try:
        said: str = conninfo.make_conninfo(
            url,
            options=" ".join(f"-c {name}={value}" for name, value in options.items()),
            connect_timeout=CONNECT_SECONDS,
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
            tcp_user_timeout=20_000,
        )
        host = str(conninfo.conninfo_to_dict(said).get("host", ""))
    except psycopg.ProgrammingError:
        raise errors.StoreError(UNREADABLE) from None  # which quotes the address, and so a password
    if "@" in host[1:]:  # the end of a password before it; at its start it names a socket without a file
        raise errors.StoreError(UNREADABLE) from None
    return said


@functools.lru_cache(maxsize=1024)
def numbered(query: str) -> str:
    """A statement with `$1, $2, ...` in place of each `?` that is not inside a text."""
    count = 0

    def next_one(_: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return f"${count}"

    pieces = QUOTED.split(query)
    return "".join(piece if piece.startswith("'") else re.sub(r"\?", next_one, piece) for piece in pieces)
