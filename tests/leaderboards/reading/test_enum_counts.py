"""ENUM columns are counted by their codes, and say the same as text."""

from typing import Any

import duckdb
import pytest

import leaderboards
from leaderboards.reading import enum_counts

NAMES = "CREATE TYPE name AS ENUM ('gamma', 'alpha', 'beta', 'never met', ''); "
WINNERS = "CREATE TYPE outcome AS ENUM ('tie (bothbad)', 'model_b', 'banana', 'tie', 'model_a'); "
VOTES = [("alpha", "beta", "model_a"), ("beta", "alpha", "model_a"), ("beta", "gamma", "tie")] * 40 + [
    ("gamma", "alpha", "tie (bothbad)"),
    ("gamma", "alpha", "model_b"),
    ("alpha", "gamma", "model_b"),
]


def _relation(rows: list[tuple[Any, ...]], others: str = "") -> duckdb.DuckDBPyRelation:
    connection = duckdb.connect()
    connection.execute(f"{NAMES}{WINNERS}CREATE TABLE votes (model_a name, model_b name, winner outcome)")
    connection.executemany("INSERT INTO votes VALUES (?, ?, ?)", rows)
    return connection.sql(f"SELECT *{others} FROM votes")


@pytest.mark.parametrize("others", ["", ", 'en' AS language"])
def test_codes_count_the_same_as_text(monkeypatch: pytest.MonkeyPatch, others: str) -> None:
    monkeypatch.setattr(enum_counts, "_ROWS", 7)
    by_code = leaderboards.read(_relation(VOTES, others))
    text = leaderboards.read([dict(zip(("model_a", "model_b", "winner"), row, strict=True)) for row in VOTES])
    assert by_code.counts.sha256() == text.counts.sha256()
    monkeypatch.setattr(enum_counts, "_CELLS", 1)
    assert leaderboards.read(_relation(VOTES, others)).counts.sha256() == text.counts.sha256()


def test_the_codes_were_used() -> None:
    assert enum_counts.counted(leaderboards.read(_relation(VOTES)).source).num_rows == 6


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (("alpha", None, "tie"), "row 124 of the DuckDB relation: model_b is missing."),
        (("alpha", "", "tie"), "row 124 of the DuckDB relation: model_b is empty."),
        (("alpha", "beta", None), "row 124 of the DuckDB relation: winner is missing;"),
        (("alpha", "beta", "banana"), 'row 124 of the DuckDB relation: winner is "banana"; accepted:'),
        (("alpha", "alpha", "tie"), 'row 124 of the DuckDB relation: "alpha" meets itself'),
    ],
)
def test_a_wrong_code_is_refused_by_row(row: tuple[Any, ...], sentence: str) -> None:
    with pytest.raises(leaderboards.InputError) as refusal:
        leaderboards.read(_relation([*VOTES, row]))
    assert str(refusal.value).startswith(sentence)


def test_no_votes_are_refused() -> None:
    with pytest.raises(leaderboards.InputError, match="holds no votes"):
        leaderboards.read(_relation([("alpha", "beta", "tie")]).filter("winner = 'model_a'"))
