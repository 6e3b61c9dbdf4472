"""Tries to sign in: failures are counted, what succeeds is not.

As many tries of one key go on at the same time as it has failures left, so that sending a thousand at once guesses no
more often than one after the other. Those beyond wait for their turn: a class that signs in from one address is let in,
one after the other.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager

from arena.errors import Overloaded, Unauthenticated
from arena.services.rates import Rate

WAIT_SECONDS = 30.0
"""How long a try waits for its turn."""
BUSY = "Too many people sign in at the moment, and the arena goes through them one after the other. Try again."


class Tries(Rate):
    """Failures of each key within a time, and the tries that go on.

    Belongs to the thread of the event loop: what is tried within a `turn` may go on in another, the turn may not.
    """

    def __init__(
        self,
        limit: int,
        clock: Callable[[], float],
        sentence: str,
        seconds: float,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        super().__init__(limit, clock, sentence, seconds)
        self._wait_seconds = wait_seconds
        self._going: Counter[Hashable] = Counter()
        self._waiting: dict[Hashable, deque[asyncio.Future[None]]] = {}
        """Those who wait, the first one first."""

    @asynccontextmanager
    async def turn(self, key: Hashable) -> AsyncIterator[None]:
        """One try. `Unauthenticated` from within counts as a failure, and so does one that is broken off. Raises
        `TooMany` where this key has no failure left, `Overloaded` where its turn does not come."""
        await self._begin(key)
        try:
            yield
        except (Unauthenticated, asyncio.CancelledError):
            self.count(key)
            raise
        finally:
            self._going[key] -= 1
            if not self._going[key]:
                del self._going[key]
            self._wake(key)

    async def _begin(self, key: Hashable) -> None:
        deadline = asyncio.get_running_loop().time() + self._wait_seconds
        while True:
            self.refuse(key)
            if self._going[key] < self.left(key):
                self._going[key] += 1
                return
            turn = asyncio.get_running_loop().create_future()
            self._waiting.setdefault(key, deque()).append(turn)
            try:
                async with asyncio.timeout_at(deadline):
                    await turn
            except TimeoutError:
                raise Overloaded(BUSY) from None
            finally:
                self._forget_turn(key, turn)

    def _forget_turn(self, key: Hashable, turn: asyncio.Future[None]) -> None:
        waiting = self._waiting.get(key)
        if waiting is not None and turn in waiting:
            waiting.remove(turn)
        if waiting is not None and not waiting:
            del self._waiting[key]

    def _wake(self, key: Hashable) -> None:
        """Tell everybody who waits for this key to look again."""
        for turn in self._waiting.get(key, ()):
            if not turn.done():
                turn.set_result(None)
