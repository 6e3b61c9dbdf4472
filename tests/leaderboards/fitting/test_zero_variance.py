"""A model with nothing but ties is not certain: no spread was seen, so the spread that is expected stands in."""

from collections.abc import Callable
from pathlib import Path

import numpy
import pytest

import leaderboards
from leaderboards.fitting import bradley_terry, sandwich, zero_variance
from leaderboards.reading import counts

POINTS = 400 / numpy.log(10)
CORE = [("x", "y", "model_a"), ("x", "y", "model_b"), ("y", "z", "model_a"), ("y", "z", "model_b"), ("z", "x", "tie")]


@pytest.mark.parametrize("ties", [1, 9])
def test_a_board_of_ties_alone_is_as_uncertain_as_coins(written: Callable[..., Path], ties: int) -> None:
    board = leaderboards.fit(written([("x", "y", "tie")] * ties))
    # One difference d from n votes of chance 1/2: variance 4 / n; each rating is half of it from the mean.
    assert [entry.se for entry in board.entries] == pytest.approx([POINTS / numpy.sqrt(ties)] * 2)
    assert [(entry.rank_best, entry.rank_worst) for entry in board.entries] == [(1, 2)] * 2
    running = leaderboards.Running(written([("x", "y", "tie")] * ties)).fit()
    assert [entry.se for entry in running.entries] == pytest.approx([POINTS / numpy.sqrt(ties)] * 2)


@pytest.mark.parametrize("settings", [{}, {"ties": "davidson"}, {"ties": "rao-kupper"}, {"cluster": "rater"}])
def test_one_tie_does_not_make_a_newcomer_as_certain_as_its_opponent(
    written: Callable[..., Path], settings: dict[str, str]
) -> None:
    rows = [(*row, f"r{k % 7}") for k, row in enumerate(CORE * 20)]
    path = written([*rows, ("new", "x", "tie", "r1")], "model_a,model_b,winner,rater")
    board = leaderboards.fit(path, **settings)
    assert board["new"].rating == pytest.approx(board["x"].rating)
    assert board["new"].se > 2.5 * board["x"].se
    assert board["new"].se > POINTS
    without = leaderboards.fit(written(rows, "model_a,model_b,winner,rater", "without.csv"), **settings)
    assert board["x"].rating - board["y"].rating == pytest.approx(without["x"].rating - without["y"].rating, abs=3)


def test_the_bootstrap_knows_it_too(written: Callable[..., Path]) -> None:
    rows = [(*row, f"r{k % 7}") for k, row in enumerate([*CORE * 20, *[("new", "x", "tie")] * 40])]
    path = written(rows, "model_a,model_b,winner,rater")
    exact = leaderboards.fit(path)
    for settings in ({}, {"cluster": "rater"}):
        drawn = leaderboards.fit(path, interval="bootstrap", replicates=400, **settings)
        assert drawn["new"].se == pytest.approx(exact["new"].se, rel=0.2)
    alone = leaderboards.fit(written([("x", "y", "tie")], name="alone.csv"), interval="bootstrap", replicates=100)
    assert [(entry.lower, entry.upper) for entry in alone.entries] == [(None, None)] * 2


def test_where_spread_is_seen_the_sandwich_is_left_alone(written: Callable[..., Path]) -> None:
    """The control: nothing is filled in unless all votes of a model are silent."""
    for rows in (CORE, [*CORE, ("new", "x", "tie"), ("new", "y", "tie")]):
        votes = leaderboards.read(written(rows))
        found = bradley_terry.fit(counts.folded(votes.counts, ties=True, both_bad=True))
        silent = zero_variance.pairs(found, sandwich.independent_meat(found).diagonal())
        assert silent.any() == (found.pairs.size > 3 and len(set(found.strengths.round(9))) == 1)
        if not silent.any():
            assert (zero_variance.spread(found).covariance == sandwich.spread(found).covariance).all()
