"""The rows of a file: CSV, TSV, JSON, JSONL and Parquet, each also as gzip or zstd, a few rows in memory at a time.

Text may also be in UTF-16, as spreadsheets and some shells write it. Rows are numbered from 1 as a person counts them:
lines of a JSONL file, records of a CSV file below its header, elements of a JSON list, rows of a Parquet file.
"""

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, cast

import pyarrow as pa

from arena.errors import InvalidValue
from arena.imports import jsonkeys, literals, parquet, unreadtext, utf16
from arena.imports.fields import Cell
from arena.imports.imported_vote import RowFault
from leaderboards.reading import files as vote_files
from leaderboards.reading import streams

LARGEST_ROW = 16 * 1024 * 1024
"""Most bytes of one row. A longer row is damage, or an attack on the memory."""
LARGEST_BLANK = 1024 * 1024
"""Most bytes of blank lines, or characters between two values, in a row: a packed file can expand to gigabytes of
them."""
LARGEST_UNPACKED = 4 * 1024 * 1024 * 1024
"""Most bytes of a packed Parquet file, which has to be unpacked to the disk before it can be read."""

PACKED = (streams.GZIP, streams.ZSTD)
"""Ends of names of packed files."""
SEPARATOR = re.compile(r"sep=([,;\t|])")

Plain = dict[str, Any]
"""A row: an object of JSON, or a line of CSV with every value as text."""
Numbered = tuple[int, Plain | RowFault]
"""A row with its number, or why it cannot be read."""


def rows(path: Path) -> Iterator[Numbered]:
    """Every row of a file. Raises `InvalidValue` for a file that cannot be read, or not to its end."""
    reader = READERS.get(_kind(path))
    if reader is None:
        raise InvalidValue(streams.refused(path, READERS, path.name))
    number = 0
    try:
        if mistaken := streams.mistaken(path, path.name):
            raise InvalidValue(mistaken)
        with _opened(path) as stream:
            for number, row in reader(stream):
                yield number, row
    except UnicodeDecodeError as error:
        raise InvalidValue(
            f"{path.name} cannot be read after row {number}: it is not UTF-8; save it as UTF-8."
        ) from error
    except (EOFError, zlib.error, gzip.BadGzipFile, pa.ArrowException, csv.Error) as error:
        raise InvalidValue(f"{path.name} cannot be read after row {number} ({error}).") from error
    except OSError as error:
        raise InvalidValue(f"{path.name} cannot be read ({error.strerror or error}).") from error


def is_json(path: Path) -> bool:
    """Whether a file holds JSON, by its name."""
    return READERS.get(_kind(path)) in (_json, _jsonl)


def _kind(path: Path) -> str:
    """The end of a file's name, before that of a packed file."""
    return (path.with_suffix("").suffix if path.suffix.lower() in PACKED else path.suffix).lower()


def _opened(path: Path) -> IO[bytes]:
    stream = streams.packed(path) if path.suffix.lower() in PACKED else path.open("rb")
    if cast(io.BufferedReader, stream).peek(2)[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return stream
    return cast(IO[bytes], io.BufferedReader(utf16.Recoded(stream)))


def _jsonl(stream: IO[bytes]) -> Iterator[Numbered]:
    for number, line in enumerate(_lines(stream), 1):
        if len(line) == LARGEST_ROW and not line.endswith(b"\n"):
            raise csv.Error(f"a line is longer than {LARGEST_ROW:,} bytes")
        if line.strip():
            yield number, _object(line)


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    blank = 0
    while line := stream.readline(LARGEST_ROW):
        blank = blank + len(line) if line.isspace() else 0
        if blank > LARGEST_BLANK:
            raise csv.Error(f"more than {LARGEST_BLANK:,} bytes of it are blank")
        yield line


def _object(text: bytes) -> Plain | RowFault:
    """An object of JSON."""
    try:
        found = jsonkeys.loads(text)
    except RowFault as fault:
        return fault
    except (ValueError, RecursionError) as error:
        return RowFault(f"it is not JSON ({error}).")
    return found if isinstance(found, dict) else RowFault("it is not an object with columns.")


def _json(stream: IO[bytes]) -> Iterator[Numbered]:
    """The elements of one list, one after another; without a list, objects that follow each other."""
    unread = unreadtext.Unread(stream, LARGEST_ROW, LARGEST_BLANK)
    listed = unread.skip() and unread.begins("[")
    number = 0
    while unread.skip("," if number else ""):
        if listed and unread.begins("]"):
            return
        number += 1
        try:
            found = unread.value()
        except RowFault as fault:
            yield number, fault
        else:
            yield number, found if isinstance(found, dict) else RowFault("it is not an object with columns.")
    if listed:
        raise EOFError("the list does not end")


def _csv(stream: IO[bytes]) -> Iterator[Numbered]:
    """Records below a header. The separator is that of a line `sep=;` above it, or that of the header: comma, semicolon
    or tab."""
    csv.field_size_limit(LARGEST_ROW)
    header = stream.readline(LARGEST_ROW).decode("utf-8-sig").rstrip("\r\n")
    said = SEPARATOR.fullmatch(header)
    if said:
        header = stream.readline(LARGEST_ROW).decode().rstrip("\r\n")
    delimiter = said[1] if said else max(",;\t", key=header.count)
    names = [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]
    names = vote_files.named(names)
    if not header.strip():
        raise csv.Error("it is empty, and its first line must name the columns")
    if doubled := next((name for name in names if names.count(name) > 1), None):
        raise csv.Error(f"the first line names the column {doubled} twice")
    lines = (line.decode() for line in _lines(stream))
    for number, record in enumerate(csv.reader(lines, delimiter=delimiter, strict=True), 1):
        yield number, _record(names, record)


def _record(names: list[str], record: list[str]) -> Plain | RowFault:
    if len(record) != len(names):
        return RowFault(f"it has {len(record)} values and the header names {len(names)} columns.")
    try:
        return {name: _cell(cell) for name, cell in zip(names, record, strict=True)}
    except RowFault as fault:
        return fault


def _cell(cell: str) -> Any:
    """The value of a cell: its text, None for an empty cell, or a list or object where the text is one as JSON or
    Python writes it.
    """
    for loads in (jsonkeys.loads, literals.loads) if cell.startswith(("[", "{", "array(")) else ():
        try:
            found = loads(cell)
        except (ValueError, RecursionError):
            continue
        return Cell(cell, found) if isinstance(found, list | dict) else cell
    return cell or None


def _parquet(stream: IO[bytes]) -> Iterator[Numbered]:
    yield from enumerate(parquet.rows(stream, LARGEST_ROW, LARGEST_UNPACKED), 1)


READERS: dict[str, Callable[[IO[bytes]], Iterator[Numbered]]] = {
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
    ".json": _json,
    ".csv": _csv,
    ".tsv": _csv,
    ".txt": _csv,
    ".parquet": _parquet,
}
