"""Votes that depend on each other: the meat of the sandwich when scores are summed per cluster.

One rater's votes share a taste, one prompt's votes share a difficulty. Then the scores of a cluster are added up
before they are squared, times G / (G - 1) for G clusters (Liang & Zeger 1986, Biometrika 73, 13-22). With two columns:
meat of the first plus meat of the second minus meat of both together (Cameron, Gelbach & Miller 2011, JBES 29,
238-249). The covariance it gives is projected to the nearest positive semidefinite matrix, as they do: a projected
meat would depend on the weights of votes even where the covariance does not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
import scipy
from numpy.typing import NDArray

from leaderboards import errors, settings
from leaderboards.fitting import bradley_terry, cluster_scores, crowd, sandwich
from leaderboards.reading import coded_votes, counts, outcomes, sides, source, sql, vote_log

Floats = counts.Floats

ALIASES = {
    "rater": ("rater", "judge"),
    "judge": ("judge", "rater"),
    "prompt": ("prompt_id", "prompt", "question_id"),
}
"""Columns a name stands for, first one found."""

_ONE_BY_ONE = 1 << 24
"""Votes up to which they are read one by one, which is quicker than grouping them and takes more memory."""
_TABLE = 1 << 23
"""Cells of a table of models by models that is quicker than searching among pairs."""


def meat(
    found: bradley_terry.Fit, votes: vote_log.Votes, core: counts.Integers, names: Sequence[str], *, both_bad: bool
) -> cluster_scores.Clustered:
    """Clustered meat of a fit over the models `core` of `votes`. Raises InputError on counts per pair."""
    if votes.coded is not None:
        groups = _coded(votes.coded, votes.models, names)
    else:
        rows = log(votes, "clustering")
        columns = [resolved(rows, name) for name in names]
        groups = _grouped(rows, votes.models, columns, together=votes.total > _ONE_BY_ONE, labelled=False)
    pair, column = _cells(found.pairs, groups, core, ties=found.ties != "drop", both_bad=both_bad)
    heard: Any = pair >= 0
    heard = slice(None) if heard.all() else heard
    cell, mass = pair[heard] * 3 + column[heard], _mass(groups, heard, votes)
    codes = {name: code[heard] for name, code in zip(names, groups.codes, strict=True)}
    per_vote = sandwich.scores(found)

    return _together(
        [
            tuple((sign, part) for part in _summed(per_vote, cell, mass, _numbered([codes[name] for name in among])))
            for sign, among in _signed(names)
        ]
    )


def combined(
    summed: "Callable[[Sequence[str]], scipy.sparse.csr_array]", names: Sequence[str]
) -> cluster_scores.Clustered:
    """The meat for one column, or for two by inclusion and exclusion, from the scores of clusters by some columns."""
    scores = ((sign, summed(among)) for sign, among in _signed(names))
    return _together([((sign, found * _correction(found.shape[0])),) for sign, found in scores])


def _together(parts: "Sequence[cluster_scores.Scores]") -> cluster_scores.Clustered:
    """One meat of what each term of inclusion and exclusion gives."""
    whole = tuple(score for part in parts for score in part)
    return cluster_scores.Clustered(scores=whole, alone=tuple(parts[:2]) if len(parts) > 1 else ())


def _signed(names: Sequence[str]) -> list[tuple[float, Sequence[str]]]:
    """By which columns, together, scores are summed, and the sign of their squares."""
    return [(1.0, names)] if len(names) == 1 else [(1.0, names[:1]), (1.0, names[1:]), (-1.0, names)]


def _numbered(codes: Sequence[counts.Integers]) -> counts.Integers:
    """One number for each combination of codes."""
    if len(codes) == 1:
        return codes[0]
    both = codes[0].astype(numpy.int64) * (int(codes[1].max(initial=0)) + 1) + codes[1]
    number: counts.Integers = numpy.unique(both, return_inverse=True)[1]
    return number


def _summed(
    per_vote: "scipy.sparse.csr_array", cell: counts.Integers, mass: Floats, cluster: counts.Integers
) -> tuple[cluster_scores.ClusterScores, ...]:
    """Scores whose outer products add up to those of the clusters.

    Votes that are alone in their cluster are gathered by pair and outcome, which leaves the sum as it is.
    """
    sizes = numpy.bincount(cluster)
    factor = _correction(int(numpy.count_nonzero(sizes)))
    single = sizes == 1
    if not single.any():
        return (
            cluster_scores.ClusterScores(
                per_vote=per_vote, cell=cell, mass=mass * factor, cluster=cluster, clusters=len(sizes)
            ),
        )
    alone = single[cluster]
    gathered = numpy.bincount(cell[alone], weights=mass[alone] ** 2, minlength=per_vote.shape[0])
    kept, several = numpy.flatnonzero(gathered), numpy.flatnonzero(~alone)
    return tuple(
        cluster_scores.ClusterScores(
            per_vote=per_vote, cell=cells, mass=weights * factor, cluster=numbers, clusters=size
        )
        for cells, weights, numbers, size in (
            (kept, numpy.sqrt(gathered[kept]), numpy.arange(len(kept)), len(kept)),
            (cell[several], mass[several], cluster[several], len(sizes)),
        )
    )


def _correction(clusters: int) -> float:
    """The root of G / (G - 1)."""
    if clusters < 2:
        raise errors.InputError("All votes are in one cluster; intervals need at least two.")
    return float(numpy.sqrt(clusters / (clusters - 1)))


def tables(
    found: bradley_terry.Fit, votes: vote_log.Votes, core: counts.Integers, names: Sequence[str], *, both_bad: bool
) -> "scipy.sparse.csr_array":
    """(clusters, pairs * 3): each cluster's own table of weights per pair and outcome."""
    rows = log(votes, "clustering")
    groups = _grouped(rows, votes.models, [resolved(rows, name) for name in names])
    pair, column = _cells(found.pairs, groups, core, ties=found.ties != "drop", both_bad=both_bad)
    heard = pair >= 0
    mass = _mass(groups, heard, votes)
    _, cluster = numpy.unique(_numbered(groups.codes)[heard], return_inverse=True)
    return scipy.sparse.csr_array(
        (mass, (cluster, pair[heard] * 3 + column[heard])),
        shape=(int(cluster.max(initial=-1)) + 1, len(found.pairs.low) * 3),
    )


