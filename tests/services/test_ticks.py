"""Ticks of many battles are woken by one timer."""

import asyncio
from unittest import mock

from arena.services.live import TOGETHER, Ticks


async def test_who_waits_for_the_same_moment_shares_a_timer_and_may_be_cancelled() -> None:
    ticks, loop = Ticks(), asyncio.get_running_loop()
    first, second = loop.time() + TOGETHER, loop.time() + 3 * TOGETHER
    with mock.patch.object(loop, "call_at", wraps=loop.call_at) as timers:
        waiting = [asyncio.create_task(ticks.until(moment)) for moment in (first, second, first, first)]
        await asyncio.sleep(0)
        assert timers.call_count == 2
        waiting[2].cancel()
        await asyncio.gather(waiting[0], waiting[3])
    assert loop.time() >= first
    assert waiting[2].cancelled()
    assert not waiting[1].done()
    await waiting[1]
    assert loop.time() >= second


async def test_a_moment_that_has_passed_is_waited_for_no_longer() -> None:
    ticks, loop = Ticks(), asyncio.get_running_loop()
    for _ in range(2):
        await asyncio.wait_for(ticks.until(loop.time() - 1), 5)
