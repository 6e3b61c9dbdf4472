"""Data files, written as a stream: hashed while they are written, and on the disk when they are closed.

Rows are held for one batch only, so memory does not grow with the release. The bytes depend on the rows alone: batches
are cut by the size of the rows, and nothing here looks at a clock.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from arena.exports.format import Row

BATCH_BYTES = 8 * 2**20
"""JSON held before a batch is written; one batch is one Parquet row group."""
LINE_BREAKS = ((b"\xe2\x80\xa8", b"\\u2028"), (b"\xe2\x80\xa9", b"\\u2029"), (b"\xc2\x85", b"\\u0085"))
"""Characters that JSON allows in a text, and that some readers of lines take for the end of the line."""


class NotUnicodeError(ValueError):
    """A text holds a lone surrogate: half a character, which UTF-8 cannot spell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """One file of a release."""

    path: str
    """Inside the release, with forward slashes."""
    bytes: int
    sha256: str
    rows: int | None
    """None for a file without rows."""


class HashedFile:
    """A new file that hashes what is written to it, and syncs when it is closed."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb")
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def closed(self) -> bool:
        return self._file.closed

    def write(self, content: bytes) -> int:
        self._hash.update(content)
        self.size += len(content)
        return self._file.write(content)

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        """Close the file; its content is durable before this returns."""
        if not self._file.closed:
            with self._file:
                self._file.flush()
                os.fsync(self._file.fileno())

    def abandon(self) -> None:
        """Close the file, if it still is open, without caring for what is in it."""
        self._file.close()

    def entry(self, path: str, rows: int | None) -> FileEntry:
        return FileEntry(path=path, bytes=self.size, sha256=self._hash.hexdigest(), rows=rows)


class TableWriter:
    """Rows to one Parquet file and, beside it, the same rows as JSON lines."""

    def __init__(self, root: Path, name: str, schema: pa.Schema, *, json_lines: bool = True) -> None:
        self._root = root
        self._name = name
        self._schema = schema
        self._rows: list[Row] = []
        self._lines: list[bytes] = []
        self._held = 0
        self.rows = 0
        self._parquet = HashedFile(root / f"{name}.parquet")
        self._json = HashedFile(root / f"{name}.jsonl") if json_lines else None
        self._table = pq.ParquetWriter(self._parquet, schema, compression="zstd")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._write_batch()
                self._table.close()
                self._parquet.close()
                if self._json is not None:
                    self._json.close()
        finally:
            self._table.is_open = False  # without a footer, where something failed: the file is about to be removed
            self._parquet.abandon()
            if self._json is not None:
                self._json.abandon()

    def add(self, row: Row, line: bytes) -> None:
        """Append a row; `line` is `json_line(row)`."""
        self._rows.append(row)
        self._lines.append(line)
        self._held += len(line)
        self.rows += 1
        if self._held >= BATCH_BYTES:
            self._write_batch()

    def entries(self) -> list[FileEntry]:
        """What was written; complete once the writer is closed."""
        written = [self._parquet.entry(f"{self._name}.parquet", self.rows)]
        if self._json is not None:
            written.insert(0, self._json.entry(f"{self._name}.jsonl", self.rows))
        return written

    def _write_batch(self) -> None:
        """Write what is held. Without rows no row group is made: loaders stumble over empty ones."""
        if not self._rows:
            return
        if self._json is not None:
            self._json.write(b"".join(self._lines))
        self._table.write_batch(
            pa.RecordBatch.from_pylist(self._rows, schema=self._schema), row_group_size=len(self._rows)
        )
        self._rows.clear()
        self._lines.clear()
        self._held = 0


def json_line(row: Row) -> bytes:
    """One row as one line for every reader of lines, UTF-8. Raises NotUnicodeError."""
    try:
        line = orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        if has_lone_surrogate(row):
            raise NotUnicodeError from None
        raise
    for character, escape in LINE_BREAKS:
        if character in line:
            line = line.replace(character, escape)
    return line


def has_lone_surrogate(value: Any) -> bool:
    """Whether any text inside is not Unicode."""
    if isinstance(value, str):
        return any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, dict):
        return any(has_lone_surrogate(inner) for inner in value.values())
    if isinstance(value, list):
        return any(has_lone_surrogate(inner) for inner in value)
    return False


def write_text(root: Path, name: str, text: str) -> FileEntry:
    """A small text file, durable."""
    file = HashedFile(root / name)
    try:
        file.write(text.encode())
    except BaseException:
        file.abandon()
        raise
    file.close()
    return file.entry(name, None)


def sync_folder(folder: Path) -> None:
    """Make the names inside a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
