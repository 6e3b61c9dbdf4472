"""What was made for somebody, kept for the next who asks: within bounds, until its version is out of date."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, Protocol, TypeVar
from weakref import WeakValueDictionary


class Sized(Protocol):
    """Something that says how much memory it takes."""

    @property
    def size(self) -> int:
        """In any unit."""


Made = TypeVar("Made", bound=Sized)


class Remembered(Generic[Made]):
    """Things that take long to make, by what was asked for.

    Whoever asks for what is there waits for nobody. Of several who ask for the same that is not there, the first makes
    it and the others wait; beside each other only so many things are made.
    """

    def __init__(self, *, most: int, size: int, at_once: int) -> None:
        self._most, self._size = most, size
        self._made: OrderedDict[Hashable, tuple[Hashable, Made]] = OrderedDict()
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()
        self._places = asyncio.Semaphore(at_once)

    async def get(self, asked: Hashable, version: Callable[[], Hashable], make: Callable[[], Made]) -> Made:
        """What was made at the present version, or is made now, in a thread."""
        found = self._found(asked, version())
        if found is not None:
            return found
        lock = self._locks.setdefault(asked, asyncio.Lock())
        async with lock:
            found = self._found(asked, version())  # whoever had the lock before may have made it
            if found is not None:
                return found
            async with self._places:
                now = version()
                made = await asyncio.to_thread(make)
            self._keep(asked, now, made)
            return made

    def _found(self, asked: Hashable, version: Hashable) -> Made | None:
        kept = self._made.get(asked)
        if kept is None or kept[0] != version:
            return None
        self._made.move_to_end(asked)
        return kept[1]

    def _keep(self, asked: Hashable, version: Hashable, made: Made) -> None:
        """Keep it, and let the oldest go beyond the bounds; what was made last always stays."""
        self._made[asked] = version, made
        self._made.move_to_end(asked)
        while len(self._made) > 1 and (
            len(self._made) > self._most or sum(one.size for _, one in self._made.values()) > self._size
        ):
            self._made.popitem(last=False)
