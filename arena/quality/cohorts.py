"""Accounts that have something in common against the board of everybody else: their votes together.

Score s of the cohort's decisions on each model, after its own sharpness and side are taken out: newcomers may tell
models apart less well. Honest s is normal around 0 with covariance C: the votes' own noise, widened by tastes, and the
board's error. A deviation delta adds H delta, so the Bayes factor is that of N(0, C) and N(0, C + r^2 H H'), delta
spread over all models or on one. Cohorts that deviate wait: nothing is said about any one account in it.
"""

from dataclasses import dataclass

import numpy
from scipy.special import expit, logsumexp

from arena.quality import strengths
from arena.quality.arrays import Flags, Floats, per
from arena.quality.ground import Ground
from arena.quality.log import TIE

SMALL = (4, 8, 15)
"""Votes: accounts below the last are looked at as one cohort; those below the first that is enough will wait."""
_FEW_VOTES = 30
_ALL, _ONE = 0.5, 1.0
"""Logits; how far a cohort deviates on all models, or on one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """What a cohort's votes say."""

    strength: float
    """Log Bayes factor of a deviation."""
    model: int | None
    """The one model it is about, if one says more than all."""
    sign: float
    """Whether that model wins (1) or loses (-1) more than on the board."""


NONE = Deviation(strength=-numpy.inf, model=None, sign=0.0)


def deviation(laid: Ground, cohort: Flags, left_out: Flags) -> Deviation:
    """Of the raters named; `left_out` are votes held already."""
    log = laid.log
    models = len(log.models)
    votes = log.votes
    counted = (votes.outcome != TIE) & ~left_out & (cohort | laid.kept)[votes.rater]
    inside = counted & cohort[votes.rater]
    if inside.sum() < _FEW_VOTES or (counted & ~inside).sum() < _FEW_VOTES:
        return NONE
    rest = votes.where(counted & ~inside)
    board = strengths.fit(strengths.wins(rest.left, rest.right, (rest.sign > 0).astype(float), models))
    taken = votes.where(inside)
    gap = board.strengths[taken.left] - board.strengths[taken.right]
    won = (taken.sign > 0).astype(float)
    side, slope = 0.0, 1.0
    design = numpy.stack([numpy.ones(len(gap)), gap])
    for _ in range(6):
        chance = expit(slope * gap + side)
        curved = design * (chance * (1 - chance)) @ design.T + numpy.diag([1.0, 1.0])
        step = numpy.linalg.solve(curved, design @ (won - chance) - numpy.array([side, slope - 1.0]))
        side, slope = side + float(step[0]), float(numpy.clip(slope + step[1], 0.0, 3.0))
    chance = expit(slope * gap + side)
    weight = chance * (1 - chance)
    score = per(taken.left, models, won - chance) - per(taken.right, models, won - chance)
    between = per(taken.left * models + taken.right, models * models, weight).reshape(models, models)
    between = between + between.T
    information = numpy.diag(between.sum(1)) - between
    first, second = taken.tables(weight, log.size)
    seen = first + second
    widened = 1 + laid.spreads.taste**2 * float((seen**2).sum() / max(seen.sum(), 1e-9))
    first, second = rest.tables(numpy.full(len(rest.rater), 0.2), log.size)
    others = first + second
    board_widened = 1 + laid.spreads.taste**2 * float((others**2).sum() / max(others.sum(), 1e-9))
    noise = widened * information + board_widened * information @ board.inverse() @ information
    return _compared(score, information, noise)


def _compared(score: Floats, information: Floats, noise: Floats) -> Deviation:
    models = len(score)
    mean = float(numpy.trace(noise)) / models
    noise = noise + mean / models + (1e-6 * mean + 1e-9) * numpy.eye(models)  # regular where nobody met a model
    inverse = numpy.linalg.inv(noise)
    wide = noise + _ALL**2 * information @ information
    spread = 0.5 * score @ (inverse - numpy.linalg.inv(wide)) @ score
    spread -= 0.5 * (numpy.linalg.slogdet(wide)[1] - numpy.linalg.slogdet(noise)[1])
    pulled = information @ inverse @ score
    known = numpy.maximum(numpy.einsum("ij,jk,ki->i", information, inverse, information), 1e-9)
    single = 0.5 * _ONE**2 * pulled**2 / (1 + _ONE**2 * known) - 0.5 * numpy.log1p(_ONE**2 * known)
    one = float(logsumexp(single) - numpy.log(models))
    leading = int(single.argmax())
    about_one = one > spread
    return Deviation(
        strength=float(numpy.logaddexp(spread, one) - numpy.log(2)),
        model=leading if about_one else None,
        sign=float(numpy.sign(pulled[leading])) if about_one else 0.0,
    )
