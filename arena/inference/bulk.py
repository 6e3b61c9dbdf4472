"""One model that is asked a great deal: so many questions at once, fewer while its servers have requests waiting.

More would only wait in the same queue, before the raters of an arena that uses the servers too. A model that answers
nothing for as long as a question is asked again and again is given up, and so is one that every question would fail at.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from arena.domain.generation import GeneratedAnswer, Question, Unanswered
from arena.domain.model import Model
from arena.errors import ModelError
from arena.inference import retries
from arena.inference.client import ModelClient
from arena.inference.retries import Patience

LOOK_SECONDS: Final = 2.0
"""Between two looks at the queue of a model's servers."""
SELDOM_SECONDS: Final = 60.0
"""The same for servers that do not say how long it is."""


class AskingLimit:
    """How many questions may be on their way; the number can change meanwhile."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0
        self._changed = asyncio.Condition()
        self.allowed = most
        """From 1 to `most`."""

    @contextlib.asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Wait for a place, and hold it."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._taken < self.allowed)
            self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1
            async with self._changed:
                self._changed.notify_all()

    async def heed(self, queued: int) -> None:
        """Allow fewer with so many requests waiting, else slowly more again."""
        async with self._changed:
            self.allowed = held_back(self.allowed, self._most, queued)
            self._changed.notify_all()


def held_back(allowed: int, most: int, queued: int) -> int:
    """How many questions may be on their way, of those allowed before. Few that wait for the next step are no queue."""
    if queued > 1 + allowed // 8:
        return max(1, allowed - queued)
    return min(most, allowed + max(1, allowed // 16))


class Asker:
    """Asks one model. An async context manager, which looks at the queue of its servers meanwhile."""

    def __init__(
        self,
        client: ModelClient,
        model: Model,
        *,
        concurrency: int,
        patience: Patience,
        chance: random.Random,
        now: Callable[[], datetime],
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self.model = model
        self._client = client
        self._limit = AskingLimit(concurrency)
        self._patience = patience
        self._chance = chance
        self._now = now
        self._look_seconds = look_seconds
        self._answered_at = float("-inf")
        self._given_up: str | None = None
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._watch = asyncio.create_task(self._watching())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)

    async def ask(self, question: Question) -> GeneratedAnswer | Unanswered:
        """The answer, or why there is none."""
        async with self._limit.one():
            if self._given_up is not None:
                return Unanswered(key=question.key, reason=self._given_up, asked=False)
            started = _loop_time()
            model = sampled(self.model, question.key.sample)
            try:
                response = await retries.complete(self._client, model, question.messages, self._patience, self._chance)
            except ModelError as error:
                nothing_since = retries.may_pass(error) and self._answered_at < started
                if nothing_since or retries.concerns_every_question(error):
                    self._given_up = str(error)
                return Unanswered(key=question.key, reason=str(error), asked=True)
            self._answered_at = _loop_time()
            return GeneratedAnswer(
                key=question.key,
                text=response.text,
                finish_reason=response.finish_reason,
                prompt_tokens=response.prompt_tokens,
                completion_tokens=response.completion_tokens,
                seconds=response.total_seconds,
                generated_at=self._now(),
                fingerprint=self.model.fingerprint(),
            )

    async def _watching(self) -> None:
        pause = self._look_seconds
        while True:
            await asyncio.sleep(pause)
            queued = await self._client.queued(self.model)
            pause = min(SELDOM_SECONDS, 2 * pause) if queued is None else self._look_seconds
            await self._limit.heed(queued or 0)


def sampled(model: Model, sample: int) -> Model:
    """The model as it is asked for one of several answers: a seed that is set counts up, or all would be the same."""
    if model.sampling.seed is None or sample == 0:
        return model
    return replace(model, sampling=replace(model.sampling, seed=model.sampling.seed + sample))


def _loop_time() -> float:
    return asyncio.get_running_loop().time()
