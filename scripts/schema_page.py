"""The page docs/schema.md: the tables of a fresh workspace and instance file, with a sentence on each column.

The tables come from a database on which every migration has run; the sentences stand beside the migrations, in
arena/store/migrations/described.toml.
"""

import tomllib
from pathlib import Path
from typing import Any

import duckdb

from arena.store import lab_tables, migrations
from scripts.tables import table

DESCRIBED = Path(migrations.__file__).with_name("described.toml")
FILES = {"workspace": "A workspace", "instance": "The instance file"}

OPENING = """# The database

Generated from the migrations in `arena/store/migrations` by `make docs`; do not edit by hand.

The battles and votes of a workspace are one DuckDB file, `workspaces/NAME/workspace.duckdb`; tokens, whatever their
workspace, lie in `instance.duckdb`. Rows are only ever added: what counts is a view, and an erasure is the one thing
that takes a text away. Times are UTC, in microseconds. One process owns a file while it runs, so read a copy that
`arena backup` made:

```bash
arena backup my-backup
```

There are no secondary indexes and no foreign keys: the one writer keeps what they would keep
([decision 0006](decisions/0006-hashes-instead-of-indexes.md)). `?` behind a type means that the value may be null.
"""

ASKED = """What `arena sql` and `POST /api/v1/sql` answer from: the workspace without who left, and without what a
rater must not know before their vote. Raters have the names that answers show.
"""

Columns = dict[str, dict[str, str]]
"""Of each table its columns, with their types."""


def page() -> str:
    """The whole page as Markdown."""
    described = tomllib.loads(DESCRIBED.read_text(encoding="utf-8"))
    parts = [OPENING]
    for kind, title in FILES.items():
        parts.append(f"## {title}")
        for name, columns in schema(kind).items():
            words = described[kind][name]
            parts += [f"### `{name}`" if kind == "workspace" else f"### `{name}` of the instance", words["table"]]
            parts.append(
                table(
                    ("column", "type", "meaning"),
                    [(f"`{column}`", f"`{stored}`", words[column]) for column, stored in columns.items()],
                )
            )
    parts += ["## Tables for `arena sql`", ASKED]
    for name, meanings in lab_tables.COLUMNS.items():
        parts += [f"### `{name}` of `arena sql`"]
        parts.append(table(("column", "meaning"), [(f"`{column}`", words) for column, words in meanings.items()]))
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def schema(kind: str) -> Columns:
    """Tables and views of a fresh `workspace` or `instance`, by name."""
    with duckdb.connect() as connection:
        migrations.migrate(connection, migrations.known(kind), kind)
        found: list[tuple[Any, ...]] = connection.execute(
            "SELECT table_name, column_name, data_type, is_nullable AND table_name NOT IN (SELECT view_name "
            "FROM duckdb_views()) FROM duckdb_columns() WHERE NOT internal ORDER BY table_name, column_index"
        ).fetchall()
    columns: Columns = {}
    for name, column, stored, nullable in found:
        columns.setdefault(name, {})[column] = f"{stored}{'?' if nullable else ''}"
    return columns
