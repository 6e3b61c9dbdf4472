"""Rates: how often something happened within a minute, or another time, by key."""

import math
import threading
from collections.abc import Callable, Hashable

from arena.errors import TooMany

MINUTE = 60.0


class Rate:
    """A number of events a minute, or another time, for each key; the minute begins with the first event.

    Any thread may ask: each method is one step. `refuse` and then `count` are two; `take` is both in one.
    """

    def __init__(self, limit: int, clock: Callable[[], float], sentence: str, seconds: float = MINUTE) -> None:
        self._seconds = seconds
        self._limit = limit
        self._clock = clock
        self._sentence = sentence
        self._since: dict[Hashable, float] = {}
        """When the minute of each key began, the oldest first."""
        self._count: dict[Hashable, int] = {}
        self._lock = threading.RLock()

    def take(self, key: Hashable) -> None:
        """Count one more event; raises `TooMany` when there were too many within this minute."""
        with self._lock:
            self.refuse(key)
            self.count(key)

    def refuse(self, key: Hashable) -> None:
        """Raise `TooMany` when there were too many events within this minute."""
        with self._lock:
            now = self._clock()
            self._forget(now)
            if self.left(key) <= 0:
                wait = math.ceil(self._since[key] + self._seconds - now)
                raise TooMany(self._sentence, retry_seconds=max(1, wait))

    def count(self, key: Hashable) -> None:
        """Count one more event, whether or not there were too many."""
        with self._lock:
            self._since.setdefault(key, self._clock())
            self._count[key] = self._count.get(key, 0) + 1

    def left(self, key: Hashable) -> int:
        """How many more events there may be within this minute."""
        return self._limit - self._count.get(key, 0)

    def clear(self, key: Hashable) -> None:
        """Begin anew with a key."""
        with self._lock:
            self._since.pop(key, None)
            self._count.pop(key, None)

    def _forget(self, now: float) -> None:
        """Drop the minutes that are over, so that memory holds one minute of addresses."""
        while self._since and next(iter(self._since.values())) <= now - self._seconds:
            key = next(iter(self._since))
            del self._since[key], self._count[key]
