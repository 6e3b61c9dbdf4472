"""Bradley-Terry strengths by maximum likelihood; `sandwich` has their covariance.

P(i beats j) = 1 / (1 + exp(s_j - s_i)). Source: Bradley & Terry (1952), Biometrika 39, 324-345; ties as in
`likelihood`. Newton's method with the steps of `curvature`: the log-likelihood is concave, so a step that does not
climb is halved until it does. Far from the maximum a rough step will do: its accuracy is the square of the step before
(Dembo, Eisenstat & Steihaug 1982, SIAM J. Numer. Anal. 19, 400-408). Strengths have mean zero, which fixes the one free
constant.

A finite maximum exists only within a strongly connected group of models (Ford 1957, Amer. Math. Monthly 64, 28-33);
`connectivity` says who is outside. A ridge, off unless asked for, takes ridge / 2 times the sum of squared strengths
off the log-likelihood: then a maximum always exists, and is shrunk.
"""

from dataclasses import dataclass, field

import numpy

from leaderboards import errors
from leaderboards.fitting import curvature, likelihood
from leaderboards.reading import counts

Floats = counts.Floats

_STEPS = 100
_HALVINGS = 40
_FAR = 8.0
"""Logits a step may go at most."""
_SMALL = 1e-9
"""Logits. The climb ends when the step that is left is far smaller than this."""
_ROUGHEST, _FINEST = 1e-1, 1e-8
"""Accuracy of an iterated step."""


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
    hessian: curvature.Curvature = field(repr=False)
    """The negative Hessian at the maximum, or less than a millionth of a logit from it."""
    terms: likelihood.Terms = field(repr=False)
    """Derivatives at the maximum."""
    ridge: float = 0.0
    """The penalty; `log_likelihood` leaves it out, `inverse` has it in."""

    @property
    def inverse(self) -> Floats:
        """Inverse of the negative Hessian; the constant along which nothing changes is filled in harmlessly."""
        return self.hessian.inverse


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

    def at(place: Floats) -> likelihood.PairSums:
        return prepared(pairs.gaps(place), float(place[size]) if extras else 0.0)

    sums = at(point)
    height = sums.value - _penalty(point[:size], ridge)
    largest = 1.0
    for step in range(1, _STEPS + 1):
        here = curvature.Curvature(pairs, sums, extras, ridge)
        accuracy = min(_ROUGHEST, max(_FINEST, largest**2))
        move = here.step(_gradient(pairs, sums, point, extras, ridge), accuracy)
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
        rough = accuracy if size >= curvature.MANY else 0.0
        if largest < _SMALL or largest * (largest + rough) * size < _SMALL:
            steps = step
            break
    else:
        raise errors.InputError(f"The ratings did not settle in {_STEPS} steps; look for models with hardly any votes.")
    extra = float(point[size]) if extras else None
    return Fit(
        strengths=point[:size],
        extra=extra,
        log_likelihood=sums.value,
        steps=steps,
        pairs=pairs,
        ties=ties,
        hessian=here,
        terms=model.terms(pairs.gaps(point), 0.0 if extra is None else extra),
        ridge=ridge,
    )


def _penalty(strengths: Floats, ridge: float) -> float:
    return ridge / 2 * float(strengths @ strengths) if ridge else 0.0


def _gradient(pairs: counts.Pairs, sums: likelihood.PairSums, point: Floats, extras: int, ridge: float) -> Floats:
    size = pairs.size
    gradient = numpy.empty(size + extras)
    gradient[:size] = pairs.signed(sums.slope)
    if ridge:
        gradient[:size] -= ridge * point[:size]
    if extras:
        gradient[size] = sums.slope_extra
    return gradient
