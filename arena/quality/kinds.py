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
from dataclasses import dataclass, replace

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Parts of each rater's votes, the last of them all votes and each of the others within the next."""

    number: int
    place: Integers
    """Of each vote, the first window it is in."""

    def summed(self, index: Integers, size: int, value: Floats) -> Floats:
        """(windows, size): the sum of `value` at each index."""
        found = per(self.place * size + index, self.number * size, value).reshape(self.number, size)
        for place in range(1, self.number):
            found[place] += found[place - 1]
        return found


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
        taste=1.5 * spreads.reach,
        side=max(1.0, 1.5 * spreads.side),
        slope=max(0.6, 1.5 * spreads.slope),
        shared=tuple(1.5 * value for value in spreads.shared),
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


def plain(ground: Ground, window: Windows) -> dict[str, Floats]:
    """(windows, raters): log likelihood of each rater's decisions there; for kinds of `BLIND` of ties, too."""
    votes = ground.log.votes
    raters = len(ground.log.raters)
    agreed = expit(votes.sign * ground.logit)
    decided = votes.outcome != TIE

    def summed(value: Floats) -> Floats:
        return window.summed(votes.rater, raters, numpy.where(decided, value, 0.0))

    shown = numpy.stack([window.summed(votes.rater, raters, (votes.outcome == one) * 1.0) for one in (0, 1, 2)], -1)
    return {
        "lopsided": numpy.array([blind.log_likelihood(cast, blind.ANY) for cast in shown]),
        "careless": numpy.array([blind.log_likelihood(cast, blind.EVEN) for cast in shown]),
        "half": summed(numpy.log(0.5 * agreed + 0.25)),
        "inverted": summed(numpy.log1p(-numpy.minimum(agreed, 1 - 1e-12))),
    }


def pushes(ground: Ground, window: Windows) -> Floats:
    """(2, windows, raters, models): log Bayes factors of lifting and of lowering each model, on the votes there."""
    votes = ground.log.votes
    raters, models = ground.log.size
    spread = ground.spreads.taste
    left, right = votes.cells(models)
    own = ground.person.logit(votes, ground.logit, ground.spreads)
    own = own / numpy.sqrt(1 + numpy.pi / 8 * spread**2)  # the other model is to somebody's taste, too
    tie = _tie_level(ground)[votes.rater]

    def cells(at_left: Floats, at_right: Floats) -> Floats:
        found = window.summed(left, raters * models, at_left)
        found += window.summed(right, raters * models, at_right)
        return found

    # Davidson's model: half of the logit for the side that won, or the logarithm of the tie's part, over the whole
    grown = numpy.exp(own / 2)
    mine = numpy.where(votes.outcome == TIE, numpy.log(tie), 0.5 * votes.sign * own)

    def likely(node: float) -> Floats:
        moved = grown * numpy.exp(node * spread / 2)
        found: Floats = mine + votes.sign * (0.5 * node * spread) - numpy.log(moved + 1 / moved + tie)
        return found

    weights = 0.85 * _normal(1.0) + 0.15 * _normal(2.5 * ground.spreads.reach / spread)
    at = [likely(float(node)) for node in _NODES]
    terms = numpy.empty((len(_NODES), window.number, raters * models), dtype=numpy.float32)  # half of the time
    for node in range(len(_NODES)):
        terms[node] = cells(at[node], at[len(_NODES) - 1 - node]) + numpy.log(weights[node])
    largest = terms.max(0)
    numpy.exp(numpy.subtract(terms, largest, out=terms), out=terms)
    expected: Floats = largest + numpy.log(terms.sum(0, dtype=numpy.float64))
    chance = numpy.exp(likely(0.0))
    found = numpy.full((2, window.number, raters * models), -numpy.inf)
    for hit in _HITS:
        won = numpy.log(hit * (votes.outcome == 0) + (1 - hit) * chance)
        lost = numpy.log(hit * (votes.outcome == 1) + (1 - hit) * chance)
        for sign, (first, second) in enumerate(((won, lost), (lost, won))):
            numpy.logaddexp(found[sign], cells(first, second) - expected, out=found[sign])
    found -= numpy.log(len(_HITS))
    return found.reshape(2, window.number, raters, models)


def _tie_level(ground: Ground) -> Floats:
    """Davidson's parameter of each rater, from the share of ties expected of them."""
    alpha, beta = ground.spreads.tie
    share = (ground.log.outcomes()[:, TIE] + alpha) / (ground.log.count + alpha + beta)
    found: Floats = ground.level * share / (1 - share)
    return found


def _normal(wide: float) -> Floats:
    weight = numpy.exp(-0.5 * (_NODES / wide) ** 2)
    found: Floats = weight / weight.sum()
    return found
