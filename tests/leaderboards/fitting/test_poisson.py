"""Draws by table follow the Poisson distribution as NumPy's do."""

import numpy
import pytest
from scipy import stats

from leaderboards.fitting import poisson

DRAWS = 200_000


@pytest.mark.parametrize("mean", [0.3, 1.0, 7.5, 33.0, 420.0])
@pytest.mark.parametrize("by_table", [True, False])
def test_draws_follow_the_distribution(mean: float, by_table: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not by_table:
        monkeypatch.setattr(poisson, "_OFTEN", 10 * DRAWS)
    drawn = poisson.drawn(numpy.full(200, mean), numpy.random.default_rng(3), DRAWS // 200)
    assert _p_value(drawn.ravel(), mean) > 1e-3


def test_a_wrong_mean_would_show() -> None:
    drawn = poisson.drawn(numpy.full(200, 7.5), numpy.random.default_rng(3), DRAWS // 200)
    assert _p_value(drawn.ravel(), 7.6) < 1e-6


def test_each_cell_has_its_own_mean_and_its_own_draws() -> None:
    means = numpy.tile([0.0, 2.0, 50.0, 3e4], 50)
    drawn = poisson.drawn(means, numpy.random.default_rng(1), 2_000)
    assert drawn.mean(axis=1) == pytest.approx(means, rel=0.1)
    assert not drawn[means == 0].any()
    correlation = numpy.corrcoef(drawn[means == 2.0])
    assert numpy.abs(correlation - numpy.eye(len(correlation))).max() < 0.12


def _p_value(drawn: numpy.ndarray, mean: float) -> float:
    """Chi-square against the distribution, cells with few expected draws put together."""
    count = numpy.arange(int(drawn.max()) + 2)
    expected = len(drawn) * stats.poisson.pmf(count, mean)
    common = expected > 20
    seen = numpy.bincount(drawn.astype(int), minlength=len(count))
    seen = numpy.append(seen[common], seen[~common].sum())
    expected = numpy.append(expected[common], len(drawn) - expected[common].sum())
    return float(stats.chisquare(seen, expected).pvalue)
