"""Battles that somebody skips or stops until one model comes.

Of the battles that a rater was given, those with model m and those without it are skipped with chances of their own: a
few of the first and most of the others, where m is hunted for. Honest raters skip for whatever reason, with m as often
as without it. E is the mean over models of (hunted for) / (the best that one chance for all explains), at most an
e-value for every honest chance. Only battles of campaigns in which the rater met m count, from the first time to the
last, so that models which come and go are not taken for hunted ones.
"""

from dataclasses import dataclass

import numpy
from scipy.special import betaln, logsumexp, xlogy

from arena.quality.arrays import Flags, Floats, Integers, per

_KEPT, _SKIPPED = (1.0, 9.0), (9.0, 1.0)
"""Beta distributions of the chance to skip what is hunted for, and everything else."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Offers:
    """Battles that raters were given, one element each."""

    rater: Integers
    moment: Floats
    left: Integers
    right: Integers
    """Models, by number."""
    campaign: Integers
    skipped: Flags
    """Whether the rater skipped or stopped it, instead of voting."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hunting:
    """What the skips of each rater say."""

    strength: Floats
    """Logarithm of E."""
    model: Integers
    """The model that says most."""
    skipped_with: Integers
    met_with: Integers
    skipped_without: Integers
    met_without: Integers


def read(offers: Offers, raters: int, models: int) -> Hunting:
    """The hunting of each rater."""
    found, counts = [], []
    for model in range(models):
        table = _counts(offers, raters, model)
        skipped_with, met_with, skipped_without, met_without = table
        hunted = _beta(skipped_with, met_with, *_KEPT) + _beta(skipped_without, met_without, *_SKIPPED)
        skipped, met = skipped_with + skipped_without, met_with + met_without
        share = skipped / numpy.maximum(met, 1)
        honest = xlogy(skipped, share) + xlogy(met - skipped, 1 - share)
        found.append(numpy.where((met_with > 0) & (met_without > 0), hunted - honest, 0.0))
        counts.append(table)
    odds = numpy.array(found).reshape(models, raters)
    best = odds.argmax(0)
    chosen = numpy.array(counts)[best, :, numpy.arange(raters)].astype(numpy.int64)
    return Hunting(
        strength=logsumexp(odds, axis=0) - numpy.log(models),
        model=best,
        skipped_with=chosen[:, 0],
        met_with=chosen[:, 1],
        skipped_without=chosen[:, 2],
        met_without=chosen[:, 3],
    )


def _counts(offers: Offers, raters: int, model: int) -> Floats:
    """(4, raters): skipped with a model, met with it, skipped without it, met without it."""
    with_it = (offers.left == model) | (offers.right == model)
    campaigns = int(offers.campaign.max(initial=-1)) + 1
    place = offers.rater * campaigns + offers.campaign
    first, last = numpy.full(raters * campaigns, numpy.inf), numpy.full(raters * campaigns, -numpy.inf)
    numpy.minimum.at(first, place[with_it], offers.moment[with_it])
    numpy.maximum.at(last, place[with_it], offers.moment[with_it])
    counted = (offers.moment >= first[place]) & (offers.moment <= last[place])
    return numpy.array(
        [
            per(offers.rater[some], raters)
            for inside in (counted & with_it, counted & ~with_it)
            for some in (inside & offers.skipped, inside)
        ]
    )


def _beta(skipped: Floats, met: Floats, alpha: float, beta: float) -> Floats:
    found: Floats = betaln(skipped + alpha, met - skipped + beta) - betaln(alpha, beta)
    return found