def by_rater(
    pairs: counts.Pairs,
    votes: vote_log.Votes,
    core: counts.Integers,
    names: Sequence[str],
    chosen: settings.Settings,
) -> tuple[crowd.Table, list[str]]:
    """Votes per rater, pair and outcome, and the raters' names in the order of their numbers."""
    rows = log(votes, "Crowd-BT")
    groups = _grouped(rows, votes.models, [resolved(rows, names[0])])
    pair, column = _cells(pairs, groups, core, ties=chosen.ties_count, both_bad=chosen.both_bad_count)
    kept = pair >= 0
    used, rater = numpy.unique(groups.codes[0][kept], return_inverse=True)
    table = crowd.Table(
        rater=rater, pair=pair[kept], column=column[kept], mass=_mass(groups, kept, votes), raters=len(used)
    )
    return table, [groups.labels[place] for place in used]


def _mass(groups: "_Groups", chosen: NDArray[numpy.bool_] | slice, votes: vote_log.Votes) -> Floats:
    """Weights of the chosen groups, times what their pair weighs."""
    mass = groups.mass[chosen]
    return mass if votes.factors is None else mass * votes.factors[groups.first[chosen], groups.second[chosen]]


def log(votes: vote_log.Votes, purpose: str) -> source.Source:
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
    raise errors.InputError(f"{votes.name} has no column {column} {purpose}{votes.instead(column)}.")


