"""`exports.files`: the same rows in both files, hashed as they lie on the disk, whatever the texts hold."""

import hashlib
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.exports import files
from arena.exports.files import TableWriter

from . import making

SCHEMA = pa.schema([("text", pa.string()), ("number", pa.float64())])


def write(folder: Path, rows: list[files.Row]) -> list[files.FileEntry]:
    with TableWriter(folder, "table", SCHEMA) as table:
        for row in rows:
            table.add(row, files.json_line(row))
    return table.entries()


@pytest.mark.parametrize("text", making.HOSTILE)
def test_a_hostile_text_is_one_line_and_comes_back_as_it_was(text: str) -> None:
    line = files.json_line({"text": text}).decode()
    assert len(line.splitlines()) == 1
    assert json.loads(line) == {"text": text}


@given(st.text())
def test_any_unicode_text_is_one_line_and_comes_back_as_it_was(text: str) -> None:
    line = files.json_line({"text": text}).decode()
    assert len(line.splitlines()) == 1
    assert json.loads(line) == {"text": text}


def test_json_alone_would_break_lines_within_a_text() -> None:
    """Positive control of the two tests above."""
    line = json.dumps({"text": "a\u2028b\x85c"}, ensure_ascii=False)
    assert len(line.splitlines()) == 3


@pytest.mark.parametrize("text", ["\ud83d", "a\udc00b", "\udc00\ud800"])
def test_half_a_character_is_told_apart_from_a_bug(text: str) -> None:
    with pytest.raises(files.NotUnicodeError):
        files.json_line({"messages": [{"content": text}]})
    with pytest.raises(TypeError, match="not JSON serializable"):
        files.json_line({"messages": [{"content": object()}]})


def test_both_files_hold_the_same_rows_in_the_same_order(tmp_path: Path) -> None:
    rows: list[files.Row] = [{"text": text, "number": number / 3} for number, text in enumerate(making.HOSTILE)]
    write(tmp_path, rows)
    lines = (tmp_path / "table.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == rows
    assert pq.read_table(tmp_path / "table.parquet").to_pylist() == rows


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
    row: files.Row = {"text": "x" * 2**20, "number": 0.0}
    line = files.json_line(row)
    with TableWriter(tmp_path, "table", SCHEMA) as table:
        sizes = []
        for _ in range(20):
            table.add(row, line)
            sizes.append((tmp_path / "table.jsonl").stat().st_size)
    batch = files.BATCH_BYTES // 2**20
    assert sizes[batch - 2] == 0
    assert sizes[-1] >= 2 * files.BATCH_BYTES - 2**20
    assert pq.ParquetFile(tmp_path / "table.parquet").metadata.num_row_groups == 3


def test_an_existing_file_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    with pytest.raises(FileExistsError):
        files.write_text(tmp_path, "README.md", "yours")
    assert (tmp_path / "README.md").read_text() == "mine"
