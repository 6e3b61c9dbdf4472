"""Vote files: CSV, TSV, JSON, JSONL and Parquet, each also as gzip or zstd, and from a pipe, known by its beginning.

Nothing is guessed from a sample: a CSV file is read by its own header with every column as text, a JSON file
by the names of the columns that are asked for. So a value far down the file meets the same rules as the first.
"""

import csv
import gzip
import itertools
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow

from leaderboards import errors
from leaderboards.reading import csv_faults, source, streams

KINDS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
"""Kind of file by the end of its name, before an optional `.gz`."""

_SEPARATOR = re.compile(rb"(?:\xef\xbb\xbf)?sep=([,;\t|])\r?\n")
_LARGEST_OBJECT = 64 * 1024 * 1024
_LARGEST_LINE = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One vote file; a `SourcePart`."""

    name: str
    columns: Mapping[str, str] | None
    scan: str
    """A table function call; `{columns}` stands for the columns asked for when the file declares none."""
    connection: duckdb.DuckDBPyConnection = field(repr=False)
    path: Path | None = None
    """Set for text files, where a refusal looks for the fault itself."""
    objects: str | None = None
    """A table function call that gives each row of a JSON file whole."""
    unpacked: object = field(default=None, repr=False)
    """Keeps a temporary copy alive for as long as the file is in use."""

    def first_names(self) -> list[str]:
        """The names in the first row, where the file declares no columns."""
        if self.objects is None:
            return []
        found = self.connection.cursor().execute(f"SELECT json_keys(json) FROM {self.objects} LIMIT 1").fetchone()
        return list(found[0]) if found else []

    def only_row(self) -> Mapping[str, Any]:
        """The row of a JSON file that holds one alone; empty for any other file."""
        if self.objects is None:
            return {}
        try:
            found = self.connection.cursor().execute(f"SELECT json FROM {self.objects} LIMIT 2").fetchall()
            row = json.loads(found[0][0]) if len(found) == 1 else None
        except (duckdb.Error, ValueError, RecursionError):  # told by whoever reads the rows
            return {}
        return row if isinstance(row, dict) else {}

    def run(self, sql: str, columns: Sequence[str]) -> pyarrow.Table:
        """The answer to `sql` over the file; columns it lacks are null."""
        if self.columns is None:
            asked = ", ".join(f"{source.text(column)}: 'VARCHAR'" for column in columns)
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
            said = None if self.path is None else csv_faults.sentence(self.path, self.name)
            if said is None:
                raise
            raise errors.InputError(said) from error


def opened(path: str | Path) -> File:
    """The file as a part of a source. Raises InputError when it is not there or not of a known kind."""
    path = Path(path)
    if streams.address(path):
        raise errors.InputError(f"{streams.address(path)} is an address; download the file and give its path.")
    if str(path) != streams.STANDARD_INPUT and not path.exists():
        raise errors.InputError(streams.absent(path))
    if path.is_dir():
        raise errors.InputError(f"{path} is a folder; give the vote files in it.")
    name = streams.called(path)
    try:
        if str(path) != streams.STANDARD_INPUT and path.is_file():
            return _of_kind(path, name)
        copy = streams.copied(path)
        inner = _of_kind(copy.path, name)
        return replace(inner, unpacked=(copy, inner.unpacked))
    except (OSError, EOFError, zlib.error, pyarrow.ArrowException) as error:
        raise errors.InputError(f"{name} cannot be read: {error}.") from error


def _of_kind(path: Path, name: str) -> File:
    """The file, by the end of its name. `name` is what a refusal calls it."""
    if mistaken := streams.mistaken(path, name):
        raise errors.InputError(mistaken)
    if path.suffix.lower() == streams.ZSTD:
        unpacked = streams.unpacked(path)
        inner = _of_kind(unpacked.path, name)
        return replace(inner, unpacked=(unpacked, inner.unpacked))
    suffixes = [suffix.lower() for suffix in path.suffixes]
    packed = bool(suffixes) and suffixes[-1] == ".gz"
    kind = KINDS.get((suffixes[:-1] if packed else suffixes)[-1:][0] if suffixes[: -1 if packed else None] else "")
    if kind is None:
        raise errors.InputError(streams.refused(path, KINDS, name))
    return _OPENERS[kind](path, packed, name)


def _opened_csv(path: Path, packed: bool, name: str) -> File:
    """A CSV or TSV file, by its header: comma, semicolon or tab, or what a line `sep=;` above it says."""
    plain = streams.as_utf8(path, packed, name)
    inner, packed = (path, packed) if plain is None else (plain.path, False)
    with gzip.open(inner, "rb") if packed else inner.open("rb") as stream:
        line = stream.readline(_LARGEST_LINE)
        said = _SEPARATOR.fullmatch(line)
        if said:
            line = stream.readline(_LARGEST_LINE)
    try:
        header = line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise errors.InputError(f"line 1 of {name} is not UTF-8 text.") from error
    if not header.strip():
        raise errors.InputError(f"{name} is empty; its first line must name the columns model_a, model_b, winner.")
    if "\r" in header:
        raise errors.InputError(
            f"line 1 of {name} has a carriage return inside; end lines with a line feed, or with both."
        )
    delimiter = said[1].decode() if said else max(",;\t", key=header.count)
    try:
        names = [column.strip() for column in next(csv.reader([header], delimiter=delimiter, strict=True))]
    except csv.Error as error:
        raise errors.InputError(f"line 1 of {name} cannot be read as CSV: {error}.") from error
    names = named(names)
    _distinct(names, name)
    typed = ", ".join(f"{source.text(column)}: 'VARCHAR'" for column in names)
    scan = (
        f"read_csv({source.text(str(inner))}, auto_detect = false, header = true, delim = {source.text(delimiter)}, "
        f"quote = '\"', escape = '\"', columns = {{{typed}}}, compression = '{'gzip' if packed else 'none'}', "
        f"max_line_size = {_LARGEST_LINE}, skip = {1 if said else 0})"
    )
    columns = dict.fromkeys(names, "VARCHAR")
    return File(name=name, columns=columns, scan=scan, connection=source.connection(), path=inner, unpacked=plain)


def named(header: Sequence[str]) -> list[str]:
    """The names of a header; a column without one is called as in pandas, which writes its index so, and spreadsheets
    an empty column at the end. Where the header has that name, a suffix follows it: what pandas saved twice has both.
    """
    return [name or _free(f"Unnamed: {place}", header) for place, name in enumerate(header)]


def _free(name: str, header: Sequence[str]) -> str:
    """The name, or the first of `name.1`, `name.2` and so on that the header does not have."""
    suffixed = (f"{name}.{number}" for number in itertools.count(1))
    return name if name not in header else next(other for other in suffixed if other not in header)


def _distinct(names: Sequence[str], file: str) -> None:
    """Raise for a header with two names that differ at most in letter case."""
    known: dict[str, str] = {}
    for name in names:
        other = known.setdefault(name.lower(), name)
        if other is not name:
            raise errors.InputError(
                f"line 1 of {file} names the column {name} twice."
                if other == name
                else f"line 1 of {file} has columns that differ only in letter case: {other} and {name}; rename one."
            )


def _opened_json(path: Path, packed: bool, name: str) -> File:
    return _json(path, packed, name, "auto")


def _opened_jsonl(path: Path, packed: bool, name: str) -> File:
    return _json(path, packed, name, "newline_delimited")


def _json(path: Path, packed: bool, name: str, layout: str) -> File:
    """A file of JSON objects, read by the names that are asked for."""
    plain = streams.as_utf8(path, packed, name)
    inner, packed = (path, packed) if plain is None else (plain.path, False)
    options = (
        f"{source.text(str(inner))}, format = '{layout}', compression = '{'gzip' if packed else 'none'}', "
        f"maximum_object_size = {_LARGEST_OBJECT}"
    )
    return File(
        name=name,
        columns=None,
        scan=f"read_json({options}, columns = {{columns}}, records = true)",
        connection=source.connection(),
        path=inner,
        objects=f"read_json_objects({options})",
        unpacked=plain,
    )


def _opened_parquet(path: Path, packed: bool, name: str) -> File:
    """A Parquet file; a packed one is unpacked aside first, since Parquet is read from its end."""
    copy = streams.unpacked(path) if packed else None
    inner = path if copy is None else copy.path
    scan = f"read_parquet({source.text(str(inner))})"
    connection = source.connection()
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()
    except duckdb.Error as error:  # which names a copy by its path
        raise errors.InputError(source.sentence(name, str(error).replace(str(inner), name))) from error
    columns = {str(row[0]): str(row[1]) for row in described}
    return File(name=name, columns=columns, scan=scan, connection=connection, unpacked=copy)


_OPENERS = {"csv": _opened_csv, "json": _opened_json, "jsonl": _opened_jsonl, "parquet": _opened_parquet}
