"""The honest marginal against the whole matrix, and spreads against those that made the votes."""

import numpy
import pytest
from quality_worlds import Spread, Votes, World
from scipy.special import expit

from arena.quality import ground, honest
from arena.quality.ground import Ground
from tests.quality import conftest

SPREADS = honest.Spreads(taste=0.4, side=0.2, side_mean=0.05, slope=0.25, slope_mean=0.03)


def _laid() -> Ground:
    log = conftest.log(conftest.world().clean())
    return ground.lay(log, numpy.ones(len(log.raters), dtype=bool), SPREADS, learn=False)


def _learnt(votes: Votes) -> honest.Spreads:
    log = conftest.log(votes)
    return ground.lay(log, numpy.ones(len(log.raters), dtype=bool), SPREADS).spreads


def _dense(laid: Ground, rater: int) -> float:
    """Laplace's approximation with every second derivative, by Newton's method to the end."""
    votes, logit = laid.decisive(laid.log.votes.rater == rater)
    models = len(laid.log.models)
    rows = numpy.arange(len(logit))
    design = numpy.zeros((len(logit), models + 2))
    design[rows, votes.left] += 1
    design[rows, votes.right] -= 1
    design[:, models] = 1
    precision = numpy.full(models + 2, SPREADS.taste**-2)
    precision[models:] = SPREADS.side**-2, SPREADS.slope**-2
    mean = numpy.zeros(models + 2)
    mean[models:] = SPREADS.side_mean, SPREADS.slope_mean
    at = mean.copy()
    for _ in range(40):
        design[:, -1] = numpy.exp(at[-1]) * logit
        eta = design[:, -1] + design[:, :-1] @ at[:-1]
        chance = expit(eta)
        information = (design.T * (chance * (1 - chance))) @ design + numpy.diag(precision)
        pull = design.T @ ((votes.sign > 0) - chance) - precision * (at - mean)
        at = at + numpy.linalg.solve(information, pull)
    value = -numpy.logaddexp(0, -votes.sign * eta).sum() - 0.5 * (precision * (at - mean) ** 2).sum()
    return float(value - 0.5 * numpy.linalg.slogdet(information)[1] + 0.5 * numpy.log(precision).sum())


def test_the_marginal_is_that_of_the_whole_matrix() -> None:
    laid = _laid()
    busy = numpy.argsort(-laid.log.count)
    for rater in [int(busy[place]) for place in (0, 3, 20, 60, 120)]:
        assert laid.person.log_likelihood[rater] == pytest.approx(_dense(laid, rater), abs=0.15)


def test_a_rater_without_votes_says_nothing() -> None:
    laid = _laid()
    votes, logit = laid.decisive(laid.log.votes.rater != 0)
    assert honest.person(votes, logit, laid.log.size, SPREADS).log_likelihood[0] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_spreads_are_learnt_from_the_votes(factor: float) -> None:
    votes = World(seed=7, spread=Spread().wider(factor)).clean()
    found = _learnt(votes)
    assert found.taste == pytest.approx(0.3 * factor, rel=0.2)
    assert found.side == pytest.approx(0.2 * factor, rel=0.3)
    assert found.slope == pytest.approx(0.25 * factor, rel=0.3)


def test_one_rater_in_five_who_votes_left_widens_nothing() -> None:
    world = World(seed=7)
    votes = world.attacked("always-left", 0.2, 100)
    found = _learnt(votes)
    assert found.side == pytest.approx(0.2, abs=0.06)
    assert found.side_mean == pytest.approx(0.05, abs=0.06)
