"""Work that one process of the installation does at a time: exports, audits, what runs on a schedule.

With one process this is a lock of its own. Where several share a database, each also takes the work there, and it is
anybody's again when the process that has it ends or dies.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

from arena.errors import Overloaded
from arena.store.other_processes import OtherProcesses

log = logging.getLogger(__name__)

WAIT_SECONDS = 0.5
"""Between two looks whether the others have ended."""
PATIENCE_SECONDS = 20.0
"""How long a database may be away before who waits is told."""


@contextmanager
def held(others: OtherProcesses, name: str) -> Iterator[None]:
    """The turn at a work for a command, which waits in its own thread until nobody else is at it."""
    while not others.take(name):
        time.sleep(WAIT_SECONDS)
    try:
        yield
    finally:
        others.free(name)


class SoleWork:
    """The turns at one work."""

    def __init__(self, others: OtherProcesses, name: str) -> None:
        self._others = others
        self._name = name
        self._one_at_a_time = asyncio.Lock()

    @asynccontextmanager
    async def turn(self, waiting: Callable[[], None] = lambda: None) -> AsyncIterator[None]:
        """Wait until nobody else is at it, and be at it. `waiting` is called meanwhile; what it raises ends it.

        Raises `Overloaded` where the database cannot be asked for long.
        """
        async with self._one_at_a_time:
            if not self._others.shared:
                yield
                return
            await self._wait(waiting)
            try:
                yield
            finally:
                await asyncio.to_thread(self._free)

    @asynccontextmanager
    async def round(self, number: int) -> AsyncIterator[bool]:
        """Wait for the turn as `turn` does. Gives whether this round is still to be done: of all processes one does it.
        It counts as done when the block ends without an error. Later rounds have higher numbers."""
        async with self.turn():
            if not self._others.shared:
                yield True
                return
            wanted = await asyncio.to_thread(self._others.done, self._name) < number
            yield wanted
            if wanted:
                await asyncio.to_thread(self._others.finish, self._name, number)

    async def goes_on(self) -> bool:
        """Whether whoever has its turn has it still: a process that stood still for long may have lost it."""
        return await asyncio.to_thread(self._others.take, self._name)

    async def _wait(self, waiting: Callable[[], None]) -> None:
        asked_at = time.monotonic()
        while True:
            try:
                if await self._taken():
                    return
                asked_at = time.monotonic()
            except Overloaded:
                if time.monotonic() - asked_at > PATIENCE_SECONDS:
                    raise
            waiting()
            await asyncio.sleep(WAIT_SECONDS)

    async def _taken(self) -> bool:
        """Whether it is this process's from now on; who gives up meanwhile leaves it to the others."""
        taking = asyncio.create_task(asyncio.to_thread(self._others.take, self._name))
        try:
            return await asyncio.shield(taking)
        except asyncio.CancelledError:
            with contextlib.suppress(Exception):  # nothing takes the place of being cancelled
                if await taking:
                    await asyncio.to_thread(self._free)
            raise

    def _free(self) -> None:
        try:
            self._others.free(self._name)
        except Exception as error:  # it is anybody's when this process ends, and nothing else is held up by it
            log.warning("%s stays with this process for now: %s", self._name, error)
