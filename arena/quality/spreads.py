"""How much honest raters differ, learnt from their votes.

Each spread is raised or lowered until what raters show of it is what it says: Fisher scoring on the marginal likelihood
of `honest`, with gradient sum((mode^2 + variance) / spread^2 - 1). Values beyond three spreads count as three, and a
rater weighs as much as he is likelier honest than blind, so that raters who are not honest widen little.
"""

from dataclasses import replace

import numpy
import scipy.optimize
from scipy.special import betaln, expit

from arena.quality import blind, honest, shared
from arena.quality.arrays import Flags, Floats, Integers
from arena.quality.log import TIE, RaterVotes

_ROUNDS = 15
_LOW = {"taste": 1.25, "side": 1.12, "slope": 1.12}
"""Laplace's approximation finds spreads of few yes-or-no votes too narrow, by so much in `benchmarks/quality.py`."""
_ENOUGH = 0.01
_VOTES = 200_000
"""Of the raters who came first; they show spreads to a hundredth."""
_OUTLYING = 9.0
_FEW = 20
"""Raters; fewer do not show how much people differ."""
WIDE = honest.Spreads(taste=0.75, side=0.6, slope=0.4)
"""For fewer: as much as people have been seen to differ."""
_BLIND = 0.12
"""Prior odds of a blind rater, of either sort."""
BOUNDS = {"taste": (0.05, 1.5), "side": (0.1, 1.0), "slope": (0.05, 0.8)}
"""Logits; below the first nobody can tell, beyond the second nobody agrees with anybody."""


def fit(
    votes: RaterVotes,
    logit: Floats,
    cast: Integers,
    size: tuple[int, int],
    kept: Flags,
    start: honest.Spreads,
    *,
    afresh: bool = True,
) -> honest.Spreads:
    """Spreads of the raters kept, from their decisive votes, and from `cast`: left, right and tie of each rater.

    From `start` and, afresh, from wide ones, too: either may end where leaning people count as blind, or the blind as
    people, and the likelier end is taken. Of a large log, so many raters are read as a spread needs.
    """
    among = kept & (numpy.cumsum(cast.sum(1) * kept) <= _VOTES)
    begins = (start, replace(start, side=WIDE.side)) if afresh else (start,)
    ends = [_from(votes, logit, cast, size, among, begin) for begin in begins]
    return max(ends, key=lambda end: end[1])[0]


def _from(
    votes: RaterVotes, logit: Floats, cast: Integers, size: tuple[int, int], kept: Flags, start: honest.Spreads
) -> tuple[honest.Spreads, float]:
    """Spreads, and how likely all votes are under them or blind."""
    total = cast.sum(1)
    known = kept & (total > cast[:, TIE])
    if known.sum() < _FEW:
        return replace(WIDE, tie=start.tie), 0.0
    found = replace(start, **{name: getattr(start, name) / low for name, low in _LOW.items()})
    mine = kept[votes.rater]
    if not mine.all():
        votes, logit = votes.where(mine), logit[mine]
    people = None
    at_random = numpy.logaddexp(*(blind.log_likelihood(cast, shares) for shares in (blind.EVEN, blind.ANY)))
    likely = 0.0
    for turn in range(_ROUNDS):
        people = honest.person(votes, logit, size, found, people, steps=2)
        before = found
        honestly = people.log_likelihood + honest.ties(cast[:, TIE], total, found)
        weight = expit(honestly - at_random - numpy.log(_BLIND)) * known
        likely = float(numpy.logaddexp(honestly, at_random + numpy.log(_BLIND))[known].sum())
        side, slope = people.side - found.side_mean, people.slope - found.slope_mean
        slope_mean = found.slope_mean + _shift(slope, people.own_variance[:, 1], found.slope, weight)
        found = replace(
            found,
            taste=_scored("taste", found.taste, people.taste, people.taste_variance, weight[:, None]),
            side=_scored("side", found.side, side, people.own_variance[:, 0], weight),
            slope=_scored("slope", found.slope, slope, people.own_variance[:, 1], weight),
            side_mean=found.side_mean + _shift(side, people.own_variance[:, 0], found.side, weight),
            slope_mean=float(numpy.clip(slope_mean, -0.5, 0.5)),
            tie=_ties(cast[:, TIE], total, weight, found.tie) if turn % 4 == 0 else found.tie,
            shared=shared.stepped(found, people, weight) if found.shared else (),
        )
        moved = [abs(numpy.log(getattr(found, name) / getattr(before, name))) for name in BOUNDS]
        if max(*moved, abs(found.slope_mean - before.slope_mean)) < _ENOUGH:
            break
    return replace(found, **{name: getattr(found, name) * low for name, low in _LOW.items()}), likely


def _scored(name: str, now: float, mode: Floats, variance: Floats, weight: Floats) -> float:
    """One step of a spread towards what the modes and their variances show."""
    square = numpy.minimum((mode**2 + variance) / now**2, _OUTLYING)
    known = 1 - numpy.minimum(variance / now**2, 1.0)
    step = float((weight * (square - 1)).sum() / max(2 * (weight * known**2).sum(), 1e-9))
    return float(numpy.clip(now * numpy.exp(numpy.clip(step, -0.5, 0.5)), *BOUNDS[name]))


def _shift(away: Floats, variance: Floats, spread: float, weight: Floats) -> float:
    """One step of the mean."""
    known = 1 - numpy.minimum(variance / spread**2, 1.0)
    return float((weight * numpy.clip(away, -3 * spread, 3 * spread)).sum() / max((weight * known).sum(), 1e-9))


def _ties(tied: Integers, cast: Integers, weight: Floats, start: tuple[float, float]) -> tuple[float, float]:
    """The beta distribution of the share of ties under which these counts are most likely."""
    some = weight > 0
    tied, cast, weight = tied[some], cast[some], weight[some]

    def unlikely(logarithms: Floats) -> float:
        alpha, beta = numpy.exp(logarithms)
        return -float((weight * (betaln(tied + alpha, cast - tied + beta) - betaln(alpha, beta))).sum())

    found = scipy.optimize.minimize(
        unlikely, numpy.log(start), method="L-BFGS-B", bounds=[(-2.5, 4.0), (-2.5, 6.0)], options={"maxiter": 8}
    )
    alpha, beta = numpy.exp(found.x)
    return float(alpha), float(beta)
