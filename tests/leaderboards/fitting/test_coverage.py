"""Intervals and rank sets hold as often as they say, over a thousand simulated logs; so do clustered ones."""

import numpy
import pytest
from scipy import sparse

from leaderboards.fitting import bradley_terry, clusters, ranks, sandwich
from leaderboards.reading import counts

MODELS, VOTES, RATERS = 8, 1_600, 60
SEEDS = 1_000


def _log(seed: int, taste: float) -> tuple[numpy.ndarray, counts.Pairs, numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """True strengths, counts, and rater, pair and column of each vote; raters differ in taste."""
    chance = numpy.random.default_rng(seed)
    strengths = numpy.linspace(-1, 1, MODELS)
    first = chance.integers(MODELS, size=VOTES)
    second = (first + chance.integers(1, MODELS, size=VOTES)) % MODELS
    rater = chance.integers(RATERS, size=VOTES)
    own = chance.normal(scale=taste, size=(RATERS, MODELS))
    gap = strengths[first] - strengths[second] + own[rater, first] - own[rater, second]
    won = chance.random(VOTES) < 1 / (1 + numpy.exp(-gap))
    tied = chance.random(VOTES) < 0.2
    low, high = numpy.minimum(first, second), numpy.maximum(first, second)
    column = numpy.where(tied, 2, numpy.where(won == (first < second), 0, 1))
    lows, highs = numpy.triu_indices(MODELS, 1)
    pair = numpy.searchsorted(lows * MODELS + highs, low * MODELS + high)
    weight = numpy.bincount(pair * 3 + column, minlength=len(lows) * 3).reshape(-1, 3).astype(float)
    pairs = counts.Pairs(size=MODELS, low=lows, high=highs, weight=weight, weight_squared=weight)
    return strengths, pairs, rater, pair, column


def _truth(taste: float) -> numpy.ndarray:
    """What the fit converges to: the strengths that many votes give, ties and tastes included."""
    total = sum((_log(10_000 + seed, taste)[1].weight for seed in range(400)), start=numpy.zeros((28, 3)))
    lows, highs = numpy.triu_indices(MODELS, 1)
    pairs = counts.Pairs(size=MODELS, low=lows, high=highs, weight=total, weight_squared=total)
    return bradley_terry.fit(pairs).strengths


@pytest.mark.slow
def test_plain_intervals_cover_and_rank_sets_hold_at_once() -> None:
    truth = _truth(0.0)
    rank = ranks.order(truth)
    covered, held = [], []
    for seed in range(SEEDS):
        _, pairs, *_ = _log(seed, 0.0)
        found = bradley_terry.fit(pairs)
        spread = sandwich.spread(found).covariance
        covered.append(numpy.abs(found.strengths - truth) <= 1.959964 * numpy.sqrt(numpy.diag(spread)))
        best, worst = ranks.sets(found.strengths, spread, ranks.critical(spread, 0.95, draws=1_000))
        held.append(((best <= rank) & (rank <= worst)).all())
    assert 0.94 <= numpy.mean(covered) <= 0.96
    assert numpy.mean(held) >= 0.95


@pytest.mark.slow
def test_clustered_intervals_cover_where_raters_differ_and_plain_ones_visibly_fail() -> None:
    truth = _truth(0.8)
    rank = ranks.order(truth)
    plain, clustered, held = [], [], []
    for seed in range(SEEDS):
        _, pairs, rater, pair, column = _log(seed, 0.8)
        found = bradley_terry.fit(pairs)
        cells = (numpy.ones(VOTES), (rater, pair * 3 + column))
        tables = sparse.csr_array(cells, shape=(RATERS, len(pairs.low) * 3))
        summed = tables @ sandwich.scores(found)
        meat = clusters.combined(lambda _, summed=summed: summed, ["rater"])
        error = numpy.abs(found.strengths - truth)
        wide = sandwich.spread(found, meat).covariance
        for kept, spread in ((plain, sandwich.spread(found).covariance), (clustered, wide)):
            kept.append(error <= 1.959964 * numpy.sqrt(numpy.diag(spread)))
        best, worst = ranks.sets(found.strengths, wide, ranks.critical(wide, 0.95, draws=1_000))
        held.append(((best <= rank) & (rank <= worst)).all())
    assert 0.94 <= numpy.mean(clustered) <= 0.96
    assert numpy.mean(held) >= 0.95
    assert numpy.mean(plain) < 0.9


@pytest.mark.slow
@pytest.mark.parametrize(
    "strengths", [numpy.zeros(MODELS), numpy.repeat([0.5, -0.5], MODELS // 2)], ids=["all", "half"]
)
def test_rank_sets_hold_at_once_where_models_are_equal(strengths: numpy.ndarray) -> None:
    """The hardest case: of equal models no order may be claimed, so one pair told apart on a board is an error."""
    lows, highs = numpy.triu_indices(MODELS, 1)
    first = 1 + (strengths[None, :] > strengths[:, None]).sum(axis=1)
    last = MODELS - (strengths[None, :] < strengths[:, None]).sum(axis=1)
    held = []
    for seed in range(SEEDS):
        chance = numpy.random.default_rng(50_000 + seed)
        pair = chance.integers(len(lows), size=VOTES)
        won = chance.random(VOTES) < 1 / (1 + numpy.exp(strengths[highs[pair]] - strengths[lows[pair]]))
        cells = numpy.bincount(pair * 3 + ~won, minlength=len(lows) * 3)
        weight = cells.reshape(-1, 3).astype(float)
        pairs = counts.Pairs(size=MODELS, low=lows, high=highs, weight=weight, weight_squared=weight)
        found = bradley_terry.fit(pairs)
        spread = sandwich.spread(found).covariance
        best, worst = ranks.sets(found.strengths, spread, ranks.critical(spread, 0.95))
        held.append(((best <= first) & (last <= worst)).all())
    assert numpy.mean(held) >= 0.95
