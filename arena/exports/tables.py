"""Tables of a release: rows written as a stream, as Parquet and as JSON lines.

Rows come as lines of JSON. A batch of lines is written as it is, and parsed into columns for Parquet, so both files
hold the same rows by construction. Parsing, compression, hashing and writing leave the interpreter free, and are done
by `Lane`s, threads beside the one that makes the rows (benchmarks/export_speed.py measures it).
Only a few batches are held, so memory does not grow with the release. The bytes depend on the rows alone: batches are
cut by the size of the rows, each file is written by one lane in order, and nothing here looks at a clock.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import ParamSpec, Self

import pyarrow as pa
import pyarrow.json
import pyarrow.parquet as pq

from arena.exports.files import FileEntry, HashedFile

BATCH_BYTES = 8 * 2**20
"""JSON held before a batch is handed on; one batch is one Parquet row group."""
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
    """The two threads that write the tables of a release: one parses and compresses, one writes lines."""

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


class TableWriter:
    """Rows to one Parquet file and, beside it, the same rows as JSON lines."""

    def __init__(self, root: Path, name: str, schema: pa.Schema, lanes: Lanes, *, json_lines: bool = True) -> None:
        self._name = name
        self._schema = schema
        self._lanes = lanes
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
                self._close()
        except BaseException:
            self._abandon()
            raise
        if kind is not None:
            self._abandon()

    def add(self, line: bytes) -> None:
        """Append a row: its `files.json_line`."""
        self._lines.append(line)
        self._held += len(line)
        self.rows += 1
        if self._held >= BATCH_BYTES:
            self._hand_on()

    def entries(self) -> list[FileEntry]:
        """What was written; complete once the writer is closed."""
        written = [self._parquet.entry(f"{self._name}.parquet", self.rows)]
        if self._json is not None:
            written.insert(0, self._json.entry(f"{self._name}.jsonl", self.rows))
        return written

    def _hand_on(self) -> None:
        """Give the lanes what is held. Without rows no row group is made: loaders stumble over empty ones."""
        if not self._lines:
            return
        content = b"".join(self._lines)
        self._lines.clear()
        self._held = 0
        self._lanes.columns.do(_write_columns, self._table, self._schema, content)
        if self._json is not None:
            self._lanes.lines.do(_write_lines, self._json, content)

    def _close(self) -> None:
        self._hand_on()
        self._lanes.finish()
        self._table.close()
        self._parquet.close()
        if self._json is not None:
            self._json.close()

    def _abandon(self) -> None:
        """Let go of the files, which are about to be removed."""
        self._lanes.stop()
        self._table.is_open = False  # no footer
        self._parquet.abandon()
        if self._json is not None:
            self._json.abandon()


def _write_columns(table: pq.ParquetWriter, schema: pa.Schema, content: bytes) -> None:
    """Write lines as one row group."""
    rows = pyarrow.json.read_json(
        pa.BufferReader(content),
        read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=len(content) + 1),
        parse_options=pyarrow.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error"),
    )
    table.write_table(rows, row_group_size=rows.num_rows)


def _write_lines(file: HashedFile, content: bytes) -> None:
    file.write(content)
