"""Files that people have, each with its right value, as both commands take them; the files are beside the checkout."""

from pathlib import Path

import pytest

import leaderboards
from arena.cli import importing
from tests.cli.conftest import Command

IMPORTED = {
    "trl_system_column.jsonl": (3, 1),
    "tools.jsonl": (7, 1),
    "ultrafeedback.jsonl": (5, 0),
    "kaggle55k.csv": (22, 8),
    "kaggle55k_null.csv": (3, 2),
    "fastchat_conv_log.json": (4, 2),
    "openwebui_feedback.json": (12, 2),
    "hh.jsonl": (5, 0),
    "orca.jsonl": (5, 0),
    "lf_alpaca.json": (5, 0),
    "lf_sharegpt.json": (5, 0),
    "arena33k_pandas.csv": (8, 0),
    "tstamps.jsonl": (9, 1),
}
"""Votes entered, and what is left outside."""
RANKED = {
    "kaggle55k.csv": (30, 0),
    "fastchat_conv_log.json": (4, 2),
    "openwebui_feedback.json": (12, 2),
    "arena33k_pandas.csv": (8, 0),
    "pandas_index.csv": (6, 0),
    "utf16.csv": (6, 0),
    "winner_null.jsonl": (2, 1),
    "nan_winner.csv": (6, 1),
    "tstamps.jsonl": (10, 0),
    "tools.jsonl": (8, 0),
}
"""Votes, and rows passed over."""


@pytest.mark.parametrize("name", IMPORTED)
def test_a_file_enters_with_its_right_number_of_votes(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    importing.battles([shared / "cases" / name], data_dir=tmp_path)
    votes, outside = IMPORTED[name]
    counts = f"{votes:,} votes on {votes:,} new battles entered, 0 here already, {outside:,} left outside"
    assert capsys.readouterr().out == f"{counts}\n"


@pytest.mark.parametrize("name", RANKED)
def test_a_file_is_ranked_by_its_right_number_of_votes(shared: Path, name: str) -> None:
    votes = leaderboards.read(shared / "cases" / name, unvoted="skip")
    assert (votes.total, votes.unvoted) == RANKED[name]


def test_the_ratings_are_those_that_are_written_down(shared: Path) -> None:
    rated = {e.model: e.rating for e in leaderboards.fit(shared / "cases" / "kaggle55k.csv", interval="none").entries}
    assert {model: round(rating or 0) for model, rating in rated.items()} == {
        "mod-blue": 1047, "mod-green": 1008, "mod-red": 945
    }  # fmt: skip
    indexed = {
        e.model: e.rating for e in leaderboards.fit(shared / "cases" / "pandas_index.csv", interval="none").entries
    }
    assert {model: round(rating or 0, 1) for model, rating in indexed.items()} == {"mod-red": 1029.2, "mod-blue": 970.8}


def test_the_votes_of_open_webui_are_those_that_are_written_down(shared: Path) -> None:
    found = leaderboards.read(shared / "cases" / "openwebui_feedback.json").counts
    assert found.sha256() == leaderboards.read(shared / "cases" / "openwebui_expected_votes.csv").counts.sha256()


@pytest.mark.parametrize("name", ["hh.jsonl", "orca.jsonl", "lf_alpaca.json", "lf_sharegpt.json"])
def test_pairs_without_models_are_no_board_and_say_so(arena: Command, shared: Path, name: str) -> None:
    done = arena("rank", shared / "cases" / name)
    assert done.returncode == 2
    assert "preference pairs" in done.stderr
    assert "makes no board" in done.stderr
