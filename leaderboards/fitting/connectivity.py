"""Who can be compared with whom: islands, and models without a finite rating.

Two models are on one scale when a chain of votes joins them (weakly connected). A rating is finite only inside a
group where everybody can be reached from everybody by wins, ties counting as half a win for both: outside the
largest such group a model has only won, or only lost, on every way to it. Source: Ford (1957), Amer. Math. Monthly
64, 28-33; Zermelo (1929), Math. Z. 29, 436-460.
"""

from dataclasses import dataclass

import numpy
import scipy
from numpy.typing import NDArray

from leaderboards.reading import counts

ABOVE, BELOW, ASIDE = "above", "below", "aside"
SMALL = 100
"""Up to so many models a table of who reaches whom is quicker than the import of scipy's graphs."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Connectivity:
    """Which models can be compared with which."""

    islands: tuple[tuple[int, ...], ...]
    """Weakly connected groups, largest first; one group when there is a common scale."""
    core: counts.Integers
    """The largest strongly connected group, in order; empty when no two models are strongly connected."""
    outside: dict[int, str]
    """Direction of each model outside the core."""


def shape(pairs: counts.Pairs) -> Connectivity:
    """Islands, core and outsiders."""
    size = pairs.size
    low_wins, high_wins, ties = (pairs.weight > 0).T
    low_won, high_won = low_wins | ties, high_wins | ties
    winner = numpy.concatenate([pairs.low[low_won], pairs.high[high_won]])
    loser = numpy.concatenate([pairs.high[low_won], pairs.low[high_won]])
    if 1 < size <= SMALL and _all_reached(winner, loser, size):
        return everybody(size)
    if _joined(pairs, low_won & high_won):
        return everybody(size)
    wins = scipy.sparse.csr_array((numpy.ones(len(winner), dtype=numpy.int8), (winner, loser)), shape=(size, size))
    count, strong = scipy.sparse.csgraph.connected_components(wins, directed=True, connection="strong")
    if count == 1 and size > 1:
        return everybody(size)
    _, weak = scipy.sparse.csgraph.connected_components(wins, directed=True, connection="weak")
    islands = _groups(weak)
    met = numpy.bincount(pairs.low, weights=pairs.weight.sum(axis=1), minlength=size)
    met += numpy.bincount(pairs.high, weights=pairs.weight.sum(axis=1), minlength=size)
    members = _groups(strong)

    def weight(group: tuple[int, ...]) -> tuple[int, float, int, int]:
        # Of equally large groups the one with more votes, then the one above more models; names decide last.
        beneath = len(scipy.sparse.csgraph.breadth_first_order(wins, group[0], return_predecessors=False))
        return len(group), float(met[list(group)].sum()), beneath, -group[0]

    largest = max(len(group) for group in members)
    core = max((group for group in members if len(group) == largest), key=weight)
    if len(core) == 1:
        return Connectivity(islands=islands, core=numpy.array([], dtype=numpy.int64), outside=_alone(wins))
    below = set(scipy.sparse.csgraph.breadth_first_order(wins, core[0], return_predecessors=False).tolist())
    above = set(scipy.sparse.csgraph.breadth_first_order(wins.T.tocsr(), core[0], return_predecessors=False).tolist())
    outside = {
        model: ABOVE if model in above else BELOW if model in below else ASIDE
        for model in range(size)
        if strong[model] != strong[core[0]]
    }
    return Connectivity(islands=islands, core=numpy.array(core, dtype=numpy.int64), outside=outside)


def _all_reached(winner: counts.Integers, loser: counts.Integers, size: int) -> bool:
    """Whether everybody is reached from everybody by wins."""
    reached = numpy.eye(size, dtype=numpy.float32)
    reached[winner, loser] = 1
    for _ in range(size.bit_length()):  # each step doubles how long a chain of wins may be
        reached = numpy.minimum(reached @ reached, 1)
    return bool(reached.all())


def _joined(pairs: counts.Pairs, chosen: NDArray[numpy.bool_]) -> bool:
    """Whether these pairs connect all models. Where both sides of each pair have won, that decides it."""
    joins = (numpy.ones(int(chosen.sum()), dtype=numpy.int8), (pairs.low[chosen], pairs.high[chosen]))
    graph = scipy.sparse.csr_array(joins, shape=(pairs.size, pairs.size))
    count: int = scipy.sparse.csgraph.connected_components(graph, directed=False, return_labels=False)
    return count == 1 and pairs.size > 1


def everybody(size: int) -> Connectivity:
    """The answer when every model is connected: one group, nobody outside."""
    return Connectivity(islands=(tuple(range(size)),), core=numpy.arange(size), outside={})


def _alone(wins: "scipy.sparse.csr_array") -> dict[int, str]:
    """Directions when nobody both won and lost in a circle: who only won, who only lost, who did both or neither."""
    won = numpy.diff(wins.indptr) > 0
    lost = numpy.bincount(wins.indices, minlength=wins.shape[0]) > 0
    return {
        model: ABOVE if won[model] and not lost[model] else BELOW if lost[model] and not won[model] else ASIDE
        for model in range(wins.shape[0])
    }


def _groups(labels: counts.Integers) -> tuple[tuple[int, ...], ...]:
    order = numpy.argsort(labels, kind="stable")
    ends = numpy.flatnonzero(numpy.diff(labels[order])) + 1
    groups = [tuple(int(model) for model in group) for group in numpy.split(order, ends)]
    return tuple(sorted(groups, key=lambda group: (-len(group), group[0])))
