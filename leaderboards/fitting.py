"""`fit`: votes and settings to a board."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy
from scipy import special

from leaderboards import (
    assembly,
    board,
    bootstrap,
    bounds,
    bradley_terry,
    clusters,
    connectivity,
    controlled,
    counts,
    errors,
    reading,
    rows,
    settings,
)


def fit(
    votes: Any,
    method: str = "bradley-terry",
    *,
    ties: str = "half",
    both_bad: str = "tie",
    interval: str = "sandwich",
    level: float = 0.95,
    cluster: str | Iterable[str] | None = None,
    controls: str | Iterable[str] = (),
    anchor: str | tuple[str, float] | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> board.Board:
    """A board. Raises InputError for settings that mean nothing, IslandsError when there is no common scale."""
    if method not in METHODS:
        raise errors.InputError(f'method is "{method}"; accepted: {", ".join(METHODS)}.')
    chosen = settings.Settings(
        method=method,
        ties=ties,
        both_bad=both_bad,
        interval=interval,
        level=level,
        cluster=settings.columns(cluster),
        controls=settings.columns(controls),
        anchor=settings.anchored(anchor),
        replicates=replicates,
        seed=seed,
    )
    return METHODS[method](reading.read(votes), chosen)


def islands(votes: Any, *, ties: str = "half", both_bad: str = "tie") -> tuple[tuple[str, ...], ...]:
    """Groups of models that share no vote, largest first; one group when a common board exists."""
    log = reading.read(votes)
    pairs = counts.folded(log.counts, ties=ties != "drop", both_bad=both_bad == "tie" and ties != "drop")
    return _named(log.models, connectivity.shape(pairs).islands)


def _bradley_terry(votes: reading.Votes, chosen: settings.Settings) -> board.Board:
    tied = chosen.ties != "drop"
    both_bad = tied and chosen.both_bad == "tie"
    pairs = counts.folded(votes.counts, ties=tied, both_bad=both_bad)
    shape = connectivity.shape(pairs)
    if len(shape.islands) > 1:
        raise errors.IslandsError(_named(votes.models, shape.islands))
    covariance = None
    drawn = None
    strengths = numpy.zeros(0)
    extra = value = None
    details: dict[str, Any] = {}
    if len(shape.core) and chosen.controls:
        found_with = _controlled(votes, chosen, shape.core, pairs, both_bad=both_bad)
        strengths, value, covariance = found_with.strengths, found_with.log_likelihood, found_with.covariance
        details["coefficients"] = _coefficients(found_with, chosen)
        covariance = None if covariance is None else covariance[: len(shape.core), : len(shape.core)]
    elif len(shape.core):
        found = bradley_terry.fit(pairs.among(shape.core), ties=chosen.ties)
        strengths, extra, value = found.strengths, found.extra, found.log_likelihood
        if chosen.interval == "bootstrap":
            tables = (
                clusters.tables(found, votes, shape.core, chosen.cluster, both_bad=both_bad) if chosen.cluster else None
            )
            drawn = bootstrap.replicates(found, chosen.replicates, chosen.seed, tables)
            details["bootstrap"] = {"replicates": chosen.replicates, "seed": chosen.seed}
        elif chosen.interval == "sandwich":
            meat = (
                clusters.meat(found, votes, shape.core, chosen.cluster, both_bad=both_bad) if chosen.cluster else None
            )
            covariance = bradley_terry.sandwich(found, meat)
    return assembly.assembled(
        votes,
        chosen,
        rated=shape.core,
        strengths=strengths,
        covariance=covariance,
        drawn=drawn,
        outside=shape.outside,
        bounds=bounds.bounds(pairs, shape, strengths, chosen.level),
        tie_parameter=None if extra is None else float(numpy.exp(extra)),
        log_likelihood=value,
        details=details,
    )


def _controlled(
    votes: reading.Votes, chosen: settings.Settings, core: counts.Integers, pairs: counts.Pairs, *, both_bad: bool
) -> controlled.Fit:
    """The fit with covariates, started at the one without."""
    log = clusters.log(votes, "controls")
    if chosen.interval == "bootstrap":
        raise errors.InputError("Controls go with interval=sandwich or none: the bootstrap works on counts.")
    if chosen.ties not in ("half", "drop"):
        raise errors.InputError(f"Controls go with ties=half or ties=drop, not with ties={chosen.ties}.")
    found = rows.read(
        log,
        [votes.models[model] for model in core],
        covariates=chosen.controls,
        clusters=[clusters.resolved(log, column) for column in chosen.cluster],
    )
    return controlled.fit(
        found,
        len(core),
        bradley_terry.fit(pairs.among(core), ties=chosen.ties).strengths,
        ties=chosen.ties != "drop",
        both_bad=both_bad,
        interval=chosen.interval == "sandwich",
    )


def _coefficients(found: controlled.Fit, chosen: settings.Settings) -> list[dict[str, Any]]:
    """What each control is worth, in logits per standard deviation."""
    quantile = float(special.ndtri((1 + chosen.level) / 2))
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


def _named(models: tuple[str, ...], groups: tuple[tuple[int, ...], ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(models[model] for model in group) for group in groups)


METHODS: dict[str, Callable[[reading.Votes, settings.Settings], board.Board]] = {
    "bradley-terry": _bradley_terry,
}
"""Rating methods by the name `--method` takes."""
