"""Votes that depend on each other: the meat of the sandwich when scores are summed per cluster.

One rater's votes share a taste, one prompt's votes share a difficulty. Then the scores of a cluster are added up
before they are squared, times G / (G - 1) for G clusters (Liang & Zeger 1986, Biometrika 73, 13-22). With two columns:
meat of the first plus meat of the second minus meat of both together (Cameron, Gelbach & Miller 2011, JBES 29,
238-249), projected to the nearest positive semidefinite matrix.
"""

from collections.abc import Sequence

import numpy
from scipy import sparse

from leaderboards import bradley_terry, counting, counts, errors, outcomes, reading, source

Floats = counts.Floats

ALIASES = {
    "rater": ("rater", "judge"),
    "judge": ("judge", "rater"),
    "prompt": ("prompt_id", "prompt", "question_id"),
}
"""Columns a name stands for, first one found."""


def meat(
    found: bradley_terry.Fit, votes: reading.Votes, core: counts.Integers, columns: Sequence[str], *, both_bad: bool
) -> Floats:
    """Clustered meat of a fit over the models `core` of `votes`. Raises InputError on counts per pair."""
    if votes.source is None or not votes.source.has("winner"):
        raise errors.InputError(
            f"{votes.name} holds counts per pair, and clustering needs votes: give the votes, or leave cluster out."
        )
    names = [_resolved(votes.source, column) for column in columns]
    total = _one(found, votes, core, votes.source, names[:1], both_bad)
    if len(names) == 1:
        return total
    total = (
        total
        + _one(found, votes, core, votes.source, names[1:], both_bad)
        - _one(found, votes, core, votes.source, names, both_bad)
    )
    values, vectors = numpy.linalg.eigh((total + total.T) / 2)
    projected: Floats = (vectors * numpy.maximum(values, 0)) @ vectors.T
    return projected


def _one(
    found: bradley_terry.Fit,
    votes: reading.Votes,
    core: counts.Integers,
    log: source.Source,
    columns: Sequence[str],
    both_bad: bool,
) -> Floats:
    """Meat with one cluster for each combination of values of the columns."""
    groups = counting.grouped(log, votes.models, columns)
    cluster, pair, outcome, sign = _placed(found.pairs, groups, core)
    tied = (outcome == outcomes.TIE) & (found.ties != "drop") | (outcome == outcomes.BOTH_BAD) & both_bad & (
        found.ties != "drop"
    )
    heard = (pair >= 0) & ((outcome < outcomes.TIE) | tied)
    cluster, pair, outcome, sign = cluster[heard], pair[heard], outcome[heard], sign[heard]
    mass = groups.mass[heard]
    column = numpy.where(outcome >= outcomes.TIE, 2, numpy.where(sign > 0, outcome, 1 - outcome))
    _, cluster = numpy.unique(cluster, return_inverse=True)
    clusters = int(cluster.max(initial=-1)) + 1
    if clusters < 2:
        raise errors.InputError(
            f"{votes.name} holds {clusters} cluster by {' and '.join(columns)}; intervals need at least two."
        )
    slope = mass * found.terms.slope[pair, column]
    rows = [cluster, cluster]
    places = [found.pairs.low[pair], found.pairs.high[pair]]
    values = [slope, -slope]
    extras = 0
    if found.terms.slope_extra is not None:
        extras = 1
        rows.append(cluster)
        places.append(numpy.full(len(pair), found.pairs.size))
        values.append(mass * found.terms.slope_extra[pair, column])
    scores = sparse.csr_array(
        (numpy.concatenate(values), (numpy.concatenate(rows), numpy.concatenate(places))),
        shape=(clusters, found.pairs.size + extras),
    )
    summed: Floats = (scores.T @ scores).toarray() * (clusters / (clusters - 1))
    return summed


def _placed(
    pairs: counts.Pairs, groups: counting.Groups, core: counts.Integers
) -> tuple[counts.Integers, counts.Integers, counts.Integers, counts.Integers]:
    """Cluster, pair (-1 outside the fit), outcome and side (+1 when model_a is the low one) of each group."""
    place = numpy.full(groups.models + 1, -1, dtype=numpy.int64)
    place[core] = numpy.arange(len(core))
    first, second = place[groups.first], place[groups.second]
    low, high = numpy.minimum(first, second), numpy.maximum(first, second)
    keys = pairs.low * pairs.size + pairs.high
    wanted = low * pairs.size + high
    slot = numpy.minimum(numpy.searchsorted(keys, wanted), len(keys) - 1)
    pair = numpy.where((low >= 0) & (keys[slot] == wanted), slot, -1)
    return groups.cluster, pair, groups.outcome, numpy.where(first < second, 1, -1)


def _resolved(votes: source.Source, column: str) -> str:
    """The column a name stands for."""
    for name in ALIASES.get(column, (column,)):
        if votes.has(name) and votes.first(f"{source.quoted(name)} IS NOT NULL", [name]) is not None:
            return name
    raise errors.InputError(f"{votes.name} has no column {column} to cluster by.")
