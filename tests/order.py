"""The order of tests: the longest start first, in each of the processes, so that nobody waits for one at the end."""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def dealt(tests: Sequence[T], seconds: Callable[[T], int], workers: int) -> list[T]:
    """The tests in the order in which pytest-xdist cuts them into one piece for each worker, of equal numbers: the long
    ones stand at the front of the pieces, about as many seconds of them in each, and the others follow as they came."""
    hands: list[list[T]] = [[] for _ in range(workers)]
    for test in sorted(filter(seconds, tests), key=seconds, reverse=True):
        min(hands, key=lambda hand: sum(map(seconds, hand))).append(test)
    others = [test for test in tests if not seconds(test)]
    ordered: list[T] = []
    for number, hand in enumerate(hands):
        piece = (len(tests) - len(ordered)) // (workers - number)
        room = max(piece - len(hand), 0)
        ordered += hand + others[:room]
        del others[:room]
    return ordered
