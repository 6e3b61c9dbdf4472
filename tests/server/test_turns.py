"""Turns: what waits of one address does not hold up another, and everything begins in its order."""

import asyncio

from arena.server.turns import Turns


async def begun(turns: Turns, asked: dict[str, int]) -> list[str]:
    """In which order what is asked for at the same moment begins."""
    order: list[str] = []
    for address, count in asked.items():
        for number in range(count):
            turns.take(address, lambda one=f"{address}{number}": order.append(one))  # type: ignore[misc]
    for _ in range(sum(asked.values())):
        await asyncio.sleep(0)
    return order


def test_one_request_begins_before_the_crowd_that_came_first() -> None:
    order = asyncio.run(begun(Turns(2), {"crowd": 9, "one": 1}))
    assert order.index("one0") == 2
    assert [one for one in order if one != "one0"] == [f"crowd{number}" for number in range(9)]


def test_without_turns_the_crowd_comes_first() -> None:
    """The positive control: so many in one pass that nobody waits."""
    assert asyncio.run(begun(Turns(100), {"crowd": 9, "one": 1})).index("one0") == 9


def test_crowds_share_the_passes() -> None:
    order = asyncio.run(begun(Turns(1), {"a": 3, "b": 3}))
    assert order == ["a0", "b0", "a1", "b1", "a2", "b2"]


def test_nothing_stays_when_nobody_waits() -> None:
    async def rest() -> Turns:
        turns = Turns(1)
        await begun(turns, {"a": 3})
        for _ in range(3):
            await asyncio.sleep(0)
        return turns

    turns = asyncio.run(rest())
    assert (turns._waiting, dict(turns._begun), turns._asked) == ({}, {}, False)
