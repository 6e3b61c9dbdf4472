"""`exports.folder.tables`: the same rows in both files, hashed as they lie on the disk, whatever the texts hold."""

import errno
import hashlib
import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from arena.exports.folder import files, tables
from arena.exports.folder.tables import Lane, Lanes, TableWriter
from arena.exports.format import Row
from tests.exports import making

SCHEMA = pa.schema([("text", pa.string()), ("number", pa.float64())])


def write(folder: Path, rows: list[Row]) -> list[files.FileEntry]:
    with Lanes() as lanes, TableWriter(folder, "table", SCHEMA, lanes, lines=True) as table:
        for row in rows:
            table.add(files.json_line(row))
    return table.entries()


def test_both_files_hold_the_same_rows_in_the_same_order(tmp_path: Path) -> None:
    rows: list[Row] = [{"text": text, "number": number / 3} for number, text in enumerate(making.HOSTILE)]
    write(tmp_path, rows)
    lines = (tmp_path / "table.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == rows
    assert pq.read_table(tmp_path / "table.parquet").to_pylist() == rows


def test_a_row_of_other_columns_is_refused(tmp_path: Path) -> None:
    for row in ({"text": "one", "number": "two"}, {"text": "one", "number": 1.0, "more": 2}):
        folder = tmp_path / str(len(row))
        folder.mkdir()
        with pytest.raises(pa.ArrowInvalid):
            write(folder, [row])


def test_an_entry_tells_what_is_on_the_disk(tmp_path: Path) -> None:
    entries = write(tmp_path, [{"text": "one", "number": 1.0}, {"text": "two", "number": None}])
    assert [entry.path for entry in entries] == ["table.jsonl", "table.parquet"]
    for entry in entries:
        content = (tmp_path / entry.path).read_bytes()
        assert (entry.bytes, entry.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        assert entry.rows == 2


def test_a_file_without_rows_is_typed_and_has_no_row_group(tmp_path: Path) -> None:
    write(tmp_path, [])
    assert (tmp_path / "table.jsonl").read_bytes() == b""
    parquet = pq.ParquetFile(tmp_path / "table.parquet")
    assert parquet.schema_arrow == SCHEMA
    assert parquet.metadata.num_row_groups == 0


def test_rows_are_written_batch_by_batch(tmp_path: Path) -> None:
    row: Row = {"text": "x" * 2**20, "number": 0.0}
    line = files.json_line(row)
    with Lanes() as lanes, TableWriter(tmp_path, "table", SCHEMA, lanes, lines=True) as table:
        sizes = []
        for _ in range(20):
            table.add(line)
            lanes.finish()
            sizes.append((tmp_path / "table.jsonl").stat().st_size)
    batch = tables.BATCH_BYTES // 2**20
    assert sizes[batch - 2] == 0
    assert sizes[-1] >= 2 * tables.BATCH_BYTES - 2**20
    assert pq.ParquetFile(tmp_path / "table.parquet").metadata.num_row_groups == 20 // batch


def test_a_table_without_lines_is_one_file_that_holds_every_row_in_order(tmp_path: Path) -> None:
    schema = pa.schema([("name", pa.string()), ("number", pa.int64())])
    rows: list[Row] = [
        {"name": None if number % 3 else f"n{number}" * 2000, "number": number} for number in range(5000)
    ]
    with Lanes() as lanes, TableWriter(tmp_path, "ids", schema, lanes) as table:
        for row in rows:
            table.add(files.json_line(row))
    (path,) = tmp_path.iterdir()
    assert pq.ParquetFile(path).metadata.num_row_groups > 1
    found = pq.read_table(path)
    assert found.schema == schema
    assert found.to_pylist() == rows
    content = path.read_bytes()
    (entry,) = table.entries()
    assert entry == files.FileEntry(
        path="ids.parquet", bytes=len(content), sha256=hashlib.sha256(content).hexdigest(), rows=len(rows)
    )


def test_no_more_than_a_few_batches_wait_for_a_lane() -> None:
    """However slow the disk is, memory stays flat."""
    lane, held, most = Lane(), [], 0

    def slow(number: int) -> None:
        os.sched_yield()
        held.remove(number)

    for number in range(100):
        held.append(number)
        lane.do(slow, number)
        most = max(most, len(held))
    lane.finish()
    lane.stop()
    assert not held
    assert most <= tables.WAITING + 1


def test_what_fails_in_a_lane_is_raised_where_the_rows_are_made() -> None:
    lane = Lane()

    def fail() -> None:
        raise OSError(errno.ENOSPC, "full")

    lane.do(fail)
    with pytest.raises(OSError, match="full"):
        lane.finish()
    lane.stop()
