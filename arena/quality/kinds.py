"""Ways to vote that are not an honest person's, each as a likelihood of a rater's votes.

blind     left, right and tie with shares of the rater's own, whatever the answers (also: always left, straight lines)
half      every other decision a coin
inverted  the worse answer on purpose
stranger  tastes three times as wide as people's
push      one model wins (or loses) nine times in ten, or seven, wherever it appears

Each is held against the honest marginal of the same votes, so that their ratio is a Bayes factor: its mean over honest
raters is 1. Pushes are held against what an honest taste for the one model, with tails wider than normal, makes of
the votes with it.
"""

from dataclasses import replace

import numpy

from arena.quality import blind, honest
from arena.quality.arrays import Flags, Floats, Integers, per
from arena.quality.ground import Ground
from arena.quality.log import TIE

PLAIN = ("blind", "half", "inverted", "stranger")
WEIGHTS = {"blind": 0.35, "push": 0.35, "stranger": 0.15, "half": 0.1, "inverted": 0.05}
"""How the kinds share the evidence of one rater."""

_HITS = (0.9, 0.7)
"""How often a push is carried out."""
_NODES = numpy.linspace(-5, 5, 11)
"""Tastes for one model, in spreads."""
_STRANGE = 3.0


def honest_log(ground: Ground, kept: Flags, spreads: honest.Spreads | None = None) -> Floats:
    """Log likelihood of each rater's votes among those kept, were the rater honest."""
    used = spreads or ground.spreads
    taken, logit = ground.decisive(kept)
    start = ground.person if spreads is None else None
    cast = ground.log.outcomes(kept)
    decided = honest.person(taken, logit, ground.log.size, used, start, 4 if start else 8).log_likelihood
    return decided + honest.ties(cast[:, TIE], cast.sum(1), used)


def plain(ground: Ground, kept: Flags) -> dict[str, Floats]:
    """Log likelihood of each rater's votes among those kept, by kind."""
    raters = len(ground.log.raters)
    taken, logit = ground.decisive(kept)
    cast = ground.log.outcomes(kept)
    tied = honest.ties(cast[:, TIE], cast.sum(1), ground.spreads)
    for_it = -numpy.logaddexp(0.0, -taken.sign * logit)
    halved = numpy.log(0.5 * numpy.exp(for_it) + 0.25)
    wider = replace(ground.spreads, taste=_STRANGE * ground.spreads.taste)
    return {
        "blind": blind.log_likelihood(cast),
        "half": per(taken.rater, raters, halved) + tied,
        "inverted": per(taken.rater, raters, -numpy.logaddexp(0.0, taken.sign * logit)) + tied,
        "stranger": honest_log(ground, kept, wider),
    }


def pushes(ground: Ground, kept: Flags) -> Floats:
    """(2, raters, models): log Bayes factors of lifting and of lowering each model, on the votes kept."""
    votes = ground.log.votes.where(kept)
    raters, models = ground.log.size
    spread = ground.spreads.taste
    own = numpy.exp(ground.person.slope)[votes.rater] * ground.logit[kept] + ground.person.side[votes.rater]
    own = own / numpy.sqrt(1 + numpy.pi / 8 * spread**2)  # the other model is to somebody's taste, too
    tie = _tie_level(ground)[votes.rater]

    def cells(at_left: Floats, at_right: Floats) -> Floats:
        total = per(votes.rater * models + votes.left, raters * models, at_left)
        total += per(votes.rater * models + votes.right, raters * models, at_right)
        return total.reshape(raters, models)

    weights = 0.85 * _normal(1.0) + 0.15 * _normal(2.5)
    at = [_outcome_log(votes.outcome, own + node * spread, tie) for node in _NODES]
    expected = cells(at[0], at[-1]) + numpy.log(weights[0])
    for node in range(1, len(_NODES)):
        term = cells(at[node], at[len(_NODES) - 1 - node]) + numpy.log(weights[node])
        numpy.logaddexp(expected, term, out=expected)
    chance = numpy.exp(_outcome_log(votes.outcome, own, tie))
    found = numpy.full((2, raters, models), -numpy.inf)
    for hit in _HITS:
        won = numpy.log(hit * (votes.outcome == 0) + (1 - hit) * chance)
        lost = numpy.log(hit * (votes.outcome == 1) + (1 - hit) * chance)
        for sign, (left, right) in enumerate(((won, lost), (lost, won))):
            numpy.logaddexp(found[sign], cells(left, right) - expected, out=found[sign])
    pushed: Floats = found - numpy.log(len(_HITS))
    return pushed


def _tie_level(ground: Ground) -> Floats:
    """Davidson's parameter of each rater, from the share of ties expected of them."""
    alpha, beta = ground.spreads.tie
    tied = numpy.bincount(ground.log.votes.rater, ground.log.votes.outcome == TIE, len(ground.log.raters))
    share = (tied + alpha) / (ground.log.count + alpha + beta)
    level = 2 * numpy.cosh(ground.logit / 2).mean()
    found: Floats = level * share / (1 - share)
    return found


def _outcome_log(outcome: Integers, eta: Floats, tie: Floats) -> Floats:
    """Log chance of what was voted, by Davidson's model."""
    half = numpy.array([0.5, -0.5, 0.0])[outcome] * eta
    half[outcome == TIE] = numpy.log(tie[outcome == TIE])
    found: Floats = half - numpy.log(2 * numpy.cosh(eta / 2) + tie)
    return found


def _normal(wide: float) -> Floats:
    weight = numpy.exp(-0.5 * (_NODES / wide) ** 2)
    found: Floats = weight / weight.sum()
    return found
