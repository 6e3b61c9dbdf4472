"""How likely an honest rater's votes are: a person with tastes, a side they lean to and a sharpness of their own.

On votes that decide, P(left) = 1 / (1 + exp(-eta)), eta = exp(k) d + s + z (f_left - f_right) + w_left - w_right, where
d is the logit of the board without the rater, and w ~ N(0, taste^2) for each model, s ~ N(side_mean, side^2),
k ~ N(slope_mean, slope^2), z ~ N(0, 1). f is a taste that people share more or less of, where the log shows one
(`arena.quality.shared`).
The votes' marginal likelihood is Laplace's: the joint density at its maximum, and the determinant there. A rater's
second derivatives by tastes are taken to be those of one who met all pairs alike, which have one eigenvalue beside that
of all tastes rising together: exact to some tenths of a nat, and linear in votes where the whole matrix is cubic in
models.
Ties are beta-binomial, for a tenth of raters with any share.
"""

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy
from scipy.special import betaln, expit

from arena.quality.arrays import Flags, Floats, Integers, per
from arena.quality.log import RaterVotes, parts

_STEPS = 5
_NEVER = 1e-300
_FARTHEST = (1.0, 0.7, 1.0)
"""The longest step of each own parameter."""
_ENOUGH = 1e-3
"""Nats; a step that gains no rater more is the last."""
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
    shared: tuple[float, ...] = ()
    """(models,): what one spread of the taste that people share adds to each; empty where they share none."""

    @property
    def reach(self) -> float:
        """How far unusual tastes may go: some are shared by too few to be seen."""
        common = numpy.array(self.shared)
        return self.taste + float(numpy.sqrt((common @ common) / max(len(common), 1)))

    @property
    def means(self) -> Floats:
        """Of a rater's own side, logarithm of sharpness and share in the common taste, the last where there is one."""
        return numpy.array([self.side_mean, self.slope_mean, 0.0][: 2 + bool(self.shared)])

    @property
    def widths(self) -> Floats:
        """Their standard deviations."""
        return numpy.array([self.side, self.slope, 1.0][: 2 + bool(self.shared)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Each rater's most likely own parameters, with their variances, and the log likelihood of their votes."""

    log_likelihood: Floats
    taste: Floats
    """(raters, models)"""
    own: Floats
    """(raters, 2 or 3): side, logarithm of sharpness and, where there is one, share in the common taste."""
    taste_variance: Floats
    own_variance: Floats

    @property
    def side(self) -> Floats:
        found: Floats = self.own[:, 0]
        return found

    @property
    def slope(self) -> Floats:
        """Logarithms."""
        found: Floats = self.own[:, 1]
        return found

    def logit(self, votes: RaterVotes, logit: Floats, spreads: Spreads) -> Floats:
        """Of each vote, what it is to its rater, tastes of their own for single models apart."""
        found: Floats = numpy.exp(self.slope)[votes.rater] * logit + self.side[votes.rater]
        if spreads.shared:
            found += self.own[votes.rater, 2] * _along(votes, spreads)
        return found

    def part(self, first: int, last: int) -> "Person":
        """Of the raters from `first` to below `last`."""
        return Person(**{one.name: getattr(self, one.name)[first:last] for one in fields(self)})

    def of(self, some: Flags) -> "Person":
        """Of these raters."""
        return Person(**{one.name: getattr(self, one.name)[some] for one in fields(self)})

    @classmethod
    def joined(cls, found: "list[Person]") -> "Person":
        """Of the raters of all."""
        if len(found) == 1:
            return found[0]
        return cls(**{one.name: numpy.concatenate([getattr(part, one.name) for part in found]) for one in fields(cls)})


def person(
    votes: RaterVotes,
    logit: Floats,
    size: tuple[int, int],
    spreads: Spreads,
    start: Person | None = None,
    steps: int = _STEPS,
) -> Person:
    """Fit each rater's own parameters to decisive votes; `logit` is the board's, one for each vote."""
    raters, models = size
    found = []
    for first, last in parts(numpy.bincount(votes.rater, minlength=raters), models):
        mine, where = votes.part(first, last)
        begin = None if start is None else start.part(first, last)
        found.append(_person(mine, logit[where], (last - first, models), spreads, begin, steps))
    return Person.joined(found)


def _person(
    votes: RaterVotes,
    logit: Floats,
    size: tuple[int, int],
    spreads: Spreads,
    start: Person | None,
    steps: int,
) -> Person:
    raters, _ = size
    own = numpy.tile(spreads.means, (raters, 1))
    at = _At(numpy.zeros(size), own)
    if start is not None:
        both = min(own.shape[1], start.own.shape[1])
        own[:, :both] = start.own[:, :both]
        at = _At(start.taste, own)
    best = _joint(votes, logit, at, size, spreads)
    for _ in range(steps):
        step = _step(votes, best, size, spreads)
        found = _joint(votes, logit, _At(*(old + new for old, new in zip(best.at, step, strict=True))), size, spreads)
        worse = (found.density < best.density - 1e-9)[:, None]
        if worse.any():  # back, and a quarter of the way next time
            near = _At(*(old + numpy.where(worse, 0.25, 1.0) * new for old, new in zip(best.at, step, strict=True)))
            found = _joint(votes, logit, near, size, spreads)
            worse = (found.density < best.density - 1e-9)[:, None]
            if worse.any():
                kept = _At(*(numpy.where(worse, old, new) for old, new in zip(best.at, found.at, strict=True)))
                found = _joint(votes, logit, kept, size, spreads)
        gained = float((found.density - best.density).max(initial=0.0))
        best = found
        if gained < _ENOUGH:
            break
    curved = best.curved
    return Person(
        log_likelihood=best.density - 0.5 * curved.log_determinant,
        taste=best.at.taste,
        own=best.at.own,
        taste_variance=_alone(curved, spreads),
        own_variance=numpy.diagonal(numpy.linalg.inv(curved.own), axis1=1, axis2=2),
    )


def _alone(curved: "_Curvature", spreads: Spreads) -> Floats:
    """Variance of each taste: what is known of it against the others, and nothing of all together."""
    met = numpy.maximum(curved.seen.sum(1), 1)[:, None]
    known = (1 - 1 / met) / curved.taste + spreads.taste**2 / met
    return numpy.where(curved.seen, known, spreads.taste**2)


def _along(votes: RaterVotes, spreads: Spreads) -> Floats:
    """By how much the shared taste is for the left side of each vote."""
    shared = numpy.array(spreads.shared)
    found: Floats = shared[votes.left] - shared[votes.right]
    return found


class _At(NamedTuple):
    taste: Floats
    own: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _Joint:
    """The joint density of votes and parameters, and its derivatives, at some parameters."""

    at: _At
    density: Floats
    by_own: list[Floats]
    """Of each vote after the first, by what its logit grows with each of the rater's own parameters."""
    rest: Floats
    curved: "_Curvature"


def _joint(votes: RaterVotes, logit: Floats, at: _At, size: tuple[int, int], spreads: Spreads) -> _Joint:
    left, right = votes.cells(size[1])
    taste = at.taste.ravel()
    scaled = numpy.exp(at.own[:, 1])[votes.rater] * logit
    by_own = [scaled]
    eta = scaled + at.own[votes.rater, 0] + taste[left] - taste[right]
    if spreads.shared:
        by_own.append(_along(votes, spreads))
        eta += at.own[votes.rater, 2] * by_own[1]
    likely = expit(votes.sign * eta)
    density = per(votes.rater, size[0], numpy.log(numpy.maximum(likely, _NEVER)))
    density -= 0.5 * (at.taste**2).sum(1) / spreads.taste**2
    density -= 0.5 * (((at.own - spreads.means) / spreads.widths) ** 2).sum(1)
    return _Joint(
        at=at,
        density=density,
        by_own=by_own,
        rest=votes.sign * (1 - likely),
        curved=_curvature(votes, by_own, likely * (1 - likely), size, spreads),
    )


def _step(votes: RaterVotes, now: _Joint, size: tuple[int, int], spreads: Spreads) -> _At:
    """Newton's step, tastes eliminated first."""
    curved, at = now.curved, now.at
    pull, pulled = votes.tables(now.rest, size)
    share = (pull - pulled - at.taste / spreads.taste**2) / curved.taste
    pulls = [pull.sum(1), *(per(votes.rater, size[0], now.rest * by) for by in now.by_own)]
    by_own = numpy.stack(pulls, axis=1) - (at.own - spreads.means) / spreads.widths**2
    by_own -= numpy.stack([(across * share).sum(1) for across in curved.across], axis=1)
    own = numpy.linalg.solve(curved.own, by_own[:, :, None])[:, :, 0]
    own = numpy.clip(own, -numpy.array(_FARTHEST[: own.shape[1]]), _FARTHEST[: own.shape[1]])
    moved = sum(across * own[:, place, None] for place, across in enumerate(curved.across))
    taste = numpy.clip(share - moved / curved.taste, -1.5, 1.5)
    middle = ((at.taste + taste) * curved.seen).sum(1) / numpy.maximum(curved.seen.sum(1), 1)
    return _At(taste - curved.seen * middle[:, None], own)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Curvature:
    """Second derivatives of the joint density, prior included; those of own parameters after tastes are taken out."""

    taste: Floats
    seen: Flags
    """(raters, models): who voted on what."""
    across: list[Floats]
    """(raters, models) for each own parameter: by it and by a taste."""
    own: Floats
    """(raters, own, own)"""
    log_determinant: Floats
    """Of the whole matrix over that of the prior."""


def _curvature(
    votes: RaterVotes, by_own: list[Floats], weight: Floats, size: tuple[int, int], spreads: Spreads
) -> _Curvature:
    raters, _ = size
    count = 1 + len(by_own)
    own = numpy.empty((raters, count, count))
    first, second = votes.tables(weight, size)
    seen, across = first + second, [first - second]
    own[:, 0, 0] = first.sum(1)
    met = (seen > 0).sum(1)
    balanced = numpy.where(met > 1, met / numpy.maximum(met - 1, 1), 1.0)[:, None]
    taste = seen * balanced + 1 / spreads.taste**2
    for place, by in enumerate(by_own, 1):
        weighted = weight * by
        first, second = votes.tables(weighted, size)
        across.append(first - second)
        own[:, 0, place] = first.sum(1)
        for other in range(place, count):
            own[:, place, other] = per(votes.rater, raters, weighted * by_own[other - 1])
    for row in range(count):
        for column in range(row, count):
            own[:, row, column] -= (across[row] * across[column] / taste).sum(1)
            own[:, column, row] = own[:, row, column]
    own[:, range(count), range(count)] += 1 / spreads.widths**2
    return _Curvature(
        taste=taste,
        seen=seen > 0,
        across=across,
        own=own,
        log_determinant=numpy.log(taste * spreads.taste**2).sum(1) / balanced[:, 0]
        + numpy.linalg.slogdet(own)[1]
        + 2 * numpy.log(spreads.widths).sum(),
    )


def ties(tied: Integers | Floats, votes: Integers | Floats, spreads: Spreads) -> Floats:
    """Log likelihood of so many ties among so many votes, in an order that does not matter."""
    usual = _beta(tied, votes, *spreads.tie) + numpy.log1p(-_UNUSUAL)
    found: Floats = numpy.logaddexp(usual, _beta(tied, votes, *_ANY) + numpy.log(_UNUSUAL))
    return found


def _beta(tied: Integers | Floats, votes: Integers | Floats, alpha: float, beta: float) -> Floats:
    found: Floats = betaln(tied + alpha, votes - tied + beta) - betaln(alpha, beta)
    return found
