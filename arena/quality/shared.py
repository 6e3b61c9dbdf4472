"""A taste that people share more or less of: for long answers, or against them.

Tastes for single models are independent between people in `honest`. Where they are not, raters who share one look like
a ring, and whoever judges as many others do is held. The direction is the one in which raters deviate most from the
board, beyond their own side and sharpness, if it stands far out from the next: among raters whose tastes are
independent all directions are alike (124 raters of LLMFAO on 59 models: the first has 3.0 times the variance of the
second, 1.1 to 1.4 times where their votes are drawn anew with independent tastes). Each rater has a share z ~ N(0, 1)
of it, so that it reaches both ways from the board, as a ring does not: where shares fall apart into two groups, it is
no taste (`parted`).
"""

from typing import NamedTuple

import numpy
from scipy.special import expit

from arena.quality import honest
from arena.quality.arrays import Flags, Floats
from arena.quality.log import LEFT, RaterVotes

_APART = 1.7
"""Times the variance along the next direction."""
_PARTED = 8.0
"""Nats by which two groups have to be likelier than one. People of LLMFAO, with and without attackers, give 3 to 12,
but no groups apart; rings that looked like a taste give 10 to 209."""
_BETWEEN = 2.0
"""Standard deviations of both groups together, from one to the other."""
_SOME = 0.03
"""Share of raters; a smaller group are a few unusual people."""
_ROUNDS = 100
_NARROWEST = 0.05
_SURE = 1e-3
"""Variance of a share; less is not known of anybody, whatever the approximation says of a few raters."""
_LEAST = 0.02
"""Of a shared taste, in logits; a smaller one is none."""


def standard(
    votes: RaterVotes, logit: Floats, size: tuple[int, int], spreads: honest.Spreads, people: honest.Person
) -> Floats:
    """(raters, models): how far each rater's decisions on each model are from what their side and sharpness say.

    In standard deviations, noise and a taste of their own taken together.
    """
    chance = expit(people.logit(votes, logit, spreads))
    first, second = votes.tables((votes.outcome == LEFT) - chance, size)
    seen, also = votes.tables(chance * (1 - chance), size)
    known = seen + also
    found: Floats = (first - second) / numpy.sqrt(known * (1 + spreads.taste**2 * known) + 0.25)
    return found


def seen(
    votes: RaterVotes, logit: Floats, size: tuple[int, int], spreads: honest.Spreads, people: honest.Person, kept: Flags
) -> tuple[float, ...]:
    """One spread of the taste that these raters share, to begin a closer look with; empty where they share none."""
    apart = standard(votes, logit, size, spreads, people)[kept]
    values, vectors = numpy.linalg.eigh(apart.T @ apart)
    if len(values) < 4 or values[-1] < _APART * values[-2]:
        return ()
    scale = 0.5 * spreads.taste * numpy.sqrt(len(values))
    return tuple(float(value) for value in scale * vectors[:, -1])


def stepped(spreads: honest.Spreads, people: honest.Person, weight: Floats) -> tuple[float, ...]:
    """One step of a shared taste towards what raters' shares and their other tastes show of it.

    Tastes for single models that go with shares belong to it, and shares have a standard deviation of 1.
    """
    share, variance = people.own[:, 2], people.own_variance[:, 2]
    known = numpy.maximum(1 - people.taste_variance / spreads.taste**2, 0.0)
    mine = (weight * share)[:, None]
    step = (mine * people.taste).sum(0) / ((mine * share[:, None] * known).sum(0) + 1.0)
    taste = numpy.array(spreads.shared) + numpy.clip(step, -0.3, 0.3)
    grown = float((weight * (share**2 + variance - 1)).sum())
    grown /= max(float(2 * (weight * (1 - numpy.minimum(variance, 1.0)) ** 2).sum()), 1e-9)
    taste = (taste - taste.mean()) * numpy.exp(numpy.clip(grown, -0.3, 0.3))
    return tuple(float(value) for value in taste) if float(numpy.abs(taste).max()) > _LEAST else ()


def parted(people: honest.Person, kept: Flags) -> bool:
    """Whether these raters' shares are of two groups apart from each other, rather than of people who differ.

    Shares are normal, each known with its own error, or a mixture of two normals, by EM from either side.
    """
    known = 1 / numpy.clip(people.own_variance[kept, 2], _SURE, 0.99)
    noise = 1 / (known - 1)
    share = people.own[kept, 2] * known * noise
    one = _Group(0.0, 1.0)
    for _ in range(_ROUNDS):
        one = one.moved(share, noise, numpy.ones(len(share)))
    alone = float(one.density(share, noise).sum())
    for way in (1.0, -1.0):
        usual, apart, part = _Group(one.mean, one.wide / 2), _Group(one.mean + way * 2 * one.wide, one.wide / 2), 0.15
        likely = numpy.zeros(1)
        for _ in range(_ROUNDS):
            first = numpy.log1p(-part) + usual.density(share, noise)
            second = numpy.log(part) + apart.density(share, noise)
            likely = numpy.logaddexp(first, second)
            belongs = numpy.exp(second - likely)
            usual, apart = usual.moved(share, noise, 1 - belongs), apart.moved(share, noise, belongs)
            part = float(numpy.clip(belongs.mean(), 0.005, 0.5))
        between = abs(apart.mean - usual.mean) / (apart.wide + usual.wide)
        if float(likely.sum()) - alone > _PARTED and between > _BETWEEN and part > _SOME:
            return True
    return False


class _Group(NamedTuple):
    """People whose shares are normal."""

    mean: float
    wide: float

    def density(self, share: Floats, noise: Floats) -> Floats:
        """Logarithms, a constant apart."""
        variance = noise + self.wide**2
        found: Floats = -0.5 * (share - self.mean) ** 2 / variance - 0.5 * numpy.log(variance)
        return found

    def moved(self, share: Floats, noise: Floats, weight: Floats) -> "_Group":
        """One round of EM."""
        variance = 1 / (1 / noise + 1 / self.wide**2)
        true = variance * (share / noise + self.mean / self.wide**2)
        whole = max(float(weight.sum()), 1e-9)
        mean = float(weight @ true) / whole
        wide = float(weight @ (variance + (true - mean) ** 2)) / whole
        return _Group(mean, max(float(numpy.sqrt(wide)), _NARROWEST))
