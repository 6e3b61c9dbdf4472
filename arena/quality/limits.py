"""What an audit could not find in a log of this shape, so that no finding is not taken for none to be found.

A search for rings begins with the directions in which raters deviate. Of R raters and M models, a share c deviates by d
on every model: that direction has the variance c (1 - c) d^2 sum_m V_m beside one of noise, V_m what a rater's votes
say of a model beyond a taste of their own. The direction is not found, by whatever search, while this is below
sqrt(M / R) (Baik, Ben Arous & Peche 2005, Ann. Probab. 33, 1643-1697). At the edge it shows that there is one, and not
who is of it: twice the least d is what is told.
"""

import numpy
from scipy.special import expit

from arena.quality.findings import AuditLimit
from arena.quality.ground import Ground

SHARE = 0.2
"""Of all accounts, in the ring that would be missed."""
_TIMES = 2.0
"""The edge; where rings of made-up logs are found in about half of all runs."""
_LEAST = 1.2
"""Logits; what is said of rings that deviate by less is left out."""


def ring(laid: Ground) -> float:
    """How far a ring has to deviate, in logits, for votes to tell it from chance; infinity without votes."""
    models = len(laid.log.models)
    votes, logit = laid.decisive(laid.kept[laid.log.votes.rater])
    chance = expit(logit)
    first, second = votes.tables(chance * (1 - chance), laid.log.size)
    known = (first + second)[laid.kept]
    said = float((known / (1 + laid.spreads.taste**2 * known)).sum()) / max(len(known), 1)
    if said <= 0:
        return float("inf")
    return _TIMES * float(numpy.sqrt(numpy.sqrt(models / max(len(known), 1)) / (SHARE * (1 - SHARE) * said)))


def found(laid: Ground | None, votes: int) -> tuple[AuditLimit, ...]:
    """The limits that are worth telling; without a ground, raters were not compared."""
    if laid is None:
        return (AuditLimit(kind="uncompared"),) if votes else ()
    least = ring(laid)
    if least <= _LEAST:
        return ()
    return (AuditLimit(kind="ring", deviation=round(least, 1) if numpy.isfinite(least) else None),)
