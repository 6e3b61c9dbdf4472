"""`arena sql`: one SELECT over the tables of a workspace."""

import csv
import json
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from arena import settings as configuration
from arena.cli import local, remote
from arena.cli.options import DataDir, Workspace
from arena.exports.folder import credit
from arena.services import asking_sql


class RowFormat(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def sql(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="One SELECT, such as 'SELECT * FROM votes LIMIT 5'.")],
    format: Annotated[RowFormat, typer.Option("--format", help="How to print the rows.")] = RowFormat.TABLE,
    data_dir: DataDir = None,
    workspace: Workspace = "default",
) -> None:
    """Ask the votes with SQL of your own, read-only: battles, answers, models, campaigns, assignments and raters too.

    10,000 rows and 10 seconds at most. In CSV, a text that a spreadsheet would run as a formula begins with '.
    """
    directory = configuration.data_dir(data_dir)
    if arena := remote.find(directory, workspace):
        found = arena.call("POST", "/api/v1/sql", {"query": query})
        columns, rows, truncated = found["columns"], found["rows"], found["truncated"]
    else:
        with local.workspace(directory, workspace) as opened:
            answer = asking_sql.ask(opened, query)
        columns, rows, truncated = list(answer.columns), answer.rows, answer.truncated
    match format:
        case RowFormat.JSON:
            typer.echo(json.dumps({"columns": columns, "rows": rows, "truncated": truncated}, ensure_ascii=False))
        case RowFormat.CSV:
            csv.writer(sys.stdout, lineterminator="\n").writerows(
                [map(credit.cell, columns), *([_safe(one) for one in row] for row in rows)]
            )
        case RowFormat.TABLE:
            typer.echo(_table(columns, rows))
    if truncated:
        typer.echo("There are more rows; these are the first 10,000.", err=True)


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case _:
            return json.dumps(value, ensure_ascii=False)


def _safe(value: Any) -> str:
    """A cell that a spreadsheet runs as no formula: raters wrote some of the texts."""
    return credit.cell(value) if isinstance(value, str) else _cell(value)


def _table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Rows in columns; a text longer than its place is cut, and stands on one line."""
    texts = [[_short(_cell(value)) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *texts, strict=True)]
    lines = [list(columns), ["-" * width for width in widths], *texts]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _short(text: str, width: int = 60) -> str:
    line = "".join(sign if sign.isprintable() else "?" for sign in " ".join(text.split()))  # none moves the cursor
    return line if len(line) <= width else f"{line[: width - 1]}…"
