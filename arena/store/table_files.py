"""Every table of a workspace as a Parquet file, and a new database made of such files.

A copy of the database file would differ each time it is written, hold views and types that its maker may have changed,
and be read by DuckDB alone. From tables, the schema is always this program's own.
"""

from collections.abc import Sequence
from pathlib import Path

from arena import errors
from arena.domain.ids import RaterId
from arena.store import database, failures, heads, ledger_rows, migrations, rows
from arena.store.connections import Connection
from arena.store.heads import WorkspaceHead
from arena.store.workspace import Workspace
from arena.store.writing import writer_cache

EXTENSION = "parquet"


def write(connection: Connection, folder: Path) -> list[str]:
    """Write each table into a folder, in the order of its rows; returns their names."""
    names = _tables(connection)
    for name in names:
        goal = _quoted(folder / f"{name}.{EXTENSION}")
        connection.execute(f"COPY (SELECT * FROM {name} ORDER BY rowid) TO {goal} (FORMAT parquet, COMPRESSION zstd)")
    return names


def head(connection: Connection) -> WorkspaceHead:
    """How much a workspace holds at the moment that a connection sees."""
    return writer_cache.head(connection, ledger_rows.last(connection))


def steps(connection: Connection) -> list[int]:
    """The numbers of the migrations that made the tables what they are."""
    found = rows.fetched(connection, "SELECT number FROM schema_version ORDER BY number")
    return [int(row[0]) for row in found]


def load(path: Path, folder: Path, numbers: Sequence[int]) -> None:
    """Make a new database at `path` of the tables in a folder, which were written after these migrations; then bring it
    to the newest schema.

    Raises `StoreError` for tables of a newer arena, and `StoreCorrupt` for what are none.
    """
    known = migrations.known("workspace")
    if newer := sorted(set(numbers) - {step.number for step in known}):
        raise errors.StoreError(
            f"{folder} was written by a newer arena (its schema has {newer[-1]}); install that one, then try again."
        )
    with database.connect(path) as connection:
        migrations.migrate(connection, [step for step in known if step.number in numbers], path)
        names, there = _tables(connection), {file.stem for file in folder.glob(f"*.{EXTENSION}")}
        if set(names) != there:
            raise errors.StoreCorrupt(
                f"{folder} has not the tables of a workspace: {', '.join(sorted(set(names) ^ there))}. Export it again."
            )
        for name in names:
            source = folder / f"{name}.{EXTENSION}"
            try:
                connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM read_parquet({_quoted(source)})")
            except failures.DatabaseError as error:
                raise errors.StoreCorrupt(
                    f"{source} is not the table {name} ({failures.first_line(error)})."
                ) from error
    Workspace.open(path).close()


def write_heads(workspace: Path, goal: Path, now: WorkspaceHead) -> None:
    """Write the heads that a workspace had up to a moment, and the one of that moment."""
    with goal.open("wb") as file:
        for _, one in heads.lines(heads.beside(workspace)):
            if one is not None and one != now and not heads.losses(one, now):
                file.write(one.written())
        file.write(now.written())


def raters(connection: Connection) -> list[RaterId]:
    """Every rater that any table names."""
    return [RaterId(one) for one in _named(connection, "rater_id") if one]


def campaigns(connection: Connection) -> list[str]:
    """Every campaign that any table names."""
    return _named(connection, "campaign")


def _named(connection: Connection, column: str) -> list[str]:
    """What stands in a column, in whatever table has it."""
    found = rows.fetched(
        connection,
        "SELECT table_name FROM information_schema.columns WHERE table_catalog = current_database() "
        "AND table_schema = 'main' AND column_name = ? ORDER BY table_name",
        [column],
    )
    names = [row[0] for row in found if row[0] in _tables(connection)]
    queries = " UNION ".join(f"SELECT {column} FROM {name}" for name in names)
    return [str(row[0]) for row in rows.fetched(connection, f"{queries} ORDER BY 1") if row[0] is not None]


def _tables(connection: Connection) -> list[str]:
    found = rows.fetched(
        connection,
        "SELECT table_name FROM information_schema.tables WHERE table_catalog = current_database() AND table_schema = "
        "'main' AND table_type = 'BASE TABLE' AND table_name <> 'schema_version' ORDER BY table_name",
    )
    return [str(row[0]) for row in found]


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
