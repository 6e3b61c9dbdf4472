"""Ranks, and simultaneous confidence sets for all of them at once.

For every pair of models the difference of ratings divided by its standard error is compared with one critical
value: the quantile of the largest such ratio over all pairs when nothing differs (max-t). A model's best rank is one
more than the number of models that are significantly better; its worst rank leaves out those significantly worse.
All these statements hold together with the stated probability. Source: Mogstad, Romano, Shaikh & Wilhelm (2024),
Review of Economic Studies 91, 476-518.

The quantile is simulated from the fitted covariance with a fixed seed, so a board is the same each time. Most pairs
never hold the maximum: |z_i - z_j| <= sqrt(t_i^2 + t_j^2) sqrt(v_i + v_j) for t = z / sqrt(v) (Cauchy-Schwarz), so per
draw only the models with the largest |t| are compared with each other, and the bound proves the rest smaller; where
it does not, they are compared with all others, and only then everybody with everybody. The level is raised by the
standard error of the simulated share, so that sets err on the side of doubt.
"""

import numpy
from numpy.typing import NDArray
from scipy.linalg import blas, lapack

from leaderboards import counts

Floats = counts.Floats
Singles = NDArray[numpy.float32]

DRAWS = 2000
_MANY = 300
"""Models from which on fewer draws do: the largest of so many ratios hardly varies."""
SEED = 20240613
_LEADERS = 8
_TINY = 1e-14
"""A variance no rating reaches; keeps models whose votes leave no spread from dividing by zero."""


def order(ratings: Floats) -> NDArray[numpy.int64]:
    """Rank of each rating: 1 is the highest; equal ratings share the better rank."""
    ranked: NDArray[numpy.int64] = 1 + len(ratings) - numpy.searchsorted(numpy.sort(ratings), ratings, side="right")
    return ranked


def differences(covariance: Floats) -> Floats:
    """(models, models) standard errors of rating differences; infinite on the diagonal."""
    variance = numpy.diag(covariance)
    errors: Floats = covariance * -2.0
    errors += variance[:, None]
    errors += variance[None, :]
    numpy.fill_diagonal(errors, numpy.inf)
    floor = max(1e-14 * float(variance.max(initial=0.0)), _TINY)
    numpy.maximum(errors, floor, out=errors)
    return numpy.sqrt(errors, out=errors)


def critical(
    covariance: Floats, level: float, *, draws: int | None = None, seed: int = SEED, apart: Floats | None = None
) -> float:
    """Quantile of max |z_i - z_j| / se_ij over all pairs, z normal with this covariance; `apart` is its differences."""
    size = len(covariance)
    if size < 2:
        return 0.0
    draws = draws or (DRAWS if size <= _MANY else DRAWS // 2)
    level = _raised(level, draws)
    variance = numpy.maximum(numpy.diag(covariance), _TINY).astype(numpy.float32)
    inverse_errors = numpy.reciprocal((differences(covariance) if apart is None else apart).astype(numpy.float32))
    spread = numpy.square(inverse_errors)
    spread *= variance[:, None] + variance[None, :]
    looseness = 1.0001 * float(spread.max())
    normal = numpy.random.default_rng(seed).standard_normal((draws, size), dtype=numpy.float32)
    drawn = _spread(normal, covariance)
    scores = numpy.abs(drawn) / numpy.sqrt(variance)
    leaders = min(_LEADERS, size)
    last = max(size - leaders - 1, 0)
    places = numpy.argpartition(scores, last, axis=1)
    top = places[:, size - leaders :]
    values = numpy.take_along_axis(drawn, top, axis=1)
    one, other = numpy.triu_indices(leaders, 1)
    ratio = numpy.abs(values[:, one] - values[:, other]) * inverse_errors[top[:, one], top[:, other]]
    largest = ratio.max(axis=1).astype(float)
    if leaders < size:
        rest = scores[numpy.arange(draws), places[:, last]].astype(float)
        bound = numpy.sqrt(looseness * (scores.max(axis=1).astype(float) ** 2 + rest**2))
        provisional = 0.999 * float(numpy.quantile(largest, level))
        for draw in numpy.flatnonzero(bound > numpy.maximum(largest, provisional)):
            values = drawn[draw]
            ratio = numpy.abs(values[top[draw]][:, None] - values[None, :]) * inverse_errors[top[draw]]
            largest[draw] = ratio.max()
            if numpy.sqrt(2 * looseness) * rest[draw] > max(largest[draw], provisional):
                ratio = numpy.abs(values[:, None] - values[None, :]) * inverse_errors
                largest[draw] = ratio.max()
    return float(numpy.quantile(largest, level))


def _raised(level: float, draws: int) -> float:
    """The level and the standard error of a share of draws at it, but no more than half the way to 1."""
    return level + min(float(numpy.sqrt(level * (1 - level) / draws)), (1 - level) / 2)


def sets(
    ratings: Floats, covariance: Floats, threshold: float, *, apart: Floats | None = None
) -> tuple[NDArray[numpy.int64], NDArray[numpy.int64]]:
    """Best and worst rank of each model, all at once: who is apart from whom by more than the threshold."""
    gap = (ratings[None, :] - ratings[:, None]) / (differences(covariance) if apart is None else apart)
    best = 1 + (gap > threshold).sum(axis=1)
    worst = len(ratings) - (gap < -threshold).sum(axis=1)
    return best, worst


def _spread(normal: Singles, covariance: Floats) -> Singles:
    """Independent draws, one a row, given this covariance; it has no spread along the all-ones direction."""
    filled = covariance + covariance.trace() / len(covariance) ** 2
    root, failed = lapack.spotrf(filled.astype(numpy.float32).T, lower=1, clean=0, overwrite_a=1)
    if not failed:
        drawn: Singles = blas.strmm(1.0, root, normal.T, lower=1, overwrite_b=1).T
        return drawn
    values, vectors = numpy.linalg.eigh(covariance)
    rooted: Singles = (vectors * numpy.sqrt(numpy.maximum(values, 0))).T.astype(numpy.float32)
    return normal @ rooted
