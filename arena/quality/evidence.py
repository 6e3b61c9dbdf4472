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
from arena.quality.log import Log, parts

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
    ranges = parts(ground.log.count, len(ground.log.models))
    return _joined([_weighed(ground.part(first, last)) for first, last in ranges])


def pushes(ground: Ground) -> Floats:
    """(2, raters, models): the evidence of lifting and lowering each model alone, as accounts are pooled by."""
    found = []
    for first, last in parts(ground.log.count, len(ground.log.models)):
        mine = ground.part(first, last)
        starts = _starts(mine.log.count)
        found.append(_at_one_look(kinds.pushes(mine, _windows(mine.log, starts)[0]), starts))
    return numpy.concatenate(found, axis=1)


def _windows(log: Log, starts: Integers) -> tuple[kinds.Windows, list[Flags]]:
    """The votes since each beginning, and those before each but the first."""
    inside = [(log.turn >= start[log.votes.rater]) & (start >= 0)[log.votes.rater] for start in starts]
    befores = [~after & (start >= 0)[log.votes.rater] for start, after in zip(starts[:-1], inside[:-1], strict=True)]
    return kinds.Windows(number=len(starts), place=numpy.argmax(inside, axis=0)), befores


def _weighed(ground: Ground) -> Evidence:
    log, models = ground.log, len(ground.log.models)
    starts = _starts(log.count)
    window, befores = _windows(log, starts)
    all_honest = kinds.honest_log(ground)
    honest_ties, first_ties = kinds.ties_log(ground, befores)
    nothing = numpy.zeros(len(all_honest))
    begun = [numpy.where(start >= 0, numpy.log(0.5 / len(_BEGINNINGS)), -numpy.inf) for start in starts[:-1]]
    weight = numpy.array([*begun, nothing + numpy.log(0.5)])
    odds = numpy.array([*(kinds.honest_at_first(ground, early) for early in befores), nothing]) - all_honest
    ties = numpy.array([*first_ties, nothing]) - honest_ties
    pushed = kinds.pushes(ground, window)
    by_kind = {"push": weight + logsumexp(pushed, axis=(0, 3)) - numpy.log(2 * models)}
    for kind, found in kinds.plain(ground, window).items():
        by_kind[kind] = weight + odds + found + (ties if kind in kinds.BLIND else 0.0)
    table = numpy.array([by_kind[kind] for kind in kinds.WEIGHTS])
    weighted = table + numpy.log(list(kinds.WEIGHTS.values()))[:, None, None]
    leading = weighted.max(1).argmax(0)
    begins = weighted[leading, :, numpy.arange(len(nothing))].argmax(1)
    names = tuple(kinds.WEIGHTS)
    return Evidence(
        total=logsumexp(weighted, axis=(0, 1)),
        plain={kind: logsumexp(by_kind[kind], axis=0) for kind in kinds.PLAIN},
        push=_at_one_look(pushed, starts),
        best=tuple(names[kind] for kind in leading),
        since=numpy.maximum(starts[begins, numpy.arange(len(nothing))], 0),
    )


def _joined(found: list[Evidence]) -> Evidence:
    """Of the raters of all."""
    if len(found) == 1:
        return found[0]
    return Evidence(
        total=numpy.concatenate([part.total for part in found]),
        plain={kind: numpy.concatenate([part.plain[kind] for part in found]) for kind in kinds.PLAIN},
        push=numpy.concatenate([part.push for part in found], axis=1),
        best=tuple(kind for part in found for kind in part.best),
        since=numpy.concatenate([part.since for part in found]),
    )


def _at_one_look(pushed: Floats, starts: Integers) -> Floats:
    """(2, raters, models): pushes over the beginnings that an account has passed, nothing kept for later ones.

    Many small accounts can be told from honest ones only if none of them pays for beginnings it never came to.
    """
    passed = (starts[:-1] >= 0).sum(0)
    share = numpy.where(starts[:-1] >= 0, _LATER / numpy.maximum(passed, 1), 0.0)
    with numpy.errstate(divide="ignore"):
        weight = numpy.log(numpy.concatenate([share, numpy.where(passed > 0, 1 - _LATER, 1.0)[None]]))
    found: Floats = pushed[:, -1] + weight[-1][:, None]
    for place in range(len(starts) - 1):
        numpy.logaddexp(found, pushed[:, place] + weight[place][:, None], out=found)
    return found


def _starts(count: Integers) -> Integers:
    """(windows, raters): beginnings for each rater, the latest first and 0 at last; -1 if an account is not so far."""
    last = numpy.searchsorted(_BEGINNINGS, count) - 1
    found = []
    for back in range(_WINDOWS):
        place = last - back
        start = numpy.array(_BEGINNINGS)[numpy.maximum(place, 0)]
        found.append(numpy.where((place >= 0) & (count > start), start, -1))
    return numpy.array([*found, numpy.zeros(len(count), dtype=numpy.int64)])


def passing(total: Floats, level: float, among: Flags | None = None) -> Flags:
    """Whose evidence passes the e-Benjamini-Hochberg line."""
    raters = int(len(total) if among is None else among.sum())
    used = total if among is None else numpy.where(among, total, -numpy.inf)
    ordered = numpy.sort(used)[::-1]
    line = numpy.log(max(raters, 1) / level) - numpy.log(numpy.arange(1, len(total) + 1))
    above = numpy.flatnonzero(ordered >= numpy.maximum(line, LEAST))
    return used >= ordered[above[-1]] if len(above) else numpy.zeros(len(total), dtype=bool)
