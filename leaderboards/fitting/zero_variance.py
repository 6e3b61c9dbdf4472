"""Models whose votes show no variance, which does not make their ratings certain.

A tie between equal strengths has a score of 0. A model all of whose votes are such ties adds nothing to the meat of a
sandwich, so that one tie would make it as certain as its opponent, and a board of ties alone certain of everything.
There nothing can be measured, and what the model of the votes itself expects stands in: on every pair of such a silent
model the expected information of its votes (Fisher 1925, Proc. Camb. Phil. Soc. 22, 700-725), p (1 - p) for ties as
half. For a board of ties alone the covariance is then the inverse of the Hessian. All other pairs stay as they are.
"""

from dataclasses import replace

import numpy
import scipy
from numpy.typing import NDArray

from leaderboards.fitting import bradley_terry, cluster_scores, curvature, sandwich
from leaderboards.reading import counts

Floats = counts.Floats

_NOTHING = 1e-12
"""Share of the expected spread below which none was seen; scores at a maximum are off by rounding alone."""


def spread(found: bradley_terry.Fit, meat: cluster_scores.Clustered | None = None) -> sandwich.Spread:
    """The sandwich of a fit, silent models filled in; `meat` replaces that of independent votes."""
    alone = sandwich.independent_meat(found)
    chosen = pairs(found, alone.diagonal() if meat is None else meat.diagonal())
    if not chosen.any():
        return sandwich.spread(found, alone if meat is None else meat)
    expected = numpy.where(chosen, _expected(found), 0.0)
    if meat is None:
        return sandwich.spread(found, replace(alone, values=alone.values + expected))
    return sandwich.spread(found, filled(found, meat))


def filled(found: bradley_terry.Fit, meat: cluster_scores.Clustered) -> cluster_scores.Clustered:
    """The meat of clusters with what the model expects of silent models."""
    chosen = pairs(found, meat.diagonal())
    if not chosen.any():
        return meat
    expected = numpy.where(chosen, _expected(found), 0.0)
    filling = found.pairs.incidence(numpy.sqrt(expected), 0 if found.extra is None else 1)
    return cluster_scores.Clustered(scores=(*meat.scores, (1.0, filling)), alone=meat.alone)


def pairs(found: bradley_terry.Fit, seen: Floats) -> NDArray[numpy.bool_]:
    """(pairs,): whether one of the two shows no spread in a meat of this diagonal."""
    low, high, size = found.pairs.low, found.pairs.high, found.pairs.size
    own = curvature.Paired(pairs=found.pairs, values=_expected(found)).diagonal()
    silent = seen[:size] <= _NOTHING * own
    chosen: NDArray[numpy.bool_] = silent[low] | silent[high]
    return chosen


def shares(found: bradley_terry.Fit) -> Floats:
    """(pairs, 3): how often the fit expects each outcome; a tie that counts half is no outcome of its own."""
    if found.extra is not None:
        return numpy.exp(found.terms.value)
    chance = scipy.special.expit(found.pairs.gaps(found.strengths))
    return numpy.stack([chance, 1 - chance, numpy.zeros_like(chance)], axis=1)


def _expected(found: bradley_terry.Fit) -> Floats:
    """(pairs,): the spread of scores that the fit expects."""
    summed: Floats = -numpy.einsum("ij,ij->i", found.pairs.weight_squared, found.terms.curve)
    return summed
