"""Which items a campaign has: of each prompt, some pairs of the models that answered it. Pure.

The pairs of a prompt are drawn without repetition, by weight, from chance that a key and the prompt's id fix. So the
same set gives the same items again, whenever they are asked for, and nobody without the key can tell them before.
Pairs that were opened stay, whatever answers come later.
"""

import hashlib
import hmac
import itertools
import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from arena.domain.campaign import MeetingPair
from arena.domain.ids import ModelName
from arena.pairing import draw, uniform
from arena.pairing.draw import KnownVotes, Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedItem:
    """A prompt with one pair of models."""

    prompt_id: str
    pair: Pair
    probability: float
    """The share of the pair among those that this prompt may have."""


def planned(
    answered: Mapping[str, Sequence[ModelName]],
    *,
    models: Collection[ModelName],
    pairs: Sequence[MeetingPair],
    focus: ModelName | None = None,
    each: int,
    key: bytes,
    opened: Mapping[str, Collection[Pair]],
) -> list[PlannedItem]:
    """The items of the prompts, in their order. `answered` says which models answered each prompt, `opened` which pairs
    of it are items already; `models` and `pairs` may be empty: then all may meet."""
    items: list[PlannedItem] = []
    chances: dict[tuple[ModelName, ...], dict[Pair, float]] = {}
    """By who answered: many prompts have the same answers."""
    for prompt_id, answering in answered.items():
        answered_by = tuple(answering)
        if answered_by not in chances:
            shares = uniform.shares(meeting(answering, models), KnownVotes())
            chances[answered_by] = draw.chances(shares, pairs, focus)
        possible = chances[answered_by]
        there = [pair for pair in possible if pair in opened.get(prompt_id, ())]
        drawn = _drawn(possible, there, each, chance(key, prompt_id))
        items += [PlannedItem(prompt_id=prompt_id, pair=pair, probability=possible[pair]) for pair in (*there, *drawn)]
    return items


def meeting(answering: Sequence[ModelName], models: Collection[ModelName]) -> list[Pair]:
    """The pairs of those who answered and take part."""
    taking_part = sorted(name for name in set(answering) if not models or name in models)
    return [frozenset(two) for two in itertools.combinations(taking_part, 2)]


def chance(key: bytes, *names: str) -> random.Random:
    """Chance that is the same for the same names, and that nobody without the key can foresee."""
    seed = hmac.digest(key, "\x1f".join(names).encode(), hashlib.sha256)
    return random.Random(seed)  # noqa: S311 - the key keeps it secret


def _drawn(possible: Mapping[Pair, float], there: Sequence[Pair], each: int, dice: random.Random) -> list[Pair]:
    left = {pair: weight for pair, weight in possible.items() if pair not in there}
    drawn: list[Pair] = []
    while left and len(there) + len(drawn) < each:
        (pair,) = dice.choices(list(left), list(left.values()))
        drawn.append(pair)
        del left[pair]
    return drawn
