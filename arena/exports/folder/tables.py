"""Tables of a release: rows written as a stream, as Parquet and as JSON lines.

Rows come one by one as lines of JSON. `Lane`s, threads beside the one that makes the rows, turn them into columns,
compress, hash and write them, which leaves the interpreter free (benchmarks/export_speed.py measures it). Only a few
batches are held, so memory does not grow with the release. The bytes depend on nothing but the rows: batches are cut by
the size of the rows, one lane writes each file in order, and no time is written.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import ParamSpec, Self

import pyarrow as pa
import pyarrow.parquet as pq

from arena.exports.folder import json_to_arrow
from arena.exports.folder.files import FileEntry, HashedFile

BATCH_BYTES = 4 * 2**20
"""Bytes of JSON in a batch; one batch is one Parquet row group."""
COMPRESSION = "snappy"
"""What `datasets` writes. Prose compressed with zstd is half as large and takes three times the processor time; the
uncompressed JSON lines beside it are larger than either."""
WAITING = 2
"""Batches that may wait for a lane. When there are more, the thread that makes rows waits."""

Given = ParamSpec("Given")


class Lane:
    """A thread that does work in order. A failure is raised by a later call."""

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
        """Drop the work that waits; the thread has ended when this returns."""
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
        """Wait until everything is written. Raises the error of a lane that failed."""
        self.columns.finish()
        self.lines.finish()

    def stop(self) -> None:
        """Drop the work that waits; nothing is written after this returns."""
        self.columns.stop()
        self.lines.stop()


class TableWriter:
    """Writes rows to a Parquet file and, with `lines`, also to a file of JSON lines beside it.

    The files are complete when the block ends without an error; after an error nothing more is written. With `spare`,
    a table without rows leaves no file.
    """

    def __init__(
        self, root: Path, name: str, schema: pa.Schema, lanes: Lanes, *, lines: bool = False, spare: bool = False
    ) -> None:
        self._schema = schema
        self._root = root
        self._spare = spare
        self._lanes = lanes
        self._held: list[bytes] = []
        self._bytes = 0
        self.rows = 0
        self._json = HashedFile(root / f"{name}.jsonl") if lines else None
        parquet = HashedFile(root / f"{name}.parquet")
        self._files = {f"{name}.jsonl": self._json} if self._json else {}
        self._files[f"{name}.parquet"] = parquet
        self._table = pq.ParquetWriter(parquet, schema, compression=COMPRESSION)

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
        """Append a row, given as `files.json_line` makes it."""
        self._held.append(line)
        self._bytes += len(line)
        self.rows += 1
        if self._bytes >= BATCH_BYTES:
            self._hand_on()

    def entries(self) -> list[FileEntry]:
        """The files written; complete once the writer is closed."""
        return [file.entry(name, self.rows) for name, file in self._files.items()]

    def _hand_on(self) -> None:
        """Give a batch to the lanes. A batch without rows is skipped, because loaders stumble over empty row groups."""
        if not self._held:
            return
        batch = b"".join(self._held)
        self._lanes.columns.do(_write_columns, self._table, self._schema, batch)
        if self._json:
            self._lanes.lines.do(_write_lines, self._json, batch)
        self._held, self._bytes = [], 0

    def _close(self) -> None:
        self._hand_on()
        self._lanes.finish()
        if self._spare and not self.rows:
            self._let_go()
            for name in self._files:
                (self._root / name).unlink()
            self._files = {}
            return
        self._table.close()
        for file in self._files.values():
            file.close()

    def _abandon(self) -> None:
        """Close the files, which are about to be removed."""
        self._lanes.stop()
        self._let_go()

    def _let_go(self) -> None:
        """Close the files as they are, incomplete."""
        self._table.is_open = False  # no footer
        for file in self._files.values():
            file.abandon()


def _write_columns(table: pq.ParquetWriter, schema: pa.Schema, batch: bytes) -> None:
    """Write a batch as one row group."""
    rows = json_to_arrow.read(batch, schema)
    table.write_table(rows, row_group_size=rows.num_rows)


def _write_lines(file: HashedFile, batch: bytes) -> None:
    file.write(batch)
