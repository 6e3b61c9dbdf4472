"""Rank sets hold for all models at once, and are the same each time."""

from collections.abc import Callable
from pathlib import Path

import numpy
import pytest

import leaderboards
from leaderboards.fitting import ranks


def _largest_ratios(covariance: numpy.ndarray, draws: int, seed: int) -> numpy.ndarray:
    chance = numpy.random.default_rng(seed)
    drawn = chance.multivariate_normal(numpy.zeros(len(covariance)), covariance, size=draws, method="eigh")
    ratio = numpy.abs(drawn[:, :, None] - drawn[:, None, :]) / ranks.differences(covariance)
    return ratio.max(axis=(1, 2))


@pytest.mark.parametrize("kind", ["even", "uneven", "linked"])
def test_the_critical_value_is_the_quantile_over_all_pairs(kind: str) -> None:
    chance = numpy.random.default_rng(5)
    size = 30
    if kind == "even":
        covariance = numpy.eye(size)
    elif kind == "uneven":
        covariance = numpy.diag(numpy.geomspace(0.01, 100, size))
    else:
        factor = chance.normal(size=(size, 4))
        covariance = factor @ factor.T + 0.05 * numpy.eye(size)
    covariance -= covariance.mean(axis=0)
    covariance -= covariance.mean(axis=1, keepdims=True)
    threshold = ranks.critical(covariance, 0.95)
    assert (_largest_ratios(covariance, 20_000, 1) <= threshold).mean() == pytest.approx(0.95, abs=0.012)


def test_two_models_are_told_apart_as_one_difference_is() -> None:
    assert ranks.critical(numpy.array([[1.0, -1.0], [-1.0, 1.0]]), 0.95) == pytest.approx(1.959964, abs=1e-6)


@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_among_many_models_few_draws_find_the_quantile(spread: float) -> None:
    size = 400
    covariance = numpy.diag(numpy.exp(spread * numpy.random.default_rng(2).normal(size=size)))
    thresholds = [ranks.critical(covariance, 0.95, seed=seed) for seed in range(3)]
    normal = numpy.random.default_rng(7).standard_normal((2_000, size)) * numpy.sqrt(numpy.diag(covariance))
    apart = ranks.differences(covariance)
    largest = [(numpy.abs(values[:, None] - values[None, :]) / apart).max() for values in normal]
    for threshold in thresholds:  # erring on the side of doubt, and by no more than one in a hundred
        assert (numpy.array(largest) <= threshold).mean() == pytest.approx(0.953, abs=0.015)


def test_real_votes_give_the_same_sets_each_time(shared: Path) -> None:
    boards = [leaderboards.fit(shared / "llmfao_votes.jsonl.gz") for _ in range(2)]
    assert boards[0].to_json() == boards[1].to_json()
    for entry in boards[0].entries:
        assert 1 <= entry.rank_best <= entry.rank <= entry.rank_worst <= 59


def test_models_far_apart_have_certain_ranks(simulated: Callable[..., list[dict[str, str]]]) -> None:
    board = leaderboards.fit(simulated(numpy.array([-2.0, 0.0, 2.0]), 3_000, seed=1))
    assert [(e.model, e.rank_best, e.rank_worst) for e in board.entries] == [
        ("m0002", 1, 1),
        ("m0001", 2, 2),
        ("m0000", 3, 3),
    ]


def test_equal_models_share_all_ranks(written: Callable[..., Path]) -> None:
    board = leaderboards.fit(written([("x", "y", "tie"), ("x", "y", "model_a"), ("y", "x", "model_a")]))
    assert [(e.rank, e.rank_best, e.rank_worst) for e in board.entries] == [(1, 1, 2), (1, 1, 2)]
