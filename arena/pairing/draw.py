"""Drawing one pair: the chance of each, and the draw with the chance it had."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from arena.domain.campaign import MeetingPair
from arena.domain.ids import ModelName

Pair = frozenset[ModelName]
EXPLORED = 0.1
"""The share of draws in which all pairs are alike, whatever the policy: no pair is ever impossible, so that votes
weighted by the inverse of their chance estimate what drawing alike would."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """Two models, already placed on their sides."""

    model_a: ModelName
    model_b: ModelName
    probability: float
    """Of drawing this unordered pair from those available, before sides were drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownVotes:
    """What a policy knows: votes that are counted already, and nothing of who votes next."""

    votes: Mapping[Pair, int] = field(default_factory=dict)
    """Votes of each pair; none of a pair that is not here."""
    floor: int = 0
    """Votes that each pair gets first."""
    design: Mapping[Pair, float] = field(default_factory=dict)
    """How much each pair would tell, as `leaderboards.pair_design` has it; empty before there is a board."""


def chances(
    shares: Mapping[Pair, float], pairs: Sequence[MeetingPair] = (), focus: ModelName | None = None
) -> dict[Pair, float]:
    """The chance of each pair that may meet, from what a policy says: weighed by `pairs`, with `focus` in half of all
    draws. They sum to 1; empty where none may meet."""
    weights = {one.models: one.weight for one in pairs}
    weighed = {pair: share * (weights.get(pair, 0.0) if weights else 1.0) for pair, share in shares.items()}
    possible = {pair: weight for pair, weight in weighed.items() if weight > 0}
    inside = sum(weight for pair, weight in possible.items() if focus in pair)
    outside = sum(weight for pair, weight in possible.items() if focus not in pair)
    if not inside or not outside:
        return {pair: weight / (inside + outside) for pair, weight in possible.items()}
    return {pair: weight / 2 / (inside if focus in pair else outside) for pair, weight in possible.items()}


def drawn(given: Mapping[Pair, float], chance: random.Random) -> Draw:
    """A pair by its chance; `given` has one at least."""
    ordered = sorted(given, key=sorted)
    (pair,) = chance.choices(ordered, [given[one] for one in ordered])
    model_a, model_b = chance.sample(sorted(pair), 2)
    return Draw(model_a=model_a, model_b=model_b, probability=given[pair])


def mixed(shares: Mapping[Pair, float]) -> dict[Pair, float]:
    """Shares with a part in which all pairs are alike; they sum to 1 before and after."""
    return {pair: (1 - EXPLORED) * share + EXPLORED / len(shares) for pair, share in shares.items()}
