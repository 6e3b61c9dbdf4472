"""What the field does, as detectors: nothing, caps, FastChat's rule, Fisher's, Crowd-BT and Dawid-Skene.

Dawid-Skene is that of `crowd-kit`, which `make integrity` installs; without it, it is left out. The other rules are a
few lines each, from their papers.
"""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy
from quality_worlds import Votes
from scipy.special import expit
from scipy.stats import chi2

from detecting import measures
from detecting.detectors import Detector, Scene, Verdict

_CAP = 50
"""Votes; what a busier rater's votes weigh together."""
_FASTCHAT_LEVEL, _FASTCHAT_VOTES, _FASTCHAT_FIRST = 0.05, 100, 5
_CROWD_PRIOR, _CROWD_ROUNDS = (10.0, 1.0), 10
"""Beta distribution of how reliable raters are; rounds."""
_FISHER_LEVEL, _FISHER_LOOKS = 0.005, (10, 25, 50, 75, 100)


def nothing(votes: Votes) -> numpy.ndarray:
    """Every vote counts."""
    return numpy.ones(len(votes.rater))


def caps(votes: Votes) -> numpy.ndarray:
    """Nobody weighs more than so many votes."""
    return numpy.minimum(1, _CAP / numpy.maximum(numpy.bincount(votes.rater), 1))[votes.rater]


def fastchat(votes: Votes) -> numpy.ndarray:
    """FastChat's monitor: the product of 1 / (2 p) over a rater's first 100 votes, p the share of those who voted so.

    Source: Chiang et al. 2024, arXiv:2403.04132, section 7. Whoever passes 1 / level on either side is left out.
    """
    for_first = _for_first(votes)
    pair = _pair(votes)
    won = numpy.bincount(pair, for_first == 1)[pair]
    lost = numpy.bincount(pair, for_first == 0)[pair]
    decided = numpy.maximum(won + lost, 1)
    up = numpy.where(for_first == 0.5, lost, lost + won * (for_first == 1)) / decided
    down = numpy.where(for_first == 0.5, won, won + lost * (for_first == 0)) / decided
    out = numpy.zeros(int(votes.rater.max()) + 1, dtype=bool)
    order, turn = _by_rater(votes)
    rater = votes.rater[order]
    for share in (up, down):
        gain = numpy.where(turn < _FASTCHAT_VOTES, -numpy.log(2 * numpy.maximum(share[order], 1e-9)), 0.0)
        passed = (_running(gain, turn) > -numpy.log(_FASTCHAT_LEVEL)) & (turn >= _FASTCHAT_FIRST - 1)
        out[rater[passed]] = True
    return 1.0 - out[votes.rater]


def fisher(votes: Votes) -> numpy.ndarray:
    """Fisher's combination of one-sided p-values against the votes of everybody on the same pair, at five looks.

    Source: as above, section 5.1; the level is split over sides and looks.
    """
    for_first = _for_first(votes)
    pair = _pair(votes)
    cast = numpy.bincount(pair)[pair]
    least = [numpy.bincount(pair, for_first == value)[pair] for value in (0, 0.5, 1)]
    values = (0, 0.5, 1)
    above = sum(count * (value >= for_first) for count, value in zip(least, values, strict=True))
    below = sum(count * (value <= for_first) for count, value in zip(least, values, strict=True))
    out = numpy.zeros(int(votes.rater.max()) + 1, dtype=bool)
    order, turn = _by_rater(votes)
    for extreme in (above, below):
        total = _running(-2 * numpy.log((1 + extreme[order]) / (cast[order] + 1)), turn)
        for look in _FISHER_LOOKS:
            here = turn == look - 1
            line = chi2.isf(_FISHER_LEVEL / (2 * len(_FISHER_LOOKS)), 2 * look)
            out[votes.rater[order][here][total[here] > line]] = True
    return 1.0 - out[votes.rater]


