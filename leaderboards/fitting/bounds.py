"""One-sided bounds for models that have no finite rating.

A model that never lost to the core has no highest likelihood, but it has a lowest rating that its wins allow: the
one at which the likelihood of its votes, with every other outsider free and the core fixed, falls to 1 - level of
its supremum. For a model whose votes are all wins over the core that is the exact binomial bound of Clopper & Pearson
(1934), Biometrika 26, 404-413: the chance of winning them all is 1 - level.
"""

import math

import numpy
import scipy

from leaderboards.fitting import connectivity
from leaderboards.reading import counts

Floats = counts.Floats

_STEPS, _HALVINGS = 200, 30
_FLAT = 1e-9
"""A slope that is none."""
_ROUNDING = 1e-14
_STRIDE = 8.0
"""Logits a step goes at most, about."""
_FAR = 40.0
"""A distance from the core, in logits, at which chances are 0 or 1."""


def bounds(
    pairs: counts.Pairs, shape: connectivity.Connectivity, strengths: Floats, level: float
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


def _around(pairs: counts.Pairs, shape: connectivity.Connectivity, model: int) -> counts.Pairs:
    """The votes that decide an outsider's bound: its own, and those of the outsiders that it is connected to."""
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
    return pairs.where(own)


def _bound(votes: counts.Pairs, known: Floats, model: int, side: float, level: float) -> float | None:
    """The rating where the profile likelihood is 1 - level of its supremum."""
    met = numpy.unique([votes.low, votes.high])
    free = met[numpy.isnan(known[met]) & (met != model)]
    place = known.copy()
    place[free] = 0.0
    highest = _profile(votes, place, model, side * _FAR, free)
    target = highest + math.log(1 - level)

    def excess(rating: float) -> float:  # from where the free ones were best at the rating before
        return _profile(votes, place, model, rating, free) - target

    if excess(-side * _FAR) > 0:
        return None
    low, high = sorted((-side * _FAR, side * _FAR))
    return float(scipy.optimize.brentq(excess, low, high, xtol=1e-9))


def _profile(votes: counts.Pairs, place: Floats, model: int, rating: float, free: counts.Integers) -> float:
    """Log-likelihood at this rating of `model`, the highest over the free outsiders; a tie is half a win each.

    Newton's method, damped where the slope is steep, from where they are in `place`; it moves to where they are best.
    The likelihood is concave: with a slope g left it is at most about a hundred times g per outsider from the top.
    """
    place[model] = rating
    wins = votes.weight[:, 0] + votes.weight[:, 2] / 2
    games = votes.weight.sum(axis=1)
    size = len(free)
    number = numpy.full(votes.size, size)
    number[free] = numpy.arange(size)
    low, high = number[votes.low], number[votes.high]

    def value() -> float:
        gap = place[votes.low] - place[votes.high]
        return float(wins @ gap - games @ numpy.logaddexp(0, gap))

    reached = value()
    for _ in range(_STEPS if size else 0):
        chance = scipy.special.expit(place[votes.low] - place[votes.high])
        pull = wins - games * chance
        slope = (numpy.bincount(low, pull, size + 1) - numpy.bincount(high, pull, size + 1))[:size]
        steepest = float(numpy.abs(slope).max())
        if steepest < _FLAT:
            break
        bend = games * chance * (1 - chance)
        matrix = numpy.zeros((size + 1, size + 1))
        for one, other, sign in ((low, low, 1), (high, high, 1), (low, high, -1), (high, low, -1)):
            numpy.add.at(matrix, (one, other), sign * bend)
        move = numpy.linalg.solve(matrix[:size, :size] + steepest / _STRIDE * numpy.eye(size), slope)
        here = place[free]
        for _ in range(_HALVINGS):
            place[free] = here + move
            climbed = value()
            if climbed >= reached - _ROUNDING * abs(reached):
                break
            move = move / 2
        reached = climbed
    return reached
