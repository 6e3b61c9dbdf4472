"""Every pair is as likely as any other, and each side as likely for either model."""

import random
from collections.abc import Sequence
from math import comb

from arena.domain.ids import ModelName
from arena.pairing.draw import Draw, KnownVotes, Pair


def draw(models: Sequence[ModelName], chance: random.Random) -> Draw:
    """Draw two different models; `models` holds at least two."""
    model_a, model_b = chance.sample(sorted(models), 2)
    return Draw(model_a=model_a, model_b=model_b, probability=1 / comb(len(models), 2))


def shares(pairs: Sequence[Pair], _: KnownVotes) -> dict[Pair, float]:
    """The same for each."""
    return {pair: 1 / len(pairs) for pair in pairs}