def _cells(
    pairs: counts.Pairs, groups: "_Groups", core: counts.Integers, *, ties: bool, both_bad: bool
) -> tuple[counts.Integers, counts.Integers]:
    """The pair of each group (-1 where it stays out of the fit), and the column of its outcome."""
    outcome, known = groups.outcome, len(groups.names)
    heard = numpy.array([True, True, ties, ties and both_bad])[outcome]
    if known * known <= _TABLE:
        table = numpy.full((known, known), -1)
        low, high = core[pairs.low], core[pairs.high]
        table[low, high] = table[high, low] = numpy.arange(len(low))
        pair = table.ravel()[groups.first * known + groups.second]
    else:
        place = numpy.full(known, -1, dtype=numpy.int64)
        place[core] = numpy.arange(len(core))
        first, second = place[groups.first], place[groups.second]
        low, high = numpy.minimum(first, second), numpy.maximum(first, second)
        keys = pairs.low * pairs.size + pairs.high
        wanted = low * pairs.size + high
        slot = numpy.minimum(numpy.searchsorted(keys, wanted), len(keys) - 1)
        pair = numpy.where((low >= 0) & (keys[slot] == wanted), slot, -1)
    column = numpy.where(outcome >= outcomes.TIE, 2, outcome ^ (groups.first > groups.second))
    return (pair if heard.all() else numpy.where(heard, pair, -1)), column


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Groups:
    """Votes, or votes counted per cluster, ordered pair and outcome; one row each."""

    names: tuple[str, ...]
    """The models, and one that stands for those without a place among them."""
    first: counts.Integers
    second: counts.Integers
    outcome: counts.Integers
    codes: tuple[counts.Integers, ...]
    """Of each column, the number of the row's value."""
    mass: counts.Floats
    """Sum of weights over the votes."""
    labels: list[str]
    """Of the first column, what its numbers stand for."""


def _grouped(
    log: source.Source, models: Sequence[str], names: Sequence[str], *, together: bool = True, labelled: bool = True
) -> _Groups:
    """Votes, or with `together` counts of equal ones. Raises InputError where a value of the columns is missing."""
    present = [column for column in sql.NUMBERS if log.has(column)]
    number = {column: f"coalesce({sql.number(log, column)}, 1)" for column in present}
    mass = " * ".join(number.values()) or "1"
    keys = ", ".join(f"{sql.key(log, column)} AS key_{k}" for k, column in enumerate(names))
    voted = ", ".join(sql.name(log, column) for column in sql.VOTE)
    weight = (
        f"CAST(sum({mass}) AS DOUBLE) AS mass" if together else f"CAST({mass} AS DOUBLE) AS mass" if present else ""
    )
    query = f"SELECT {', '.join(part for part in (keys, voted, weight) if part)} FROM {source.VOTES}"
    query += " GROUP BY ALL" if together else ""
    rows = sql.together(log.answers(query, [*sql.VOTE, *present, *names]))
    codes, labels = [], list[str]()
    for k, column in enumerate(names):
        code, values = sql.codes(rows[f"key_{k}"])
        if len(code) and code.min() < 0:
            raise errors.InputError(f"{log.first(f'{source.quoted(column)} IS NULL', [column])}: {column} is missing.")
        codes.append(code)
        labels = values() if labelled and not k else labels
    judged = sides.read(rows)
    nobody = len(models)
    first, second = judged.numbered(models, nobody)
    return _Groups(
        names=(*models, ""),
        first=first,
        second=second,
        outcome=judged.outcome,
        codes=tuple(codes),
        mass=sql.array(rows["mass"]) if weight else numpy.ones(rows.num_rows),
        labels=labels,
    )


def _coded(votes: coded_votes.CodedVotes, models: Sequence[str], names: Sequence[str]) -> _Groups:
    """Votes that are numbers already."""
    first, second = votes.numbered(models, len(models))
    return _Groups(
        names=(*models, ""),
        first=first,
        second=second,
        outcome=votes.outcome,
        codes=tuple(votes.clusters[name] for name in names),
        mass=numpy.ones(len(first)),
        labels=[],
    )
