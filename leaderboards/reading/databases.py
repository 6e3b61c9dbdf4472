"""Votes in a DuckDB database file: the one table or view that holds them, opened for reading only."""

from pathlib import Path

import duckdb

from leaderboards import errors
from leaderboards.reading import relations, source

KINDS = (".duckdb", ".ddb")
"""Suffixes of database files."""

_VOTES = {"model_a", "model_b", "winner"}
_COUNTS = {"model_a", "model_b", "win_a", "win_b"}


def opened(path: Path) -> relations.Relation:
    """The table or view of votes as a part of a source; one named `votes` is preferred. Raises InputError."""
    if not path.exists():
        raise errors.InputError(f"{path} does not exist; give the path of a vote file.")
    try:
        connection = duckdb.connect(str(path), read_only=True)
        tables = _tables(connection)
    except duckdb.Error as error:
        raise errors.InputError(source.sentence(path.name, str(error))) from error
    fitting = sorted(name for name, columns in tables.items() if columns >= _VOTES or columns >= _COUNTS)
    chosen = ["votes"] if "votes" in fitting else fitting
    if not chosen:
        raise errors.InputError(
            f"{path.name} has no table or view with the columns model_a, model_b, winner; it has "
            f"{', '.join(sorted(tables)) or 'none at all'}. Make a view of them."
        )
    if len(chosen) > 1:
        raise errors.InputError(
            f"{path.name} has several tables of votes: {', '.join(chosen)}. Name one of them votes, or give a "
            f"relation: duckdb.connect(...).table({chosen[0]!r})."
        )
    relation = connection.sql(f"FROM {source.quoted(chosen[0])}")
    return relations.part(f"{chosen[0]} of {path.name}", relation, connection)


def _tables(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """Columns by table or view, of the main schema."""
    rows = connection.execute(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND table_catalog = current_database() ORDER BY ALL"
    ).fetchall()
    found: dict[str, set[str]] = {}
    for table, column in rows:
        found.setdefault(str(table), set()).add(str(column))
    return found
