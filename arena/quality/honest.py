"""How likely an honest rater's votes are: a person with tastes, a side they lean to and a sharpness of their own.

On votes that decide, P(left) = 1 / (1 + exp(-eta)), eta = exp(k) d + s + w_left - w_right, where d is the logit of the
board without the rater, and w ~ N(0, taste^2) for each model, s ~ N(side_mean, side^2), k ~ N(slope_mean, slope^2).
The votes' marginal likelihood is Laplace's: the joint density at its maximum, and the determinant there. Second
derivatives between two models are left out of the steps, and of the determinant but for the direction in which all
tastes rise together: exact to some tenths of a nat, and linear in votes where the whole matrix is cubic in models.
Ties are beta-binomial.
"""

from dataclasses import dataclass

import numpy
from scipy.special import betaln, expit

from arena.quality import strengths
from arena.quality.arrays import Floats, Integers, per
from arena.quality.log import Taken

_STEPS = 5


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
    votes: Taken,
    logit: Floats,
    size: tuple[int, int],
    spreads: Spreads,
    start: Person | None = None,
    steps: int = _STEPS,
) -> Person:
    """Fit each rater's own parameters to decisive votes; `logit` is the board's, one for each vote."""
    raters, _ = size
    won = (votes.sign > 0).astype(float)
    taste = numpy.zeros(size) if start is None else start.taste
    side = numpy.full(raters, spreads.side_mean) if start is None else start.side
    slope = numpy.full(raters, spreads.slope_mean) if start is None else start.slope
    for step in range(steps + 1):
        scaled = numpy.exp(slope)[votes.rater] * logit
        own = taste[votes.rater, votes.left] - taste[votes.rater, votes.right]
        eta = scaled + side[votes.rater] + own
        chance = expit(eta)
        rest, weight = won - chance, chance * (1 - chance)
        curved = _curvature(votes, scaled, weight, size, spreads)
        if step == steps:
            break
        pull, pulled = strengths.tables(votes.rater, votes.left, votes.right, rest, size)
        for_taste = pull - pulled - taste / spreads.taste**2
        by_side = per(votes.rater, raters, rest) - (side - spreads.side_mean) / spreads.side**2
        by_slope = per(votes.rater, raters, rest * scaled) - (slope - spreads.slope_mean) / spreads.slope**2
        share = for_taste / curved.taste
        by_side = by_side - (curved.taste_side * share).sum(1)
        by_slope = by_slope - (curved.taste_slope * share).sum(1)
        more_side = numpy.clip((curved.slope * by_side - curved.both * by_slope) / curved.determinant, -1.0, 1.0)
        more_slope = numpy.clip((curved.side * by_slope - curved.both * by_side) / curved.determinant, -0.7, 0.7)
        across = curved.taste_side * more_side[:, None] + curved.taste_slope * more_slope[:, None]
        taste = taste + numpy.clip(share - across / curved.taste, -1.5, 1.5)
        side, slope = side + more_side, slope + more_slope
    density = per(votes.rater, raters, -numpy.logaddexp(0.0, -votes.sign * eta))
    density -= 0.5 * (taste**2).sum(1) / spreads.taste**2
    density -= 0.5 * ((side - spreads.side_mean) / spreads.side) ** 2
    density -= 0.5 * ((slope - spreads.slope_mean) / spreads.slope) ** 2
    return Person(
        log_likelihood=density - 0.5 * curved.log_determinant,
        taste=taste,
        side=side,
        slope=slope,
        taste_variance=1 / curved.taste,
        side_variance=curved.slope / curved.determinant,
        slope_variance=curved.side / curved.determinant,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Curvature:
    """Second derivatives of the joint density, prior included; those of side and slope after tastes are taken out."""

    taste: Floats
    taste_side: Floats
    taste_slope: Floats
    side: Floats
    slope: Floats
    both: Floats
    determinant: Floats
    log_determinant: Floats
    """Of the whole matrix over that of the prior."""


def _curvature(votes: Taken, scaled: Floats, weight: Floats, size: tuple[int, int], spreads: Spreads) -> _Curvature:
    raters, _ = size
    first, second = strengths.tables(votes.rater, votes.left, votes.right, weight, size)
    seen, taste_side = first + second, first - second
    first, second = strengths.tables(votes.rater, votes.left, votes.right, weight * scaled, size)
    taste_slope = first - second
    taste = seen + 1 / spreads.taste**2
    side = per(votes.rater, raters, weight) + 1 / spreads.side**2
    slope = per(votes.rater, raters, weight * scaled**2) + 1 / spreads.slope**2
    both = per(votes.rater, raters, weight * scaled)
    side = side - (taste_side**2 / taste).sum(1)
    slope = slope - (taste_slope**2 / taste).sum(1)
    both = both - (taste_side * taste_slope / taste).sum(1)
    determinant = numpy.maximum(side * slope - both**2, 1e-9)
    total = seen.sum(1)
    together = total / numpy.maximum((taste * (seen > 0)).sum(1), 1e-9)  # all tastes rise: nothing changes
    return _Curvature(
        taste=taste,
        taste_side=taste_side,
        taste_slope=taste_slope,
        side=side,
        slope=slope,
        both=both,
        determinant=determinant,
        log_determinant=numpy.log(taste * spreads.taste**2).sum(1)
        + numpy.log1p(-together)
        + together
        + numpy.log(determinant * spreads.side**2 * spreads.slope**2),
    )


def ties(tied: Integers | Floats, votes: Integers | Floats, spreads: Spreads) -> Floats:
    """Log likelihood of so many ties among so many votes, in an order that does not matter."""
    alpha, beta = spreads.tie
    found: Floats = betaln(tied + alpha, votes - tied + beta) - betaln(alpha, beta)
    return found
