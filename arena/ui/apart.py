"""What a board's numbers allow to be said: who is told apart from whom, tiers, and votes that would settle it.

Two models are told apart when their ratings differ by more than `board.critical` standard errors of the difference;
the critical value makes all pairs hold at once.
"""

import itertools
import math
from dataclasses import dataclass

import numpy
from numpy.typing import NDArray

import leaderboards
from leaderboards import ranks


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Two rated models, the higher first."""

    higher: str
    lower: str
    difference: float
    error: float
    """Standard error of the difference, times the critical value: within it the order is open."""
    told_apart: bool
    needed: float | None
    """Direct votes that would tell them apart if the difference stays as it is; None when they are, or none would."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """A board, read."""

    rated: tuple[leaderboards.Entry, ...]
    """Highest first."""
    told_apart: NDArray[numpy.bool_]
    """(rated, rated)."""
    neighbours: tuple[Gap, ...]
    """One fewer than rated."""
    tiers: tuple[tuple[leaderboards.Entry, ...], ...]
    """A tier ends only where every pair across the line is told apart."""


def read(board: leaderboards.Board) -> Reading:
    """Read a board; without intervals nothing is told apart."""
    rated = board.rated
    size = len(rated)
    told_apart = numpy.zeros((size, size), dtype=bool)
    errors = numpy.full((size, size), numpy.inf)
    if size > 1 and board.covariance is not None and board.critical is not None:
        ratings = numpy.array([entry.rating for entry in rated], dtype=float)
        errors = board.critical * ranks.differences(board.covariance)
        told_apart = numpy.abs(ratings[:, None] - ratings[None, :]) > errors
    neighbours = tuple(
        _gap(board, rated[place], rated[place + 1], float(errors[place, place + 1])) for place in range(size - 1)
    )
    return Reading(rated=rated, told_apart=told_apart, neighbours=neighbours, tiers=_tiers(rated, told_apart))


def _tiers(
    rated: tuple[leaderboards.Entry, ...], told_apart: NDArray[numpy.bool_]
) -> tuple[tuple[leaderboards.Entry, ...], ...]:
    ends = [place for place in range(1, len(rated)) if told_apart[:place, place:].all()]
    bounds = [0, *ends, len(rated)]
    return tuple(rated[start:end] for start, end in itertools.pairwise(bounds) if end > start)


def _gap(board: leaderboards.Board, higher: leaderboards.Entry, lower: leaderboards.Entry, error: float) -> Gap:
    difference = (higher.rating or 0.0) - (lower.rating or 0.0)
    told_apart = difference > error
    return Gap(
        higher=higher.model,
        lower=lower.model,
        difference=difference,
        error=error,
        told_apart=told_apart,
        needed=None if told_apart else _needed(board, difference, error),
    )


def _needed(board: leaderboards.Board, difference: float, error: float) -> float | None:
    """Votes n for which 1 / (1 / v + n p (1 - p) / u^2) = (difference / critical)^2.

    v is the variance of the difference now, p the chance that the higher one wins, u the length of one logit.
    """
    if not math.isfinite(error) or difference <= 0 or not board.critical:
        return None
    logit = board.scale.factor / math.log(board.scale.base)
    chance = 1 / (1 + math.exp(-difference / logit))
    missing = (board.critical / difference) ** 2 - (board.critical / error) ** 2
    return missing * logit**2 / (chance * (1 - chance))
