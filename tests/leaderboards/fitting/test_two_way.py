"""A board clustered by two columns says when its covariance was projected, and which errors fell below one-way ones."""

from pathlib import Path
from typing import Any

import numpy
import pyarrow
import pytest
from pyarrow import parquet

import leaderboards


def _votes(seed: int, raters: int, prompts: int, size: int = 300) -> list[dict[str, str]]:
    """Votes among five models; every rater has a favourite where there are few of them."""
    chance = numpy.random.default_rng(seed)
    rows = []
    for _ in range(size):
        a, b = chance.choice(5, 2, replace=False)
        rater, prompt = chance.integers(raters), chance.integers(prompts)
        lean = 0.5 + 0.08 * (b - a) + 0.2 * ((rater % 5 == a) - float(rater % 5 == b))
        winner = "tie" if chance.random() < 0.2 else "model_a" if chance.random() < lean else "model_b"
        row = {"model_a": f"m{a}", "model_b": f"m{b}", "winner": winner, "rater": str(rater), "prompt": str(prompt)}
        rows.append({**row, "length_a": str(1 + chance.integers(9)), "length_b": str(1 + chance.integers(9))})
    return rows


def _errors(votes: list[dict[str, str]], **given: Any) -> dict[str, float]:
    return {entry.model: entry.se or 0.0 for entry in leaderboards.fit(votes, **given)}


@pytest.mark.parametrize("more", [{}, {"anchor": ("m2", 1000)}, {"controls": "length"}, {"ties": "davidson"}], ids=str)
@pytest.mark.parametrize("seed", range(4))
def test_no_error_falls_below_the_larger_one_way_one_without_a_note(seed: int, more: dict[str, Any]) -> None:
    votes = _votes(seed, raters=3, prompts=4)
    board = leaderboards.fit(votes, cluster=("rater", "prompt"), **more)
    one, other = _errors(votes, cluster="rater", **more), _errors(votes, cluster="prompt", **more)
    below = {row["model"]: row for row in board.details["two_way"]["below_one_way"]}
    for entry in board:
        larger = max(one[entry.model], other[entry.model])
        assert entry.se is not None
        assert (entry.model in below) == (entry.se < larger * (1 - 1e-4))
        if entry.model in below:
            assert below[entry.model]["one_way"] == pytest.approx(larger, rel=1e-9)
            assert below[entry.model]["se"] == pytest.approx(entry.se, rel=1e-9)
    text = board.to_markdown()
    assert ("clustering by one column alone" in text) == bool(below)
    assert ("projected to the nearest one" in text) == board.details["two_way"]["projected"]


def test_some_are_projected_and_some_fall_below() -> None:
    """The control of the test above: its votes show what it looks for."""
    notes = [
        leaderboards.fit(_votes(seed, raters=3, prompts=4), cluster=("rater", "prompt")).details["two_way"]
        for seed in range(4)
    ]
    assert any(note["projected"] and note["raised"] > 0 for note in notes)
    assert any(note["below_one_way"] for note in notes)


def test_a_board_of_many_clusters_has_nothing_to_tell() -> None:
    board = leaderboards.fit(_votes(1, raters=60, prompts=60, size=3000), cluster=("rater", "prompt"))
    assert not board.details["two_way"]["projected"]
    assert "projected" not in board.to_table()


def test_a_board_of_one_column_says_nothing_of_two() -> None:
    assert "two_way" not in leaderboards.fit(_votes(1, raters=9, prompts=9), cluster="rater").details


def test_a_file_without_the_column_is_named(tmp_path: Path) -> None:
    """Whole numbers stay numbers only where every file has them."""
    with_raters, without = tmp_path / "with.parquet", tmp_path / "without.parquet"
    votes = pyarrow.table({"model_a": ["x", "y"], "model_b": ["y", "x"], "winner": ["tie", "model_a"]})
    parquet.write_table(votes.append_column("rater", pyarrow.array([1, 2])), with_raters)
    parquet.write_table(votes, without)
    with pytest.raises(leaderboards.InputError, match=r"row 1 of without.parquet: rater is missing"):
        leaderboards.fit([with_raters, without], cluster="rater")
