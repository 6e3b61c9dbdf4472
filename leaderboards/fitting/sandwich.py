"""The covariance of fitted strengths: H^-1 M H^-1, H the negative Hessian, M the sum of squared scores (the meat).

Sources: Huber (1967), Proc. Fifth Berkeley Symp. 1, 221-233; White (1982), Econometrica 50, 1-25. M adds up the outer
product of each vote's scores, or of each cluster's (`clusters`). With M = L L' the covariance is R R' for R = H^-1 L:
half the work, and symmetric by construction.

Many models are computed in single precision, in half of the time. H is first scaled to a diagonal of ones and made
definite along its constant, so that its condition tells how much of a digit is lost (van der Sluis 1969, Numer. Math.
14, 14-23): the loss stays below sqrt(n) * norm of the inverse * rounding. The norm is known beforehand to a few per
cent, from some dozen products with H (Lanczos 1950, J. Res. NBS 45, 255-282). Where the loss may reach one in ten
thousand, and for long chains of models it does, everything is computed in double precision instead. Votes that do not
depend on each other have an M of few elements: then H^-1 (M H^-1) is less work than R, of which nothing is factored.

A factor of M is off by rounding times its largest element, and H^-1 magnifies that twice. Where parts hang together by
votes of little weight it drowns what they say, in any precision; the covariance is then added up score by score.
"""

from dataclasses import dataclass

import numpy
import scipy

from leaderboards.fitting import bradley_terry, cluster_scores, curvature, ranks
from leaderboards.fitting.cluster_scores import Clustered, ClusterScores, Scores
from leaderboards.reading import counts

Floats = counts.Floats
Singles = curvature.Singles

