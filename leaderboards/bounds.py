"""One-sided bounds for models that have no finite rating.

A model that never lost to the core has no highest likelihood, but it has a lowest rating that its wins allow: the
one at which the likelihood of its votes, with every other outsider free and the core fixed, falls to 1 - level of
its supremum. For a model whose votes are all wins over the core that is the exact binomial bound of Clopper & Pearson
(1934), Biometrika 26, 404-413: the chance of winning them all is 1 - level.
"""

import math

import numpy
import scipy

from leaderboards import connectivity, counts

Floats = counts.Floats

_CLOSELY = {"ftol": 1e-15, "gtol": 1e-11, "maxiter": 1000}
_FAR = 40.0
"""Logits from the core that stand for infinity."""


def bounds(
    pairs: counts.Pairs, shape: connectivity.Shape, strengths: Floats, level: float
) -> dict[int, tuple[float | None, float | None]]:
    """(lower, upper) in logits per outsider, the open side None. `strengths` are those of the core, in its order.

    A model to the side, or one whose votes leave even the one side open, has neither.
    """
    known = numpy.full(pairs.size, numpy.nan)
    known[shape.core] = strengths
    found: dict[int, tuple[float | None, float | None]] = {}
    for model, direction in shape.outside.items():
        if direction == connectivity.ASIDE or not len(shape.core):
            found[model] = (None, None)
            continue
        side = 1.0 if direction == connectivity.ABOVE else -1.0
        bound = _bound(_around(pairs, shape, model), known, model, side, level)
        found[model] = (bound, None) if side > 0 else (None, bound)
    return found


def _around(pairs: counts.Pairs, shape: connectivity.Shape, model: int) -> counts.Pairs:
    """The votes that bear on an outsider: its own, and those of outsiders it is joined to."""
    outside = numpy.zeros(pairs.size, dtype=bool)
    outside[list(shape.outside)] = True
    joined = {model}
    frontier = {model}
    while frontier:
        members = numpy.isin(pairs.low, list(frontier)) | numpy.isin(pairs.high, list(frontier))
        met = set(pairs.low[members].tolist()) | set(pairs.high[members].tolist())
        frontier = {other for other in met if outside[other]} - joined
        joined |= frontier
    own = numpy.isin(pairs.low, list(joined)) | numpy.isin(pairs.high, list(joined))
    return counts.Pairs(
        size=pairs.size,
        low=pairs.low[own],
        high=pairs.high[own],
        weight=pairs.weight[own],
        weight_squared=pairs.weight_squared[own],
    )


def _bound(votes: counts.Pairs, known: Floats, model: int, side: float, level: float) -> float | None:
    """The rating where the profile likelihood is 1 - level of its supremum."""
    free = [int(m) for m in numpy.unique([votes.low, votes.high]) if numpy.isnan(known[m]) and m != model]
    highest = _profile(votes, known, model, side * _FAR, free)
    target = highest + math.log(1 - level)

    def excess(rating: float) -> float:
        return _profile(votes, known, model, rating, free) - target

    if excess(-side * _FAR) > 0:
        return None
    low, high = sorted((-side * _FAR, side * _FAR))
    return float(scipy.optimize.brentq(excess, low, high, xtol=1e-9))


def _profile(votes: counts.Pairs, known: Floats, model: int, rating: float, free: list[int]) -> float:
    """Log-likelihood at this rating of `model`, the highest over the free outsiders; a tie is half a win each."""
    place = known.copy()
    place[model] = rating
    wins = votes.weight[:, 0] + votes.weight[:, 2] / 2
    losses = votes.weight[:, 1] + votes.weight[:, 2] / 2

    def negative(point: Floats) -> tuple[float, Floats]:
        place[free] = point
        gap = place[votes.low] - place[votes.high]
        value = -(wins * numpy.logaddexp(0, -gap) + losses * numpy.logaddexp(0, gap)).sum()
        pull = wins * scipy.special.expit(-gap) - losses * scipy.special.expit(gap)
        slope: Floats = numpy.bincount(votes.low, weights=pull, minlength=votes.size).astype(float)
        slope -= numpy.bincount(votes.high, weights=pull, minlength=votes.size)
        return float(-value), -slope[free]

    if not free:
        return -negative(numpy.zeros(0))[0]
    start = numpy.clip(numpy.full(len(free), rating), -_FAR, _FAR)
    limits = [(-_FAR, _FAR)] * len(free)
    result = scipy.optimize.minimize(negative, start, jac=True, method="L-BFGS-B", bounds=limits, options=_CLOSELY)
    return -float(result.fun)
