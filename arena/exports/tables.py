"""Tables of a release: rows written as a stream, as Parquet and as JSON lines.

Rows come one by one as lines of JSON. Turning them into columns, compressing, hashing and writing leave the interpreter
free, and are done by `Lane`s, threads beside the one that makes the rows (benchmarks/export_speed.py measures it).
Only a few batches are held, so memory does not grow with the release. The bytes depend on the rows alone: pieces and
batches are cut by the size of the rows, each file is written by one lane in order, and nothing here looks at a clock.
"""

import abc
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import ParamSpec, Self

import pyarrow as pa
import pyarrow.parquet as pq

from arena.exports import columns
from arena.exports.files import FileEntry, HashedFile

PIECE_BYTES = 2**20
"""JSON of the rows that become columns together."""
BATCH_BYTES = 8 * 2**20
"""JSON of the rows that are handed on together; one batch is one Parquet row group."""
COMPRESSION = "snappy"
"""As `datasets` writes. zstd files of prose are half as large and take three times the processor time; the JSON lines
beside them, which nobody compresses, outweigh both."""
ID_ROWS = 20_000
"""Rows of a table of ids that are handed on together."""
WAITING = 2
"""Batches that may wait for a lane; beyond it the thread that makes rows waits."""

Given = ParamSpec("Given")


class Lane:
    """Work done in order by a thread of its own. A failure is raised by a later call."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="release")
        self._waiting: deque[Future[None]] = deque()

    def do(self, work: Callable[Given, None], *given: Given.args, **named: Given.kwargs) -> None:
        """Queue a piece of work; waits while the queue is full."""
        while len(self._waiting) >= WAITING:
            self._waiting.popleft().result()
        self._waiting.append(self._thread.submit(work, *given, **named))

    def finish(self) -> None:
        """Wait until all of it is done."""
        while self._waiting:
            self._waiting.popleft().result()

    def stop(self) -> None:
        """Drop what waits; the thread has ended when this returns."""
        self._thread.shutdown(wait=True, cancel_futures=True)


class Lanes:
    """The two threads that write the tables of a release: one compresses columns, one writes lines."""

    def __init__(self) -> None:
        self.columns = Lane()
        self.lines = Lane()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def finish(self) -> None:
        """Wait until everything handed on is written. Raises what failed."""
        self.columns.finish()
        self.lines.finish()

    def stop(self) -> None:
        """Drop what waits; nothing is written any more when this returns."""
        self.columns.stop()
        self.lines.stop()


class _Writer(abc.ABC):
    """Whole when its block ends without an error; otherwise nothing more is written."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._close()
        except BaseException:
            self._abandon()
            raise
        if kind is not None:
            self._abandon()

    @abc.abstractmethod
    def _close(self) -> None:
        """Write what is held, and end the files."""

    @abc.abstractmethod
    def _abandon(self) -> None:
        """End the files as they are; never raises."""


class TableWriter(_Writer):
    """Rows to one Parquet file and, beside it, the same rows as JSON lines."""

    def __init__(self, root: Path, name: str, schema: pa.Schema, lanes: Lanes) -> None:
        self._name = name
        self._schema = schema
        self._lanes = lanes
        self._lines: list[bytes] = []
        self._pieces: list[bytes] = []
        self._in_piece = 0
        self._in_batch = 0
        self.rows = 0
        self._parquet = HashedFile(root / f"{name}.parquet")
        self._json = HashedFile(root / f"{name}.jsonl")
        self._table = pq.ParquetWriter(self._parquet, schema, compression=COMPRESSION)

    def add(self, line: bytes) -> None:
        """Append a row by its `files.json_line`."""
        self._lines.append(line)
        self._in_piece += len(line)
        self.rows += 1
        if self._in_piece >= PIECE_BYTES:
            self._end_piece()

    def entries(self) -> list[FileEntry]:
        """What was written; complete once the writer is closed."""
        return [
            self._json.entry(f"{self._name}.jsonl", self.rows),
            self._parquet.entry(f"{self._name}.parquet", self.rows),
        ]

    def _end_piece(self) -> None:
        if self._lines:
            self._pieces.append(b"".join(self._lines))
            self._lines.clear()
        self._in_batch += self._in_piece
        self._in_piece = 0
        if self._in_batch >= BATCH_BYTES:
            self._hand_on()

    def _hand_on(self) -> None:
        """Give the lanes a batch. Without rows no row group is made: loaders stumble over empty ones."""
        if not self._pieces:
            return
        self._lanes.columns.do(_write_rows, self._table, self._schema, self._pieces)
        self._lanes.lines.do(_write_lines, self._json, self._pieces)
        self._pieces, self._in_batch = [], 0

    def _close(self) -> None:
        self._end_piece()
        self._hand_on()
        self._lanes.finish()
        self._table.close()
        self._parquet.close()
        self._json.close()

    def _abandon(self) -> None:
        """Let go of the files, which are about to be removed."""
        self._lanes.stop()
        self._table.is_open = False  # no footer
        self._parquet.abandon()
        self._json.abandon()


class IdWriter(_Writer):
    """Rows of ids and figures to one Parquet file."""

    def __init__(self, root: Path, name: str, schema: pa.Schema, lanes: Lanes) -> None:
        self._name = name
        self._schema = schema
        self._lanes = lanes
        self._held: list[tuple[str | int | None, ...]] = []
        self.rows = 0
        self._parquet = HashedFile(root / f"{name}.parquet")
        self._table = pq.ParquetWriter(self._parquet, schema, compression=COMPRESSION)

    def add(self, *row: str | int | None) -> None:
        """Append a row, in the order of the schema."""
        self._held.append(row)
        self.rows += 1
        if len(self._held) >= ID_ROWS:
            self._hand_on()

    def entry(self) -> FileEntry:
        """What was written; complete once the writer is closed."""
        return self._parquet.entry(f"{self._name}.parquet", self.rows)

    def _hand_on(self) -> None:
        if self._held:
            by_field = zip(self._schema, zip(*self._held, strict=True), strict=True)
            arrays = [pa.array(values, type=field.type) for field, values in by_field]
            self._lanes.columns.do(_write_columns, self._table, pa.Table.from_arrays(arrays, schema=self._schema))
            self._held.clear()

    def _close(self) -> None:
        self._hand_on()
        self._lanes.finish()
        self._table.close()
        self._parquet.close()

    def _abandon(self) -> None:
        self._lanes.stop()
        self._table.is_open = False  # no footer
        self._parquet.abandon()


def _write_columns(table: pq.ParquetWriter, rows: pa.Table) -> None:
    """Write a batch as one row group."""
    table.write_table(rows, row_group_size=rows.num_rows)


def _write_rows(table: pq.ParquetWriter, schema: pa.Schema, pieces: list[bytes]) -> None:
    _write_columns(table, pa.concat_tables([columns.read(piece, schema) for piece in pieces]))


def _write_lines(file: HashedFile, pieces: list[bytes]) -> None:
    file.write(b"".join(pieces))
