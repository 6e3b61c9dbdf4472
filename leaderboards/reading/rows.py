"""Votes one by one, as arrays: for fits that counts per pair cannot carry."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy

from leaderboards import errors
from leaderboards.reading import counts, moments, sides, source, sql, style

Floats = counts.Floats
Integers = counts.Integers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """One element per row of the log."""

    first: Integers
    """The index of the model on side a among the models asked for; -1 for other models."""
    second: Integers
    outcome: Integers
    times: Floats
    """The row's `count`, 1 without one."""
    weight: Floats
    covariates: Floats = field(repr=False)
    """(covariates, rows)."""
    clusters: tuple[Integers, ...] = field(repr=False)
    """Per cluster column, the number of the row's cluster."""

    def chosen(self, kept: numpy.ndarray) -> "Rows":
        """Some of the rows."""
        return Rows(
            first=self.first[kept],
            second=self.second[kept],
            outcome=self.outcome[kept],
            times=self.times[kept],
            weight=self.weight[kept],
            covariates=self.covariates[:, kept],
            clusters=tuple(cluster[kept] for cluster in self.clusters),
        )


def read(
    log: source.Source,
    models: Sequence[str],
    *,
    covariates: Sequence[str] = (),
    clusters: Sequence[str] = (),
    order: str | None = None,
) -> Rows:
    """The rows of a log that was counted before. Raises InputError for a missing covariate, cluster or order."""
    if order is not None:
        moments.demand(log, order)
    expressions = [style.expression(log, name) for name in covariates]
    given = [column for column in ("count", "weight") if log.has(column)]
    used = [column for _, columns in expressions for column in columns]
    columns = list(dict.fromkeys([*sql.VOTE, *given, *used, *clusters, *([order] if order else [])]))
    chosen = [sql.name(log, column) for column in sql.VOTE]
    chosen += [f"coalesce({sql.number(log, column)}, 1) AS {source.quoted(column)}" for column in given]
    chosen += [f"{term} AS covariate_{k}" for k, (term, _) in enumerate(expressions)]
    chosen += [f"CAST({source.quoted(column)} AS VARCHAR) AS cluster_{k}" for k, column in enumerate(clusters)]
    ordered = f" ORDER BY {sql.moment(log, order)}, {source.quoted(order)}" if order else ""
    table = sql.together(log.answers(f"SELECT {', '.join(chosen)} FROM {source.VOTES}{ordered}", columns))
    size = table.num_rows
    measured = numpy.empty((len(expressions), size))
    for k, (name, (term, read_from)) in enumerate(zip(covariates, expressions, strict=True)):
        column = table[f"covariate_{k}"]
        if column.null_count == 0:
            numpy.concatenate([sql.array(chunk) for chunk in column.chunks], out=measured[k])
        if column.null_count or not numpy.isfinite(measured[k]).all():
            place = log.first(f"{term} IS NULL OR NOT isfinite({term})", list(dict.fromkeys(read_from)))
            raise errors.InputError(f"{place}: the covariate {name} is missing or no number.")
    groups = []
    for k, name in enumerate(clusters):
        code, _ = sql.encoded(table[f"cluster_{k}"])
        if len(code) and code.min() < 0:
            place = log.first(f"{source.quoted(name)} IS NULL", [name])
            raise errors.InputError(f"{place}: {name} is missing.")
        groups.append(code)
    judged = sides.read(table)
    first, second = judged.numbered(models, -1)
    ones = numpy.ones(size)
    return Rows(
        first=first,
        second=second,
        outcome=judged.outcome,
        times=sql.array(table["count"]) if "count" in given else ones,
        weight=sql.array(table["weight"]) if "weight" in given else ones,
        covariates=measured,
        clusters=tuple(groups),
    )
