"""How likely an honest rater's votes are: a person with tastes, a side they lean to and a sharpness of their own.

On votes that decide, P(left) = 1 / (1 + exp(-eta)), eta = exp(k) d + s + w_left - w_right, where d is the logit of the
board without the rater, and w ~ N(0, taste^2) for each model, s ~ N(side_mean, side^2), k ~ N(slope_mean, slope^2).
The votes' marginal likelihood is Laplace's: the joint density at its maximum, and the determinant there. A rater's
second derivatives by tastes are taken to be those of one who met all pairs alike, which have one eigenvalue beside that
of all tastes rising together: exact to some tenths of a nat, and linear in votes where the whole matrix is cubic in
models.
Ties are beta-binomial, for a tenth of raters with any share.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy
from scipy.special import betaln, expit

from arena.quality import strengths
from arena.quality.arrays import Flags, Floats, Integers, per
from arena.quality.log import RaterVotes

_STEPS = 5
_UNUSUAL, _ANY = 0.1, (0.4, 0.8)
"""Share of people who tie as nobody else does, some never, and the distribution of theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spreads:
    """How much honest raters differ; logits where nothing else is said."""

    taste: float = 0.3
    side_mean: float = 0.0
    side: float = 0.2
    slope_mean: float = 0.0
    """Of the logarithm of a rater's sharpness."""
    slope: float = 0.25
    """Likewise."""
    tie: tuple[float, float] = (2.0, 6.0)
    """Beta distribution of the share of ties."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Each rater's most likely own parameters, with their variances, and the log likelihood of their votes."""

    log_likelihood: Floats
    taste: Floats
    """(raters, models)"""
    side: Floats
    slope: Floats
    """Logarithms."""
    taste_variance: Floats
    side_variance: Floats
    slope_variance: Floats


def person(
    votes: RaterVotes,
    logit: Floats,
    size: tuple[int, int],
    spreads: Spreads,
    start: Person | None = None,
    steps: int = _STEPS,
) -> Person:
    """Fit each rater's own parameters to decisive votes; `logit` is the board's, one for each vote."""
    raters, _ = size
    at = (
        _At(numpy.zeros(size), numpy.full(raters, spreads.side_mean), numpy.full(raters, spreads.slope_mean))
        if start is None
        else _At(start.taste, start.side, start.slope)
    )
    best = _joint(votes, logit, at, size, spreads)
    for _ in range(steps):
        step = _step(votes, best, size, spreads)
        found = _joint(votes, logit, _At(*(old + new for old, new in zip(best.at, step, strict=True))), size, spreads)
        worse = found.density < best.density - 1e-9
        if worse.any():  # back, and a quarter of the way next time
            near = _At(
                *(old + _each(numpy.where(worse, 0.25, 1.0), old) * new for old, new in zip(best.at, step, strict=True))
            )
            found = _joint(votes, logit, near, size, spreads)
            worse = found.density < best.density - 1e-9
            if worse.any():
                kept = _At(
                    *(numpy.where(_each(worse, old), old, new) for old, new in zip(best.at, found.at, strict=True))
                )
                found = _joint(votes, logit, kept, size, spreads)
        best = found
    curved = best.curved
    return Person(
        log_likelihood=best.density - 0.5 * curved.log_determinant,
        taste=best.at.taste,
        side=best.at.side,
        slope=best.at.slope,
        taste_variance=_alone(curved, spreads),
        side_variance=curved.slope / curved.determinant,
        slope_variance=curved.side / curved.determinant,
    )


def _alone(curved: "_Curvature", spreads: Spreads) -> Floats:
    """Variance of each taste: what is known of it against the others, and nothing of all together."""
    met = numpy.maximum(curved.seen.sum(1), 1)[:, None]
    known = (1 - 1 / met) / curved.taste + spreads.taste**2 / met
    return numpy.where(curved.seen, known, spreads.taste**2)


class _At(NamedTuple):
    taste: Floats
    side: Floats
    slope: Floats


