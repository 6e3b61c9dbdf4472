"""Files of every kind give the same rows, a few at a time; what breaks off is said."""

import gzip
import json
import re
import resource
import tracemalloc
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from arena import errors, imports
from arena.imports import cells, files, literals, reading
from arena.imports.imported_vote import ImportedVote, Outside, RowFault
from tests.imports import making

KINDS = (
    "jsonl",
    "ndjson",
    "json",
    "csv",
    "parquet",
    "jsonl.gz",
    "json.gz",
    "csv.gz",
    "parquet.gz",
    "jsonl.zst",
    "parquet.zst",
)
ROWS = [making.lmarena(question_id=f"q{n}", conversation_a=making.said(answer=f'{n}, "é"\nnext')) for n in range(30)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_gives_the_same_votes(tmp_path: Path, kind: str) -> None:
    path = making.write(tmp_path / f"votes.{kind}", ROWS)
    shape = reading.shape_of(path, None)
    assert shape is imports.SHAPES["lmarena"]
    found = list(reading.entries(path, shape))
    assert [number for number, _ in found] == list(range(1, 31))
    assert [entry for _, entry in found] == [making.one("lmarena", row) for row in ROWS]


def test_a_bad_line_is_told_by_its_number_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "votes.jsonl"
    good = json.dumps(making.lmarena())
    path.write_text(
        f"{good}\n\nnot json\n[1]\n{json.dumps(making.lmarena(winner='x'))}\n{good.replace('1682351591.1322', 'NaN')}\n"
    )
    found = list(reading.entries(path, imports.SHAPES["lmarena"]))
    assert [number for number, _ in found] == [1, 3, 4, 5, 6]
    assert [type(entry) for _, entry in found] == [ImportedVote, Outside, Outside, Outside, ImportedVote]
    assert "it is not JSON" in str(found[1][1])
    assert "it is not an object with columns" in str(found[2][1])


@pytest.mark.parametrize("kind", ["jsonl", "json", "csv"])
def test_a_row_with_one_key_twice_is_told_and_not_guessed(tmp_path: Path, kind: str) -> None:
    rows = [
        '{"a": [{"x": 1}, {"x": 2}]}',
        '{"a": [{"x": 1, "x": 2}]}',
        '{"a": [{"x": 1}], "a": [{"x": 2}]}',
        '{"a": 1}',
    ]
    quoted = [row.replace('"', '""') for row in rows]
    path = tmp_path / f"votes.{kind}"
    path.write_text(
        {
            "jsonl": "\n".join(rows),
            "json": f"[{', '.join(rows)}]",
            "csv": "a,b\n" + "".join(f'"{row}",b\n' for row in quoted),
        }[kind]
    )
    found = list(files.rows(path))
    assert {number: str(row) for number, row in found if isinstance(row, RowFault)} == {
        2: 'an object in it has the key "x" twice.',
        3: 'an object in it has the key "a" twice.',
    }
    assert [number for number, _ in found] == [1, 2, 3, 4], "positive control: the others are read"


def test_an_answer_in_a_cell_that_looks_like_a_list_is_a_text(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    answers = ("[1, 2]", "{'a': 1}", '{"a": 1}', "[not a list", "[{'role': 'x'}, 2]")
    path.write_text(
        "prompt,chosen,rejected\n" + "".join(f'[1],"{one.replace(chr(34), chr(34) * 2)}",no\n' for one in answers)
    )
    found = [entry for _, entry in reading.entries(path, imports.SHAPES["trl"])]
    assert [{entry.text_a, entry.text_b} for entry in found if isinstance(entry, ImportedVote)] == [
        {one, "no"} for one in answers
    ]
    assert {entry.messages[-1].text for entry in found if isinstance(entry, ImportedVote)} == {"[1]"}


def test_a_list_that_python_or_numpy_printed_into_a_cell_is_a_conversation(tmp_path: Path) -> None:
    said = [{"role": "user", "content": "it's\n“so”"}, {"role": "assistant", "content": 'a "b"'}]
    for printed in (str(said), str(said).replace("}, {", "}\n {")):
        row = making.lmarena(conversation_a=printed, conversation_b=printed)
        path = making.write(tmp_path / "votes.csv", [row])
        ((_, entry),) = reading.entries(path, imports.SHAPES["lmarena"])
        assert isinstance(entry, ImportedVote)
        assert (entry.messages[0].text, entry.text_a) == ("it's\n“so”", 'a "b"')
    inner = "[{'role': 'user', 'content': array([{'type': 'text', 'text': 'Why?'}], dtype=object)}\n"
    outer = f"array({inner} {{'role': 'assistant', 'content': 'So.'}}], dtype=object)"
    path = making.write(tmp_path / "nested.csv", [making.lmarena(conversation_a=outer, conversation_b=outer)])
    ((_, entry),) = reading.entries(path, imports.SHAPES["lmarena"])
    assert isinstance(entry, ImportedVote)
    assert (entry.messages[0].text, entry.text_a) == ("Why?", "So.")
    bad = making.write(tmp_path / "bad.csv", [making.lmarena(conversation_a="[{'role': array(1)}]")])
    ((_, outside),) = reading.entries(bad, imports.SHAPES["lmarena"])
    assert "neither JSON nor a Python list" in str(outside)


def test_texts_that_numpy_printed_beside_each_other_stay_apart() -> None:
    assert literals.loads("['a' 'b'\n 'c']") == ["a", "b", "c"]
    assert literals.loads("[array(['x'], dtype=object) array(['z'], dtype=object)]") == [["x"], ["z"]]
    with pytest.raises(ValueError, match="more than"):
        literals.loads("[" + "1," * literals.LARGEST)


@pytest.mark.parametrize("name", ["votes.csv", "votes.jsonl", "votes.json", "votes.csv.gz"])
def test_text_in_utf_16_an_index_and_a_line_that_names_the_separator_are_read(tmp_path: Path, name: str) -> None:
    plain = making.write(tmp_path / name.removesuffix(".gz"), ROWS).read_text(encoding="utf-8")
    if ".csv" in name:
        header, rest = plain.split("\n", 1)
        plain = f"sep=,\n{header}\n{rest}"
    content = plain.encode("utf-16")
    path = tmp_path / f"unicode-{name}"
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    assert [row for _, row in reading.entries(path, imports.SHAPES["lmarena"])] == [
        making.one("lmarena", row) for row in ROWS
    ]
    indexed = tmp_path / "indexed.csv"
    indexed.write_text(",prompt,chosen,rejected\n0,Why?,Yes.,No.\n")
    assert [row for _, row in files.rows(indexed)] == [
        {"Unnamed: 0": "0", "prompt": "Why?", "chosen": "Yes.", "rejected": "No."}
    ]
    indexed.write_text(",Unnamed: 0,chosen\n0,7,Yes.\n")
    assert [row for _, row in files.rows(indexed)] == [{"Unnamed: 0.1": "0", "Unnamed: 0": "7", "chosen": "Yes."}]


@pytest.mark.parametrize(
    "value", [1764300000, 1764300000000, 1764300000000000, 1764300000000000000, "1764300000000", "2025-11-28T03:20:00Z"]
)
def test_the_size_of_a_time_tells_its_unit(value: object) -> None:
    assert cells.moment(value, "tstamp") == datetime(2025, 11, 28, 3, 20, tzinfo=UTC)


@pytest.mark.parametrize("missing", ["NaT", "None", "<NA>", "null", "N/A", "nan", " NULL "])
def test_a_word_for_no_time_is_no_time(missing: str) -> None:
    assert cells.moment(missing, "tstamp") is None
    with pytest.raises(RowFault, match="it must be seconds since 1970"):
        cells.moment("yesterday", "tstamp")


def test_a_record_with_too_few_values_is_told(tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("chosen,rejected,prompt\na,b,c\na,b\n")
    found = list(files.rows(path))
    assert found[0] == (1, {"chosen": "a", "rejected": "b", "prompt": "c"})
    assert isinstance(found[1][1], RowFault)


@pytest.mark.parametrize("kind", ["jsonl.gz", "json"])
def test_a_file_that_breaks_off_gives_what_is_whole_and_says_so(tmp_path: Path, kind: str) -> None:
    path = making.write(tmp_path / f"votes.{kind}", ROWS * 20)
    path.write_bytes(path.read_bytes()[:-300])
    whole: list[files.Numbered] = []
    with pytest.raises(errors.InvalidValue, match=r"cannot be read after row \d+"):
        whole.extend(files.rows(path))
    assert len(whole) > 400


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("votes.odd", b"x", "of no known kind"),
        ("votes.xlsx", b"PK", "save the sheet as CSV"),
        ("votes.jsonl", b"x\n", "no row that can be read (row 1: it is not JSON"),
        ("votes.jsonl", b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        ("votes.csv", b"<!DOCTYPE html><html>", "is a web page"),
        ("votes.csv", b"", "it is empty, and its first line must name the columns"),
        ("votes.json", b'{"data": [{"prompt": "x"}], "version": 1}', 'the list under "data"'),
        ("votes.json", b'{"prompt": {"0": "x"}, "chosen": {"0": "y"}}', "orient='records'"),
        ("votes.csv", b"model_a,model_b,winner_model_a,winner_model_b\nx,y,1,0\n", "`arena rank"),
        ("votes.csv", b"model_a,model_b,win_a,win_b\nx,y,1,0\n", "`arena rank"),
        ("votes.jsonl", b'{"a": 1}\n', "has the columns a, which no shape has"),
        ("votes.json", b"[1, 2", "cannot be read after row"),
        ("votes.parquet", b"PAR1", "cannot be read after row 0"),
        ("votes.csv", b"a,a\n1,2\n", "names the column a twice"),
        ("votes.jsonl.gz", b"no gzip", "cannot be read after row 0"),
        (
            "votes.csv",
            b"chosen,rejected\n\xff\xfe,b\n",
            "cannot be read after row 0: it is not UTF-8; save it as UTF-8",
        ),
    ],
)
def test_a_file_that_holds_no_votes_is_refused(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(errors.InvalidValue) as refusal:
        reading.shape_of(path, None)
    assert sentence in str(refusal.value)


@pytest.mark.parametrize("name", ["votes.jsonl", "votes.json"])
def test_a_file_without_rows_has_no_shape(tmp_path: Path, name: str) -> None:
    """The test split of a small release is one."""
    path = tmp_path / name
    path.write_text("" if name.endswith("l") else "[]")
    assert reading.shape_of(path, None) is None


def test_a_folder_and_a_file_that_is_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.InvalidValue, match="is a folder"):
        reading.shape_of(tmp_path, None)
    with pytest.raises(errors.InvalidValue, match="does not exist"):
        reading.shape_of(tmp_path / "votes.jsonl", "trl")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["jsonl.gz", "json.gz", "csv.gz", "parquet"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, kind: str) -> None:
    """Forty megabytes of rows: a reader that held them would need all of that."""
    row = making.lmarena(
        conversation_a=making.said(answer="x" * 20_000), conversation_b=making.said(answer="y" * 20_000)
    )
    path = making.write(tmp_path / f"votes.{kind}", [row] * 1000)
    tracemalloc.start()
    count = sum(1 for _ in reading.entries(path, imports.SHAPES["lmarena"]))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 1000
    assert peak < 25_000_000


@pytest.mark.slow
def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "votes.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(100):
            file.write(b'"' + b"x" * 1_000_000)
    with pytest.raises(errors.InvalidValue, match="longer than"):
        reading.shape_of(path, None)


@pytest.mark.parametrize("kind", ["jsonl.gz", "json.gz", "csv.gz"])
def test_blanks_without_end_are_not_read_to_their_end(tmp_path: Path, kind: str) -> None:
    for blanks, refused in ((1000, False), (40_000_000, True)):
        path = tmp_path / f"votes{blanks}.{kind}"
        with gzip.open(path, "wb", compresslevel=1) as file:
            file.write(b"a,b\n1,2\n" if kind == "csv.gz" else b'{"a": 1}\n')
            file.write((b" " * 99 + b"\n") * (blanks // 100))
        if refused:
            with pytest.raises(errors.InvalidValue, match=r"of it are blank"):
                list(files.rows(path))
        else:
            assert next(iter(files.rows(path)))[0] == 1, "positive control"
            list(files.rows(path))


def test_a_text_that_stands_in_many_rows_of_a_small_parquet_file_does_not_fill_the_memory(tmp_path: Path) -> None:
    """Sixty million bytes of text in each row, of which the file holds them once."""
    long = pa.array(["x" * 60_000_000, "short"])
    table = pa.table({"text": pa.DictionaryArray.from_arrays(pa.array([1, *[0] * 100, 1], pa.int32()), long)})
    path = tmp_path / "votes.parquet"
    pq.write_table(table, path, dictionary_pagesize_limit=1 << 30)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = list(files.rows(path))
    assert {str(row) for _, row in found[1:-1]} == {"it is larger than 16,777,216 bytes."}
    assert [found[0], found[-1]] == [(1, {"text": "short"}), (102, {"text": "short"})], "positive control"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1_000_000, "kilobytes; unpacked it is 6 GB"


def test_a_packed_parquet_file_is_not_unpacked_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = making.write(tmp_path / "votes.parquet.gz", ROWS)
    assert len(list(files.rows(path))) == len(ROWS), "positive control"
    monkeypatch.setattr(files, "LARGEST_UNPACKED", 1000)
    with pytest.raises(errors.InvalidValue, match="unpacks to more than 1,000 bytes"):
        list(files.rows(path))


def test_whatever_a_parquet_file_nests_is_read_as_it_is(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {
            "map": [("a", "b")],
            "lists": [["x"], ["y", "z"]],
            "object": {"in": {"one": "c", "none": None}},
            "bytes": b"q",
        },
        {"map": [], "lists": None, "object": None, "bytes": None},
    ]
    kinds = pa.schema(
        {
            "map": pa.map_(pa.string(), pa.string()),
            "lists": pa.list_(pa.large_list(pa.string())),
            "object": pa.struct({"in": pa.struct({"one": pa.large_string(), "none": pa.null()})}),
            "bytes": pa.binary(),
        }
    )
    table = pa.Table.from_pylist(rows, kinds)
    table = table.append_column("number", pa.array([1, 1]).dictionary_encode())
    pq.write_table(table, tmp_path / "votes.parquet", row_group_size=1)
    assert [row for _, row in files.rows(tmp_path / "votes.parquet")] == [{**row, "number": 1} for row in rows]


def test_texts_in_lists_are_read_across_the_parts_of_a_parquet_file(tmp_path: Path) -> None:
    """Some parts keep texts in a dictionary, and the last gives it up half-way."""
    said = [[{"role": "user", "content": f"{number} " * 300}] for number in range(900)]
    table = pa.table({"conversation_a": said})
    pq.write_table(table, tmp_path / "votes.parquet", row_group_size=400, dictionary_pagesize_limit=100_000)
    assert [row for _, row in files.rows(tmp_path / "votes.parquet")] == table.to_pylist()


def test_a_moment_outside_the_calendar_keeps_its_row_outside_and_no_other(tmp_path: Path) -> None:
    seconds = pa.array([0, 9 * 10**11, 1], pa.timestamp("s"))
    pq.write_table(pa.table({"model_a": ["x", "y", "z"], "tstamp": seconds}), tmp_path / "votes.parquet")
    found = [row for _, row in files.rows(tmp_path / "votes.parquet")]
    assert [row["model_a"] for row in found[::2]] == ["x", "z"], "positive control"
    assert "cannot be read (date value out of range)" in str(found[1])


@pytest.mark.parametrize(
    ("kind", "value", "cast_at"),
    [
        (pa.date32(), date(2026, 3, 1), datetime(2026, 3, 1, tzinfo=UTC)),
        (pa.date64(), date(2026, 3, 1), datetime(2026, 3, 1, tzinfo=UTC)),
        (pa.timestamp("ms"), datetime(2026, 3, 1, 12), datetime(2026, 3, 1, 12, tzinfo=UTC)),
        (pa.timestamp("us", "Asia/Tokyo"), datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)),
        (pa.decimal128(18, 3), Decimal("1772323200.500"), datetime(2026, 3, 1, 0, 0, 0, 500_000, tzinfo=UTC)),
    ],
    ids=str,
)
def test_a_moment_is_read_from_any_column_of_parquet_that_means_one(
    tmp_path: Path, kind: pa.DataType, value: object, cast_at: datetime
) -> None:
    pq.write_table(pa.table({"tstamp": pa.array([value], kind)}), tmp_path / "votes.parquet")
    ((_, row),) = files.rows(tmp_path / "votes.parquet")
    assert isinstance(row, dict)
    assert cells.moment(row["tstamp"], "tstamp") == cast_at


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (pa.time32("s"), time(12), "tstamp is 12:00:00; it must be seconds since 1970 or a date such as"),
        (pa.duration("s"), timedelta(days=1), "tstamp is 1 day, 0:00:00; it must be seconds"),
        (pa.decimal128(38, 0), Decimal(10) ** 30, "tstamp is 1000000000000000000000000000000; it must be seconds"),
    ],
    ids=str,
)
def test_a_column_that_means_no_moment_is_refused_as_it_is_written(
    tmp_path: Path, kind: pa.DataType, value: object, said: str
) -> None:
    pq.write_table(pa.table({"tstamp": pa.array([value], kind)}), tmp_path / "votes.parquet")
    ((_, row),) = files.rows(tmp_path / "votes.parquet")
    assert isinstance(row, dict)
    with pytest.raises(RowFault, match=f"^{re.escape(said)}"):
        cells.moment(row["tstamp"], "tstamp")


def test_decimals_are_numbers_where_a_number_is_meant() -> None:
    assert cells.identity(Decimal("7.00"), "question_id") == "7"
    assert cells.identity(Decimal("7.50"), "question_id") == "7.50"
    assert cells.share(Decimal("0.25"), "draw_probability") == 0.25


def test_views_of_texts_and_lists_are_read(tmp_path: Path) -> None:
    table = pa.table(
        {"text": pa.array(["x", None], pa.string_view()), "list": pa.array([["y"], []], pa.list_view(pa.string()))}
    )
    pq.write_table(table, tmp_path / "votes.parquet")
    assert [row for _, row in files.rows(tmp_path / "votes.parquet")] == table.to_pylist()


def test_a_parquet_file_that_names_a_column_twice_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_arrays([pa.array(["tie"])] * 2, ["winner"] * 2), tmp_path / "votes.parquet")
    with pytest.raises(errors.InvalidValue, match="name each column once"):
        list(files.rows(tmp_path / "votes.parquet"))
