"""Evidence against one rater that may be looked at after every vote.

E = sum over kinds and beginnings of weight x (honest until the beginning, of the kind since) / (honest all the time).
Numerator and denominator are likelihoods of the same votes, so E is a martingale of mean 1 while the rater is honest,
and by Ville's inequality P(E >= 1 / a at any time) <= a. Beginnings are at an account's votes 0, 8, 16, 32, ...: fixed
beforehand, which is what keeps it a martingale. Of many raters those are found whose E passes the
e-Benjamini-Hochberg line (Wang & Ramdas 2022, J. R. Stat. Soc. B 84, 822-852): under any dependence, at most a share
`level` of all findings is expected to be false, and a log of honest raters yields one with chance `level` at most.
"""

from dataclasses import dataclass

import numpy
from scipy.special import logsumexp

from arena.quality import kinds
from arena.quality.arrays import Flags, Floats, Integers
from arena.quality.ground import Ground

_BEGINNINGS = tuple(2**power for power in range(3, 11))
_LATER = 0.3
"""Weight of all later beginnings in what accounts are pooled by."""
_WINDOWS = 3
"""Of the beginnings, the last ones an account has passed: the others are left out, which only lowers the evidence."""
LEAST = float(numpy.log(200.0))
"""Whatever the line says, less than this is no finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the votes of each rater say."""

    total: Floats
    """Logarithm of E."""
    plain: dict[str, Floats]
    """(raters,) by kind: log Bayes factors, over all beginnings."""
    push: Floats
    """(2, raters, models): of lifting and lowering each model, as accounts are pooled: over beginnings come to."""
    best: tuple[str, ...]
    """Of each rater, the kind that says most."""
    since: Integers
    """Of each rater, at which vote that kind begins best."""


def weighed(ground: Ground) -> Evidence:
    """The evidence on the votes so far."""
    log = ground.log
    raters, models = log.size
    all_honest = kinds.honest_log(ground)
    by_kind: dict[str, list[Floats]] = {kind: [] for kind in kinds.WEIGHTS}
    push = numpy.full((2, raters, models), -numpy.inf)
    starts = _starts(log.count)
    windows = [(log.turn >= start[log.votes.rater]) & (start >= 0)[log.votes.rater] for start in starts]
    befores = [~after & (start >= 0)[log.votes.rater] for start, after in zip(starts, windows, strict=True)]
    honest_ties, first_ties = kinds.ties_log(ground, befores[1:])
    for place, start in enumerate(starts):
        after = windows[place]
        before = kinds.honest_at_first(ground, befores[place]) if place else numpy.zeros(raters)
        ties = (first_ties[place - 1] if place else 0.0) - honest_ties
        weight = numpy.where(start >= 0, numpy.log(0.5 if place == 0 else 0.5 / len(_BEGINNINGS)), -numpy.inf)
        for kind, found in kinds.plain(ground, after).items():
            by_kind[kind].append(weight + before + found - all_honest + (ties if kind in kinds.BLIND else 0.0))
        pushed = kinds.pushes(ground, after)
        by_kind["push"].append(weight + logsumexp(pushed, axis=(0, 2)) - numpy.log(2 * models))
        numpy.logaddexp(push, pushed + _at_one_look(starts, place)[:, None], out=push)
    table = numpy.array([by_kind[kind] for kind in kinds.WEIGHTS])
    weights = numpy.log(list(kinds.WEIGHTS.values()))
    weighted = table + weights[:, None, None]
    leading = weighted.max(1).argmax(0)
    window = weighted[leading, :, numpy.arange(raters)].argmax(1)
    names = tuple(kinds.WEIGHTS)
    return Evidence(
        total=logsumexp(weighted, axis=(0, 1)),
        plain={kind: logsumexp(by_kind[kind], axis=0) for kind in kinds.PLAIN},
        push=push,
        best=tuple(names[kind] for kind in leading),
        since=numpy.maximum(numpy.array(starts)[window, numpy.arange(raters)], 0),
    )


def _at_one_look(starts: list[Integers], place: int) -> Floats:
    """Logarithms of weights of the beginnings that an account has passed: all of them, and nothing kept for later ones.

    Many small accounts can be told from honest ones only if none of them pays for beginnings it never came to.
    """
    passed = sum((start >= 0).astype(float) for start in starts[1:])
    share = numpy.where(passed > 0, 1 - _LATER, 1.0) if place == 0 else _LATER / numpy.maximum(passed, 1.0)
    found: Floats = numpy.where(starts[place] >= 0, numpy.log(share), -numpy.inf)
    return found


def _starts(count: Integers) -> list[Integers]:
    """Beginnings for each rater; -1 where an account has not come so far."""
    found = [numpy.zeros(len(count), dtype=numpy.int64)]
    last = numpy.searchsorted(_BEGINNINGS, count) - 1
    for back in range(_WINDOWS):
        place = last - back
        start = numpy.array(_BEGINNINGS)[numpy.maximum(place, 0)]
        found.append(numpy.where((place >= 0) & (count > start), start, -1))
    return found


def passing(total: Floats, level: float, among: Flags | None = None) -> Flags:
    """Whose evidence passes the e-Benjamini-Hochberg line."""
    raters = int(len(total) if among is None else among.sum())
    used = total if among is None else numpy.where(among, total, -numpy.inf)
    ordered = numpy.sort(used)[::-1]
    line = numpy.log(max(raters, 1) / level) - numpy.log(numpy.arange(1, len(total) + 1))
    above = numpy.flatnonzero(ordered >= numpy.maximum(line, LEAST))
    return used >= ordered[above[-1]] if len(above) else numpy.zeros(len(total), dtype=bool)
