"""Where votes are stored, and how to query them with SQL without loading them.

A `Source` answers queries over a table called `VOTES`, whatever is behind it: files, a relation of the
caller's own DuckDB connection, or a frame. It also finds the first row that meets a condition, so that a
refusal can name file and row.
"""

import re
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import duckdb
import pyarrow

from leaderboards import errors

VOTES = "votes_to_rank"
"""The name under which a query sees the votes."""

ROW = "row_number() OVER ()"
"""How a query counts rows, from 1."""

_opening = threading.Lock()
_shared: list[duckdb.DuckDBPyConnection] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRow:
    """A row that was searched for."""

    row: int
    """Counted from 1; the header of a CSV file is not a row."""
    name: str
    """The file, or what kind of object held it."""
    values: Mapping[str, object]

    def __str__(self) -> str:
        return f"row {self.row:,} of {self.name}"


class SourcePart(Protocol):
    """One file, relation or frame."""

    @property
    def name(self) -> str:
        """The name of the part in errors."""

    @property
    def columns(self) -> Mapping[str, str] | None:
        """SQL type by column name; None when columns can only be asked for by name (JSON)."""

    def run(self, sql: str, columns: Sequence[str]) -> pyarrow.Table:
        """The answer to `sql` over the table `VOTES` with these columns."""


class Source:
    """Votes in one or several parts, answered as one table."""

    def __init__(self, parts: Sequence[SourcePart]) -> None:
        self.parts = tuple(parts)

    @property
    def name(self) -> str:
        """The name of all parts together in errors."""
        names = [part.name for part in self.parts]
        return names[0] if len(names) == 1 else ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")

    def instead(self, column: str, others: Collection[str] = ()) -> str:
        """The end of an error: the column, or other word, that is most like the missing one."""
        declared = [name for part in self.parts for name in part.columns or ()]
        near = errors.close(column, [*declared, *others])
        if near is not None:
            return f"; the nearest is {near}"
        listed = list(dict.fromkeys(declared or (name for part in self.parts for name in names(part))))
        return f"; it has {', '.join(listed[:20])}" if listed else ""

    def has(self, column: str) -> bool:
        """Whether any part declares the column, or may hold it."""
        return any(part.columns is None or column in part.columns for part in self.parts)

    def answers(self, sql: str, columns: Sequence[str]) -> list[pyarrow.Table]:
        """The answer of each part; the caller adds them up."""
        return [_asked(part, sql, columns) for part in self.parts]

    def holds(self, condition: str, columns: Sequence[str]) -> bool:
        """Whether any row meets an SQL condition; the search stops at the first such row."""
        query = f"SELECT 1 FROM {VOTES} WHERE {condition} LIMIT 1"
        return any(_asked(part, query, columns).num_rows for part in self.parts)

    def first(self, condition: str, columns: Sequence[str]) -> FoundRow | None:
        """The first row, in the order of the parts, that meets an SQL condition."""
        listed = ", ".join(quoted(column) for column in columns)
        sql = (
            f"SELECT * FROM (SELECT {ROW} AS row_of_file, {listed} FROM {VOTES}) "
            f"WHERE {condition} ORDER BY row_of_file LIMIT 1"
        )
        for part in self.parts:
            found = _asked(part, sql, columns).to_pylist()
            if found:
                row = int(found[0].pop("row_of_file"))
                return FoundRow(row=row, name=part.name, values=found[0])
        return None


def names(part: SourcePart) -> list[str]:
    """The columns of a part: those it declares, or the names in its first row."""
    if part.columns is not None:
        return list(part.columns)
    first = getattr(part, "first_names", None)
    return first() if callable(first) else []


def only_row(part: SourcePart) -> Mapping[str, Any]:
    """The row of a JSON file that holds one alone; empty for any other part."""
    only = getattr(part, "only_row", None)
    return only() if callable(only) else {}


def quoted(column: str) -> str:
    """A column name as an SQL identifier."""
    return '"' + column.replace('"', '""') + '"'


def text(value: str) -> str:
    """A string as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def connection() -> duckdb.DuckDBPyConnection:
    """A connection of our own to an in-memory database; opening the first one costs most."""
    with _opening:
        if not _shared:
            first = duckdb.connect(":memory:")
            first.execute("SET autoinstall_known_extensions = false")
            _shared.append(first)
        return _shared[0].cursor()


def _asked(part: SourcePart, sql: str, columns: Sequence[str]) -> pyarrow.Table:
    try:
        return part.run(sql, columns)
    except duckdb.Error as error:
        raise errors.InputError(sentence(part.name, str(error))) from error


def sentence(name: str, message: str) -> str:
    """What DuckDB said about a file, as one sentence that names the file and the line."""
    line = re.search(r"CSV Error on Line: (\d+)", message)
    if line:
        expected = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", message)
        if expected:
            return f"line {int(line[1]):,} of {name} has {expected[2]} columns where the header has {expected[1]}."
        if "unicode" in message.lower() or "utf-8" in message.lower():
            return f"line {int(line[1]):,} of {name} is not UTF-8 text; save the file as UTF-8."
        said = message.partition("Possible fixes")[0].strip().splitlines()
        reason = said[-1]  # the row itself comes before it, and may be several lines long
        return f"line {int(line[1]):,} of {name} cannot be read as CSV: {_plain(reason)}."
    line = re.search(r"at byte (\d+) in (?:line|record/value) (\d+): (.+)", message)
    if line:
        return f"line {int(line[2]):,} of {name} is not JSON: {_plain(line[3])} at byte {int(line[1]):,}."
    first = message.strip().splitlines()[0]
    return f"{name} cannot be read: {_plain(re.sub(r'^[A-Za-z ]+ Error: ', '', first))}."


def _plain(text: str) -> str:
    return text.strip().rstrip(".").strip()
