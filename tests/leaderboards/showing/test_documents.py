"""The documents: `leaderboard/1` by its keys, the other formats by the same figures."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

import leaderboards
from leaderboards.showing import documents, plots

ROWS = [
    ("x", "y", "model_a"),
    ("x", "y", "model_b"),
    ("x", "y", "tie"),
    ("y", "x", "both_bad"),
    ("star", "x", "model_a"),
]


def test_json_has_the_keys_of_the_schema(written: Callable[..., Path], tmp_path: Path) -> None:
    board = leaderboards.fit(written(ROWS))
    text = board.to_json(tmp_path / "board.json")
    assert (tmp_path / "board.json").read_text() == text
    document = json.loads(text)
    assert document["schema"] == "leaderboard/1"
    assert (document["method"], document["ties"], document["votes"]) == ("bradley-terry", "half", 5)
    assert document["scale"] == {"base": 10, "factor": 400, "mean": 1000, "anchor": None}
    assert document["interval"] == {"kind": "sandwich", "level": 0.95, "cluster": None}
    assert (document["controls"], document["islands"]) == ([], [])
    assert list(document["entries"][0]) == list(documents.FIELDS)
    x = next(entry for entry in document["entries"] if entry["model"] == "x")
    assert (x["votes"], x["wins"], x["losses"], x["ties"], x["both_bad"]) == (5, 1, 2, 1, 1)
    assert document["unbounded"][0]["model"] == "star"
    assert document["unbounded"][0]["rating"] is None
    assert len(document["input_sha256"]) == 64
    assert document["version"] == leaderboards.__version__


def test_csv_markdown_table_and_arrow_hold_the_same_ratings(written: Callable[..., Path]) -> None:
    board = leaderboards.fit(written(ROWS))
    lines = list(csv.DictReader(io.StringIO(board.to_csv())))
    assert [float(line["rating"]) for line in lines if line["rating"]] == [entry.rating for entry in board.rated]
    assert board.to_arrow().column("rating").to_pylist() == [entry.rating for entry in board.entries]
    for text in (board.to_markdown(), board.to_table()):
        assert "Has not lost to the rated models yet, so no rating: star." in text
        assert f"{board['x'].rating:.1f}" in text


def test_a_name_cannot_break_a_table_or_run_in_a_spreadsheet() -> None:
    rows = [{"model_a": "=1+1", "model_b": "a|b\n\x1b[31m", "winner": winner} for winner in ("model_a", "model_b")]
    board = leaderboards.fit(rows)
    assert "\n'=1+1," in board.to_csv()
    assert "a\\|b" in board.to_markdown()
    assert "\x1b" not in board.to_table()


HOSTILE = "a|b`c`\r\n| 1 | *d* __e__ [f](g) <img src=x onerror=h> &lt;\x1b[31m"


@pytest.mark.parametrize("unrated", [False, True])
def test_markdown_shows_a_name_and_never_obeys_it(unrated: bool) -> None:
    winners = ("model_a",) if unrated else ("model_a", "model_b")
    rows = [{"model_a": HOSTILE, "model_b": "plain", "winner": winner} for winner in winners]
    text = leaderboards.fit([*rows, *(dict(row, model_a="other") for row in rows[:1])]).to_markdown()
    assert text.count("\\| 1 \\| \\*d\\* \\_\\_e\\_\\_ \\[f\\](g) &lt;img src=x onerror=h&gt; &amp;lt;") == 1 + unrated
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in table} == {6}
    assert len(table) == 2 + 3


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("https://evil.example/x", "https\\://evil.example/x"),
        ("x www.evil.example", "x www\\.evil.example"),
        ("mailto:me@evil.example", "mailto:me\\@evil.example"),
        ("org:name/1.0", "org:name/1.0"),
    ],
)
def test_an_address_in_a_name_becomes_no_link(name: str, shown: str) -> None:
    assert documents.escaped(name) == shown


def test_headings_reasons_and_comparisons_are_escaped_too() -> None:
    rows = [
        {"model_a": "<b>x", "model_b": "y", "winner": winner, "category": "<i>|"} for winner in ("model_a", "model_b")
    ]
    apart = [{"model_a": f"<b>{k}", "model_b": f"z{k}", "winner": "tie", "category": "apart"} for k in range(2)]
    boards = leaderboards.fit_by([*rows, *apart], "category")
    board = leaderboards.fit(rows)
    for text in (boards.to_markdown(), leaderboards.compare(board, board).to_markdown()):
        assert "&lt;b&gt;" in text
        assert "<" not in text
    assert "## &lt;i&gt;\\|" in boards.to_markdown()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\0"])
def test_no_cell_of_a_csv_starts_as_a_formula(start: str) -> None:
    """ASVS 1.2.10, read back by a reader of CSV: a carriage return would end the row and begin a cell."""
    name = f"{start}1+1\r=cmd|' /C calc'!A0"
    board = leaderboards.fit([{"model_a": name, "model_b": "plain", "winner": side} for side in ("model_a", "model_b")])
    rows = list(csv.reader(io.StringIO(board.to_csv(), newline="")))
    assert [len(row) for row in rows] == [len(documents.FIELDS)] * 3
    models = [row[0] for row in rows[1:]]
    assert not [model for model in models if model.startswith(("=", "+", "-", "@", "\t", "\r", "\0"))]
    assert documents.cell(name).startswith("'"), "also of a value that no blank is taken from"


def test_no_interval_means_no_claims_of_doubt(written: Callable[..., Path]) -> None:
    board = leaderboards.fit(written(ROWS), interval="none")
    assert board.entries[0].rating is not None
    assert {entry.se for entry in board.entries} == {None}
    assert board.entries[0].rank_best is None


@pytest.mark.parametrize(
    ("setting", "value"),
    [("method", "banana"), ("ties", "banana"), ("both_bad", "banana"), ("interval", "banana"), ("level", 1.5)],
)
def test_a_setting_that_means_nothing_is_refused(written: Callable[..., Path], setting: str, value: object) -> None:
    with pytest.raises(leaderboards.InputError, match=setting):
        leaderboards.fit(written(ROWS), **{setting: value})


def test_one_vote_is_one_vote_in_every_text(written: Callable[..., Path]) -> None:
    board = leaderboards.fit(written([("x", "y", "tie")]))
    texts = [board.to_table(), board.to_markdown(), repr(board), board._repr_html_(), plots.ratings(board).to_svg()]
    for text in texts:
        assert "1 vote" in text
        assert "1 votes" not in text