def _each(value: Any, like: Floats) -> Any:
    """A value of each rater, in the shape of a table."""
    return value if like.ndim == 1 else value[:, None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Joint:
    """The joint density of votes and parameters, and its derivatives, at some parameters."""

    at: _At
    density: Floats
    scaled: Floats
    rest: Floats
    curved: "_Curvature"


def _joint(votes: RaterVotes, logit: Floats, at: _At, size: tuple[int, int], spreads: Spreads) -> _Joint:
    scaled = numpy.exp(at.slope)[votes.rater] * logit
    eta = scaled + at.side[votes.rater] + at.taste[votes.rater, votes.left] - at.taste[votes.rater, votes.right]
    chance = expit(eta)
    density = per(votes.rater, size[0], -numpy.logaddexp(0.0, -votes.sign * eta))
    density -= 0.5 * (at.taste**2).sum(1) / spreads.taste**2
    density -= 0.5 * ((at.side - spreads.side_mean) / spreads.side) ** 2
    density -= 0.5 * ((at.slope - spreads.slope_mean) / spreads.slope) ** 2
    return _Joint(
        at=at,
        density=density,
        scaled=scaled,
        rest=(votes.sign > 0) - chance,
        curved=_curvature(votes, scaled, chance * (1 - chance), size, spreads),
    )


def _step(votes: RaterVotes, now: _Joint, size: tuple[int, int], spreads: Spreads) -> _At:
    """Newton's step, tastes eliminated first."""
    raters, curved, at = size[0], now.curved, now.at
    pull, pulled = strengths.tables(votes.rater, votes.left, votes.right, now.rest, size)
    share = (pull - pulled - at.taste / spreads.taste**2) / curved.taste
    by_side = per(votes.rater, raters, now.rest) - (at.side - spreads.side_mean) / spreads.side**2
    by_slope = per(votes.rater, raters, now.rest * now.scaled) - (at.slope - spreads.slope_mean) / spreads.slope**2
    by_side = by_side - (curved.taste_side * share).sum(1)
    by_slope = by_slope - (curved.taste_slope * share).sum(1)
    side = numpy.clip((curved.slope * by_side - curved.both * by_slope) / curved.determinant, -1.0, 1.0)
    slope = numpy.clip((curved.side * by_slope - curved.both * by_side) / curved.determinant, -0.7, 0.7)
    across = curved.taste_side * side[:, None] + curved.taste_slope * slope[:, None]
    taste = numpy.clip(share - across / curved.taste, -1.5, 1.5)
    middle = ((at.taste + taste) * curved.seen).sum(1) / numpy.maximum(curved.seen.sum(1), 1)
    return _At(taste - curved.seen * middle[:, None], side, slope)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Curvature:
    """Second derivatives of the joint density, prior included; those of side and slope after tastes are taken out."""

    taste: Floats
    seen: Flags
    """(raters, models): who voted on what."""
    taste_side: Floats
    taste_slope: Floats
    side: Floats
    slope: Floats
    both: Floats
    determinant: Floats
    log_determinant: Floats
    """Of the whole matrix over that of the prior."""


def _curvature(
    votes: RaterVotes, scaled: Floats, weight: Floats, size: tuple[int, int], spreads: Spreads
) -> _Curvature:
    raters, _ = size
    first, second = strengths.tables(votes.rater, votes.left, votes.right, weight, size)
    seen, taste_side = first + second, first - second
    first, second = strengths.tables(votes.rater, votes.left, votes.right, weight * scaled, size)
    taste_slope = first - second
    met = (seen > 0).sum(1)
    balanced = numpy.where(met > 1, met / numpy.maximum(met - 1, 1), 1.0)[:, None]
    taste = seen * balanced + 1 / spreads.taste**2
    side = per(votes.rater, raters, weight) + 1 / spreads.side**2
    slope = per(votes.rater, raters, weight * scaled**2) + 1 / spreads.slope**2
    both = per(votes.rater, raters, weight * scaled)
    side = side - (taste_side**2 / taste).sum(1)
    slope = slope - (taste_slope**2 / taste).sum(1)
    both = both - (taste_side * taste_slope / taste).sum(1)
    determinant = numpy.maximum(side * slope - both**2, 1e-9)
    return _Curvature(
        taste=taste,
        seen=seen > 0,
        taste_side=taste_side,
        taste_slope=taste_slope,
        side=side,
        slope=slope,
        both=both,
        determinant=determinant,
        log_determinant=numpy.log(taste * spreads.taste**2).sum(1) / balanced[:, 0]
        + numpy.log(determinant * spreads.side**2 * spreads.slope**2),
    )


def ties(tied: Integers | Floats, votes: Integers | Floats, spreads: Spreads) -> Floats:
    """Log likelihood of so many ties among so many votes, in an order that does not matter."""
    usual = _beta(tied, votes, *spreads.tie) + numpy.log1p(-_UNUSUAL)
    found: Floats = numpy.logaddexp(usual, _beta(tied, votes, *_ANY) + numpy.log(_UNUSUAL))
    return found


def _beta(tied: Integers | Floats, votes: Integers | Floats, alpha: float, beta: float) -> Floats:
    found: Floats = betaln(tied + alpha, votes - tied + beta) - betaln(alpha, beta)
    return found
