"""Kinds that leave too little on one account: what many accounts say together.

For each kind, E = product over strata of (1/2 + 1/2 mean over p of prod_u (1 - p + p B_u)), where B_u is the rater's
own Bayes factor: an e-value, too, for "some accounts are of this kind". Strata are accounts of like size, because
bought accounts are alike in size. Where E passes, an account belongs with chance p B / (1 - p + p B), p most likely in
its stratum. Accounts are held, the likeliest first, until the honest votes expected among those held come near the
votes of the kind expected among the rest: what is missed and what is held by mistake pull the board in opposite
directions.
"""

from dataclasses import dataclass

import numpy
from scipy.special import logsumexp

from arena.quality.arrays import Flags, Floats, Integers

_SHARES = (0.01, 0.03, 0.1, 0.25, 0.5, 0.8)
SURE = 0.9
"""From which chance on a whole account is held for a pooled kind."""
_CAUTION = 0.7
"""Of the votes expected to be of the kind: a share fitted on a board that the kind has moved comes out too large."""
_FEW, _FEW_SHARE = 3, 0.01
"""Accounts, and share of accounts: so many say nothing about a campaign, whatever each of them does."""
_SIZES = (5, 15, 50)
"""Votes; accounts of less than the first, less than the second, ..."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """One kind, over all accounts."""

    strength: float
    """Logarithm of E."""
    chance: Floats
    """Of each rater, that they are of the kind."""


def strata(count: Integers) -> Integers:
    """Which size of account each rater is of."""
    found: Integers = numpy.searchsorted(_SIZES, count, side="right")
    return found


def by_many(factors: Floats, among: Flags) -> Floats:
    """Factors (raters, ...) where a few of these raters, those who say most, say nothing for the kind.

    Some people like one model far more than others do (seven of LLMFAO's 124 raters: both GPT 3.5), and together they
    look like a push. An attack rests on many accounts, or each of its few is found alone.
    """
    few = max(_FEW, int(_FEW_SHARE * among.sum()))
    mine = numpy.flatnonzero(among)
    if len(mine) <= few:
        return numpy.minimum(factors, 0.0)
    found = factors.copy()
    most = mine[numpy.argpartition(factors[mine], len(mine) - few, axis=0)[len(mine) - few :]]
    numpy.put_along_axis(found, most, numpy.minimum(numpy.take_along_axis(factors, most, 0), 0.0), 0)
    return found


def strength(factors: Floats, stratum: Integers, among: Flags) -> Floats:
    """Logarithms of E; `factors` are log Bayes factors, (raters, ...)."""
    total = numpy.zeros(factors.shape[1:])
    for part in range(len(_SIZES) + 1):
        mine = factors[among & (stratum == part)]
        if len(mine) == 0:
            continue
        terms = [numpy.logaddexp(numpy.log1p(-share), numpy.log(share) + mine).sum(0) for share in _SHARES]
        mean = logsumexp(numpy.array(terms), axis=0) - numpy.log(len(_SHARES))
        total = total + numpy.logaddexp(0.0, mean) - numpy.log(2)
    return total


def pool(factors: Floats, stratum: Integers, among: Flags) -> Pool:
    """One kind with each rater's chance to be of it; `factors` (raters,)."""
    chance = numpy.zeros(len(factors))
    for part in range(len(_SIZES) + 1):
        which = among & (stratum == part)
        mine = factors[which]
        if len(mine) == 0:
            continue
        share = 0.1
        for _ in range(100):
            odds = numpy.log(share) + mine
            belongs = numpy.exp(odds - numpy.logaddexp(numpy.log1p(-share), odds))
            before, share = share, float(numpy.clip(belongs.mean(), 1e-6, 0.95))
            if abs(share - before) < 1e-4 * share:
                break
        gain = numpy.logaddexp(numpy.log1p(-share), numpy.log(share) + mine).sum()
        if gain > 1.0:  # less is what chance gives a share that is fitted
            odds = numpy.log(share) + mine
            chance[which] = numpy.exp(odds - numpy.logaddexp(numpy.log1p(-share), odds))
    return Pool(strength=float(strength(factors, stratum, among)), chance=chance)


def balanced(chance: Floats, votes: Integers | Floats) -> Flags:
    """Whom to hold so that honest votes held are as many as votes of the kind let through, as far as chances say."""
    order = numpy.argsort(-chance, kind="stable")
    weight = votes[order]
    expected = _CAUTION * float((chance * votes).sum())
    held = numpy.cumsum(weight) - 0.5 * weight <= expected
    found = numpy.zeros(len(chance), dtype=bool)
    found[order[held & (weight > 0) & (chance[order] > 0)]] = True
    return found
