"""Votes that depend on each other: the meat of the sandwich when scores are summed per cluster.

One rater's votes share a taste, one prompt's votes share a difficulty. Then the scores of a cluster are added up
before they are squared, times G / (G - 1) for G clusters (Liang & Zeger 1986, Biometrika 73, 13-22). With two columns:
meat of the first plus meat of the second minus meat of both together (Cameron, Gelbach & Miller 2011, JBES 29,
238-249). The covariance it gives is projected to the nearest positive semidefinite matrix, as they do: a projected
meat would depend on the weights of votes even where the covariance does not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy
import scipy
from numpy.typing import NDArray

from leaderboards import bradley_terry, counts, crowd, errors, outcomes, reading, sandwich, settings, sides, source, sql

Floats = counts.Floats

ALIASES = {
    "rater": ("rater", "judge"),
    "judge": ("judge", "rater"),
    "prompt": ("prompt_id", "prompt", "question_id"),
}
"""Columns a name stands for, first one found."""


def meat(
    found: bradley_terry.Fit, votes: reading.Votes, core: counts.Integers, names: Sequence[str], *, both_bad: bool
) -> sandwich.Clustered:
    """Clustered meat of a fit over the models `core` of `votes`. Raises InputError on counts per pair."""
    per_vote = sandwich.scores(found)

    def summed(together: Sequence[str]) -> "scipy.sparse.csr_array":
        return tables(found, votes, core, together, both_bad=both_bad) @ per_vote

    return combined(summed, names)


def combined(summed: "Callable[[Sequence[str]], scipy.sparse.csr_array]", names: Sequence[str]) -> sandwich.Clustered:
    """The meat for one column, or for two by inclusion and exclusion, from the scores of clusters by some columns."""
    chosen = [(1.0, names)] if len(names) == 1 else [(1.0, names[:1]), (1.0, names[1:]), (-1.0, names)]
    return sandwich.Clustered(scores=tuple((sign, _corrected(summed(together))) for sign, together in chosen))


def _corrected(summed: "scipy.sparse.csr_array") -> "scipy.sparse.csr_array":
    """The (clusters, parameters) scores, times the root of G / (G - 1)."""
    clusters = summed.shape[0]
    if clusters < 2:
        raise errors.InputError("All votes are in one cluster; intervals need at least two.")
    return summed * float(numpy.sqrt(clusters / (clusters - 1)))


def tables(
    found: bradley_terry.Fit, votes: reading.Votes, core: counts.Integers, names: Sequence[str], *, both_bad: bool
) -> "scipy.sparse.csr_array":
    """(clusters, pairs * 3): each cluster's own table of weights per pair and outcome."""
    rows = log(votes, "clustering")
    groups = _grouped(rows, votes.models, [resolved(rows, name) for name in names])
    pair, column = _cells(found.pairs, groups, core, ties=found.ties != "drop", both_bad=both_bad)
    heard = pair >= 0
    mass = _mass(groups, heard, votes)
    _, cluster = numpy.unique(groups.cluster[heard], return_inverse=True)
    return scipy.sparse.csr_array(
        (mass, (cluster, pair[heard] * 3 + column[heard])),
        shape=(int(cluster.max(initial=-1)) + 1, len(found.pairs.low) * 3),
    )


def by_rater(
    pairs: counts.Pairs,
    votes: reading.Votes,
    core: counts.Integers,
    names: Sequence[str],
    chosen: settings.Settings,
) -> tuple[crowd.Table, list[str]]:
    """Votes per rater, pair and outcome, and the raters' names in the order of their numbers."""
    rows = log(votes, "Crowd-BT")
    groups = _grouped(rows, votes.models, [resolved(rows, names[0])])
    pair, column = _cells(pairs, groups, core, ties=chosen.ties_count, both_bad=chosen.both_bad_count)
    kept = pair >= 0
    used, rater = numpy.unique(groups.cluster[kept], return_inverse=True)
    table = crowd.Table(
        rater=rater, pair=pair[kept], column=column[kept], mass=_mass(groups, kept, votes), raters=len(used)
    )
    return table, [groups.labels[place] for place in used]


