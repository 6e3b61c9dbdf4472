"""Two hundred malformed logs: each ends in one sentence that names the file, and the row where one is wrong."""

import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

import leaderboards

GOOD = [
    {"model_a": model_a, "model_b": model_b, "winner": winner}
    for model_a, model_b, winner in [("x", "y", "model_a"), ("y", "z", "model_b"), ("z", "x", "tie")] * 7
]
BAD_CELLS: list[tuple[str, str | None]] = [
    ("winner", value)
    for value in (
        "banana",
        "Model_A",
        "MODEL_B",
        "a",
        "b",
        "0",
        "1",
        "0.5",
        "draw",
        "both",
        "tie ",
        " model_a",
        "left",
        "xy",
        "tie(bothbad)",
        "null",
        "None",
        "nan",
        "model_a;",
        "modèle_a",
        "☃",
        "' OR 1=1 --",
        "m" * 500,
        "",
        None,
    )
] + [(side, value) for side in ("model_a", "model_b") for value in ("", "   ", None)]


def _csv(rows: list[dict[str, str | None]]) -> str:
    def cell(value: str | None) -> str:
        return "" if value is None else '"' + value.replace('"', '""') + '"'

    return "model_a,model_b,winner\n" + "".join(",".join(cell(v) for v in row.values()) + "\n" for row in rows)


