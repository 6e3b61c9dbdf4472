"""The columns of a workspace's votes, kept while boards are asked for: bounded, and let go when nobody asks."""

import asyncio
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from arena.store import vote_columns
from arena.store.connections import Analytical
from arena.store.vote_columns import VoteColumns

MOST_BYTES = 200_000_000
"""What they may take together."""
IDLE_SECONDS = 600.0
"""After which they are let go."""


class KeptColumns:
    """Columns by what they were brought up to date with last."""

    def __init__(self, most_bytes: int = MOST_BYTES, idle_seconds: float = IDLE_SECONDS) -> None:
        self._most_bytes, self._idle_seconds = most_bytes, idle_seconds
        self._kept: VoteColumns | None = None
        self._lock = threading.Lock()
        self._used = time.monotonic()
        self._waiting: asyncio.TimerHandle | None = None

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        kept = self._kept
        return 0 if kept is None else kept.size

    def holds(self, votes: int) -> bool:
        """Whether so many votes fit in."""
        return votes * vote_columns.BYTES_OF_A_VOTE <= self._most_bytes

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While no other thread brings them up to date. What is read inside sees all that is in them."""
        with self._lock:
            yield

    def read(self, connection: Analytical, measures: Collection[str]) -> VoteColumns:
        """The columns as of now, with these measures. What is too much with them is not kept."""
        found = vote_columns.read(connection, self._kept, measures)
        self._used = time.monotonic()
        if found.size <= self._most_bytes:
            self._kept = found
        else:
            bare = vote_columns.without_measures(found)
            self._kept = bare if bare.size <= self._most_bytes else None
        return found

    def watch(self) -> None:
        """See to it, in the running loop, that they are let go when nobody has asked for a while."""
        if self._kept is not None and (self._waiting is None or self._waiting.cancelled()):
            self._waiting = asyncio.get_running_loop().call_later(self._idle_seconds, self._looked)

    def _looked(self) -> None:
        self._waiting = None
        if time.monotonic() - self._used < self._idle_seconds:
            self.watch()
        else:
            self._kept = None
