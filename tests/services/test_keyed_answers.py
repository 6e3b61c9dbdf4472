"""Answers by Idempotency-Key: the same request is answered once, and only what was answered is kept."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest

from arena.errors import Conflict, Malformed, Overloaded
from arena.services import keyed_answers
from arena.services.keyed_answers import KEPT_FOR, KeyedAnswers


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def counting() -> Callable[[], Awaitable[int]]:
    """What makes another answer each time."""
    made = 0

    async def make() -> int:
        nonlocal made
        made += 1
        mine = made
        await asyncio.sleep(0)
        return mine

    return make


async def test_the_same_key_gets_the_same_answer() -> None:
    kept, make = KeyedAnswers(Clock()), counting()
    assert [await kept.once("battle", "r", "k", {"prompt": "a"}, make) for _ in range(3)] == [1, 1, 1]
    assert await kept.once("battle", "r", "other", {"prompt": "a"}, make) == 2
    assert await kept.once("battle", "another rater", "k", {"prompt": "b"}, make) == 3
    assert await kept.once("task", "r", "k", "default", make) == 4
    assert [await kept.once("battle", "r", None, {}, make) for _ in range(2)] == [5, 6], (
        "without a key, positive control"
    )


async def test_a_key_with_another_request_is_refused() -> None:
    kept, make = KeyedAnswers(Clock()), counting()
    await kept.once("battle", "r", "k", {"prompt": "a"}, make)
    with pytest.raises(Conflict, match="used before"):
        await kept.once("battle", "r", "k", {"prompt": "b"}, make)


async def test_requests_at_the_same_time_are_answered_once() -> None:
    kept, make = KeyedAnswers(Clock()), counting()
    assert await asyncio.gather(*(kept.once("battle", "r", "k", {}, make) for _ in range(5))) == [1] * 5
    assert await asyncio.gather(*(make() for _ in range(2))) == [2, 3], "positive control"


async def test_a_refusal_does_not_use_up_the_key() -> None:
    kept, make = KeyedAnswers(Clock()), counting()

    async def refuse() -> int:
        raise Overloaded("The arena is full.")

    first, second = kept.once("battle", "r", "k", {"prompt": "a"}, refuse), kept.once("battle", "r", "k", {}, make)
    found = await asyncio.gather(first, second, return_exceptions=True)
    assert isinstance(found[0], Overloaded)
    assert found[1] == 1
    assert await kept.once("battle", "r", "k", {}, make) == 1


async def test_a_key_is_kept_for_a_day_and_the_oldest_go_first() -> None:
    clock = Clock()
    kept, make = KeyedAnswers(clock), counting()
    assert await kept.once("battle", "r", "k", {"prompt": "a"}, make) == 1
    clock.now += KEPT_FOR - timedelta(seconds=1)
    assert await kept.once("battle", "r", "k", {"prompt": "a"}, make) == 1
    clock.now += timedelta(seconds=1)
    assert await kept.once("battle", "r", "k", {"prompt": "b"}, make) == 2
    with mock.patch.object(keyed_answers, "MOST", 2):
        for key in ("l", "m"):
            await kept.once("battle", "r", key, {}, make)
        assert await kept.once("battle", "r", "m", {}, make) == 4
        assert await kept.once("battle", "r", "k", {"prompt": "b"}, make) == 5


@pytest.mark.parametrize("key", ["", "x" * (keyed_answers.KEY_LIMIT + 1), "a\nb", "schlüssel"])
async def test_an_unusable_key_is_refused(key: str) -> None:
    with pytest.raises(Malformed, match="Idempotency-Key"):
        await KeyedAnswers(Clock()).once("battle", "r", key, {}, counting())
