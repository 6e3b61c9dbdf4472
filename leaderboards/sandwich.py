"""The covariance of fitted strengths: H^-1 M H^-1, H the negative Hessian, M the sum of squared scores (the meat).

Sources: Huber (1967), Proc. Fifth Berkeley Symp. 1, 221-233; White (1982), Econometrica 50, 1-25. M adds up the outer
product of each vote's scores, or of each cluster's (`clusters`). With M = L L' the covariance is R R' for R = H^-1 L:
half the work, and symmetric by construction.

Many models are computed in single precision, in two thirds of the time. H is first scaled to a diagonal of ones and
made definite along its constant, so that its condition tells how much of a digit is lost (van der Sluis 1969, Numer.
Math. 14, 14-23): the loss stays below sqrt(n) * norm of the inverse * rounding. Where that may reach one in ten
thousand, and for long chains of models it does, everything is computed again in double precision.

A factor of M is off by rounding times its largest element, and H^-1 magnifies that twice. Where parts hang together by
votes of little weight it drowns what they say, in any precision; the covariance is then added up pair by pair.
"""

from dataclasses import dataclass

import numpy
import scipy

from leaderboards import bradley_terry, counts, curvature

Floats = counts.Floats
Singles = curvature.Singles

_LOSS = 1e-4
"""Relative error that is let pass; measured ones are a hundred times smaller."""
_ROUNDING = float(numpy.finfo(numpy.float32).eps) / 2
_DOUBLE_ROUNDING = float(numpy.finfo(float).eps) / 2
_CELLS = 1 << 22
"""Of the matrix of models and pairs that is held at once."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spread:
    """How far strengths may be off, together."""

    covariance: counts.Reals
    """(models, models), of the strengths minus their mean."""
    root: counts.Reals | None = None
    """R where the covariance is R R', and R was on the way to it."""


def spread(found: bradley_terry.Fit, meat: curvature.Paired | Floats | None = None) -> Spread:
    """The covariance of a fit; `meat` replaces that of independent votes."""
    middle = independent_meat(found) if meat is None else meat
    if found.pairs.size >= curvature.MANY and not found.ridge:
        rough = _single(found, middle)
        if rough is not None:
            return rough
    exact = _double(found, middle)
    if isinstance(middle, curvature.Paired) and middle.border is None and _drowned(found, middle, exact.covariance):
        return Spread(covariance=_by_pair(found, middle))
    return exact


def independent_meat(found: bradley_terry.Fit) -> curvature.Paired:
    """Sum over votes of the outer product of their scores, each vote on its own."""
    weight, terms = found.pairs.weight_squared, found.terms
    values = numpy.einsum("ij,ij,ij->i", weight, terms.slope, terms.slope)
    if terms.slope_extra is None:
        return curvature.Paired(pairs=found.pairs, values=values)
    return curvature.Paired(
        pairs=found.pairs,
        values=values,
        border=found.pairs.signed((weight * terms.slope * terms.slope_extra).sum(axis=1)),
        corner=float((weight * terms.slope_extra**2).sum()),
    )


def _double(found: bradley_terry.Fit, meat: curvature.Paired | Floats) -> Spread:
    size = found.pairs.size
    filled: Floats = meat.lower() if isinstance(meat, curvature.Paired) else meat.T.copy(order="F")
    filled[:size, :size] += filled[:size, :size].trace() / size**2
    factor, failed = scipy.linalg.lapack.dpotrf(filled, lower=1, clean=0, overwrite_a=1)
    if failed:  # few clusters leave directions without spread
        middle = curvature.mirrored(meat.lower()) if isinstance(meat, curvature.Paired) else meat
        both: Floats = found.inverse[:size] @ middle @ found.inverse[:, :size]
        return Spread(covariance=(both + both.T) / 2)
    root = scipy.linalg.blas.dtrmm(1.0, factor, found.inverse, side=1, lower=1)[:size]
    root -= root.mean(axis=0)  # what was filled in along the free constant
    half: Floats = scipy.linalg.blas.dsyrk(1.0, root, lower=1)
    return Spread(covariance=curvature.mirrored(half).T, root=root)


