"""Bradley-Terry with covariates: P(a beats b) = F(s_a - s_b + x'c), every vote with its own x.

The covariates x are divided by their standard deviation about zero and never centred: exchanging the sides of a vote
turns x into -x, and nothing changes. The coefficients c come with the same sandwich errors as the ratings, and
nothing shrinks them; a ridge, off unless asked for, shrinks strengths only. Newton's method on the votes themselves
(`covariate_pass`). It starts from the ratings without covariates, stretched by what a sample of the votes says, since
leaving covariates out pulls ratings together: so near the maximum that two or three passes over all votes end there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy
import scipy

from leaderboards import errors
from leaderboards.fitting import cluster_scores, clusters, covariate_pass, sandwich, two_way
from leaderboards.reading import counts, outcomes, rows

Floats = counts.Floats

_STEPS = 60
_HALVINGS = 30
_FAR = 4.0
_SMALL = 1e-10
_CLOSE = 1e-3
"""Logits; after a step below this the next point is likely the last one, and its meat is summed in the same pass."""
_SAMPLE = 20_000
"""Votes in the sample for the start."""
_GUESSES = 5
_OWN = 1e-10
"""Share of a covariate's spread that neither models nor other covariates explain, below which there is none."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ControlledFit:
    """A maximum of the likelihood; strengths have mean zero."""

    strengths: Floats
    coefficients: Floats
    """Logits per standard deviation of each covariate."""
    scales: Floats
    """What each covariate was divided by."""
    log_likelihood: float
    covariance: Floats | None = field(repr=False)
    """(models + covariates,) squared; strengths first."""
    parts: two_way.Parts | None = field(default=None, repr=False)
    """What it was made of, clustered by two columns."""


def fit(
    votes: rows.Rows,
    names: Sequence[str],
    size: int,
    start: Floats,
    *,
    ties: bool,
    both_bad: bool,
    interval: bool,
    ridge: float = 0.0,
) -> ControlledFit:
    """Strengths of `size` models and coefficients of the covariates by these names.

    Raises InputError when a covariate says nothing of its own.
    """
    votes = _heard(votes, ties=ties, both_bad=both_bad)
    problem = _problem(votes, names, size)
    together = interval and not votes.clusters
    point = _start(problem, start)
    here = problem.look(point)
    value = here.value - _penalty(point[:size], ridge)
    for _ in range(_STEPS):
        hessian, gradient = here.hessian, here.gradient
        if ridge:
            gradient[:size] -= ridge * point[:size]
            hessian[numpy.arange(size), numpy.arange(size)] += ridge
        factor = _factor(hessian, names)
        move = scipy.linalg.cho_solve(factor, gradient)
        move[:size] -= move[:size].mean()
        largest = float(numpy.abs(move).max())
        if largest < _SMALL or (largest < 1e-6 and largest**2 * size < _SMALL):
            break
        if largest > _FAR:
            move *= _FAR / largest
        for _ in range(_HALVINGS):
            here = problem.look(point + move, meat=together and largest < _CLOSE)
            there = here.value - _penalty(point[:size] + move[:size], ridge)
            if there >= value - 1e-12 * abs(value):
                break
            move = move / 2
        point, value = point + move, there
    else:
        raise errors.InputError(f"The ratings did not settle in {_STEPS} steps; leave a covariate out of the controls.")
    covariance = parts = None
    if interval:
        # The step that is left is below a millionth of a logit, so its factor serves for the inverse too.
        inverse = scipy.linalg.cho_solve(factor, numpy.eye(len(point)), check_finite=False)
        covariance, parts = _covariance(problem, here, point, inverse, votes.clusters)
    point = point + move
    return ControlledFit(
        strengths=point[:size],
        coefficients=point[size:],
        scales=problem.scales,
        log_likelihood=value + float(gradient @ move) / 2 + _penalty(point[:size], ridge),
        covariance=covariance,
        parts=parts,
    )


def _heard(votes: rows.Rows, *, ties: bool, both_bad: bool) -> rows.Rows:
    """The rows that enter the fit under these settings."""
    kept = (votes.first >= 0) & (votes.second >= 0) & (votes.weight * votes.times > 0)
    if not (ties and both_bad):
        tied = (votes.outcome == outcomes.TIE) & ties | (votes.outcome == outcomes.BOTH_BAD) & both_bad & ties
        kept &= (votes.outcome < outcomes.TIE) | tied
    return votes if kept.all() else votes.chosen(kept)


