"""Sides that follow the vote before instead of the answers: the same again and again, or one after the other.

Of the decided votes of a rater, E = (each side is that of the vote before with a chance of its own) / (the best that a
rater's sharpness and side explain on the board). The denominator is the largest over all honest raters, so E is at most
an e-value for each of them ("universal inference", Wasserman, Ramdas & Balakrishnan 2020, PNAS 117, 16880-16890). One
side alone is no pattern here: a side of one's own explains it, and `lopsided` looks for it.
"""

from dataclasses import dataclass

import numpy
from scipy.special import betaln, expit, logsumexp

from arena.quality.arrays import Floats, Integers, per
from arena.quality.log import TIE, Log

_SAME, _OTHER = (19.0, 1.0), (1.0, 19.0)
"""Beta distributions of the chance that a side is that of the vote before."""
_BEGINNINGS = (0, 16, 64, 256)
"""Decided votes; each a fixed window, so that a mean over them is an e-value, too."""
_ROUNDS = 30
_SHARPEST, _FARTHEST = 6.0, 8.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pattern:
    """What the order of sides says of each rater."""

    strength: Floats
    """Logarithm of E."""
    since: Floats
    """The moment of the vote that it begins at best; minus infinity where that is the first."""
    same: Integers
    """Of the votes since then, those with the side of the vote before."""
    seen: Integers


def read(log: Log, board: Floats) -> Pattern:
    """The pattern of each rater's sides; `board` are strengths in logits."""
    raters = len(log.raters)
    votes = log.votes
    decided = votes.outcome != TIE
    rater, sign, moment = votes.rater[decided], votes.sign[decided], log.moment[decided]
    gap = (board[votes.left] - board[votes.right])[decided]
    count = numpy.bincount(rater, minlength=raters)
    turn = numpy.arange(len(rater)) - (numpy.cumsum(count) - count)[rater]
    same = numpy.zeros(len(rater), dtype=bool)
    same[1:] = (sign[1:] == sign[:-1]) & (rater[1:] == rater[:-1])
    odds, kept, met = [], [], []
    for begin in _BEGINNINGS:
        after, follows = turn >= begin, turn > begin
        first = per(rater[after & ~follows], raters) * numpy.log(0.5)
        again, seen = per(rater[same & follows], raters), per(rater[follows], raters)
        pattern = logsumexp([_beta(again, seen, *_SAME), _beta(again, seen, *_OTHER)], axis=0) - numpy.log(2)
        honest = _best(rater[after], sign[after], gap[after], raters)
        odds.append(numpy.where(seen > 0, first + pattern - honest - numpy.log(len(_BEGINNINGS)), -numpy.inf))
        kept.append(again)
        met.append(seen)
    best = numpy.argmax(odds, axis=0)
    which = numpy.arange(raters)
    start = numpy.array(_BEGINNINGS)[best]
    since = numpy.full(raters, numpy.inf)
    inside = turn >= start[rater]
    numpy.minimum.at(since, rater[inside], moment[inside])
    return Pattern(
        strength=logsumexp(odds, axis=0),
        since=numpy.where(start > 0, since, -numpy.inf),
        same=numpy.array(kept)[best, which].astype(numpy.int64),
        seen=numpy.array(met)[best, which].astype(numpy.int64),
    )


def _best(rater: Integers, sign: Floats, gap: Floats, raters: int) -> Floats:
    """The largest log likelihood of each rater's sides over every sharpness and side, by Newton's method."""
    slope, side = numpy.ones(raters), numpy.zeros(raters)
    for _ in range(_ROUNDS):
        chance = expit(slope[rater] * gap + side[rater])
        rest = (sign > 0) - chance
        weight = chance * (1 - chance)
        by_side, by_slope = per(rater, raters, rest), per(rater, raters, rest * gap)
        aa, ab = per(rater, raters, weight) + 1e-3, per(rater, raters, weight * gap)
        bb = per(rater, raters, weight * gap**2) + 1e-3
        determinant = numpy.maximum(aa * bb - ab**2, 1e-9)
        side += numpy.clip((bb * by_side - ab * by_slope) / determinant, -1.0, 1.0)
        slope += numpy.clip((aa * by_slope - ab * by_side) / determinant, -1.0, 1.0)
        side, slope = numpy.clip(side, -_FARTHEST, _FARTHEST), numpy.clip(slope, -_SHARPEST, _SHARPEST)
    found: Floats = per(rater, raters, numpy.log(expit(sign * (slope[rater] * gap + side[rater]))))
    best: Floats = numpy.maximum(found, per(rater, raters) * numpy.log(0.5))
    return best


def _beta(again: Floats, seen: Floats, alpha: float, beta: float) -> Floats:
    found: Floats = betaln(again + alpha, seen - again + beta) - betaln(alpha, beta)
    return found
