"""Asks model servers what they hold, and after a rest whether they are back.

The tasks that wait for the end of a rest belong to `Probing`, an async context manager; leaving it cancels them.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Self

from arena.domain.ids import ModelName
from arena.errors import ModelError
from arena.inference.client import ModelClient
from arena.services.roster import Roster


class Probing:
    """Keeps a roster in step with its servers."""

    def __init__(self, client: ModelClient, roster: Roster, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._roster = roster
        self._clock = clock
        self._tasks: set[asyncio.Task[object]] = set()

    async def __aenter__(self) -> Self:
        for name in self._roster.models:
            self._start(self._learn(name))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def took_on(self, name: ModelName) -> None:
        """A model takes part from now on: its server is asked how much it holds."""
        self._start(self._learn(name))

    def failed(self, name: ModelName) -> None:
        """A model failed: it rests, and is probed when its rest is over."""
        if self._roster.failed(name, self._clock()):
            self._start(self._bring_back(name))

    async def _bring_back(self, name: ModelName) -> None:
        while (until := self._roster.rests_until(name)) is not None:
            await asyncio.sleep(until - self._clock())
            answers = await self._learn(name)
            if self._roster.rests_until(name) is not None:  # else it was left out meanwhile
                self._roster.probed(name, self._clock(), answers=answers)

    async def _learn(self, name: ModelName) -> bool:
        """Ask a model's server how much it holds. Returns whether it answered."""
        model = self._roster.models.get(name)
        if model is None:
            return False
        try:
            listed = await self._client.probe(model)
        except ModelError:
            return False
        self._roster.learn(name, listed.context)
        return True

    def _start(self, work: Coroutine[None, None, object]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
