"""Accounts that vote on one model far more often than others meet it: what skipping all other battles looks like.

Of n votes of a rater, k are with model m; others meet it in a share q of theirs, at about the same time. The chance of
k is beta-binomial with mean q, and with the firmness that raters of this log show: where raters choose pairs, or are
given few models, nobody stands out. A hunter has any share. Their ratio is a Bayes factor about pairs alone, so that it
says nothing of an outcome: votes are held only where the hunters of a model, together, judge it differently from
everybody else (`cohorts.deviation`).
"""

import numpy
from scipy.special import betaln

from arena.quality.arrays import Flags, Floats, per
from arena.quality.log import Log

_EPOCHS = 10
"""Parts of the log by time: models come and go."""
_FIRM = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 300.0)
_SHOWN = 1000
"""Raters that the firmness is learnt from, those with most votes."""
_TIMES = 3.0
"""The odds of others, at least."""
_LEVEL = 1e-4
"""Of a rater and a model."""


def hunters(log: Log) -> Flags:
    """(raters, models): who hunts for which."""
    left, right = log.votes.tables(numpy.ones(len(log.row)), log.size)
    met = left + right
    expected = _expected(log)
    cast = log.count[:, None].astype(float)
    busiest = numpy.argsort(-log.count, kind="stable")[:_SHOWN]
    likely = [_most(_chance(met[busiest], cast[busiest], expected[busiest], firm).sum(1)) for firm in _FIRM]
    usual = _chance(met, cast, expected, _FIRM[int(numpy.argmax(likely))])
    hunting = betaln(met + 1, cast - met + 1)
    odds = (met + 0.5) / (cast - met + 0.5)
    found: Flags = (hunting - usual > -numpy.log(_LEVEL)) & (odds > _TIMES * expected / (1 - expected))
    return found


def _most(values: Floats) -> float:
    """The sum without the lowest tenth: hunters do not say how much others differ."""
    return float(numpy.sort(values)[len(values) // 10 :].sum())


def _expected(log: Log) -> Floats:
    """(raters, models): in which share of a rater's votes others would have met each model."""
    raters, models = log.size
    order = numpy.argsort(numpy.argsort(log.moment, kind="stable"), kind="stable")
    epoch = order * _EPOCHS // max(len(order), 1)
    shown = per(epoch * models + log.votes.left, _EPOCHS * models)
    shown += per(epoch * models + log.votes.right, _EPOCHS * models)
    table = shown.reshape(_EPOCHS, models)
    share = table / numpy.maximum(table.sum(1, keepdims=True) / 2, 1.0)
    when = per(log.votes.rater * _EPOCHS + epoch, raters * _EPOCHS).reshape(raters, _EPOCHS)
    found: Floats = when @ share / numpy.maximum(log.count[:, None], 1)
    return numpy.clip(found, 1e-6, 1 - 1e-6)


def _chance(met: Floats, cast: Floats, expected: Floats, firm: float) -> Floats:
    """Log likelihood of meeting a model so often, in an order that does not matter."""
    first, second = firm * expected, firm * (1 - expected)
    found: Floats = betaln(met + first, cast - met + second) - betaln(first, second)
    return found
