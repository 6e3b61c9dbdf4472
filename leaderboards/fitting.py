"""`fit`: votes and settings to a board."""

from collections.abc import Iterable
from typing import Any

from leaderboards import blas, board, connectivity, counts, errors, methods, progress, reading, settings, weighting

METHODS = methods.METHODS
"""Rating methods by the name `--method` takes."""


def fit(
    votes: Any,
    method: str = "bradley-terry",
    *,
    ties: str = "half",
    both_bad: str = "tie",
    interval: str = "sandwich",
    level: float = 0.95,
    cluster: str | Iterable[str] | None = None,
    controls: str | Iterable[str] | None = (),
    anchor: str | tuple[str, float] | None = None,
    ridge: float = 0.0,
    weights: str = "none",
    replicates: int = 1000,
    seed: int = 0,
    k: float = 4.0,
    orders: int = 1,
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
        ridge=ridge,
        weights=weights,
        replicates=replicates,
        seed=seed,
        k=k,
        orders=orders,
    )
    log = reading.read(votes)
    with blas.single_threaded(), progress.step("fitting"):
        return METHODS[method](weighting.weighed(log, chosen.weights), chosen)


def islands(votes: Any, *, ties: str = "half", both_bad: str = "tie") -> tuple[tuple[str, ...], ...]:
    """Groups of models that share no vote, largest first; one group when a common board exists."""
    log = reading.read(votes)
    chosen = settings.Settings(ties=ties, both_bad=both_bad)
    pairs = counts.folded(log.counts, ties=chosen.ties_count, both_bad=chosen.both_bad_count)
    return methods.named(log.models, connectivity.shape(pairs).islands)
