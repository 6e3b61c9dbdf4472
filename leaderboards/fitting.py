"""`fit`: votes and settings to a board."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy

from leaderboards import (
    assembly,
    board,
    bounds,
    bradley_terry,
    clusters,
    connectivity,
    counts,
    errors,
    reading,
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
    strengths = numpy.zeros(0)
    extra = value = None
    if len(shape.core):
        found = bradley_terry.fit(pairs.among(shape.core), ties=chosen.ties)
        strengths, extra, value = found.strengths, found.extra, found.log_likelihood
        if chosen.interval == "sandwich":
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
        outside=shape.outside,
        bounds=bounds.bounds(pairs, shape, strengths, chosen.level),
        tie_parameter=None if extra is None else float(numpy.exp(extra)),
        log_likelihood=value,
    )


def _named(models: tuple[str, ...], groups: tuple[tuple[int, ...], ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(models[model] for model in group) for group in groups)


METHODS: dict[str, Callable[[reading.Votes, settings.Settings], board.Board]] = {
    "bradley-terry": _bradley_terry,
}
"""Rating methods by the name `--method` takes."""
