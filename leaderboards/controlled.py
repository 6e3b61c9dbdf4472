"""Bradley-Terry with covariates: P(a beats b) = F(s_a - s_b + x'c), every vote with its own x.

The covariates x are divided by their standard deviation about zero and never centred: exchanging the sides of a vote
turns x into -x, and nothing changes. The coefficients c come with the same sandwich errors as the ratings, and
nothing shrinks them; a ridge, off unless asked for, shrinks strengths only. Newton's method on the votes themselves,
from the ratings without covariates.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy
from scipy import linalg, sparse

from leaderboards import clusters, counts, errors, outcomes, rows

Floats = counts.Floats

_STEPS = 60
_HALVINGS = 30
_FAR = 4.0
_SMALL = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """A maximum of the likelihood; strengths have mean zero."""

    strengths: Floats
    coefficients: Floats
    """Logits per standard deviation of each covariate."""
    scales: Floats
    """What each covariate was divided by."""
    log_likelihood: float
    covariance: Floats | None = field(repr=False)
    """(models + covariates,) squared; strengths first."""


def fit(
    votes: rows.Rows, size: int, start: Floats, *, ties: bool, both_bad: bool, interval: bool, ridge: float = 0.0
) -> Fit:
    """Strengths of `size` models and coefficients. Raises InputError when a covariate says nothing of its own."""
    kept = (votes.first >= 0) & (votes.second >= 0) & (votes.weight * votes.times > 0)
    if not (ties and both_bad):
        tied = (votes.outcome == outcomes.TIE) & ties | (votes.outcome == outcomes.BOTH_BAD) & both_bad & ties
        kept &= (votes.outcome < outcomes.TIE) | tied
    if not kept.all():
        votes = votes.chosen(kept)
    mass = votes.times * votes.weight
    scales = numpy.sqrt((mass @ votes.covariates**2) / mass.sum())
    if not (scales > 0).all():
        raise errors.InputError("A covariate is 0 on every vote; leave it out of the controls.")
    measured = votes.covariates.T / scales[:, None]
    y = numpy.array([1.0, 0.0, 0.5, 0.5])[votes.outcome]
    plain = bool((mass == 1).all())
    problem = _Problem(votes.first, votes.second, measured, size, ridge)
    point = numpy.concatenate([start, numpy.zeros(len(measured))])
    chance, value = problem.at(point, y, mass)
    for _ in range(_STEPS):
        residual, bend = y - chance, chance * (1 - chance)
        if not plain:
            residual, bend = residual * mass, bend * mass
        hessian, gradient = problem.squares(bend), problem.sums(residual)
        if ridge:
            gradient[:size] -= ridge * point[:size]
            hessian[numpy.arange(size), numpy.arange(size)] += ridge
        factor = _factor(hessian, size)
        move = linalg.cho_solve(factor, gradient)
        move[:size] -= move[:size].mean()
        largest = float(numpy.abs(move).max())
        if largest > _FAR:
            move *= _FAR / largest
        for _ in range(_HALVINGS):
            chance, there = problem.at(point + move, y, mass)
            if there >= value - 1e-12 * abs(value):
                break
            move = move / 2
        point, value = point + move, there
        if largest < _SMALL or (largest < 1e-6 and largest**2 * size < _SMALL):
            break
    else:
        raise errors.InputError(f"The ratings did not settle in {_STEPS} steps; leave a covariate out of the controls.")
    covariance = None
    if interval:
        residual = votes.weight * (y - chance)
        # The last step was below a millionth of a logit, so its factor serves for the inverse too.
        inverse = linalg.cho_solve(factor, numpy.eye(len(point)), check_finite=False)
        if votes.clusters:
            meat = _clustered(problem, votes.times * residual, votes.clusters)
        else:
            meat = problem.squares(votes.times * residual**2)
        covariance = inverse @ meat @ inverse
        covariance = (covariance + covariance.T) / 2
    return Fit(
        strengths=point[:size],
        coefficients=point[size:],
        scales=scales,
        log_likelihood=value + ridge / 2 * float(point[:size] @ point[:size]),
        covariance=covariance,
    )


class _Problem:
    """Sums over votes of functions of the design row (e_a - e_b, x), by pair where they can be."""

    def __init__(
        self, first: counts.Integers, second: counts.Integers, measured: Floats, size: int, ridge: float
    ) -> None:
        self.first, self.second, self.size = first, second, size
        self.columns = measured
        self.ridge = ridge
        self.pair = first * size + second

    def at(self, point: Floats, y: Floats, mass: Floats) -> tuple[Floats, float]:
        """Chance that side a wins, per vote, and the log-likelihood less the penalty."""
        strengths = point[: self.size]
        gap = (strengths[:, None] - strengths[None, :]).ravel()[self.pair]
        for column, coefficient in zip(self.columns, point[self.size :], strict=True):
            gap += coefficient * column
        small = numpy.exp(-numpy.abs(gap))
        chance: Floats = numpy.where(gap > 0, 1.0, small) / (1 + small)
        value = float((mass * y) @ gap - mass @ (numpy.maximum(gap, 0) + numpy.log1p(small)))
        return chance, value - self.ridge / 2 * float(strengths @ strengths)

    def sums(self, values: Floats) -> Floats:
        """Sum of value * row."""
        square = self._by_pair(values)
        return numpy.concatenate([square.sum(axis=1) - square.sum(axis=0), self.columns @ values])

    def squares(self, values: Floats) -> Floats:
        """Sum of value * outer(row, row)."""
        size, extras = self.size, len(self.columns)
        matrix = numpy.zeros((size + extras, size + extras))
        square = self._by_pair(values)
        square = square + square.T
        matrix[:size, :size] = numpy.diag(square.sum(axis=1)) - square
        for k, column in enumerate(self.columns):
            weighted = values * column
            by_pair = self._by_pair(weighted)
            matrix[:size, size + k] = by_pair.sum(axis=1) - by_pair.sum(axis=0)
            matrix[size:, size + k] = self.columns @ weighted
        matrix[size:, :size] = matrix[:size, size:].T
        return matrix

    def scores(self, values: Floats, cluster: counts.Integers) -> sparse.csr_array:
        """(clusters, parameters) sums of value * row."""
        number = int(cluster.max()) + 1
        place = [self.first, self.second, *(numpy.full(len(values), self.size + k) for k in range(len(self.columns)))]
        entry = [values, -values, *(values * column for column in self.columns)]
        return sparse.csr_array(
            (numpy.concatenate(entry), (numpy.tile(cluster, len(place)), numpy.concatenate(place))),
            shape=(number, self.size + len(self.columns)),
        )

    def _by_pair(self, values: Floats) -> Floats:
        summed: Floats = numpy.bincount(self.pair, weights=values, minlength=self.size**2).astype(float, copy=False)
        return summed.reshape(self.size, self.size)


def _clustered(problem: _Problem, values: Floats, columns: tuple[counts.Integers, ...]) -> Floats:
    """Meat from scores summed per cluster, one-way or two-way."""

    def one(names: Sequence[str]) -> Floats:
        chosen = [columns[int(name)] for name in names]
        both = chosen[0] if len(chosen) == 1 else chosen[0] * (int(chosen[1].max()) + 1) + chosen[1]
        _, number = numpy.unique(both, return_inverse=True)
        return clusters.squared(problem.scores(values, number))

    return clusters.combined(one, [str(k) for k in range(len(columns))])


def _factor(hessian: Floats, size: int) -> tuple[Floats, bool]:
    filled = hessian
    filled[:size, :size] += hessian[:size, :size].trace() / size**2
    try:
        factor: tuple[Floats, bool] = linalg.cho_factor(filled, lower=True, check_finite=False)
    except linalg.LinAlgError as error:
        raise errors.InputError(
            "A covariate says the same as others or as the models themselves; leave it out of the controls."
        ) from error
    return factor
