"""Every kind of vote log gives the same counts, and a wrong one is refused by file and row."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas
import polars
import pyarrow
import pytest
from pyarrow import parquet

import leaderboards

ROWS = [
    {"model_a": "x", "model_b": "y", "winner": "model_a"},
    {"model_a": "y", "model_b": "x", "winner": "model_b"},
    {"model_a": "y", "model_b": "z", "winner": "tie"},
    {"model_a": "z", "model_b": "x", "winner": "tie (bothbad)"},
    {"model_a": "z", "model_b": "y", "winner": "both_bad"},
]


def _csv(path: Path) -> None:
    path.write_text("model_a,model_b,winner\n" + "".join(",".join(row.values()) + "\n" for row in ROWS))


def _tsv(path: Path) -> None:
    path.write_text("model_a\tmodel_b\twinner\r\n" + "".join("\t".join(row.values()) + "\r\n" for row in ROWS))


def _json(path: Path) -> None:
    path.write_text(json.dumps(ROWS))


def _jsonl(path: Path) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))


def _parquet(path: Path) -> None:
    parquet.write_table(pyarrow.Table.from_pylist(ROWS), path)


WRITERS = {"csv": _csv, "tsv": _tsv, "json": _json, "jsonl": _jsonl, "ndjson": _jsonl, "parquet": _parquet}
FRAMES: dict[str, Callable[[], Any]] = {
    "pandas": lambda: pandas.DataFrame(ROWS),
    "pandas categories": lambda: pandas.DataFrame(ROWS).astype("category"),
    "polars": lambda: polars.DataFrame(ROWS),
    "arrow": lambda: pyarrow.Table.from_pylist(ROWS),
    "arrow dictionary": lambda: pyarrow.table(
        {name: pyarrow.array([row[name] for row in ROWS]).dictionary_encode() for name in ROWS[0]}
    ),
    "list of dicts": lambda: ROWS,
}


@pytest.fixture(scope="module")
def fingerprint() -> str:
    return leaderboards.read(pyarrow.Table.from_pylist(ROWS)).counts.sha256()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", WRITERS)
def test_every_kind_of_file_gives_the_same_counts(tmp_path: Path, fingerprint: str, kind: str, packed: bool) -> None:
    path = tmp_path / f"votes.v1.{kind}"
    WRITERS[kind](path)
    if packed:
        packed_path = path.with_name(path.name + ".gz")
        packed_path.write_bytes(gzip.compress(path.read_bytes()))
        path = packed_path
    votes = leaderboards.read(path)
    assert votes.total == 5
    assert votes.models == ("x", "y", "z")
    assert votes.counts.sha256() == fingerprint


@pytest.mark.parametrize("kind", FRAMES)
def test_every_kind_of_frame_gives_the_same_counts(fingerprint: str, kind: str) -> None:
    assert leaderboards.read(FRAMES[kind]()).counts.sha256() == fingerprint


def test_a_relation_of_the_callers_own_connection_is_read(fingerprint: str) -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TYPE side AS ENUM ('x', 'y', 'z', 'unused')")
    connection.execute("CREATE TABLE votes (model_a side, model_b side, winner VARCHAR)")
    connection.executemany("INSERT INTO votes VALUES (?, ?, ?)", [list(row.values()) for row in ROWS])
    assert leaderboards.read(connection.sql("FROM votes")).counts.sha256() == fingerprint


def test_several_files_are_one_log(tmp_path: Path) -> None:
    for kind in ("csv", "jsonl", "parquet"):
        WRITERS[kind](tmp_path / f"votes.{kind}")
    votes = leaderboards.read([tmp_path / "votes.csv", tmp_path / "votes.jsonl", str(tmp_path / "votes.parquet")])
    assert votes.total == 15


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_table_of_counts_per_pair_is_a_log(tmp_path: Path, fingerprint: str, kind: str) -> None:
    table = [
        {"model_a": "x", "model_b": "y", "win_a": 1, "win_b": 0, "tie": 0, "tie_bothbad": 0},
        {"model_a": "y", "model_b": "x", "win_a": 0, "win_b": 1, "tie": 0, "tie_bothbad": 0},
        {"model_a": "y", "model_b": "z", "win_a": 0, "win_b": 0, "tie": 1, "tie_bothbad": 0},
        {"model_a": "z", "model_b": "x", "win_a": 0, "win_b": 0, "tie": 0, "tie_bothbad": 1},
        {"model_a": "z", "model_b": "y", "win_a": 0, "win_b": 0, "tie": 0, "tie_bothbad": 1},
    ]
    path = tmp_path / f"table.{kind}"
    if kind == "csv":
        pandas.DataFrame(table).to_csv(path, index=False)
    elif kind == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in table))
    else:
        parquet.write_table(pyarrow.Table.from_pylist(table), path)
    assert leaderboards.read(path).counts.sha256() == fingerprint


def test_an_unknown_outcome_names_file_and_row(written: Callable[..., Path]) -> None:
    rows = [("x", "y", "model_a")] * 4_811 + [("x", "y", "Model_B")] + [("x", "y", "banana")]
    with pytest.raises(leaderboards.InputError) as refusal:
        leaderboards.read(written(rows))
    assert (
        str(refusal.value) == 'row 4,812 of votes.csv: winner is "Model_B"; accepted: model_a, model_b, tie, both_bad, '
        "or one of the two names; say what it means with --outcome Model_B=model_b, in Python "
        "outcomes={'Model_B': 'model_b'}."
    )


def test_the_wrong_row_is_found_in_the_right_one_of_several_files(written: Callable[..., Path]) -> None:
    good = written([("x", "y", "model_a")], name="good.csv")
    bad = written([("x", "y", "model_b"), ("x", "x", "tie")], name="bad.csv")
    with pytest.raises(leaderboards.InputError, match=r"^row 2 of bad.csv: \"x\" meets itself"):
        leaderboards.read([good, bad])


@pytest.mark.parametrize(
    ("columns", "row", "sentence"),
    [
        ("model_a,model_b,winner", ("x", "y", ""), "row 2 of votes.csv: winner is missing;"),
        ("model_a,model_b,winner", ("", "y", "tie"), "row 2 of votes.csv: model_a is missing."),
        ("model_a,model_b,winner", ("x", "  ", "tie"), "row 2 of votes.csv: model_b is empty."),
        ("model_a,model_b,winner", ("x", "y", " tie"), 'row 2 of votes.csv: winner is " tie"; accepted'),
        (
            "model_a,model_b,winner,weight",
            ("x", "y", "tie", -1),
            'row 2 of votes.csv: weight is "-1"; it must be 0, or a number from 1e-100',
        ),
        ("model_a,model_b,winner,weight", ("x", "y", "tie", "nan"), 'row 2 of votes.csv: weight is "nan"'),
        ("model_a,model_b,winner,weight", ("x", "y", "tie", ""), "row 2 of votes.csv: weight is missing"),
        (
            "model_a,model_b,winner,count",
            ("x", "y", "tie", 1.5),
            'row 2 of votes.csv: count is "1.5"; it must be a whole',
        ),
        ("model_a,model_b,winner,count", ("x", "y", "tie", "many"), 'row 2 of votes.csv: count is "many"'),
        ("model_a,model_b,winner", ("x", "y"), "line 3 of votes.csv has 2 columns where the header has 3."),
    ],
)
def test_a_wrong_row_is_named(written: Callable[..., Path], columns: str, row: tuple[Any, ...], sentence: str) -> None:
    first = ("x", "y", "model_a", 1)[: columns.count(",") + 1]
    with pytest.raises(leaderboards.InputError) as refusal:
        leaderboards.read(written([first, row], columns))
    assert str(refusal.value).startswith(sentence)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("votes.csv", "model_a,model_b,winner\n", "votes.csv holds no votes."),
        ("votes.csv", "", "votes.csv is empty; its first line must name"),
        ("votes.csv", "model_a,model_b,outcome\nx,y,tie\n", "votes.csv has no column winner"),
        ("votes.csv", "model_a,model_a,winner\nx,y,tie\n", "line 1 of votes.csv names the column model_a twice."),
        ("votes.csv", 'model_a,model_b,winner\nx,"y,tie\n', "line 2 of votes.csv cannot be read as CSV"),
        ("votes.jsonl", "", "votes.jsonl holds no votes."),
        (
            "votes.jsonl",
            '{"model_a": "x", "model_b": "y", "winner": "tie"}\n{"model_a\n',
            "line 2 of votes.jsonl is not a JSON object",
        ),
        ("votes.jsonl", '{"model_a": "x", "model_b": "y"}\n', "votes.jsonl has no column winner; needed: "),
        ("votes.json", "[]", "votes.json holds no votes."),
        ("votes.parquet", "PAR1", "votes.parquet cannot be read"),
        ("votes.csv.gz", "not gzip", "votes.csv.gz cannot be read"),
        ("votes.odd", "x", "votes.odd is of no known kind"),
    ],
)
def test_a_file_that_holds_no_log_says_why(tmp_path: Path, name: str, text: str, sentence: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(leaderboards.InputError) as refusal:
        leaderboards.read(path)
    assert str(refusal.value).startswith(sentence)
    assert "\n" not in str(refusal.value)


def test_an_object_of_another_kind_is_refused() -> None:
    with pytest.raises(leaderboards.InputError, match="cannot be read from an int"):
        leaderboards.read(7)
