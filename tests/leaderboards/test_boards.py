"""Boards by column, by window of time and by island."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

import leaderboards
from leaderboards import cli

ROWS = [
    ("x", "y", "model_a", "code", "2026-01-05", "r1"),
    ("x", "y", "model_b", "code", "2026-01-06", "r2"),
    ("x", "z", "tie", "code", "2026-02-01", "r1"),
    ("x", "y", "model_a", "prose", "2026-02-02", "r2"),
    ("y", "x", "model_a", "prose", "1771200000.5", "r3"),
]
COLUMNS = "model_a,model_b,winner,category,tstamp,rater"


def test_each_value_has_the_board_of_its_votes_alone(written: Callable[..., Path]) -> None:
    boards = leaderboards.fit_by(written(ROWS, COLUMNS), "category")
    assert list(boards.boards) == ["code", "prose"]
    alone = leaderboards.fit(written([row for row in ROWS if row[3] == "code"], COLUMNS, "code.csv"))
    assert boards.boards["code"].entries == alone.entries
    assert sum(board.votes for board in boards.boards.values()) == 5


def test_counts_weights_and_missing_values_go_to_their_value(written: Callable[..., Path]) -> None:
    rows = [
        ("x", "y", "model_a", "code", 3, 0.5),
        ("y", "x", "model_a", "code", 2, 2),
        ("x", "y", "both_bad", "code", 1, 1),
        ("x", "y", "tie", "", 4, 1),
    ]
    columns = "model_a,model_b,winner,category,count,weight"
    boards = leaderboards.fit_by(written(rows, columns), "category")
    assert {value: board.votes for value, board in boards.boards.items()} == {"code": 6, "(none)": 4}
    alone = leaderboards.fit(written(rows[:3], columns, "code.csv"))
    assert boards.boards["code"].to_json() == alone.to_json()


def test_clusters_and_controls_see_only_the_votes_of_the_value(shared: Path) -> None:
    boards = leaderboards.fit_by(shared / "pandalm_votes.jsonl.gz", "judge", controls="length")
    assert len(boards.boards) == 3
    assert all(board.details["coefficients"][0]["name"] == "length" for board in boards.boards.values())
    assert sum(board.votes for board in boards.boards.values()) == 2997


@pytest.mark.parametrize(
    ("window", "values"),
    [
        ("month", ["2026-01", "2026-02"]),
        ("quarter", ["2026-Q1"]),
        ("year", ["2026"]),
        ("week", ["2026-W02", "2026-W05", "2026-W06", "2026-W08"]),
    ],
)
def test_windows_of_time_read_dates_and_seconds(written: Callable[..., Path], window: str, values: list[str]) -> None:
    boards = leaderboards.fit_by(written(ROWS, COLUMNS), window)
    assert sorted([*boards.boards, *boards.refused]) == values


def test_islands_are_ranked_each_alone(written: Callable[..., Path]) -> None:
    boards = leaderboards.fit_by(written([("x", "y", "tie"), ("u", "v", "tie"), ("v", "w", "tie")]), "island")
    assert [[entry.model for entry in board.entries] for board in boards.boards.values()] == [
        ["u", "v", "w"],
        ["x", "y"],
    ]


def test_a_value_without_a_common_scale_has_a_reason_and_the_others_a_board(written: Callable[..., Path]) -> None:
    rows = [("x", "y", "tie", "a"), ("u", "v", "tie", "b"), ("w", "z", "tie", "b")]
    boards = leaderboards.fit_by(written(rows, "model_a,model_b,winner,category"), "category")
    assert list(boards.boards) == ["a"]
    assert boards.refused["b"].startswith("These groups share no vote")
    document = json.loads(boards.to_json())
    assert document["schema"] == "leaderboards/1"
    assert [(part["value"], part["board"] is None) for part in document["boards"]] == [("a", False), ("b", True)]


def test_an_unknown_column_is_refused(written: Callable[..., Path]) -> None:
    with pytest.raises(leaderboards.InputError, match="has no column colour to make boards by"):
        leaderboards.fit_by(written(ROWS, COLUMNS), "colour")


def test_the_command_line_writes_every_format(written: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    path = str(written(ROWS, COLUMNS))
    for form in cli.FORMATS:
        assert cli.main([path, "--by", "category", "--format", form]) == 0
        text = capsys.readouterr().out
        assert "prose" in text
        if form == "csv":
            assert [row["category"] for row in csv.DictReader(io.StringIO(text))] == ["code"] * 3 + ["prose"] * 2
