"""Ranks, and simultaneous confidence sets for all of them at once.

For every pair of models the difference of ratings divided by its standard error is compared with one critical
value: the quantile of the largest such ratio over all pairs when nothing differs (max-t). A model's best rank is one
more than the number of models that are significantly better; its worst rank leaves out those significantly worse.
All these statements hold together with the stated probability. Source: Mogstad, Romano, Shaikh & Wilhelm (2024),
Review of Economic Studies 91, 476-518.

The quantile is simulated from the fitted covariance with a fixed seed, so a board is the same each time. Most pairs
never hold the maximum: |z_i - z_j| <= sqrt(t_i^2 + t_j^2) sqrt(v_i + v_j) for t = z / sqrt(v) (Cauchy-Schwarz), so per
draw only the models with the largest |t| are compared with all others, and the bound proves the rest smaller.
"""

import numpy
from numpy.typing import NDArray

from leaderboards import counts

Floats = counts.Floats

DRAWS = 2000
_MANY = 300
"""Models from which on fewer draws do: the largest of so many ratios hardly varies."""
SEED = 20240613
_LEADERS = 6
_TINY = 1e-14
"""A variance no rating reaches; keeps models whose votes leave no spread from dividing by zero."""


def order(ratings: Floats) -> NDArray[numpy.int64]:
    """Rank of each rating: 1 is the highest; equal ratings share the better rank."""
    ranked: NDArray[numpy.int64] = 1 + (ratings[None, :] > ratings[:, None]).sum(axis=1)
    return ranked


def differences(covariance: Floats) -> Floats:
    """(models, models) standard errors of rating differences; infinite on the diagonal."""
    variance = numpy.diag(covariance)
    squared = variance[:, None] + variance[None, :] - 2 * covariance
    numpy.fill_diagonal(squared, numpy.inf)
    floor = max(1e-14 * float(variance.max(initial=0.0)), _TINY)
    errors: Floats = numpy.sqrt(numpy.maximum(squared, floor))
    return errors


def critical(
    covariance: Floats, level: float, *, draws: int | None = None, seed: int = SEED, apart: Floats | None = None
) -> float:
    """Quantile of max |z_i - z_j| / se_ij over all pairs, z normal with this covariance; `apart` is its differences."""
    size = len(covariance)
    if size < 2:
        return 0.0
    draws = draws or (DRAWS if size <= _MANY else DRAWS // 2)
    variance = numpy.maximum(numpy.diag(covariance), _TINY)
    inverse_errors = 1 / (differences(covariance) if apart is None else apart)
    spread = (variance[:, None] + variance[None, :]) * inverse_errors**2
    looseness = float(spread.max())
    normal = numpy.random.default_rng(seed).standard_normal((draws, size), dtype=numpy.float32)
    drawn = normal @ _root(covariance).T.astype(numpy.float32)
    scores = numpy.abs(drawn) / numpy.sqrt(variance).astype(numpy.float32)
    leaders = min(_LEADERS, size)
    top = numpy.argpartition(-scores, leaders - 1, axis=1)[:, :leaders]
    inverse_errors = inverse_errors.astype(numpy.float32)
    largest = numpy.zeros(draws)
    rows = numpy.arange(draws)
    for place in range(leaders):
        chosen = top[:, place]
        ratio = numpy.abs(drawn - drawn[rows, chosen][:, None]) * inverse_errors[chosen]
        numpy.maximum(largest, ratio.max(axis=1), out=largest)
    if leaders < size:
        scores[rows[:, None], top] = 0
        rest = -numpy.partition(-scores, 1, axis=1)[:, :2] if size - leaders > 1 else scores
        bound = numpy.sqrt(looseness * (rest.astype(float) ** 2).sum(axis=1))
        provisional = numpy.quantile(largest, level)
        for draw in numpy.flatnonzero(bound > numpy.maximum(largest, provisional * 0.999)):
            ratio = numpy.abs(drawn[draw][:, None] - drawn[draw][None, :]) * inverse_errors
            largest[draw] = max(largest[draw], float(ratio.max()))
    return float(numpy.quantile(largest, level))


def sets(
    ratings: Floats, covariance: Floats, threshold: float, *, apart: Floats | None = None
) -> tuple[NDArray[numpy.int64], NDArray[numpy.int64]]:
    """Best and worst rank of each model, all at once: who is apart from whom by more than the threshold."""
    gap = (ratings[None, :] - ratings[:, None]) / (differences(covariance) if apart is None else apart)
    best = 1 + (gap > threshold).sum(axis=1)
    worst = len(ratings) - (gap < -threshold).sum(axis=1)
    return best, worst


def _root(covariance: Floats) -> Floats:
    """A matrix R with R R^T = covariance; the covariance has no spread along the all-ones direction."""
    filled = covariance + covariance.trace() / len(covariance) ** 2
    try:
        return numpy.linalg.cholesky(filled)
    except numpy.linalg.LinAlgError:
        values, vectors = numpy.linalg.eigh(covariance)
        root: Floats = vectors * numpy.sqrt(numpy.maximum(values, 0))
        return root
