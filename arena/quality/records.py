"""Whether somebody who should be right mostly is right no more than a coin: evidence that may be looked at at any time.

One trial is a known answer, an item shown again, a vote beside those of others, or a vote and its time. Honest raters
get shares from a beta distribution that is learnt from all of them; who does not look gets that of `foul`. As in
`evidence`, E is a mean over beginnings, fixed beforehand, of (honest until the beginning, foul since) / (honest all the
time), so that P(E >= 1 / a at any time) <= a for honest raters. Where even most raters are right too seldom, trials
say more about themselves than about anybody, and no evidence is given.
"""

from dataclasses import dataclass

import numpy
from scipy.special import betaln, logsumexp

from arena.quality.arrays import Flags, Floats, Integers, per

Beta = tuple[float, float]
COIN: tuple[Beta, ...] = ((38.0, 62.0), (1.0, 9.0))
"""Who does not look finds two winners in five, ties being one outcome in four; who errs on purpose finds none."""
NEVER: tuple[Beta, ...] = ((1.0, 9.0),)
"""Who is hardly ever as they should be."""
LEAST = 0.6
"""A share of honest raters below which trials say nothing of anybody."""
_SHARES = numpy.linspace(0.5, 0.98, 25)
_FIRM = numpy.array([6.0, 12.0, 24.0, 48.0])
"""Trials that the learnt share may be worth beside a rater's own: how alike raters are. Less than the first is not
learnt: of a few raters, one who does not look would make all the others seem to differ."""
_EXPECTED: Beta = (4.0, 1.0)
"""Right and wrong trials that the share is learnt with beside those there are."""
_FOUL = 0.1
"""Prior share of raters who do not look."""
_BEGINNINGS = (0, 4, 8, 16, 32, 64, 128, 256)
_OTHERS = 4
"""Votes of others that say whether a known answer is known to anybody."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trials:
    """One element for each: who, when, and whether it was as it should be."""

    rater: Integers
    moment: Floats
    right: Flags

    def where(self, kept: Flags | Integers) -> "Trials":
        """Some of them."""
        return Trials(rater=self.rater[kept], moment=self.moment[kept], right=self.right[kept])

    def __len__(self) -> int:
        return len(self.rater)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Record:
    """What the trials of each rater say."""

    strength: Floats
    """Logarithm of E."""
    since: Floats
    """The moment of the trial that it begins at best; minus infinity where that is the first."""
    right: Integers
    """Since then."""
    seen: Integers
    usual: float
    """The share of trials in which honest raters are right, as it was learnt."""


def read(trials: Trials, raters: int, foul: tuple[Beta, ...] = COIN) -> Record:
    """The record of each of so many raters."""
    order = numpy.lexsort((trials.moment, trials.rater))
    rater, moment, right = trials.rater[order], trials.moment[order], trials.right[order].astype(float)
    count = numpy.bincount(rater, minlength=raters)
    turn = numpy.arange(len(rater)) - (numpy.cumsum(count) - count)[rater]
    found, seen = per(rater, raters, right), per(rater, raters)
    share, firm = _learnt(found, seen, foul)
    honest = (firm * share, firm * (1 - share))
    whole = _beta(found, seen, *honest)
    odds, after_found, after_seen = [], [], []
    for begin in _BEGINNINGS:
        after = turn >= begin
        since_found, since_seen = per(rater[after], raters, right[after]), per(rater[after], raters)
        weight = numpy.log(0.5 if begin == 0 else 0.5 / (len(_BEGINNINGS) - 1))
        ended = _beta(found - since_found, seen - since_seen, *honest) + _mixed(since_found, since_seen, foul) - whole
        odds.append(numpy.where(since_seen > 0, weight + ended, -numpy.inf if begin else weight))
        after_found.append(since_found)
        after_seen.append(since_seen)
    best = numpy.argmax(odds, axis=0)
    which = numpy.arange(raters)
    start = numpy.array(_BEGINNINGS)[best]
    moments = numpy.full(raters, numpy.inf)
    numpy.minimum.at(moments, rater[turn >= start[rater]], moment[turn >= start[rater]])
    silent = share < LEAST
    return Record(
        strength=numpy.full(raters, -numpy.inf) if silent else logsumexp(odds, axis=0),
        since=numpy.where(start > 0, moments, -numpy.inf),
        right=numpy.array(after_found)[best, which].astype(numpy.int64),
        seen=numpy.array(after_seen)[best, which].astype(numpy.int64),
        usual=share,
    )


def known_to_others(item: Integers, right: Flags) -> Flags:
    """Of each trial, whether those others who met the same item were right often enough for it to say something."""
    items = int(item.max(initial=-1)) + 1
    others = per(item, items)[item] - 1
    found = per(item, items, right.astype(float))[item] - right
    return (others < _OTHERS) | (found >= LEAST * others)


def side_kept(rater: Integers, first_left: Integers, again_left: Integers, raters: int) -> Floats:
    """Of each rater, the share of repeats, sides swapped, on which the same side won again: above a half is a lean.

    Both columns say 1 where left won, 0 where right won; ties are left out before. nan without repeats.
    """
    seen = per(rater, raters)
    kept = per(rater, raters, (first_left == again_left).astype(float))
    share: Floats = numpy.full(raters, numpy.nan)
    numpy.divide(kept, seen, out=share, where=seen > 0)
    return share


def _learnt(found: Floats, seen: Floats, foul: tuple[Beta, ...]) -> tuple[float, float]:
    """The share in which honest raters are right, and how alike they are: the likeliest, some raters being foul."""
    mine, his = found[seen > 0], seen[seen > 0]
    coin = _mixed(mine, his, foul) + numpy.log(_FOUL)
    best, chosen = -numpy.inf, (float(_SHARES[0]), float(_FIRM[0]))
    for share in _SHARES:
        expected = _EXPECTED[0] * numpy.log(share) + _EXPECTED[1] * numpy.log1p(-share)
        for firm in _FIRM:
            people = _beta(mine, his, firm * share, firm * (1 - share)) + numpy.log1p(-_FOUL)
            likely = float(numpy.logaddexp(people, coin).sum() + expected)
            if likely > best:
                best, chosen = likely, (float(share), float(firm))
    return chosen


def _mixed(right: Floats, seen: Floats, foul: tuple[Beta, ...]) -> Floats:
    found: Floats = logsumexp([_beta(right, seen, *one) for one in foul], axis=0) - numpy.log(len(foul))
    return found


def _beta(right: Floats, seen: Floats, alpha: float, beta: float) -> Floats:
    """Log likelihood of so many right, in their order, under shares drawn from a beta distribution."""
    found: Floats = betaln(right + alpha, seen - right + beta) - betaln(alpha, beta)
    return found
