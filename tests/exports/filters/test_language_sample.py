"""`exports.filters.language_sample`: the sample is the same, however many battles are offered at once."""

import functools
import itertools
import random
from collections import Counter

import pytest

from arena.domain.battle import BattleRecord
from arena.exports.filters.language_sample import LEAST, LanguageSample
from tests.exports import making

BATTLES = 5000


def asked(start: int, place: int) -> BattleRecord:
    """The battle at a place behind the first of those offered together."""
    return making.record(1, prompt=f"Prompt {start + place}")


def sampled(counts: list[int]) -> Counter[str]:
    """What is looked at, of battles offered so many at a time."""
    sample, start = LanguageSample(), 0
    seen: Counter[str] = Counter()
    for count in counts:
        sample.add(count, functools.partial(asked, start))
        start += count

    def language(record: BattleRecord) -> str:
        seen[record.battle.prompt] += 1
        return "en"

    _, size = sample.found(language)
    assert size == seen.total()
    return seen


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_same_one_by_one_and_many_together(seed: int) -> None:
    chance, counts = random.Random(seed), []
    while sum(counts) < BATTLES:
        counts.append(min(chance.choice((0, 1, 2, 7, 400, 2000)), BATTLES - sum(counts)))
    assert sampled(counts) == sampled([1] * BATTLES)


def test_it_lies_evenly_over_the_release() -> None:
    numbers = sorted(int(prompt.split()[1]) for prompt in sampled([BATTLES]))
    assert LEAST <= len(numbers) < 2 * LEAST
    assert {later - earlier for earlier, later in itertools.pairwise(numbers)} == {numbers[1] - numbers[0]}
