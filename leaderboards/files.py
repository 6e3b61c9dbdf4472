"""Vote files: CSV, TSV, JSON, JSONL and Parquet, each also gzip.

Nothing is guessed from a sample: a CSV file is read by its own header with every column as text, a JSON file
by the names of the columns that are asked for. So a value far down the file meets the same rules as the first.
"""

import csv
import gzip
import json
import shutil
import tempfile
import weakref
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow

from leaderboards import errors, source

KINDS = {".csv": "csv", ".tsv": "csv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
"""Kind of file by the end of its name, before an optional `.gz`."""

_LARGEST_OBJECT = 64 * 1024 * 1024
_LARGEST_LINE = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One vote file; a `Part` of a source."""

    name: str
    columns: Mapping[str, str] | None
    scan: str
    """A table function call; `{columns}` stands for the columns asked for when the file declares none."""
    connection: duckdb.DuckDBPyConnection = field(repr=False)
    path: Path | None = None
    """Set for JSON, where a refusal looks for the malformed line itself: DuckDB's count of them is one too many."""
    unpacked: object = field(default=None, repr=False)
    """Keeps a temporary copy alive for as long as the file is in use."""

    def run(self, sql: str, columns: Sequence[str]) -> pyarrow.Table:
        """The answer to `sql` over the file; columns it lacks are null."""
        if self.columns is None:
            asked = ", ".join(f"{_text(column)}: 'VARCHAR'" for column in columns)
            body = "SELECT * FROM " + self.scan.replace("{columns}", "{" + asked + "}")
        else:
            listed = [
                source.quoted(column) if column in self.columns else f"NULL::VARCHAR AS {source.quoted(column)}"
                for column in columns
            ]
            body = f"SELECT {', '.join(listed)} FROM {self.scan}"
        try:
            return self.connection.cursor().sql(f"WITH {source.VOTES} AS ({body}) {sql}").to_arrow_table()
        except duckdb.Error as error:
            try:
                place = None if self.path is None else _malformed(self.path)
            except (OSError, EOFError, zlib.error):  # not readable at all, which DuckDB's words say better
                place = None
            if place is None:
                raise
            raise errors.InputError(f"{place[0]} of {self.name} is not a JSON object: {place[1]}.") from error


def opened(path: str | Path) -> File:
    """The file as a part of a source. Raises InputError when it is not there or not of a known kind."""
    path = Path(path)
    suffixes = [suffix.lower() for suffix in path.suffixes]
    packed = bool(suffixes) and suffixes[-1] == ".gz"
    kind = KINDS.get((suffixes[:-1] if packed else suffixes)[-1:][0] if suffixes[: -1 if packed else None] else "")
    if not path.exists():
        raise errors.InputError(f"{path} does not exist; give the path of a vote file.")
    if path.is_dir():
        raise errors.InputError(f"{path} is a folder; give the vote files in it.")
    if kind is None:
        raise errors.InputError(
            f"{path.name} is of no known kind; accepted: .csv, .tsv, .json, .jsonl, .parquet, each also with .gz."
        )
    try:
        return _OPENERS[kind](path, packed)
    except (OSError, EOFError, zlib.error) as error:
        raise errors.InputError(f"{path.name} cannot be read: {error}.") from error
    except duckdb.Error as error:
        raise errors.InputError(source.sentence(path.name, str(error))) from error


def _opened_csv(path: Path, packed: bool) -> File:
    """A CSV or TSV file, by its header: comma, semicolon or tab."""
    with gzip.open(path, "rb") if packed else path.open("rb") as stream:
        line = stream.readline(_LARGEST_LINE)
    try:
        header = line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise errors.InputError(f"line 1 of {path.name} is not UTF-8 text.") from error
    if not header.strip():
        raise errors.InputError(f"{path.name} is empty; its first line must name the columns model_a, model_b, winner.")
    delimiter = max(",;\t", key=header.count)
    names = [name.strip() for name in next(csv.reader([header], delimiter=delimiter))]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled or "" in names:
        raise errors.InputError(
            f"line 1 of {path.name} "
            + (f"names the column {doubled[0]} twice." if doubled and doubled[0] else "has a column without a name.")
        )
    typed = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in names)
    scan = (
        f"read_csv({_text(str(path))}, auto_detect = false, header = true, delim = {_text(delimiter)}, quote = '\"', "
        f"escape = '\"', columns = {{{typed}}}, compression = '{'gzip' if packed else 'none'}', "
        f"max_line_size = {_LARGEST_LINE})"
    )
    return File(name=path.name, columns=dict.fromkeys(names, "VARCHAR"), scan=scan, connection=source.connection())


def _opened_json(path: Path, packed: bool) -> File:
    return _json(path, packed, "auto")


def _opened_jsonl(path: Path, packed: bool) -> File:
    return _json(path, packed, "newline_delimited")


def _json(path: Path, packed: bool, layout: str) -> File:
    """A file of JSON objects, read by the names that are asked for."""
    scan = (
        f"read_json({_text(str(path))}, format = '{layout}', columns = {{columns}}, "
        f"records = true, compression = '{'gzip' if packed else 'none'}', maximum_object_size = {_LARGEST_OBJECT})"
    )
    return File(name=path.name, columns=None, scan=scan, connection=source.connection(), path=path)


def _malformed(path: Path) -> tuple[str, str] | None:
    """The first place that is not JSON, and why; None when it all is."""
    with gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb") as stream:
        if ".json" in [suffix.lower() for suffix in path.suffixes]:
            return _fault(stream.read(), 1, whole=True)
        for number, line in enumerate(stream, 1):
            fault = _fault(line.strip(), number, whole=False) if line.strip() else None
            if fault is not None:
                return fault
    return None


def _fault(text: bytes, line: int, *, whole: bool) -> tuple[str, str] | None:
    """Why a text is not JSON objects, and the line."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        return f"line {line + error.lineno - 1:,}", f"{error.msg} at character {error.colno:,}"
    except UnicodeDecodeError as error:
        line += text[: error.start].count(b"\n")
        return f"line {line:,}", "it is not UTF-8 text"
    if whole and isinstance(value, list):
        wrong = next((number for number, row in enumerate(value, 1) if not isinstance(row, dict)), None)
        return None if wrong is None else (f"row {wrong:,}", "it is no object")
    return None if isinstance(value, dict) else (f"line {line:,}", "it is no object")


def _opened_parquet(path: Path, packed: bool) -> File:
    """A Parquet file; a packed one is unpacked aside first, since Parquet is read from its end."""
    folder = None
    inner = path
    if packed:
        folder = _Folder()
        inner = folder.path / "votes.parquet"
        with gzip.open(path, "rb") as stream, inner.open("wb") as copy:
            shutil.copyfileobj(stream, copy, 1 << 20)
    scan = f"read_parquet({_text(str(inner))})"
    connection = source.connection()
    described = connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()
    columns = {str(row[0]): str(row[1]) for row in described}
    return File(name=path.name, columns=columns, scan=scan, connection=connection, unpacked=folder)


class _Folder:
    """A temporary folder that goes with the last one who uses it."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="leaderboards-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


def _text(value: str) -> str:
    """A string as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


_OPENERS = {"csv": _opened_csv, "json": _opened_json, "jsonl": _opened_jsonl, "parquet": _opened_parquet}