def _mass(groups: "_Groups", chosen: NDArray[numpy.bool_], votes: reading.Votes) -> Floats:
    """Weights of the chosen groups, times what their pair weighs."""
    mass = groups.mass[chosen]
    return mass if votes.factors is None else mass * votes.factors[groups.first[chosen], groups.second[chosen]]


def log(votes: reading.Votes, purpose: str) -> source.Source:
    """The votes one by one. Raises InputError when there are only counts per pair."""
    if votes.source is None:
        raise errors.InputError(
            f"{votes.name} holds counts per pair, and {purpose} needs votes: give the votes, or leave it out."
        )
    return votes.source


def resolved(votes: source.Source, column: str, purpose: str = "to cluster by") -> str:
    """The column a name stands for. Raises InputError when there is none."""
    for name in ALIASES.get(column, (column,)):
        if votes.has(name) and votes.first(f"{source.quoted(name)} IS NOT NULL", [name]) is not None:
            return name
    raise errors.InputError(f"{votes.name} has no column {column} {purpose}.")


def _cells(
    pairs: counts.Pairs, groups: "_Groups", core: counts.Integers, *, ties: bool, both_bad: bool
) -> tuple[counts.Integers, counts.Integers]:
    """The pair of each group (-1 where it stays out of the fit), and the column of its outcome."""
    place = numpy.full(groups.models + 1, -1, dtype=numpy.int64)
    place[core] = numpy.arange(len(core))
    first, second = place[groups.first], place[groups.second]
    low, high = numpy.minimum(first, second), numpy.maximum(first, second)
    keys = pairs.low * pairs.size + pairs.high
    wanted = low * pairs.size + high
    slot = numpy.minimum(numpy.searchsorted(keys, wanted), len(keys) - 1)
    outcome = groups.outcome
    heard = outcome < outcomes.TIE
    if ties:
        heard |= (outcome == outcomes.TIE) | ((outcome == outcomes.BOTH_BAD) & both_bad)
    pair = numpy.where(heard & (low >= 0) & (keys[slot] == wanted), slot, -1)
    column = numpy.where(outcome >= outcomes.TIE, 2, numpy.where(first < second, outcome, 1 - outcome))
    return pair, column


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Groups:
    """Votes counted per cluster, ordered pair and outcome; one row each."""

    models: int
    first: counts.Integers
    second: counts.Integers
    outcome: counts.Integers
    cluster: counts.Integers
    mass: counts.Floats
    """Sum of weights over the votes."""
    labels: list[str]
    """With one column, the value that each cluster stands for."""


def _grouped(log: source.Source, models: Sequence[str], names: Sequence[str]) -> _Groups:
    """Counts per combination of values of the columns. Raises InputError where a value is missing."""
    missing = log.first(" OR ".join(f"{source.quoted(column)} IS NULL" for column in names), names)
    if missing is not None:
        column = next(column for column in names if missing.values[column] is None)
        raise errors.InputError(f"{missing}: {column} is missing.")
    present = [column for column in sql.NUMBERS if log.has(column)]
    number = {column: f"coalesce({sql.number(log, column)}, 1)" for column in present}
    mass = " * ".join(number.values()) or "1"
    keys = ", ".join(f"CAST({source.quoted(column)} AS VARCHAR) AS key_{k}" for k, column in enumerate(names))
    voted = ", ".join(sql.name(log, column) for column in sql.VOTE)
    query = f"SELECT {keys}, {voted}, CAST(sum({mass}) AS DOUBLE) AS mass FROM {source.VOTES} GROUP BY ALL"
    rows = sql.together(log.answers(query, [*sql.VOTE, *present, *names]))
    cluster = numpy.zeros(rows.num_rows, dtype=numpy.int64)
    for k in range(len(names)):
        code, names_here = sql.encoded(rows[f"key_{k}"])
        cluster = cluster * len(names_here) + code
    judged = sides.read(rows)
    nobody = len(models)
    first, second = judged.numbered(models, nobody)
    return _Groups(
        models=nobody,
        first=first,
        second=second,
        outcome=judged.outcome,
        cluster=cluster,
        mass=rows["mass"].to_numpy(),
        labels=names_here,
    )
