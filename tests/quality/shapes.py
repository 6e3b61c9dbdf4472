"""Made-up logs of many shapes: many models or few, busy raters or idle, models met unevenly."""

from dataclasses import dataclass, field

import numpy
from quality_worlds import Spread, Votes

_TIES = 0.14
_ITEM = 0.7
"""Logits by which items differ, each from others on the same pair."""
_DEVIATION = 3.0
"""Logits by which a ring lifts a quarter of the models, weak ones."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    models: int
    raters: int
    votes: int
    activity: float = 1.1
    shown: str = "all"
    """Which models are met: all alike, a few far more than others, or one in most votes."""
    campaigns: int = 1
    """Raters are of one each; it has half of the models to itself or, where there are any, its own items."""
    items: int = 0
    spread: Spread = field(default_factory=Spread)

    def cast(self, seed: int, ring: float = 0.0) -> Votes:
        """Votes of people, this share of whom are a ring."""
        chance = numpy.random.default_rng((seed, self.models, self.raters))
        active = chance.lognormal(0, self.activity, self.raters)
        rater = chance.choice(self.raters, self.votes, p=active / active.sum())
        left, right, item = self._met(chance, rater % self.campaigns)
        spread = self.spread
        strength = chance.normal(0, 0.8, self.models)
        taste = chance.normal(0, spread.taste, (self.raters, self.models))
        side = chance.normal(0.05, spread.side, self.raters)
        slope = chance.lognormal(0, spread.slope, self.raters)
        own = taste[rater, left] - taste[rater, right] + side[rater] + item
        bad = numpy.isin(rater, chance.permutation(self.raters)[: round(ring * self.raters)])
        weaker = chance.permutation(numpy.argsort(strength)[: self.models // 2])[: max(self.models // 4, 1)]
        lifted = _DEVIATION * numpy.isin(numpy.arange(self.models), weaker)
        logit = slope[rater] * (strength[left] - strength[right]) + own + bad * (lifted[left] - lifted[right])
        won = numpy.where(chance.random(self.votes) < 1 / (1 + numpy.exp(-logit)), 0, 1)
        outcome = numpy.where(chance.random(self.votes) < _TIES, 2, won)
        return Votes(rater=rater, left=left, right=right, outcome=outcome, bad=bad)

    def _met(
        self, chance: numpy.random.Generator, campaign: numpy.ndarray
    ) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
        """The pair of each vote, and by how much its item is for the left one."""
        if self.items:
            items = self.items * self.campaigns
            first = chance.integers(0, self.models, items)
            second = (first + chance.integers(1, self.models, items)) % self.models
            which = campaign * self.items + chance.integers(0, self.items, self.votes)
            return first[which], second[which], chance.normal(0, _ITEM, items)[which]
        share = 1 / numpy.arange(1, self.models + 1) if self.shown == "few" else numpy.ones(self.models)
        half = self.models // 2 if self.campaigns > 1 else self.models
        share = share[:half] / share[:half].sum()
        left = chance.choice(half, self.votes, p=share)
        if self.shown == "one":
            left = numpy.where(chance.random(self.votes) < 0.6, 0, left)
        right = chance.choice(half, self.votes, p=share)
        while (same := left == right).any():
            right[same] = chance.choice(half, int(same.sum()), p=share)
        begin = campaign * ((self.models - half) // max(self.campaigns - 1, 1))
        swapped = chance.random(self.votes) < 0.5
        return numpy.where(swapped, right, left) + begin, numpy.where(swapped, left, right) + begin, 0.0 * left


SHAPES = {
    "hundreds of models, few votes on each": Shape(models=250, raters=120, votes=6_000),
    "five votes of each rater": Shape(models=60, raters=400, votes=2_000, activity=0.01),
    "six models": Shape(models=6, raters=200, votes=6_000),
    "eight raters with a thousand votes each": Shape(models=6, raters=8, votes=8_000, activity=0.3),
    "thirty raters with hundreds": Shape(models=20, raters=30, votes=9_000, activity=0.3),
    "a few models in most votes": Shape(models=30, raters=120, votes=6_000, shown="few"),
    "one model in most votes": Shape(models=30, raters=120, votes=6_000, shown="one"),
    "campaigns that share some models": Shape(models=30, raters=120, votes=6_000, campaigns=4),
    "the same items for all of a campaign": Shape(models=20, raters=120, votes=6_000, campaigns=4, items=60),
    "people who hardly differ": Shape(
        models=20, raters=100, votes=5_000, spread=Spread(taste=0.01, side=0.01, slope=0.01)
    ),
    "people who differ twice as much": Shape(models=20, raters=200, votes=8_000, spread=Spread().wider(2)),
}
