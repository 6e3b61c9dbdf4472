"""Average win rate: the share of votes won against each opponent, averaged over the opponents met.

A tie is half a win. Every opponent weighs the same, however often it was met, but a model that met only weak opponents
looks strong: that is what Bradley-Terry corrects. The error takes each pair's votes as draws with the smoothed chance
(w + 1/2) / (n + 1) (Agresti & Coull 1998, Amer. Statistician 52, 119-126).
"""

import numpy

from leaderboards.reading import counts

Floats = counts.Floats


def rate(pairs: counts.Pairs) -> tuple[Floats, Floats]:
    """(models,) average win rates between 0 and 1, and their (models, models) covariance."""
    size = pairs.size
    games = pairs.weight.sum(axis=1)
    won = pairs.weight[:, 0] + pairs.weight[:, 2] / 2
    share = won / games
    met = (numpy.bincount(pairs.low, minlength=size) + numpy.bincount(pairs.high, minlength=size)).astype(float)
    rates = numpy.bincount(pairs.low, weights=share, minlength=size)
    rates = (rates + numpy.bincount(pairs.high, weights=1 - share, minlength=size)) / met
    effective = games**2 / pairs.weight_squared.sum(axis=1)  # votes of equal weight that would say as much
    smooth = (share * effective + 0.5) / (effective + 1)
    variance = smooth * (1 - smooth) / effective
    covariance = numpy.zeros((size, size))
    covariance[pairs.low, pairs.high] = covariance[pairs.high, pairs.low] = -variance
    spread = numpy.bincount(pairs.low, weights=variance, minlength=size)
    spread = spread + numpy.bincount(pairs.high, weights=variance, minlength=size)
    covariance[numpy.arange(size), numpy.arange(size)] = spread
    return rates, covariance / met[:, None] / met[None, :]
