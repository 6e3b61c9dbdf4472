"""The longest tests start first in each process, and no test is lost on the way."""

import random

import pytest

from tests import order

LONG = {"crashes": 115, "kills": 75, "journey": 75, "flood": 33}


def seconds(test: str) -> int:
    return LONG.get(test, 0)


@pytest.mark.parametrize("workers", [1, 2, 3, 4])
@pytest.mark.parametrize("short", [0, 1, 7, 100])
def test_every_test_is_there_once(workers: int, short: int) -> None:
    tests = [*LONG, *map(str, range(short))]
    random.Random(short).shuffle(tests)
    assert sorted(order.dealt(tests, seconds, workers)) == sorted(tests)


def test_each_piece_begins_with_long_ones_and_goes_on_as_tests_came() -> None:
    tests = [*map(str, range(16)), *LONG]
    first, second = (order.dealt(tests, seconds, 2)[at : at + 10] for at in (0, 10))
    assert first == ["crashes", "flood", *map(str, range(8))]
    assert second == ["kills", "journey", *map(str, range(8, 16))]
