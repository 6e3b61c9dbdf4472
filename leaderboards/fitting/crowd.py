"""Crowd-BT: ratings fitted together with how reliable each rater is.

Rater k says what the strengths say with probability h_k and the opposite otherwise:
P(i over j) = h F(s_i - s_j) + (1 - h) F(s_j - s_i). Source: Chen, Bennett, Collins-Thompson & Horvitz (2013), WSDM,
193-202. A tie is half a win for both and says nothing about its rater. A Beta(9, 2) prior keeps the reliability of a
rater with few votes near 8/9. Fitted by expectation-maximisation (Dempster, Laird & Rubin 1977); errors are a sandwich
with one cluster per rater, the Hessian with every reliability eliminated.
"""

from dataclasses import dataclass, field

import numpy
import scipy

from leaderboards.fitting import bradley_terry, sandwich
from leaderboards.reading import counts

Floats = counts.Floats

PRIOR = (9.0, 2.0)
_ROUNDS = 2000
_SMALL = 1e-8
_ROUNDING = float(numpy.finfo(float).eps)
"""How near 0 and 1 a reliability may come."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """Votes per rater, pair and outcome; one element per combination."""

    rater: counts.Integers
    pair: counts.Integers
    column: counts.Integers
    """0 the low model won, 1 the high one, 2 a tie."""
    mass: Floats
    raters: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CrowdFit:
    """Strengths (mean zero), reliabilities, and the covariance of the strengths."""

    strengths: Floats
    reliability: Floats
    covariance: Floats = field(repr=False)


def fit(pairs: counts.Pairs, table: Table) -> CrowdFit:
    """Strengths and reliabilities; starts from trusting everybody alike."""
    decided = table.column < 2
    rater, pair, mass = table.rater[decided], table.pair[decided], table.mass[decided]
    side = numpy.where(table.column[decided] == 0, 1.0, -1.0)
    heard = numpy.bincount(rater, weights=mass, minlength=table.raters)
    tied = numpy.bincount(table.pair[~decided], weights=table.mass[~decided], minlength=len(pairs.low))
    reliability = numpy.full(table.raters, 8 / 9)
    strengths = bradley_terry.fit(pairs).strengths
    for _ in range(_ROUNDS):
        chance = scipy.special.expit(side * pairs.gaps(strengths)[pair])
        meant = reliability[rater] * chance
        meant = meant / (meant + (1 - reliability[rater]) * (1 - chance))
        faithful = numpy.bincount(rater, weights=mass * meant, minlength=table.raters)
        reliability = numpy.clip((faithful + PRIOR[0] - 1) / (heard + sum(PRIOR) - 2), _ROUNDING, 1 - _ROUNDING)
        low = numpy.bincount(pair, weights=mass * numpy.where(side > 0, meant, 1 - meant), minlength=len(pairs.low))
        decided_here = numpy.bincount(pair, weights=mass, minlength=len(pairs.low))
        weight = numpy.stack([low, decided_here - low, tied], axis=1)
        expected = counts.Pairs(size=pairs.size, low=pairs.low, high=pairs.high, weight=weight, weight_squared=weight)
        before = strengths
        strengths = bradley_terry.fit(expected, start=strengths).strengths
        if numpy.abs(strengths - before).max() < _SMALL:
            break
    return CrowdFit(
        strengths=strengths,
        reliability=reliability,
        covariance=_covariance(pairs, table, strengths, reliability),
    )


def _covariance(pairs: counts.Pairs, table: Table, strengths: Floats, reliability: Floats) -> Floats:
    """Sandwich of the strengths, clustered by rater."""
    size = pairs.size
    gap = pairs.gaps(strengths)[table.pair]
    tie = table.column == 2
    side = numpy.where(table.column == 1, -1.0, 1.0)
    p = scipy.special.expit(side * gap)
    h = reliability[table.rater]
    likely = h * p + (1 - h) * (1 - p)
    bend = p * (1 - p)
    slope = numpy.where(tie, 0.5 - p, (2 * h - 1) * bend / likely)
    curve = numpy.where(tie, -bend, (2 * h - 1) * bend * (1 - 2 * p) / likely - slope**2)
    slope_h = numpy.where(tie, 0.0, (2 * p - 1) / likely)
    cross = numpy.where(tie, 0.0, 2 * bend / likely - slope * slope_h)
    mass = table.mass
    low, high = pairs.low[table.pair], pairs.high[table.pair]

    def summed(values: Floats) -> Floats:
        """(models, raters) signed sums."""
        cells = size * table.raters
        flat: Floats = numpy.bincount(low * table.raters + table.rater, weights=values, minlength=cells).astype(float)
        flat -= numpy.bincount(high * table.raters + table.rater, weights=values, minlength=cells)
        return flat.reshape(size, table.raters)

    by_pair: Floats = numpy.bincount(low * size + high, weights=-mass * curve, minlength=size * size).astype(float)
    square: Floats = by_pair.reshape(size, size)
    square = square + square.T
    hessian: Floats = numpy.diag(square.sum(axis=1)) - square
    own: Floats = numpy.bincount(table.rater, weights=mass * slope_h**2, minlength=table.raters).astype(float)
    own += (PRIOR[0] - 1) / reliability**2 + (PRIOR[1] - 1) / (1 - reliability) ** 2
    mixed = summed(mass * side * cross)
    hessian = hessian - (mixed / own) @ mixed.T
    scores = summed(mass * side * slope)
    scores -= scores.mean(axis=1, keepdims=True)
    # flat along the constant, which scores do not have: filled in, for rounding may else leave a little there to invert
    inverse = numpy.linalg.pinv(hessian + hessian.trace() / size**2, hermitian=True)
    sandwich.known(inverse, hessian.diagonal())
    raters = max(table.raters, 2)
    root = inverse @ scores
    covariance: Floats = root @ root.T * (raters / (raters - 1))
    return covariance