def _single(found: bradley_terry.Fit, meat: curvature.Paired | Floats) -> Spread | None:
    """The same in single precision; None where that does not do."""
    size = found.pairs.size
    diagonal = found.hessian.paired.diagonal()
    scale = 1 / numpy.sqrt(diagonal)
    constant = numpy.zeros(len(diagonal), dtype=numpy.float32)
    constant[:size] = numpy.sqrt(diagonal[:size] / diagonal[:size].sum())  # the scaled matrices are flat along it
    weight = float((meat.diagonal() * scale**2).max())
    if not 0 < weight < numpy.inf:
        return None
    factor = _factor(found.hessian.paired.lower(scale), constant)
    if factor is None:
        return None
    inverse, failed = scipy.linalg.lapack.spotri(factor, lower=1, overwrite_c=1)
    curvature.mirrored(inverse)
    norm = scipy.linalg.lapack.slange("1", inverse)
    if failed or not numpy.sqrt(size) * _ROUNDING * norm < _LOSS:
        return None
    inner = scale / numpy.sqrt(weight)  # a weight of all votes cancels out, and must not leave the range on its way
    if isinstance(meat, curvature.Paired):
        factor = _factor(meat.lower(inner), constant)
    else:
        factor = _factor((meat * inner * inner[:, None]).astype(numpy.float32).T, constant)
    if factor is None:
        return None
    scale = scale * numpy.sqrt(weight)
    root = scipy.linalg.blas.strmm(1.0, factor, inverse, side=1, lower=1, overwrite_b=1)[:size]
    root *= scale[:size, None].astype(numpy.float32)
    root -= root.mean(axis=0)
    half: Singles = scipy.linalg.blas.ssyrk(1.0, root, lower=1)
    largest = float((half.diagonal() / scale[:size] ** 2).max())
    if not numpy.sqrt(size) * _ROUNDING * norm**2 < _LOSS * largest:
        return None
    return Spread(covariance=curvature.mirrored(half).T, root=root)


def _drowned(found: bradley_terry.Fit, meat: curvature.Paired, exact: counts.Reals) -> bool:
    """Whether rounding of the factor of M may reach the covariance; the trace of H^-1 stands for its norm."""
    size = found.pairs.size
    diagonal = found.hessian.paired.diagonal()
    norm = float((found.inverse.diagonal() * diagonal).sum())
    weight, largest = float((meat.diagonal() / diagonal).max()), float((exact.diagonal() * diagonal).max())
    return bool(numpy.sqrt(size) * _DOUBLE_ROUNDING * norm**2 * weight > _LOSS * largest)


def _by_pair(found: bradley_terry.Fit, meat: curvature.Paired) -> Floats:
    """H^-1 M H^-1 as the sum of what each pair adds: slower, and no pair is rounded away beside another."""
    inverse, pairs = found.inverse, found.pairs
    total: Floats = numpy.zeros(inverse.shape, order="F")
    step = max(1, _CELLS // pairs.size)
    for begin in range(0, len(pairs.low), step):
        here = slice(begin, begin + step)
        root = inverse[:, pairs.low[here]] - inverse[:, pairs.high[here]]
        root *= numpy.sqrt(meat.values[here])
        root -= root.mean(axis=0)
        total = scipy.linalg.blas.dsyrk(1.0, root, beta=1.0, c=total, lower=1, overwrite_c=1)
    return curvature.mirrored(total).T


def _factor(matrix: Singles, constant: Singles) -> Singles | None:
    """Lower Cholesky factor of a matrix made definite along a direction; None where there is none."""
    filled = scipy.linalg.blas.ssyr(float(matrix.diagonal().mean()), constant, lower=1, a=matrix, overwrite_a=1)
    factor, failed = scipy.linalg.lapack.spotrf(filled, lower=1, clean=0, overwrite_a=1)
    lower: Singles = factor
    return None if failed else lower
