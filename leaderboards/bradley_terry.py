"""Bradley-Terry strengths by maximum likelihood, and the sandwich covariance of the estimate.

P(i beats j) = 1 / (1 + exp(s_j - s_i)). Source: Bradley & Terry (1952), Biometrika 39, 324-345; ties as in
`likelihood`. Newton's method with a Cholesky factor: the log-likelihood is concave, so a step that does not
climb is halved until it does. Strengths have mean zero, which fixes the one free constant.

The covariance is H^-1 M H^-1 (Huber 1967; White 1982, Econometrica 50, 1-25): H the Hessian, M the sum over votes
of the outer product of their scores. A finite maximum exists only within a strongly connected group of models
(Ford 1957, Amer. Math. Monthly 64, 28-33); `connectivity` says who is outside. A ridge, off unless asked for, takes
ridge / 2 times the sum of squared strengths off the log-likelihood: then a maximum always exists, and is shrunk.
"""

from dataclasses import dataclass, field

import numpy
from scipy import linalg
from scipy.linalg import blas, lapack

from leaderboards import counts, errors, likelihood

Floats = counts.Floats

_STEPS = 100
_HALVINGS = 40
_FAR = 8.0
"""Logits a step may go at most."""
_SMALL = 1e-11
"""A step below this many logits ends the climb; the step after it would be its square."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """A maximum of the likelihood."""

    strengths: Floats
    """(models,), natural logits, mean zero."""
    extra: float | None
    """The parameter of the tie model, as `likelihood` defines it."""
    log_likelihood: float
    steps: int
    pairs: counts.Pairs = field(repr=False)
    ties: str
    inverse: Floats = field(repr=False)
    """Inverse of the negative Hessian; the constant along which nothing changes is filled in harmlessly."""
    terms: likelihood.Terms = field(repr=False)
    """Derivatives at the maximum."""
    ridge: float = 0.0
    """The penalty; `log_likelihood` leaves it out, `inverse` has it in."""


def fit(pairs: counts.Pairs, *, ties: str = "half", start: Floats | None = None, ridge: float = 0.0) -> Fit:
    """Strengths of strongly connected models, or with a ridge of any. Raises InputError when the climb does not end."""
    model = likelihood.MODELS[ties]
    size = pairs.size
    extras = 0 if model.start is None else 1
    point = numpy.zeros(size + extras)
    if start is not None:
        point[:size] = start - start.mean()
    if model.start is not None:
        if not pairs.weight[:, 2].sum() > 0:
            raise errors.InputError(f"No vote is a tie, so ties={ties} has nothing to estimate; use ties=half.")
        point[size] = model.start
    prepared = model.sums(pairs.weight)

    def at(place: Floats) -> likelihood.Sums:
        return prepared(place[pairs.low] - place[pairs.high], float(place[size]) if extras else 0.0)

    sums = at(point)
    height = sums.value - _penalty(point[:size], ridge)
    for step in range(1, _STEPS + 1):
        gradient, hessian = _derivatives(pairs, sums, extras)
        if ridge:
            gradient[:size] -= ridge * point[:size]
            hessian[numpy.arange(size), numpy.arange(size)] += ridge
        factor = _factor(hessian, size)
        move = linalg.cho_solve(factor, gradient, check_finite=False)
        move[:size] -= move[:size].mean()
        largest = float(numpy.abs(move).max())
        if largest > _FAR:
            move *= _FAR / largest
        for _ in range(_HALVINGS):
            trial = at(point + move)
            reached = trial.value - _penalty(point[:size] + move[:size], ridge)
            if reached >= height - 1e-12 * abs(height):
                break
            move = move / 2
        point, sums, height = point + move, trial, reached
        if largest < _SMALL or (largest < 1e-6 and largest**2 * size < _SMALL):
            steps = step
            break
    else:
        raise errors.InputError(f"The ratings did not settle in {_STEPS} steps; look for models with hardly any votes.")
    # The last step was below a millionth of a logit, so its factor serves for the inverse too.
    inverse = _inverted(factor)
    extra = float(point[size]) if extras else None
    return Fit(
        strengths=point[:size],
        extra=extra,
        log_likelihood=sums.value,
        steps=steps,
        pairs=pairs,
        ties=ties,
        inverse=inverse,
        terms=model.terms(point[pairs.low] - point[pairs.high], 0.0 if extra is None else extra),
        ridge=ridge,
    )


def _penalty(strengths: Floats, ridge: float) -> float:
    return ridge / 2 * float(strengths @ strengths) if ridge else 0.0


def sandwich(found: Fit, meat: Floats | None = None) -> Floats:
    """(models, models) covariance of the strengths minus their mean; `meat` replaces that of independent votes."""
    size = found.pairs.size
    middle = independent_meat(found) if meat is None else meat
    filled = middle.copy()
    filled[:size, :size] += middle[:size, :size].trace() / size**2
    factor, failed = lapack.dpotrf(filled, lower=1, clean=1)
    if failed:  # few clusters leave directions without spread
        covariance: Floats = found.inverse[:size] @ middle @ found.inverse[:, :size]
        return (covariance + covariance.T) / 2
    # With middle = L L', the covariance is R R' for R = inverse L: half the work, and symmetric by construction.
    root = blas.dtrmm(1.0, factor, found.inverse, side=1, lower=1)[:size]
    root = root - root.mean(axis=0)  # what was filled in along the free constant
    spread: Floats = blas.dsyrk(1.0, root)
    full = numpy.triu(spread, 1)
    full = full + full.T
    numpy.fill_diagonal(full, spread.diagonal())
    return full


def independent_meat(found: Fit) -> Floats:
    """Sum over votes of the outer product of their scores, each vote on its own."""
    weight = found.pairs.weight_squared
    terms = found.terms
    models = numpy.einsum("ij,ij,ij->i", weight, terms.slope, terms.slope)
    meat = _laplacian(found.pairs, models, 0 if terms.slope_extra is None else 1)
    if terms.slope_extra is not None:
        size = found.pairs.size
        border = _signed(found.pairs, (weight * terms.slope * terms.slope_extra).sum(axis=1))
        meat[:size, size] = meat[size, :size] = border
        meat[size, size] = (weight * terms.slope_extra**2).sum()
    return meat


def _derivatives(pairs: counts.Pairs, sums: likelihood.Sums, extras: int) -> tuple[Floats, Floats]:
    """Gradient, and negative Hessian."""
    size = pairs.size
    hessian = _laplacian(pairs, -sums.curve, extras)
    gradient = numpy.empty(size + extras)
    gradient[:size] = _signed(pairs, sums.slope)
    if extras and sums.cross is not None:
        gradient[size] = sums.slope_extra
        hessian[:size, size] = hessian[size, :size] = -_signed(pairs, sums.cross)
        hessian[size, size] = -sums.curve_extra
    return gradient, hessian


def _signed(pairs: counts.Pairs, values: Floats) -> Floats:
    """Sum over the pairs of each model, positive where it is the low one."""
    summed: Floats = numpy.bincount(pairs.low, weights=values, minlength=pairs.size).astype(float)
    summed -= numpy.bincount(pairs.high, weights=values, minlength=pairs.size)
    return summed


def _laplacian(pairs: counts.Pairs, values: Floats, extras: int) -> Floats:
    """Sum over pairs of value * (e_low - e_high)(e_low - e_high)^T, with room for the extra parameter."""
    size = pairs.size
    matrix = numpy.zeros((size + extras, size + extras))
    matrix[pairs.low, pairs.high] = -values
    matrix[pairs.high, pairs.low] = -values
    matrix[numpy.arange(size), numpy.arange(size)] = -matrix[:size, :size].sum(axis=1)
    return matrix


def _factor(hessian: Floats, size: int) -> tuple[Floats, bool]:
    """Cholesky factor of the Hessian, made definite along the free constant, where it is flat."""
    filled = hessian.copy()
    filled[:size, :size] += hessian[:size, :size].trace() / size**2
    try:
        factor: tuple[Floats, bool] = linalg.cho_factor(filled, lower=True, overwrite_a=True, check_finite=False)
    except linalg.LinAlgError as error:
        raise errors.InputError(
            "The ratings cannot be told apart numerically; look for a model with hardly any votes or extreme weights."
        ) from error
    return factor


def _inverted(factor: tuple[Floats, bool]) -> Floats:
    """The inverse from its Cholesky factor."""
    inverse, failed = lapack.dpotri(factor[0], lower=1)
    if failed:
        raise errors.InputError("The ratings cannot be told apart numerically; look for extreme weights.")
    full: Floats = numpy.tril(inverse, -1)  # above the diagonal LAPACK leaves what was there
    full = full + full.T
    numpy.fill_diagonal(full, inverse.diagonal())
    return full
