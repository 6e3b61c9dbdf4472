"""The measurements behind two choices of the store: how rows go in, and how keys are looked up.

    python benchmarks/store_choices.py

Takes about 20 seconds. docs/decisions/0004 and 0006 rest on it.
"""

import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import store_writer

from arena.store import database, migrations, rows, votes
from arena.store.connections import Connection
from arena.store.read_statements import ReadStatements, Statements
from arena.store.writing import key_hashes
from arena.store.writing.key_hashes import Presence

Rows = Sequence[tuple[Any, ...]]
Way = Callable[[Any, Rows], None]

ARROW = {
    "BIGINT": pyarrow.int64(),
    "INTEGER": pyarrow.int32(),
    "VARCHAR": pyarrow.string(),
    "DOUBLE PRECISION": pyarrow.float64(),
    "TIMESTAMP": pyarrow.timestamp("us"),
}
NAMES = ", ".join(votes.COLUMNS)
READ_ONCE = ("VALUES, no optimizer, read once", "as the store does")
REPEATS = 40
SIZES = (1, 4, 8, 16, 60, 200)
KEYS = 1_000_000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        print(store_writer.header(Path(folder)))
        inserts(Path(folder))
        look_ups()


def inserts(folder: Path) -> None:
    """Votes into their table by one statement, without the commit."""
    ways: dict[str, tuple[Way, bool]] = {
        "executemany": (by_executemany, True),
        "VALUES with a parameter a value": (by_values, True),
        "Arrow batch": (by_arrow, True),
        "a list a column, unnested": (by_lists, True),
        "a list a column, unnested, no optimizer": (by_lists, False),
        "VALUES, no optimizer": (by_values, False),
        "VALUES, no optimizer, read once": (by_values, False),
        "as the store does": (by_store, False),
    }
    print(f"{'ms of CPU to insert so many votes':<44}" + "".join(f"{size:>9}" for size in SIZES))
    for number, (name, (way, optimizer)) in enumerate(ways.items()):
        path = folder / f"{number}.duckdb"
        with database.connect(path) as connection:
            migrations.migrate(connection, migrations.known("workspace"), path)
            if not optimizer:
                connection.execute("PRAGMA disable_optimizer")
            kept = ReadStatements(connection, Statements()) if name in READ_ONCE else connection
            times = [inserted(kept, way, size) for size in SIZES]
        print(f"{name:<44}" + "".join(f"{milliseconds:>9.2f}" for milliseconds in times), flush=True)
    print()


def inserted(connection: Connection, way: Way, size: int) -> float:
    """The median of several transactions."""
    times = []
    for _ in range(REPEATS if size < 60 else REPEATS // 4):
        made = [made_vote() for _ in range(size)]
        connection.execute("BEGIN TRANSACTION")
        start = time.process_time()
        way(connection, made)
        times.append(time.process_time() - start)
        connection.execute("COMMIT")
    return statistics.median(times) * 1000


def made_vote() -> tuple[Any, ...]:
    name = secrets.token_hex(13)
    return (1, f"v_{name}", f"b_{name}", f"r_{name}", "model_a", None, '["clear"]', "It answers.", None, 2.5,
            datetime(2026, 1, 2, 3, 4, 5, 678901), name, "ab" * 32, "cd" * 16,
            2, "person", None, None, None, "ef" * 64, None)  # fmt: skip


def by_executemany(connection: duckdb.DuckDBPyConnection, made: Rows) -> None:
    marks = ", ".join("?" * len(votes.COLUMNS))
    connection.executemany(f"INSERT INTO votes ({NAMES}) VALUES ({marks})", made)


def by_values(connection: duckdb.DuckDBPyConnection, made: Rows) -> None:
    one = f"({', '.join('?' * len(votes.COLUMNS))})"
    values = [value for row in made for value in row]
    connection.execute(f"INSERT INTO votes ({NAMES}) VALUES {', '.join([one] * len(made))}", values)


def by_arrow(connection: duckdb.DuckDBPyConnection, made: Rows) -> None:
    columns = zip(votes.COLUMNS.items(), zip(*made, strict=True), strict=True)
    batch = pyarrow.table({name: pyarrow.array(list(values), ARROW[kind]) for (name, kind), values in columns})
    connection.register("incoming", batch)
    connection.execute(f"INSERT INTO votes ({NAMES}) SELECT {NAMES} FROM incoming")
    connection.unregister("incoming")


def by_lists(connection: duckdb.DuckDBPyConnection, made: Rows) -> None:
    lists = ", ".join(f"unnest(CAST(? AS {kind}[]))" for kind in votes.COLUMNS.values())
    connection.execute(
        f"INSERT INTO votes ({NAMES}) SELECT {lists}", [list(column) for column in zip(*made, strict=True)]
    )


def by_store(connection: duckdb.DuckDBPyConnection, made: Rows) -> None:
    rows.append(connection, "votes", votes.COLUMNS, made)


def look_ups() -> None:
    """Sixty keys that are not among a million."""
    absent = [(f"r_{number}", secrets.token_hex(16)) for number in range(60)]
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE keys AS SELECT 'r_' || (i % 5000) AS rater_id, md5(i::VARCHAR) AS idempotency_key "
            f"FROM range({KEYS}) AS numbers(i)"
        )
        start = time.perf_counter()
        present = Presence.of(connection, "keys", "rater_id", "idempotency_key")
        loaded = time.perf_counter() - start
        hashes = [key_hashes.hashed(*key) for key in absent]
        asked = timed(lambda: [present.may_hold(one) for one in hashes])
        found = timed(
            lambda: connection.execute(
                "SELECT rater_id FROM keys WHERE idempotency_key IN (SELECT unnest(?::VARCHAR[]))",
                [[key for _, key in absent]],
            ).fetchall()
        )
    print(f"looking 60 absent keys up among {KEYS:,}")
    print(f"{'  a scan of the table':<44}{found:>9.2f} ms")
    print(f"{'  hashes in memory':<44}{asked:>9.2f} ms, loaded in {loaded:.1f} s when the workspace is opened")


def timed(once: Callable[[], object]) -> float:
    """Median milliseconds."""
    times = []
    for _ in range(15):
        start = time.perf_counter()
        once()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


if __name__ == "__main__":
    main()
