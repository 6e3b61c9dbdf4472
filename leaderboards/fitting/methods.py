"""Rating methods: each takes votes and settings and gives a board."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy
import scipy

from leaderboards import board, errors, settings
from leaderboards.fitting import (
    assembly,
    bootstrap,
    bounds,
    bradley_terry,
    cluster_scores,
    clusters,
    connectivity,
    controlled,
    crowd,
    elo,
    two_way,
    win_rate,
    zero_variance,
)
from leaderboards.reading import counts, outcomes, rows, vote_log


def pairs_and_shape(votes: vote_log.Votes, chosen: settings.Settings) -> tuple[counts.Pairs, connectivity.Connectivity]:
    """Counts per pair under these settings, and which models they connect. Raises IslandsError."""
    pairs = counts.folded(votes.counts, ties=chosen.ties_count, both_bad=chosen.both_bad_count)
    shape = connectivity.shape(pairs)
    if len(shape.islands) > 1:
        raise errors.IslandsError(named(votes.models, shape.islands))
    if chosen.ridge:  # the penalty gives everybody a finite rating
        shape = connectivity.everybody(pairs.size)
    return pairs, shape


def _bradley_terry(votes: vote_log.Votes, chosen: settings.Settings) -> board.Board:
    pairs, shape = pairs_and_shape(votes, chosen)
    covariance: counts.Reals | None = None
    drawn = drawing = None
    found = parts = None
    strengths = numpy.zeros(0)
    extra = value = None
    details: dict[str, Any] = {}
    if chosen.both_bad == "separate":
        details["both_bad_rates"] = both_bad_rates(votes, chosen.level)
    if len(shape.core) and chosen.controls:
        found_with = _controlled(votes, chosen, shape.core, pairs)
        strengths, value, covariance = found_with.strengths, found_with.log_likelihood, found_with.covariance
        details["coefficients"] = _coefficients(found_with, chosen)
        covariance = None if covariance is None else covariance[: len(shape.core), : len(shape.core)]
        parts = found_with.parts
    elif len(shape.core):
        if chosen.ties in ("davidson", "rao-kupper") and not pairs.among(shape.core).weight[:, :2].any():
            raise errors.InputError(
                f"Every vote is a tie, so ties={chosen.ties} has no finite estimate; use ties=half."
            )
        found = bradley_terry.fit(pairs.among(shape.core), ties=chosen.ties, ridge=chosen.ridge)
        strengths, extra, value = found.strengths, found.extra, found.log_likelihood
        if chosen.interval == "bootstrap":
            tables = (
                clusters.tables(found, votes, shape.core, chosen.cluster, both_bad=chosen.both_bad_count)
                if chosen.cluster
                else None
            )
            drawn = bootstrap.replicates(found, chosen.replicates, chosen.seed, tables)
            details["bootstrap"] = {"replicates": chosen.replicates, "seed": chosen.seed}
        elif chosen.interval == "sandwich":
            meat = (
                clusters.meat(found, votes, shape.core, chosen.cluster, both_bad=chosen.both_bad_count)
                if chosen.cluster
                else None
            )
            spread = zero_variance.spread(found, meat)
            covariance, drawing = spread.covariance, spread.drawn
            if meat is not None and meat.alone:
                parts = _parts(found, meat)
    return assembly.assembled(
        votes,
        chosen,
        rated=shape.core,
        strengths=strengths,
        covariance=covariance,
        drawing=drawing,
        drawn=drawn,
        outside=shape.outside,
        bounds=bounds.bounds(pairs, shape, strengths, chosen.level),
        tie_parameter=None if extra is None else float(numpy.exp(extra)),
        log_likelihood=value,
        details=details,
        fit=found,
        parts=parts,
    )


def _parts(found: bradley_terry.Fit, meat: cluster_scores.Clustered) -> two_way.Parts:
    """What the covariance of a fit clustered by two columns was made of."""
    alone = [zero_variance.filled(found, cluster_scores.Clustered(scores=scores)).matrix for scores in meat.alone]
    return two_way.parts(found.inverse, zero_variance.filled(found, meat).matrix, alone, found.pairs.size)


def both_bad_rates(votes: vote_log.Votes, level: float) -> list[dict[str, Any]]:
    """Each model's share of votes that called both answers bad, with a Wilson interval; highest first.

    A model that no vote is about, as an island of its own, has none.
    """
    table = votes.counts
    size = len(table.models)
    bad, heard = numpy.zeros(size), numpy.zeros(size)
    for side in (table.first, table.second):
        bad += numpy.bincount(side, weights=table.votes[:, outcomes.BOTH_BAD], minlength=size)
        heard += numpy.bincount(side, weights=table.votes.sum(axis=1), minlength=size)
    z = float(scipy.special.ndtri((1 + level) / 2))
    known = numpy.flatnonzero(heard).tolist()
    heard = numpy.maximum(heard, 1)
    share = bad / heard
    middle = (share + z**2 / (2 * heard)) / (1 + z**2 / heard)
    reach = z * numpy.sqrt(share * (1 - share) / heard + z**2 / (4 * heard**2)) / (1 + z**2 / heard)
    order = sorted(known, key=lambda model: (-share[model], table.models[model]))
    return [
        {
            "model": table.models[model],
            "rate": float(share[model]),
            "lower": float(max(middle[model] - reach[model], 0)),
            "upper": float(min(middle[model] + reach[model], 1)),
        }
        for model in order
    ]


def _controlled(
    votes: vote_log.Votes, chosen: settings.Settings, core: counts.Integers, pairs: counts.Pairs
) -> controlled.ControlledFit:
    """The fit with covariates, started at the one without."""
    if chosen.interval == "bootstrap":
        raise errors.InputError("Controls go with interval=sandwich or none: the bootstrap works on counts.")
    if chosen.ties not in ("half", "drop"):
        raise errors.InputError(f"Controls go with ties=half or ties=drop, not with ties={chosen.ties}.")
    models = [votes.models[model] for model in core]
    if votes.coded is not None:
        found = votes.coded.rows(models, chosen.controls, chosen.cluster)
    else:
        log = clusters.log(votes, "controls")
        columns = [clusters.resolved(log, column) for column in chosen.cluster]
        found = rows.read(log, models, covariates=chosen.controls, clusters=columns)
    if votes.factors is not None:
        factors = votes.factors[numpy.ix_(core, core)]
        inside = (found.first >= 0) & (found.second >= 0)
        found = replace(found, weight=numpy.where(inside, found.weight * factors[found.first, found.second], 0.0))
    return controlled.fit(
        found,
        chosen.controls,
        len(core),
        bradley_terry.fit(pairs.among(core), ties=chosen.ties, ridge=chosen.ridge).strengths,
        ridge=chosen.ridge,
        ties=chosen.ties_count,
        both_bad=chosen.both_bad_count,
        interval=chosen.interval == "sandwich",
    )


def _coefficients(found: controlled.ControlledFit, chosen: settings.Settings) -> list[dict[str, Any]]:
    """The coefficient of each control, in logits per standard deviation."""
    quantile = float(scipy.special.ndtri((1 + chosen.level) / 2))
    listed = []
    for k, name in enumerate(chosen.controls):
        estimate = float(found.coefficients[k])
        place = len(found.strengths) + k
        se = None if found.covariance is None else float(numpy.sqrt(found.covariance[place, place]))
        listed.append(
            {
                "name": name,
                "estimate": estimate,
                "se": se,
                "lower": None if se is None else estimate - quantile * se,
                "upper": None if se is None else estimate + quantile * se,
                "scale": float(found.scales[k]),
            }
        )
    return listed


def named(models: tuple[str, ...], groups: tuple[tuple[int, ...], ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(models[model] for model in group) for group in groups)


def _elo(votes: vote_log.Votes, chosen: settings.Settings) -> board.Board:
    log = clusters.log(votes, "Elo")
    pairs_and_shape(votes, chosen)
    timed = log.has("tstamp") and log.first("tstamp IS NOT NULL", ["tstamp"]) is not None
    found = elo.heard(
        rows.read(log, votes.models, order="tstamp" if timed else None),
        ties=chosen.ties_count,
        both_bad=chosen.both_bad_count,
    )
    ratings = elo.rate(found, len(votes.models), k=chosen.k, orders=chosen.orders, seed=chosen.seed)
    return assembly.assembled(
        votes,
        replace(chosen, interval="none"),
        rated=numpy.arange(len(votes.models)),
        strengths=(ratings - elo.START) / assembly.POINTS,
        covariance=None,
        details={"elo": {"k": chosen.k, "orders": chosen.orders, "seed": chosen.seed, "ordered_by_time": timed}},
    )


def _win_rate(votes: vote_log.Votes, chosen: settings.Settings) -> board.Board:
    pairs, _ = pairs_and_shape(votes, chosen)
    if chosen.anchor is not None or chosen.interval == "bootstrap" or chosen.cluster:
        raise errors.InputError("A win rate takes no anchor, no cluster and no bootstrap; leave them out.")
    rates, covariance = win_rate.rate(pairs)
    return assembly.assembled(
        votes,
        chosen,
        rated=numpy.arange(len(votes.models)),
        strengths=rates,
        covariance=covariance if chosen.interval == "sandwich" else None,
        scale=board.Scale(mean=None, rate=True),
    )


def _crowd(votes: vote_log.Votes, chosen: settings.Settings) -> board.Board:
    pairs, shape = pairs_and_shape(votes, chosen)
    if chosen.interval == "bootstrap" or chosen.ties not in ("half", "drop"):
        raise errors.InputError("Crowd-BT goes with ties=half or drop and interval=sandwich or none.")
    cluster = chosen.cluster or ("rater",)
    strengths, covariance, raters = numpy.zeros(0), None, {}
    if len(shape.core):
        core = pairs.among(shape.core)
        table, names = clusters.by_rater(core, votes, shape.core, cluster, chosen)
        found = crowd.fit(core, table)
        strengths = found.strengths
        covariance = found.covariance if chosen.interval == "sandwich" else None
        raters = dict(zip(names, found.reliability.tolist(), strict=True))
    return assembly.assembled(
        votes,
        replace(chosen, cluster=cluster),
        rated=shape.core,
        strengths=strengths,
        covariance=covariance,
        outside=shape.outside,
        bounds=bounds.bounds(pairs, shape, strengths, chosen.level),
        details={"raters": len(raters), "reliability_prior": list(crowd.PRIOR)},
        raters=raters,
    )


METHODS: dict[str, Callable[[vote_log.Votes, settings.Settings], board.Board]] = {
    "bradley-terry": _bradley_terry,
    "elo": _elo,
    "win-rate": _win_rate,
    "crowd-bt": _crowd,
}
"""Rating methods by the name `--method` takes."""
