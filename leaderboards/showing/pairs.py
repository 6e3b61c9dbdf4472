"""Two models of a board: what they won against each other, and how sure their order is.

The interval of a share is Wilson's (1927, Journal of the American Statistical Association 22, 209-212); a tie counts as
half a win, which makes it somewhat too wide.
"""

import math
from collections import defaultdict
from dataclasses import dataclass

from scipy import special

from leaderboards import board, errors
from leaderboards.fitting import ranks
from leaderboards.reading import outcomes
from leaderboards.showing import tiers


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The votes between a model and another, seen from the first."""

    model: str
    """The other."""
    votes: float
    wins: float
    losses: float
    ties: float
    both_bad: float
    level: float
    """Of the interval."""

    @property
    def share(self) -> float:
        """Won, a tie and both bad as half."""
        return (self.wins + (self.ties + self.both_bad) / 2) / self.votes

    @property
    def interval(self) -> tuple[float, float]:
        """Where the share lies."""
        return wilson(self.share, self.votes, self.level)


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingDifference:
    """The ratings of two models, the first minus the second."""

    first: str
    second: str
    difference: float
    reach: float
    """Half of the interval of this one difference; infinite where the board has no intervals."""
    gap: tiers.Gap
    """The same pair, all pairs of the board at once."""


def wilson(share: float, votes: float, level: float) -> tuple[float, float]:
    """The interval of a share of votes."""
    quantile = float(special.ndtri((1 + level) / 2))
    middle = share + quantile**2 / (2 * votes)
    half = quantile * math.sqrt(share * (1 - share) / votes + quantile**2 / (4 * votes**2))
    whole = 1 + quantile**2 / votes
    return (middle - half) / whole, (middle + half) / whole


def matches(ranked: board.Board, model: str) -> tuple[Match, ...]:
    """What a model won against each other that it met, in the order of the board."""
    known = ranked[model].model  # raises UnknownModel
    counted = ranked.counted
    met: defaultdict[str, list[float]] = defaultdict(lambda: [0.0] * 4)
    for first, second, votes in zip(counted.first, counted.second, counted.votes, strict=True):
        names = counted.models[first], counted.models[second]
        if known in names and names[0] != names[1]:
            won, lost = (outcomes.WIN_A, outcomes.WIN_B) if names[0] == known else (outcomes.WIN_B, outcomes.WIN_A)
            cells = met[names[1] if names[0] == known else names[0]]
            for place, cell in enumerate((won, lost, outcomes.TIE, outcomes.BOTH_BAD)):
                cells[place] += float(votes[cell])
    level = ranked.interval.level
    return tuple(
        Match(model=name, votes=sum(of), wins=of[0], losses=of[1], ties=of[2], both_bad=of[3], level=level)
        for name in (entry.model for entry in ranked.entries)
        if sum(of := met.get(name, [0.0] * 4)) > 0
    )


def difference(ranked: board.Board, first: str, second: str) -> RatingDifference:
    """How far two rated models are apart. Raises InputError for one that has no rating."""
    one, other = ranked[first], ranked[second]
    if one.rating is None or other.rating is None:
        raise errors.InputError(f"{first if one.rating is None else second} has no rating yet.")
    apart, reach, simultaneous = one.rating - other.rating, math.inf, math.inf
    if ranked.covariance is not None:
        order = [entry.model for entry in ranked.rated]
        spread = float(ranks.differences(ranked.covariance)[order.index(first), order.index(second)])
        reach = float(special.ndtri((1 + ranked.interval.level) / 2)) * spread
        simultaneous = math.inf if ranked.critical is None else ranked.critical * spread
    higher, lower = (first, second) if apart >= 0 else (second, first)
    return RatingDifference(
        first=first,
        second=second,
        difference=apart,
        reach=reach,
        gap=tiers.gap(ranked, higher, lower, abs(apart), simultaneous),
    )
