"""How likely votes are when they do not depend on the answers: shares of left, right and tie of the rater's own."""

import numpy
from scipy.special import gammaln

from arena.quality.arrays import Floats, Integers

EVEN, ANY = (5.0, 5.0, 3.0), (0.5, 0.5, 0.3)
"""Dirichlet distributions of the shares of left, right and tie."""


def log_likelihood(cast: Integers, shares: tuple[float, float, float]) -> Floats:
    """Of votes in their order; `cast` is (raters, 3): left, right and tie."""
    prior = numpy.array(shares)
    found: Floats = (gammaln(cast + prior) - gammaln(prior)).sum(1)
    found += gammaln(prior.sum()) - gammaln(cast.sum(1) + prior.sum())
    return found
