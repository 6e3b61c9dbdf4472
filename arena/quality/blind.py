"""How likely votes are when they do not depend on the answers: shares of left, right and tie of the rater's own."""

import numpy
from scipy.special import gammaln, logsumexp

from arena.quality.arrays import Floats, Integers

_PRIORS = ((5.0, 5.0, 3.0), (0.5, 0.5, 0.3))
"""Dirichlet distributions of left, right and tie: even, and any."""


def log_likelihood(cast: Integers) -> Floats:
    """Of votes in their order; `cast` is (raters, 3): left, right and tie."""
    found: Floats = logsumexp([_dirichlet(cast, numpy.array(prior)) for prior in _PRIORS], axis=0)
    found -= numpy.log(len(_PRIORS))
    return found


def _dirichlet(cast: Integers, prior: Floats) -> Floats:
    found: Floats = (gammaln(cast + prior) - gammaln(prior)).sum(1)
    found += gammaln(prior.sum()) - gammaln(cast.sum(1) + prior.sum())
    return found
