"""What takes long to make is made once for all who ask, within bounds, and nobody waits for what is there."""

import asyncio
import threading
from dataclasses import dataclass

from arena.services.remembered import Remembered


@dataclass(frozen=True)
class Thing:
    """Something of a size."""

    name: str
    size: int = 1


def kept(most: int = 8, size: int = 100, at_once: int = 2) -> Remembered[Thing]:
    return Remembered(most=most, size=size, at_once=at_once)


async def test_those_who_ask_for_the_same_wait_for_the_one_that_is_made() -> None:
    things, made, gate = kept(), [], threading.Event()

    def make() -> Thing:
        made.append(1)
        assert gate.wait(10)
        return Thing("board")

    asking = [asyncio.create_task(things.get("a", lambda: 1, make)) for _ in range(5)]
    await asyncio.sleep(0.05)
    gate.set()
    found = await asyncio.gather(*asking)
    assert len(made) == 1
    assert all(one is found[0] for one in found)


async def test_what_is_there_is_given_while_others_are_made() -> None:
    things, gate = kept(at_once=1), threading.Event()
    there = await things.get("a", lambda: 1, lambda: Thing("a"))
    waiting = asyncio.create_task(things.get("b", lambda: 1, lambda: Thing("b") if gate.wait(10) else Thing("late")))
    await asyncio.sleep(0.05)
    assert await asyncio.wait_for(things.get("a", lambda: 1, lambda: Thing("anew")), 5) is there
    gate.set()
    assert (await waiting).name == "b"


async def test_another_version_is_made_anew() -> None:
    things = kept()
    first = await things.get("a", lambda: 1, lambda: Thing("first"))
    assert await things.get("a", lambda: 1, lambda: Thing("second")) is first
    assert (await things.get("a", lambda: 2, lambda: Thing("second"))).name == "second"


async def test_the_oldest_goes_beyond_the_bounds() -> None:
    for things in (kept(most=2), kept(size=2)):
        for name in "abc":
            await things.get(name, lambda: 1, lambda name=name: Thing(name))
        assert (await things.get("c", lambda: 1, lambda: Thing("anew"))).name == "c"
        assert (await things.get("a", lambda: 1, lambda: Thing("anew"))).name == "anew"


async def test_what_failed_is_tried_again() -> None:
    things = kept()

    def fail() -> Thing:
        raise ValueError("no")

    for _ in range(2):
        try:
            await things.get("a", lambda: 1, fail)
        except ValueError:
            continue
        raise AssertionError("it did not fail")
    assert (await things.get("a", lambda: 1, lambda: Thing("board"))).name == "board"
