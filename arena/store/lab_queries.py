"""SELECTs of labs over their tables, each run in a process of its own (`lab_process.py`).

Here are only our own queries run: the columns that a statement names, of the tables of `lab_tables`, in a transaction
that can only read. They are handed over as Arrow streams (docs/decisions/0080).
"""

import contextlib
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any, Self, cast

import pyarrow

from arena import settings
from arena.domain.ids import RaterId
from arena.errors import DoesNotFit, TooLarge
from arena.store import lab_process, lab_tables
from arena.store.connections import Analytical
from arena.store.workspace import Workspace

log = logging.getLogger(__name__)

SECONDS = 10.0
"""How long a query may take, with what it needs handed over."""
MOST = 4 * lab_process.BYTES
"""Bytes of an answer that are read at all; spelt as JSON it is longer than what it holds."""
_PIECE = 20_000
"""Rows that are handed over at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRows:
    """What a query gave."""

    columns: tuple[str, ...]
    rows: list[list[Any]]
    """As JSON has values: times in RFC 3339, decimals as numbers, bytes in hex."""
    truncated: bool
    """Whether there were more rows."""


def ask(workspace: Workspace, query: str, names: Mapping[RaterId, RaterId], seconds: float = SECONDS) -> QueryRows:
    """Run one SELECT over the tables of `lab_tables`. `names` are those that answers show of raters.

    Raises `InvalidValue` for what is not one, and for one that fails or takes too long or too much, and `TooLarge`.
    """
    with workspace.connection() as connection, _Asked(seconds) as asked:
        asked.say({"query": query, "tables": {name: list(columns) for name, columns in lab_tables.COLUMNS.items()}})
        needs: Mapping[str, list[str]] = asked.told()["needs"]
        asked.on_time(connection.interrupt)
        connection.register(lab_tables.NAMES, pyarrow.table({"stored": list(names), "name": list(names.values())}))
        connection.execute("BEGIN TRANSACTION READ ONLY")
        tables = lab_tables.queries(connection)
        for name, columns in needs.items():
            asked.hand_over(connection, f"SELECT {', '.join(columns)} FROM ({tables[name]})")
        found = asked.told()
    return QueryRows(columns=tuple(found["columns"]), rows=found["rows"], truncated=found["truncated"])


class _Asked:
    """One query in a process of its own, and what is said to it and by it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._over = threading.Event()
        self._stop: list[Callable[[], None]] = []
        self._limit = threading.Timer(seconds, self._end)
        self._limit.daemon = True
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
            [sys.executable, "-P", "-m", lab_process.__name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=settings.bare(),
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        self._limit.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._limit.cancel()
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # what was not sent yet has nowhere to go
                cast(IO[bytes], pipe).close()
        self._process.wait()
        if error is not None and self._over.is_set():
            raise DoesNotFit(
                f"The query was ended after {self._seconds:g} seconds; ask for less, such as one campaign or one month."
            ) from error

    def on_time(self, stop: Callable[[], None]) -> None:
        """Call this, too, when the time is over."""
        self._stop.append(stop)
        if self._over.is_set():
            stop()

    def say(self, told: Mapping[str, Any]) -> None:
        """Send a line."""
        with contextlib.suppress(BrokenPipeError):  # it has said why, or says nothing any more
            self._sink.write(json.dumps(told).encode("ascii") + b"\n")
            self._sink.flush()

    def hand_over(self, connection: Analytical, query: str) -> None:
        """Send the rows of a query of our own."""
        arriving = connection.sql(query).to_arrow_reader(_PIECE)
        with contextlib.suppress(BrokenPipeError), pyarrow.ipc.new_stream(self._sink, arriving.schema) as stream:
            for piece in arriving:
                stream.write_batch(piece)

    def told(self) -> dict[str, Any]:
        """What it says next. Raises `InvalidValue` and `TooLarge` where that is a refusal, or nothing any more."""
        with contextlib.suppress(BrokenPipeError):
            self._sink.flush()
        line = cast(IO[bytes], self._process.stdout).readline(MOST)
        if not line.endswith(b"\n"):
            with contextlib.suppress(subprocess.TimeoutExpired):  # it said too much, and goes on
                log.warning("the process of a query gave no answer and ended with %d", self._process.wait(1))
            raise DoesNotFit(
                "The query was ended: it needs more memory than one may take, or is nested too deeply. Ask for fewer "
                "rows and columns, and in simpler words."
            )
        said: dict[str, Any] = json.loads(line)
        if "too_large" in said:
            raise TooLarge(f"The answer is larger than {lab_process.BYTES // 1_000_000} MB; ask for less.")
        if "refused" in said:
            raise DoesNotFit(said["refused"])
        return said

    @property
    def _sink(self) -> IO[bytes]:
        return cast(IO[bytes], self._process.stdin)

    def _end(self) -> None:
        self._over.set()
        self._process.kill()
        for stop in self._stop:
            stop()