def crowd_bt(votes: Votes) -> numpy.ndarray:
    """Crowd-BT (Chen et al. 2013, WSDM, 193-202): votes weigh 2 h - 1, h how reliable their rater is, and at least 0.

    A decision is as the strengths say with chance h, and the opposite otherwise; by expectation and maximisation.
    """
    models, raters = int(max(votes.left.max(), votes.right.max())) + 1, int(votes.rater.max()) + 1
    decided = votes.outcome != 2
    rater, left, right = votes.rater[decided], votes.left[decided], votes.right[decided]
    sign = numpy.where(votes.outcome[decided] == 0, 1.0, -1.0)
    cast = numpy.bincount(rater, minlength=raters)
    faithful, astray = _CROWD_PRIOR
    reliable = numpy.full(raters, faithful / (faithful + astray))
    for _ in range(_CROWD_ROUNDS):
        strengths = measures.board(votes, numpy.maximum(2 * reliable - 1, 0.0)[votes.rater], models)
        chance = expit(sign * (strengths[left] - strengths[right]))
        meant = reliable[rater] * chance
        meant = meant / (meant + (1 - reliable[rater]) * (1 - chance))
        reliable = (numpy.bincount(rater, meant, raters) + faithful - 1) / (cast + faithful + astray - 2)
    return numpy.maximum(2 * reliable - 1, 0.0)[votes.rater]


def dawid_skene(votes: Votes) -> numpy.ndarray:
    """Dawid & Skene (1979): who agrees with the estimated truth of the pairs no more often than chance is left out.

    A pair of models is an item, and what was said of it, whichever side was left, a label.
    """
    import pandas  # noqa: PLC0415 - of crowd-kit
    from crowdkit.aggregation import DawidSkene  # noqa: PLC0415 - it may be missing

    labels = numpy.array(["second", "tie", "first"])[(2 * _for_first(votes)).astype(int)]
    said = pandas.DataFrame({"worker": votes.rater, "task": _pair(votes), "label": labels})
    fitted = DawidSkene(n_iter=20).fit(said)
    errors = fitted.errors_  # rows (worker, said), columns the truth
    right = errors.to_numpy()[numpy.arange(len(errors)), [errors.columns.get_loc(label) for _, label in errors.index]]
    worker = numpy.array([worker for worker, _ in errors.index])
    raters = int(votes.rater.max()) + 1
    agrees = numpy.bincount(worker, right, raters) / len(errors.columns)
    return (agrees > 1 / len(errors.columns))[votes.rater].astype(float)


RULES: dict[str, Callable[[Votes], numpy.ndarray]] = {
    "nothing": nothing,
    "caps": caps,
    "fastchat": fastchat,
    "fisher": fisher,
    "crowd-bt": crowd_bt,
    "dawid-skene": dawid_skene,
}


def detector(name: str) -> Detector:
    """One of `RULES`."""
    rule = RULES[name]
    return Detector(name=name, judge=lambda scene: _verdict(rule, scene), sources=(Path(__file__),))


def missing() -> tuple[str, ...]:
    """Rules whose packages are not installed here."""
    return () if importlib.util.find_spec("crowdkit") else ("dawid-skene",)


def _verdict(rule: Callable[[Votes], numpy.ndarray], scene: Scene) -> Verdict:
    return Verdict(weight=rule(scene.votes))


def _for_first(votes: Votes) -> numpy.ndarray:
    """What the model with the lower number got."""
    won = numpy.array([1.0, 0.0, 0.5])[votes.outcome]
    return numpy.where(votes.left < votes.right, won, 1 - won)


def _pair(votes: Votes) -> numpy.ndarray:
    low, high = numpy.minimum(votes.left, votes.right), numpy.maximum(votes.left, votes.right)
    return low * (int(high.max()) + 1) + high


def _by_rater(votes: Votes) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Votes by rater and time, and which of its rater's each is."""
    order = numpy.argsort(votes.rater, kind="stable")
    cast = numpy.bincount(votes.rater)
    return order, numpy.arange(len(order)) - (numpy.cumsum(cast) - cast)[votes.rater[order]]


def _running(gain: numpy.ndarray, turn: numpy.ndarray) -> numpy.ndarray:
    """Sums of each rater's votes so far."""
    total = numpy.cumsum(gain)
    first = numpy.arange(len(turn)) - turn
    return total - total[first] + gain[first]