_LOSS = 1e-4
"""The largest relative error that is accepted; measured errors are a hundred times smaller."""
_ROUNDING = float(numpy.finfo(numpy.float32).eps) / 2
_LOST = 1e-2
"""The same for the inverse in double precision, where the bound is further off."""
_DOUBLE_ROUNDING = float(numpy.finfo(float).eps) / 2
_BLOCK = 512
"""Rows of a covariance that are multiplied at once."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spread:
    """The covariance of strengths."""

    covariance: counts.Reals
    """(models, models), of the strengths minus their mean."""
    drawn: ranks.Drawing | None = None
    """Draws with this covariance, where they are cheaper than from the covariance itself."""


def spread(found: bradley_terry.Fit, meat: curvature.Paired | Clustered | None = None) -> Spread:
    """The covariance of a fit; `meat` replaces that of independent votes.

    Raises InputError where rounding errors are larger than the result.
    """
    middle = independent_meat(found) if meat is None else meat
    if found.pairs.size >= curvature.MANY and not found.ridge:
        rough = _single(found, middle)
        if rough is not None:
            return rough
    diagonal = found.hessian.diagonal()
    known(found.inverse, diagonal)
    exact = _double(found, middle)
    if not drowned(found.inverse, diagonal, middle.diagonal(), exact.covariance):
        return exact
    size = found.pairs.size
    return Spread(covariance=added_up(found.inverse, _scores(found, middle), size)[:size, :size])


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


def _double(found: bradley_terry.Fit, meat: curvature.Paired | Clustered) -> Spread:
    size = found.pairs.size
    filled: Floats = meat.lower() if isinstance(meat, curvature.Paired) else meat.matrix.T.copy(order="F")
    filled[:size, :size] += filled[:size, :size].trace() / size**2
    factor, failed = scipy.linalg.lapack.dpotrf(filled, lower=1, clean=0, overwrite_a=1)
    if failed:  # few clusters leave directions without spread, two columns take some away
        middle = curvature.mirrored(meat.lower()) if isinstance(meat, curvature.Paired) else meat.matrix
        both: Floats = found.inverse[:size] @ middle @ found.inverse[:, :size]
        both = (both + both.T) / 2
        return Spread(covariance=projected(both, meat.scores) if isinstance(meat, Clustered) else both)
    root = scipy.linalg.blas.dtrmm(1.0, factor, found.inverse, side=1, lower=1)[:size]
    root -= root.mean(axis=0)  # what was filled in along the free constant
    half: Floats = scipy.linalg.blas.dsyrk(1.0, root, lower=1)
    return Spread(covariance=curvature.mirrored(half).T, drawn=ranks.drawing(root))


def _single(found: bradley_terry.Fit, meat: curvature.Paired | Clustered) -> Spread | None:
    """The same in single precision; None where that is not accurate enough."""
    size = found.pairs.size
    paired = found.hessian.paired
    scale = 1 / numpy.sqrt(paired.diagonal())
    weight = float((meat.diagonal() * scale**2).max())
    norm = paired.stiffness()
    loss = numpy.sqrt(size) * _ROUNDING * norm**2
    if not 0 < weight < numpy.inf or not loss < _LOSS:
        return None
    constant = numpy.zeros(len(scale), dtype=numpy.float32)
    constant[:size] = numpy.sqrt(paired.diagonal()[:size] / paired.diagonal()[:size].sum())  # flat along it
    factor = _factor(paired.lower(scale), constant)
    if factor is None:
        return None
    inverse, failed = scipy.linalg.lapack.spotri(factor, lower=1, overwrite_c=1)
    if failed:
        return None
    curvature.mirrored(inverse)
    inner = scale / numpy.sqrt(weight)  # a weight of all votes cancels out, and must not leave the range on its way
    outer = (scale * numpy.sqrt(weight))[:size].astype(numpy.float32)
    if isinstance(meat, curvature.Paired):
        rough = _multiplied(inverse, meat, inner, outer)
    else:
        factor = _factor((meat.matrix * inner * inner[:, None]).astype(numpy.float32).T, constant)
        if factor is None:
            return None
        root = scipy.linalg.blas.strmm(1.0, factor, inverse, side=1, lower=1, overwrite_b=1)[:size]
        root *= outer[:, None]
        root -= root.mean(axis=0)
        half: Singles = scipy.linalg.blas.ssyrk(1.0, root, lower=1)
        rough = Spread(covariance=curvature.mirrored(half).T, drawn=ranks.drawing(root))
    largest = float((rough.covariance.diagonal() / outer**2).max())
    return rough if loss < _LOSS * largest else None


def _multiplied(inverse: Singles, meat: curvature.Paired, inner: Floats, outer: Singles) -> Spread:
    """H^-1 (M H^-1), of which one half is computed; `inner` scales M, `outer` the strengths."""
    size = len(outer)
    right = inverse.T[:, :size]  # symmetric, so these are its rows, one after the other in memory
    right *= outer
    right -= right.mean(axis=1, keepdims=True)
    across = meat.scattered(inner) @ right
    covariance = numpy.empty((size, size), dtype=numpy.float32)
    for begin in range(0, size, _BLOCK):
        end = begin + _BLOCK
        numpy.matmul(right[:, begin:end].T, across[:, :end], out=covariance[begin:end, :end])
    curvature.mirrored(covariance)
    if meat.border is not None:
        return Spread(covariance=covariance)
    spokes = meat.pairs.incidence(numpy.sqrt(meat.values))
    spokes = (spokes @ scipy.sparse.diags_array(inner)).astype(numpy.float32)

    def drawn(draws: int, chance: numpy.random.Generator) -> Singles:
        steps: Singles = (spokes.T @ chance.standard_normal((spokes.shape[0], draws), dtype=numpy.float32)).T
        return steps @ right

    return Spread(covariance=covariance, drawn=drawn)


def known(inverse: counts.Reals, diagonal: Floats) -> None:
    """Raise InputError where rounding spoils the inverse of H itself. Its trace stands for its norm."""
    norm = float(inverse.diagonal() @ diagonal)
    if not numpy.sqrt(len(diagonal)) * _DOUBLE_ROUNDING * norm < _LOST:
        raise curvature.singular()


def drowned(inverse: Floats, diagonal: Floats, meat: Floats, covariance: counts.Reals) -> bool:
    """Whether rounding of M, of which this is the diagonal, may reach the covariance."""
    norm = float(inverse.diagonal() @ diagonal)
    size = len(covariance)
    weight, largest = float((meat / diagonal).max()), float((covariance.diagonal() * diagonal[:size]).max())
    return bool(numpy.sqrt(size) * _DOUBLE_ROUNDING * norm**2 * weight > _LOSS * largest)


def added_up(inverse: Floats, scores: Scores, size: int) -> Floats:
    """H^-1 M H^-1 as the sum of what each score adds: slower, and no score is rounded away beside another.

    The first `size` parameters are strengths, which are left with mean zero.
    """
    centred = inverse.copy()
    centred[:, :size] -= centred[:, :size].mean(axis=1, keepdims=True)
    total: Floats = numpy.zeros(inverse.shape, order="F")
    step = max(1, cluster_scores.CELLS // len(inverse))
    for sign, found in scores:
        summed = found.rows() if isinstance(found, ClusterScores) else found
        for begin in range(0, summed.shape[0], step):
            root = (summed[begin : begin + step] @ centred).T
            total = scipy.linalg.blas.dsyrk(sign, root, beta=1.0, c=total, lower=1, overwrite_c=1)
    return projected(curvature.mirrored(total).T, scores)


def projected(covariance: Floats, scores: Scores) -> Floats:
    """The nearest positive semidefinite matrix, where something was taken away."""
    if min(sign for sign, _ in scores) > 0:
        return covariance
    values, vectors = numpy.linalg.eigh(covariance)
    nearest: Floats = (vectors * numpy.maximum(values, 0)) @ vectors.T
    return nearest


def scores(found: bradley_terry.Fit) -> "scipy.sparse.csr_array":
    """(pairs * 3, parameters): the score of one vote per pair and outcome."""
    pairs, terms = found.pairs, found.terms
    cells = numpy.arange(len(pairs.low) * 3)
    slope = terms.slope.ravel()
    entries = [(slope, numpy.repeat(pairs.low, 3)), (-slope, numpy.repeat(pairs.high, 3))]
    if terms.slope_extra is not None:
        entries.append((terms.slope_extra.ravel(), numpy.full(len(cells), pairs.size)))
    values = numpy.concatenate([value for value, _ in entries])
    places = numpy.concatenate([place for _, place in entries])
    extras = len(entries) - 2
    return scipy.sparse.csr_array(
        (values, (numpy.tile(cells, len(entries)), places)), shape=(len(cells), pairs.size + extras)
    )


def _scores(found: bradley_terry.Fit, meat: curvature.Paired | Clustered) -> Scores:
    """What a meat is the sum of."""
    if isinstance(meat, Clustered):
        return meat.scores
    if meat.border is None:
        return ((1.0, found.pairs.incidence(numpy.sqrt(meat.values))),)
    filled = numpy.maximum(meat.values - independent_meat(found).values, 0)
    mass = scipy.sparse.diags_array(numpy.sqrt(found.pairs.weight_squared.ravel()))
    return ((1.0, (mass @ scores(found)).tocsr()), (1.0, found.pairs.incidence(numpy.sqrt(filled), 1)))


def _factor(matrix: Singles, constant: Singles) -> Singles | None:
    """Lower Cholesky factor of a matrix made definite along a direction; None where there is none."""
    filled = scipy.linalg.blas.ssyr(float(matrix.diagonal().mean()), constant, lower=1, a=matrix, overwrite_a=1)
    factor, failed = scipy.linalg.lapack.spotrf(filled, lower=1, clean=0, overwrite_a=1)
    lower: Singles = factor
    return None if failed else lower
