"""Which models a board tells apart, tiers, and how many votes would tell the others apart.

Two models are told apart when their ratings differ by more than `board.critical` standard errors of the difference; the
critical value makes all pairs hold at once. A tier ends only where every pair across the line is told apart.
"""

import itertools
import math
from dataclasses import dataclass

import numpy
from numpy.typing import NDArray

from leaderboards import board
from leaderboards.fitting import blas, ranks


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Two neighbours on a board, the higher first."""

    higher: str
    lower: str
    difference: float
    """Of their ratings."""
    reach: float
    """Standard error of the difference times the critical value: within it the order is open."""
    votes_needed: int | None
    """Votes between the two that would tell them apart if the difference stays; 0 when they are; None when equal."""

    @property
    def told_apart(self) -> bool:
        """Whether their order is certain at the board's level, all pairs at once."""
        return self.difference > self.reach


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tiers:
    """What a board says about the order of its models."""

    told_apart: NDArray[numpy.bool_]
    """(rated, rated), in the order of `board.rated`."""
    tiers: tuple[tuple[str, ...], ...]
    neighbours: tuple[Gap, ...]
    """One fewer than rated models."""

    @property
    def bands(self) -> tuple[tuple[str, ...], ...]:
        """Each begins at the first model that is told apart from the head of the band above.

        Inside a band nothing is told apart from its head; two models at either side of a line may still not be told
        apart, which only a tier promises. Many models make one tier, because each overlaps the next, and many bands.
        """
        names = [name for tier in self.tiers for name in tier]
        heads: list[int] = []
        for place in range(len(names)):
            if not heads or self.told_apart[heads[-1], place]:
                heads.append(place)
        return tuple(tuple(names[start:end]) for start, end in itertools.pairwise([*heads, len(names)]))


@blas.single_threaded()
def read(ranked: board.Board) -> Tiers:
    """Tiers and neighbours of a board; without intervals nothing is told apart."""
    board.demand(ranked)
    rated = ranked.rated
    size = len(rated)
    ratings = numpy.array([entry.rating for entry in rated], dtype=float)
    reach = numpy.full((size, size), numpy.inf)
    if size > 1 and ranked.covariance is not None and ranked.critical is not None:
        reach = ranked.critical * ranks.differences(ranked.covariance)
    apart = numpy.abs(ratings[:, None] - ratings[None, :]) > reach
    ends = [place for place in range(1, size) if apart[:place, place:].all()]
    edges = [0, *ends, size]
    names = [entry.model for entry in rated]
    return Tiers(
        told_apart=apart,
        tiers=tuple(tuple(names[start:end]) for start, end in itertools.pairwise(edges) if end > start),
        neighbours=tuple(
            gap(ranked, names[k], names[k + 1], float(ratings[k] - ratings[k + 1]), float(reach[k, k + 1]))
            for k in range(size - 1)
        ),
    )


def gap(ranked: board.Board, higher: str, lower: str, difference: float, reach: float) -> Gap:
    """Two models so far apart, with the votes that would tell them apart."""
    return Gap(
        higher=higher,
        lower=lower,
        difference=difference,
        reach=reach,
        votes_needed=0 if difference > reach else _needed(ranked, difference, reach),
    )


def _needed(ranked: board.Board, difference: float, reach: float) -> int | None:
    """Votes n between the two with 1 / (1 / v + n p (1 - p) / u^2) = (difference / critical)^2.

    v is the variance of the difference now, u the rating points of a logit, p the fitted chance of a win.
    """
    if not math.isfinite(reach) or difference <= 0 or not ranked.critical or ranked.scale.rate:
        return None
    logit = ranked.scale.factor / math.log(ranked.scale.base)
    chance = 1 / (1 + math.exp(-difference / logit))
    missing = (ranked.critical / difference) ** 2 - (ranked.critical / reach) ** 2
    return math.ceil(missing * logit**2 / (chance * (1 - chance)))
