"""Turns at a work: one at a time in a process, and given back whatever happens."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from arena import errors
from arena.services import sole_work
from arena.services.sole_work import SoleWork
from arena.settings import Settings
from arena.store.other_processes import ALONE, NoOthers
from tests import arenas


class Others(NoOthers):
    """Others who answer as they are told."""

    shared = True

    def __init__(self, take: Callable[[], bool] = lambda: True) -> None:
        self._take = take
        self.taken = 0

    def take(self, work: str) -> bool:
        took = self._take()
        self.taken += took
        return took

    def free(self, work: str) -> None:
        self.taken = 0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sole_work, "WAIT_SECONDS", 0.001)


@pytest.mark.parametrize("others", [ALONE, Others()])
async def test_one_at_a_time_is_at_it(others: NoOthers) -> None:
    work, at_it = SoleWork(others, "exports"), 0

    async def do() -> None:
        nonlocal at_it
        async with work.turn():
            at_it += 1
            assert at_it == 1
            await asyncio.sleep(0)
            at_it -= 1

    await asyncio.gather(*(do() for _ in range(5)))


async def test_a_turn_that_fails_is_given_back() -> None:
    others = Others()

    async def fail() -> None:
        async with SoleWork(others, "exports").turn():
            assert others.taken == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert others.taken == 0


async def test_who_waits_may_give_up() -> None:
    def waiting() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        async with SoleWork(Others(lambda: False), "exports").turn(waiting):
            raise AssertionError("nobody let it in")


async def test_who_is_cancelled_while_it_asks_keeps_nothing_from_the_others() -> None:
    asked, answer = threading.Event(), threading.Event()

    def take() -> bool:
        asked.set()
        answer.wait(10)
        return True

    others = Others(take)

    async def do() -> None:
        async with SoleWork(others, "exports").turn():
            raise AssertionError("it was cancelled before")

    doing = asyncio.create_task(do())
    await asyncio.to_thread(asked.wait, 10)
    doing.cancel()
    await asyncio.sleep(0)
    answer.set()
    with pytest.raises(asyncio.CancelledError):
        await doing
    assert others.taken == 0


async def test_a_database_that_comes_back_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([False, False, True])

    def take() -> bool:
        if not next(answers):
            raise errors.Overloaded("away")
        return True

    async with SoleWork(Others(take), "exports").turn():
        pass
    monkeypatch.setattr(sole_work, "PATIENCE_SECONDS", -1.0)
    answers = iter([False])
    with pytest.raises(errors.Overloaded):
        async with SoleWork(Others(take), "exports").turn():
            raise AssertionError("it is away")


async def test_who_is_cancelled_ends_although_nothing_can_be_given_back() -> None:
    """As where the tables of a workspace were removed while it was at work."""

    class Gone(Others):
        def free(self, work: str) -> None:
            raise LookupError(work)

    begun = asyncio.Event()

    async def do() -> None:
        async with SoleWork(Gone(), "webhooks").turn():
            begun.set()
            await asyncio.sleep(60)

    doing = asyncio.create_task(do())
    await begun.wait()
    doing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await doing


async def test_whoever_delivers_webhooks_has_ended_before_another_may_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    freed, loop = asyncio.Event(), asyncio.get_running_loop()

    class Lost(NoOthers):
        """A database that knows of one turn, which is lost while it lasts."""

        shared = True

        def take(self, work: str) -> bool:
            steps.append("taken")
            return steps.count("taken") == 1

        def free(self, work: str) -> None:
            steps.append("free")
            loop.call_soon_threadsafe(freed.set)

    async def end() -> None:
        steps.append("ended")

    async with arenas.opened(Settings(data_dir=tmp_path)) as services:
        webhooks = services.webhooks
        monkeypatch.setattr(webhooks, "_alone", SoleWork(Lost(), "webhooks"))
        monkeypatch.setattr(webhooks, "_end", end)
        taking = asyncio.create_task(webhooks._take_turns())
        await freed.wait()
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
    assert steps[:4] == ["taken", "taken", "ended", "free"]
