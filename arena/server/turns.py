"""Turns: within one pass of the event loop each address begins a few requests; the rest of its own wait behind them.

asyncio runs whatever is ready before it looks again, so a hundred requests that arrive together from one address would
all be begun before the one request of somebody else goes on. In turns they delay each other, and nobody else: nothing
waits while the loop has nothing to do.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable

EACH = 4
"""Requests that one address begins in one pass: each costs between a fraction of a millisecond and a few."""


class Turns:
    """What waits to begin, by address."""

    def __init__(self, each: int = EACH) -> None:
        self._each = each
        self._begun: Counter[str] = Counter()
        self._waiting: dict[str, deque[Callable[[], None]]] = {}
        self._asked = False

    def take(self, address: str, begin: Callable[[], None]) -> None:
        """Call `begin` now, or in the turn of this address."""
        if address in self._waiting or self._begun[address] >= self._each:
            self._waiting.setdefault(address, deque()).append(begin)
        else:
            self._begun[address] += 1
            begin()
        if not self._asked:
            self._asked = True
            asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        """A new pass: everybody who waits has a turn."""
        self._asked = False
        self._begun.clear()
        for address, waiting in list(self._waiting.items()):
            for begin in [waiting.popleft() for _ in range(min(self._each, len(waiting)))]:
                self._begun[address] += 1
                begin()
            if not waiting:
                del self._waiting[address]
        if self._begun and not self._asked:
            self._asked = True
            asyncio.get_running_loop().call_soon(self._next)