def _problem(votes: rows.Rows, names: Sequence[str], size: int) -> covariate_pass.Problem:
    """The votes and the scales of their covariates. Raises InputError for a covariate without spread."""
    plain = bool((votes.times == 1).all() and (votes.weight == 1).all())
    if plain:
        squares = numpy.array([column @ column for column in votes.covariates]) / len(votes.times)
    else:
        mass = votes.times * votes.weight
        squares = numpy.array([mass @ column**2 for column in votes.covariates]) / mass.sum()
    for name, square in zip(names, squares, strict=True):
        if not square > 0:
            raise errors.InputError(f"The covariate {name} is 0 on every vote; leave it out of the controls.")
    return covariate_pass.Problem(
        first=votes.first,
        second=votes.second,
        share=numpy.array([1.0, 0.0, 0.5, 0.5])[votes.outcome],
        columns=votes.covariates,
        scales=numpy.sqrt(squares),
        times=votes.times,
        weight=votes.weight,
        plain=plain,
        size=size,
        pair=votes.first * size + votes.second,
    )


def _start(problem: covariate_pass.Problem, strengths: Floats) -> Floats:
    """The strengths stretched, and coefficients, as fitted to a sample; without covariates where that fails."""
    plain = numpy.concatenate([strengths, numpy.zeros(len(problem.scales))])
    every = len(problem.pair) // _SAMPLE
    if every < 2:
        return plain
    some = slice(None, None, every)
    design = numpy.vstack(
        [
            strengths[problem.first[some]] - strengths[problem.second[some]],
            problem.columns[:, some] / problem.scales[:, None],
        ]
    )
    mass = problem.times[some] * problem.weight[some]
    guess = numpy.eye(1, len(design))[0]
    for _ in range(_GUESSES):
        chance = 1 / (1 + numpy.exp(-numpy.clip(guess @ design, -30, 30)))
        try:
            move = numpy.linalg.solve(
                (design * (mass * chance * (1 - chance))) @ design.T,
                design @ (mass * (problem.share[some] - chance)),
            )
        except numpy.linalg.LinAlgError:
            return plain
        guess = guess + move
    if not (numpy.abs(guess).max() < _FAR):
        return plain
    return numpy.concatenate([guess[0] * strengths, guess[1:]])


def _penalty(strengths: Floats, ridge: float) -> float:
    return ridge / 2 * float(strengths @ strengths) if ridge else 0.0


def _covariance(
    problem: covariate_pass.Problem,
    here: covariate_pass.Look,
    point: Floats,
    inverse: Floats,
    columns: tuple[counts.Integers, ...],
) -> tuple[Floats, two_way.Parts | None]:
    """The sandwich of strengths and coefficients, and what it was made of where two columns were."""
    diagonal = here.hessian.diagonal()
    sandwich.known(inverse, diagonal)
    clustered = _clustered(problem, point, columns) if columns else None
    if clustered is not None:
        meat = clustered.matrix
    else:
        meat = here.meat if here.meat.size else problem.look(point, meat=True).meat
    covariance = inverse @ meat @ inverse
    parts = None
    if clustered is not None and clustered.alone:
        alone = [cluster_scores.Clustered(scores=scores).matrix for scores in clustered.alone]
        parts = two_way.parts(inverse, meat, alone, problem.size)
    if sandwich.drowned(inverse, diagonal, meat.diagonal(), covariance):
        scores = ((1.0, problem.scores(point)),) if clustered is None else clustered.scores
        return sandwich.added_up(inverse, scores, problem.size), parts
    covariance = (covariance + covariance.T) / 2
    return (covariance if clustered is None else sandwich.projected(covariance, clustered.scores)), parts


def _clustered(
    problem: covariate_pass.Problem, point: Floats, columns: tuple[counts.Integers, ...]
) -> cluster_scores.Clustered:
    """Meat from scores summed per cluster, one-way or two-way."""

    def summed(names: Sequence[str]) -> "scipy.sparse.csr_array":
        chosen = [columns[int(name)] for name in names]
        both = chosen[0] if len(chosen) == 1 else chosen[0] * (int(chosen[1].max()) + 1) + chosen[1]
        _, number = numpy.unique(both, return_inverse=True)
        return problem.scores(point, number)

    return clusters.combined(summed, [str(k) for k in range(len(columns))])


def _factor(hessian: Floats, names: Sequence[str]) -> tuple[Floats, bool]:
    """Cholesky factor, made definite along the constant. Raises InputError for a covariate that others give away."""
    size = len(hessian) - len(names)
    filled = hessian
    filled[:size, :size] += hessian[:size, :size].trace() / size**2
    factor, place = scipy.linalg.lapack.dpotrf(filled, lower=1)
    left = numpy.diagonal(factor)[size:] ** 2 / numpy.diagonal(filled)[size:]  # of each covariate's own spread
    given = numpy.flatnonzero(left < _OWN)
    if place or len(given):
        which = place - 1 - size if place else int(given[0])
        subject = f"The covariate {names[which]}" if which >= 0 else "A covariate"
        raise errors.InputError(
            f"{subject} says the same as others or as the models themselves; leave it out of the controls."
        )
    return factor, True
