"""Looking deeper: residuals, circles, side bias, and which tie model describes the votes."""

from collections.abc import Callable
from pathlib import Path

import numpy
import pytest

import leaderboards
from leaderboards.showing import matrix


def test_the_matrix_holds_shares_and_what_the_fit_expects(written: Callable[..., Path]) -> None:
    rows = [("x", "y", "model_a")] * 3 + [("y", "x", "model_a")] + [("y", "z", "tie")] * 2
    table = matrix.read(leaderboards.fit(written(rows)))
    x, y, z = (table.models.index(model) for model in "xyz")
    assert table.observed[x, y] == pytest.approx(0.75)
    assert table.observed[y, x] == pytest.approx(0.25)
    assert table.fitted[x, y] == pytest.approx(0.75)
    assert numpy.isnan(table.observed[x, z])
    assert table.fitted[x, z] == pytest.approx(0.75)
    assert table.votes[x, y] == 4


@pytest.mark.parametrize("ties", ["half", "drop", "davidson", "rao-kupper"])
def test_votes_from_one_scale_fit_it(simulated: Callable[..., list[dict[str, str]]], ties: str) -> None:
    board = leaderboards.fit(simulated(numpy.linspace(-0.5, 0.5, 10), 20_000, seed=6), ties=ties)
    diagnosis = matrix.diagnose(board)
    assert diagnosis.degrees == 45 - 9
    assert diagnosis.p_value > 0.001
    assert abs(diagnosis.side_bias) < 4 * diagnosis.side_bias_se


def test_a_circle_and_a_bias_are_seen() -> None:
    rows = [
        {"model_a": a, "model_b": b, "winner": winner, "count": count}
        for a, b in (("x", "y"), ("y", "z"), ("z", "x"))
        for winner, count in (("model_a", 80), ("model_b", 20))
    ]
    diagnosis = matrix.diagnose(leaderboards.fit(rows))
    assert (diagnosis.circles, diagnosis.triples) == (1, 1)
    assert diagnosis.p_value < 1e-6
    assert diagnosis.side_bias == pytest.approx(numpy.log(4), abs=0.01)


@pytest.mark.parametrize("truth", ["davidson", "rao-kupper"])
def test_the_tie_model_that_made_the_votes_is_found(truth: str) -> None:
    rows = []
    for a in range(5):
        for b in range(a + 1, 5):
            gap = 0.9 * (a - b)
            if truth == "davidson":
                shares = numpy.array([numpy.exp(gap / 2), numpy.exp(-gap / 2), 1.0])
                shares /= shares.sum()
            else:
                win, loss = 1 / (1 + 2 * numpy.exp(-gap)), 1 / (1 + 2 * numpy.exp(gap))
                shares = numpy.array([win, loss, 1 - win - loss])
            cells = (10_000 * shares).round().astype(int).tolist()
            rows.append({"model_a": f"m{a}", "model_b": f"m{b}", "win_a": cells[0], "win_b": cells[1], "tie": cells[2]})
    compared = matrix.tie_models(rows)
    assert compared[0]["ties"] == truth
    assert compared[0]["bic"] < compared[1]["bic"]


def test_held_out_loss_prefers_the_truth_to_a_coin(simulated: Callable[..., list[dict[str, str]]]) -> None:
    votes = simulated(numpy.linspace(-1.5, 1.5, 6), 4_000, seed=9, ties=0.0)
    board = leaderboards.fit(votes[:3_000])
    assert matrix.log_loss(board, votes[3_000:]) < 0.62 < numpy.log(2)


def test_a_method_without_strengths_has_no_matrix(simulated: Callable[..., list[dict[str, str]]]) -> None:
    board = leaderboards.fit(simulated(numpy.zeros(3), 60, seed=1), "win-rate")
    with pytest.raises(leaderboards.InputError, match="Only Bradley-Terry"):
        matrix.read(board)
