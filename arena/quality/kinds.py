"""Ways to vote that are not an honest person's, each as a likelihood of a rater's votes.

lopsided  left, right and tie with any shares, whatever the answers: always left, straight lines
careless  left and right alike, whatever the answers: a coin
half      every other decision a coin
inverted  the worse answer on purpose
push      one model wins (or loses) nine times in ten, or seven, wherever it appears

Each is held against the honest marginal of the same votes, so that their ratio is a Bayes factor: its mean over honest
raters is 1. Pushes are held against what an honest taste for the one model, with tails wider than normal, makes of
the votes with it.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy
from scipy.special import expit, logsumexp

from arena.quality import blind, honest
from arena.quality.arrays import Flags, Floats, Integers, per
from arena.quality.ground import Ground
from arena.quality.log import TIE

BLIND = ("lopsided", "careless")
"""Kinds that look at no answer."""
PLAIN = ("lopsided", "careless", "half", "inverted")
WEIGHTS = {"push": 0.4, "lopsided": 0.25, "careless": 0.15, "half": 0.1, "inverted": 0.1}
"""How the kinds share the evidence of one rater."""

_HITS = (0.9, 0.7)
"""How often a push is carried out."""
_NODES = numpy.linspace(-5, 5, 11)
"""Tastes for one model, in spreads."""
_RARE = 0.1
"""Share of honest people who are unusual."""


def honest_log(ground: Ground) -> Floats:
    """Log likelihood of each rater's decisions, were the rater honest."""
    taken, logit = ground.decisive()
    unusual = honest.person(taken, logit, ground.log.size, _unusual(ground.spreads), ground.person, 3).log_likelihood
    usual = ground.person.log_likelihood
    mixed: Floats = numpy.logaddexp(numpy.log1p(-_RARE) + usual, numpy.log(_RARE) + unusual)
    return mixed


def honest_at_first(ground: Ground, before: Flags) -> Floats:
    """Likewise of the first decisions, of a usual rater: what an attacker who begins later makes of them."""
    taken, logit = ground.decisive(before)
    return honest.person(taken, logit, ground.log.size, ground.spreads, ground.person, 2).log_likelihood


def _unusual(spreads: honest.Spreads) -> honest.Spreads:
    """Honest people whom normal distributions make too little of."""
    return replace(
        spreads,
        taste=1.5 * spreads.taste,
        side=max(1.0, 1.5 * spreads.side),
        slope=max(0.6, 1.5 * spreads.slope),
    )


def ties_log(ground: Ground, befores: Sequence[Flags]) -> tuple[Floats, list[Floats]]:
    """Log likelihood of each rater's ties, were the rater honest, and of those among each of `befores` alone.

    People come to tie less, or more, so that they may have begun to at each of the beginnings.
    """
    everything = ground.log.outcomes()
    always = honest.ties(everything[:, TIE], everything.sum(1), ground.spreads)
    likely, first = [always + numpy.log(0.5)], []
    for before in befores:
        early = ground.log.outcomes(before)
        late = everything - early
        first.append(honest.ties(early[:, TIE], early.sum(1), ground.spreads))
        changed = first[-1] + honest.ties(late[:, TIE], late.sum(1), ground.spreads)
        likely.append(changed + numpy.log(0.5 / len(befores)))
    mixed: Floats = logsumexp(likely, axis=0)
    return mixed, first


def plain(ground: Ground, kept: Flags) -> dict[str, Floats]:
    """Log likelihood of each rater's decisions among the votes kept, by kind; for those of `BLIND` of ties, too."""
    raters = len(ground.log.raters)
    taken, logit = ground.decisive(kept)
    halved = numpy.log(0.5 * expit(taken.sign * logit) + 0.25)
    cast = ground.log.outcomes(kept)
    return {
        "lopsided": blind.log_likelihood(cast, blind.ANY),
        "careless": blind.log_likelihood(cast, blind.EVEN),
        "half": per(taken.rater, raters, halved),
        "inverted": per(taken.rater, raters, -numpy.logaddexp(0.0, taken.sign * logit)),
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
