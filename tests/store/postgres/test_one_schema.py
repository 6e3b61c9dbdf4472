"""The tables in PostgreSQL are those of the DuckDB file. These tests need no server."""

from pathlib import Path

import duckdb
import pytest
import sqlglot

from arena.store import migrations
from arena.store.migrations import Migration

FOLDER = Path(migrations.__file__).parent
(BEGINNING,) = (FOLDER / "postgres").glob("*.sql")
NUMBER = int(BEGINNING.name[:4])
FIRST = Migration(NUMBER, "beginning", BEGINNING.read_text(encoding="utf-8"))
LATER = [step for step in migrations.known("workspace") if step.number > NUMBER]


def described(steps: list[Migration]) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """The columns and the views that migrations make. DuckDB reads those of PostgreSQL, too."""
    with duckdb.connect() as connection:
        migrations.migrate(connection, steps, "made for a comparison")
        columns = connection.execute(
            "SELECT table_name, column_name, data_type, is_nullable, column_default FROM duckdb_columns() "
            "WHERE NOT internal ORDER BY table_name, column_index"
        ).fetchall()
        checks = connection.execute(
            "SELECT table_name, constraint_text FROM duckdb_constraints() WHERE constraint_type = 'CHECK' "
            "UNION ALL SELECT view_name, sql FROM duckdb_views() WHERE NOT internal ORDER BY ALL"
        ).fetchall()
    return columns, checks


def test_both_databases_have_the_same_tables_columns_checks_and_views() -> None:
    assert described([FIRST, *LATER]) == described(migrations.known("workspace"))


def test_a_column_that_only_one_of_them_has_is_found() -> None:
    """The positive control."""
    more = Migration(999, "more", "ALTER TABLE votes ADD COLUMN more VARCHAR")
    assert described([*migrations.known("workspace"), more]) != described(migrations.known("workspace"))


@pytest.mark.parametrize(
    "step", [Migration(NUMBER, "beginning", BEGINNING.read_text()), *LATER], ids=lambda step: step.name
)
def test_a_migration_that_serves_both_is_read_by_both(step: Migration) -> None:
    for dialect in ("duckdb", "postgres"):
        for tree in sqlglot.parse(step.sql, read=dialect):
            assert tree is not None
            assert tree.key in ("create", "alter", "update", "insert", "delete"), tree.sql(dialect)
    types = step.sql.upper().replace("DOUBLE PRECISION", "")
    assert "DOUBLE" not in types, "PostgreSQL says DOUBLE PRECISION, and so may DuckDB"
    assert "[]" not in types, "a nested column is DuckDB's alone"
