"""What votes on known items, and on items shown twice, say of a rater: evidence that may be looked at at any time.

Gold: how many known winners a rater found. Repeats: how many items, shown again with sides swapped, got the same
winner.
Honest raters get shares drawn from a beta distribution that is learnt from all of them; a coin gets that of a coin. The
ratio is a Bayes factor, and its mean over honest raters is 1 (see `evidence`).
"""

from dataclasses import dataclass

import numpy
from scipy.special import betaln

from arena.quality.arrays import Floats, Integers, per

_COIN = (38.0, 62.0)
"""What somebody finds, or repeats, who does not look: two winners in three are no tie, and half of them right."""
_FIRM = (3.0, 6.0, 12.0, 24.0, 48.0)
"""Votes that the learnt share may be worth beside a rater's own: how alike raters are."""
_COINS = 0.1
"""Prior share of coins."""
_LEAST = 0.6
"""A share of all raters below which gold or repeats say more about themselves than about raters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Of each rater: how many were as they should be, of how many, and what that says."""

    right: Integers
    seen: Integers
    strength: Floats
    """Log Bayes factors of a coin over an honest rater."""


def read(rater: Integers, right: Integers, raters: int) -> Record:
    """A record from one element for each known or repeated item: who, and 1 where it was as it should be."""
    found = per(rater, raters, right.astype(float))
    seen = per(rater, raters)
    share = max(float((found.sum() + 4) / (seen.sum() + 5)), _LEAST)
    coin = _beta(found, seen, *_COIN)
    people = [_beta(found, seen, firm * share, firm * (1 - share)) for firm in _FIRM]
    likely = [
        float(numpy.logaddexp(honest + numpy.log1p(-_COINS), coin + numpy.log(_COINS)).sum()) for honest in people
    ]
    return Record(
        right=found.astype(numpy.int64),
        seen=seen.astype(numpy.int64),
        strength=coin - people[int(numpy.argmax(likely))],
    )


def side_kept(rater: Integers, first_left: Integers, again_left: Integers, raters: int) -> Floats:
    """Of each rater, the share of repeats, sides swapped, on which the same side won again: above a half is a lean.

    Both columns say 1 where left won, 0 where right won; ties are left out before. nan without repeats.
    """
    seen = per(rater, raters)
    kept = per(rater, raters, (first_left == again_left).astype(float))
    share: Floats = numpy.full(raters, numpy.nan)
    numpy.divide(kept, seen, out=share, where=seen > 0)
    return share


def _beta(right: Floats, seen: Floats, alpha: float, beta: float) -> Floats:
    """Log likelihood of so many right, in their order, under shares drawn from a beta distribution."""
    found: Floats = betaln(right + alpha, seen - right + beta) - betaln(alpha, beta)
    return found