def _cases() -> list[tuple[str, bytes, str]]:
    """Name, content, and what the sentence must hold."""
    chance = random.Random(20240613)
    cases: list[tuple[str, bytes, str]] = []
    for column, value in BAD_CELLS:
        for kind in ("csv", "jsonl", "json", "parquet"):
            if kind == "csv" and value in ("", None) and column != "winner":
                continue  # the same case as a missing cell
            row = chance.randrange(len(GOOD))
            rows: list[dict[str, str | None]] = [dict(vote) for vote in GOOD]
            rows[row][column] = value
            cases.append((f"log.{kind}", _content(kind, rows), f"row {row + 1} of log.{kind}: {column} is "))
    for kind in ("csv", "jsonl", "json", "parquet"):
        row = chance.randrange(len(GOOD))
        rows = [dict(vote) for vote in GOOD]
        rows[row]["model_b"] = rows[row]["model_a"]
        cases.append((f"log.{kind}", _content(kind, rows), f"row {row + 1} of log.{kind}: "))
        cases.append((f"log.{kind}", _content(kind, []), f"log.{kind}"))
        for missing in ("model_a", "model_b", "winner"):
            lacking = [{k: v for k, v in vote.items() if k != missing} for vote in GOOD]
            content = _content(kind, lacking) if kind != "csv" else _csv_without(missing)
            cases.append((f"log.{kind}", content, missing))
    for column, values in (
        ("weight", ("-1", "-0.001", "nan", "inf", "-inf", "heavy", "1,5", "1e999", "1e-200", "1e200", "")),
        ("count", ("-1", "1.5", "nan", "inf", "many", "0x10", "1e13", "1e200", "")),
    ):
        for value in values:
            row = chance.randrange(len(GOOD))
            lines = [f"{v['model_a']},{v['model_b']},{v['winner']},1" for v in GOOD]
            lines[row] = f'{GOOD[row]["model_a"]},{GOOD[row]["model_b"]},{GOOD[row]["winner"]},"{value}"'
            content = (f"model_a,model_b,winner,{column}\n" + "\n".join(lines) + "\n").encode()
            cases.append(("log.csv", content, f"row {row + 1} of log.csv: {column} is "))
    for value in ("-3", "x", "1.5", "inf"):
        for column in ("win_a", "win_b", "tie", "tie_bothbad"):
            cells = {"win_a": "1", "win_b": "1", "tie": "1", "tie_bothbad": "0", column: value}
            content = f"model_a,model_b,win_a,win_b,tie,tie_bothbad\nx,y,1,1,1,1\nx,z,{','.join(cells.values())}\n"
            cases.append(("table.csv", content.encode(), f"row 2 of table.csv: {column} is "))
    text = _csv([dict(vote) for vote in GOOD])
    lines = text.splitlines(keepends=True)
    for row in range(2, 12):
        cases.append(("log.csv", "".join([*lines[:row], "x,y\n", *lines[row:]]).encode(), f"line {row + 1} of log.csv"))
        cases.append(("log.csv", "".join([*lines[:row], "x,y,tie,tie\n", *lines[row:]]).encode(), "of log.csv"))
    whole = "".join(json.dumps(vote) + "\n" for vote in GOOD)
    for row, wrong in enumerate(
        ("{", "[1]", "7", '"x"', "{'a': 1}", '{"model_a": "x"', "nul", '{"a": 1} x', "\x00", "{]}")
    ):
        broken = whole.splitlines(keepends=True)
        broken[row] = wrong + "\n"
        cases.append(("log.jsonl", "".join(broken).encode(), f"line {row + 1} of log.jsonl"))
    cases += [
        ("log.csv", b"\xff\xfe\x00\x01", "log.csv"),
        ("log.csv", text.encode()[:40] + b"\xff\xfe" + text.encode()[40:], "log.csv"),
        ("log.csv", b"", "log.csv is empty"),
        ("log.csv", b"\n\n\n", "log.csv is empty"),
        ("log.csv", b"model_a,model_b,winner,winner\nx,y,tie,tie\n", "the column winner twice"),
        ("log.csv", b"model_a,,winner\nx,y,tie\n", "has no column model_b; needed"),
        (
            "log.csv",
            b"model_a,model_b,winner,Winner\nx,y,tie,tie\n",
            "columns that differ only in letter case: winner and Winner",
        ),
        ("log.csv", b"model_a,model_b,winner\rx,y,tie\r", "line 1 of log.csv has a carriage return inside"),
        ("log.csv", b"model_a,model_b,winner\nx,y,tie\nx,y\rz,tie\n", "line 3 of log.csv has a carriage return"),
        ("log.csv", b'model_a,model_b,winner\nx,"y\rz\n",tie\nx,y\rz,tie\n', "line 4 of log.csv has a carriage return"),
        ("log.csv", b"model_a,model_b,winner\nx,y,tie\rx,y,tie\r", "line 2 of log.csv has a carriage return"),
        ("log.csv", b'model_a,model_b,"winner\nx,y,tie\n', "line 1 of log.csv cannot be read as CSV"),
        ("log.csv", b'model_a,model_b,winner\nx,y,"tie\nx,y,tie\n', "line 2 of log.csv cannot be read as CSV: Value"),
        ("log.json", b"{", "log.json"),
        ("log.json", b"[1, 2]", "row 1 of log.json"),
        ("log.json", whole.encode()[: len(whole) // 2], "of log.json"),
        ("log.jsonl", b"\x80\xfe", "line 1 of log.jsonl"),
        ("log.jsonl", b"\xff\xfe", "log.jsonl holds no votes"),
        ("log.jsonl", b"\xff\xfe\x00\xd8\x41\x00", "log.jsonl begins as UTF-16 text and is none"),
        ("log.parquet", b"PAR1PAR1", "log.parquet"),
        ("log.parquet", _content("parquet", [dict(v) for v in GOOD])[:-20], "log.parquet"),
        ("log.parquet", b"", "log.parquet"),
        ("log.csv.gz", gzip.compress(text.encode())[:60], "log.csv.gz"),
        ("log.jsonl.gz", b"plain", "log.jsonl.gz"),
        ("log.parquet.gz", gzip.compress(b"no"), "log.parquet.gz"),
        ("log.xlsx", b"PK", "log.xlsx is of no known kind"),
        ("log", b"x", "log is of no known kind"),
    ]
    return cases


def _content(kind: str, rows: list[dict[str, str | None]]) -> bytes:
    if kind == "csv":
        return _csv(rows).encode()
    if kind == "json":
        return json.dumps(rows).encode()
    if kind == "jsonl":
        return "".join(json.dumps(row) + "\n" for row in rows).encode()
    names = list(rows[0]) if rows else ["model_a", "model_b", "winner"]
    schema = pyarrow.schema([(name, pyarrow.string()) for name in names])
    sink = pyarrow.BufferOutputStream()
    parquet.write_table(pyarrow.Table.from_pylist(rows, schema=schema), sink)
    return bytes(sink.getvalue())


def _csv_without(column: str) -> bytes:
    names = [name for name in GOOD[0] if name != column]
    return "\n".join([",".join(names), *(",".join(vote[name] for name in names) for vote in GOOD), ""]).encode()


CASES = _cases()


def test_there_are_two_hundred() -> None:
    assert len(CASES) >= 200


@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_malformed_log_ends_in_a_sentence_that_names_the_place(tmp_path: Path, number: int) -> None:
    name, content, place = CASES[number]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(leaderboards.InputError) as refusal:
        leaderboards.fit(leaderboards.read(path))
    sentence = str(refusal.value)
    assert place in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 400


def test_the_log_without_the_mistakes_is_read(tmp_path: Path) -> None:
    """The control: it is the mistake that is refused, not the file."""
    for kind in ("csv", "jsonl", "json", "parquet"):
        path = tmp_path / f"log.{kind}"
        path.write_bytes(_content(kind, [dict(vote) for vote in GOOD]))
        assert leaderboards.read(path).total == len(GOOD)


@pytest.mark.parametrize("method", ["bradley-terry", "win-rate"])
@pytest.mark.parametrize("weight", ["1e-100", "1e100"])
def test_the_lightest_and_the_heaviest_weights_are_as_good_as_any(tmp_path: Path, weight: str, method: str) -> None:
    """The control: squares of lighter ones would be 0 or have no number, and so would standard errors."""
    errors = []
    for number in ("1", weight):
        path = tmp_path / f"{number}.csv"
        lines = [f"{first},{second},model_a,{number},1e12\n" for first, second in ("xy", "yx", "yz", "zx", "xy")]
        path.write_text("model_a,model_b,winner,weight,count\n" + "".join(lines))
        errors.append([entry.se or 0.0 for entry in leaderboards.fit(path, method).entries])
    assert errors[1] == pytest.approx(errors[0], rel=1e-9)
    assert min(errors[0]) > 0


def test_a_carriage_return_in_quotes_or_before_a_line_feed_is_read(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b'model_a,model_b,winner\r\nx,"y\rz",tie\r\nx,"y\rz",model_a\r\n')
    assert leaderboards.read(path).models == ("x", "y\rz")


def test_a_mistake_in_a_frame_names_row_and_kind(simulated: Callable[..., list[dict[str, str]]]) -> None:
    rows = [dict(vote) for vote in GOOD]
    rows[4]["winner"] = "banana"
    with pytest.raises(leaderboards.InputError, match="row 5 of the Arrow table"):
        leaderboards.read(pyarrow.Table.from_pylist(rows))
