"""Weights undo how often a pair was drawn, and counts of votes stay what they are."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest

import leaderboards

COLUMNS = "model_a,model_b,winner,draw_probability"


def _ratings(board: leaderboards.Board) -> dict[str, float]:
    return {entry.model: pytest.approx(entry.rating, abs=1e-6) for entry in board.rated}


def _drawn(votes: int, seed: int, circle: bool = True) -> list[tuple[str, str, str, float]]:
    """Votes on three pairs drawn 8 : 1 : 1, in a circle that no single scale fits, so that what pairs weigh matters."""
    chance = numpy.random.default_rng(seed)
    often = numpy.array([0.8, 0.1, 0.1])
    pair = chance.choice(3, size=votes, p=often)
    sides = [("x", "y", 0.8), ("y", "z", 0.7), ("z", "x", 0.6 if circle else 0.2)]
    return [
        (*sides[k][:2], "model_a" if chance.random() < sides[k][2] else "model_b", float(often[k]))
        for k in pair.tolist()
    ]


def test_by_pair_frequency_every_pair_weighs_the_same(written: Callable[..., Path]) -> None:
    rows = [("x", "y", "model_a")] * 6 + [("y", "x", "model_a")] * 2 + [("y", "z", "model_a"), ("z", "y", "model_a")]
    rows += [("z", "x", "model_a"), ("x", "z", "tie")]
    board = leaderboards.fit(written(rows), weights="pair-frequency")
    same = [("x", "y", 3, 1, 0), ("y", "z", 2, 2, 0), ("z", "x", 2, 0, 2)]
    expected = leaderboards.fit(written(same, "model_a,model_b,win_a,win_b,tie", "same.csv"))
    assert _ratings(board) == _ratings(expected)
    assert board.votes == len(rows)
    assert board["x"].votes == 10
    assert board.to_dict()["weights"] == "pair-frequency"
    assert "weights" not in expected.to_dict()


def test_draw_probabilities_give_what_uniform_drawing_would(written: Callable[..., Path]) -> None:
    rows = _drawn(60_000, seed=1)
    plain = leaderboards.fit(written(rows, COLUMNS))
    board = leaderboards.fit(written(rows, COLUMNS), weights="draw-probability")
    uniform = [("x", "y", 800, 200), ("y", "z", 700, 300), ("z", "x", 600, 400)]
    truth = leaderboards.fit(written(uniform, "model_a,model_b,win_a,win_b", "uniform.csv"))
    for entry in truth.entries:
        assert board[entry.model].rating == pytest.approx(entry.rating, abs=4 * board[entry.model].se)
    assert max(abs(plain[entry.model].rating - entry.rating) for entry in truth.entries) > 20


@pytest.mark.slow
def test_their_intervals_cover(written: Callable[..., Path]) -> None:
    uniform = [("x", "y", 800, 200), ("y", "z", 700, 300), ("z", "x", 600, 400)]
    truth = leaderboards.fit(written(uniform, "model_a,model_b,win_a,win_b", "uniform.csv"))
    held = []
    for seed in range(80):
        rows = [dict(zip(COLUMNS.split(","), row, strict=True)) for row in _drawn(1_000, seed=seed)]
        board = leaderboards.fit(rows, weights="draw-probability")
        held += [entry.lower <= truth[entry.model].rating <= entry.upper for entry in board.entries]
    assert numpy.mean(held) > 0.9


@pytest.mark.parametrize("weights", ["pair-frequency", "draw-probability"])
def test_clusters_and_controls_use_the_same_weights(written: Callable[..., Path], weights: str) -> None:
    rows = [(*row, k, (k * 37 % 100 - 50) / 100) for k, row in enumerate(_drawn(600, seed=2))]
    votes = leaderboards.read(written(rows, COLUMNS + ",rater,lean"))
    plain = leaderboards.fit(votes, weights=weights)
    clustered = leaderboards.fit(votes, weights=weights, cluster="rater")
    assert _ratings(plain) == _ratings(clustered)
    for entry in plain.entries:
        assert clustered[entry.model].se == pytest.approx(entry.se * numpy.sqrt(600 / 599), rel=1e-6)
    controlled = leaderboards.fit(votes, weights=weights, controls="lean")
    for entry in plain.entries:
        assert controlled[entry.model].rating == pytest.approx(entry.rating, abs=3)
        assert controlled[entry.model].se == pytest.approx(entry.se, rel=0.02)


def test_every_kind_of_file_can_be_weighed(written: Callable[..., Path], tmp_path: Path) -> None:
    rows = _drawn(300, seed=3)
    lines = [json.dumps(dict(zip(COLUMNS.split(","), row, strict=True))) for row in rows]
    (tmp_path / "votes.jsonl").write_text("\n".join(lines) + "\n")
    by_csv = leaderboards.fit(written(rows, COLUMNS), weights="draw-probability")
    by_json = leaderboards.fit(tmp_path / "votes.jsonl", weights="draw-probability")
    parts = [written(rows[:100], COLUMNS, "first.csv"), written(rows[100:], COLUMNS, "second.csv")]
    by_parts = leaderboards.fit(parts, weights="draw-probability")
    assert _ratings(by_csv) == _ratings(by_json) == _ratings(by_parts)


@pytest.mark.parametrize("value", ["", "0", "1.5", "often", "-0.1"])
def test_a_draw_probability_that_is_none_is_refused_by_row(written: Callable[..., Path], value: str) -> None:
    path = written([("x", "y", "tie", "0.5"), ("x", "y", "tie", value)], COLUMNS)
    with pytest.raises(leaderboards.InputError, match=r"row 2 of votes\.csv: draw_probability is"):
        leaderboards.fit(path, weights="draw-probability")


def test_without_the_column_or_the_votes_weights_are_refused(written: Callable[..., Path]) -> None:
    with pytest.raises(leaderboards.InputError, match="has no column draw_probability"):
        leaderboards.fit(written([("x", "y", "tie")]), weights="draw-probability")
    with pytest.raises(leaderboards.InputError, match="weights=draw-probability needs votes"):
        leaderboards.fit(written([("x", "y", 1, 1)], "model_a,model_b,win_a,win_b"), weights="draw-probability")
    with pytest.raises(leaderboards.InputError, match='weights is "banana"'):
        leaderboards.fit(written([("x", "y", "tie")]), weights="banana")
