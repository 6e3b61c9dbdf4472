"""Uniform draws: every pair alike, each side as likely for either model, and the probability told."""

import random
from collections import Counter

import pytest

from arena.domain.ids import ModelName
from arena.pairing import uniform

MODELS = [ModelName(name) for name in ("river", "lantern", "orchard")]


def test_pairs_and_sides_are_drawn_evenly_with_the_probability_told() -> None:
    chance = random.Random(7)
    draws = Counter()
    for _ in range(6000):
        draw = uniform.draw(MODELS, chance)
        assert draw.probability == 1 / 3
        draws[draw.model_a, draw.model_b] += 1
    assert len(draws) == 6
    for count in draws.values():
        assert count / 6000 == pytest.approx(1 / 6, abs=0.02)


def test_the_order_of_the_roster_does_not_matter() -> None:
    one = uniform.draw(MODELS, random.Random(3))
    other = uniform.draw(MODELS[::-1], random.Random(3))
    assert one == other
