"""A battle while its answers are being written: two streams in, one common pace out.

Readers may come and go: each replays what was released and then follows. What is released is the same for
everybody, at ticks that carry the same number of characters for both sides (design decision 7).
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from arena.domain.battle import BattleState, Message, Response, Side, VoidCause
from arena.domain.durations import Durations
from arena.domain.model import Model
from arena.errors import ModelError, NotAsked, PromptRefused
from arena.inference.answers import Answer
from arena.inference.client import ModelClient
from arena.inference.pacing import TICK, Pace, Shown
from arena.settings import Deadlines

GATHERED_SECONDS: Final = 0.6 * TICK
"""Pause between two readings of one answer. Tokens that arrive meanwhile are read together, which is soon enough for
the next tick and takes less processor time than reading each by itself (decision 0018 has figures)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """Text to append to each side; either may be empty."""

    a: str
    b: str


class Thinks:
    """A model of the battle thinks, and no text is there yet. It is not told which: both sides wait alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meters:
    """How fast the battles of an arena were shown, all together."""

    first_text: Durations = field(default_factory=Durations)
    """Time from opening a battle to the first text shown."""
    lateness: Durations = field(default_factory=Durations)
    """How late ticks came."""


async def replayed(text_a: str, text_b: str) -> AsyncIterator[Delta]:
    """Two complete texts at the common pace, as if they were being written."""
    pace, shown = Pace(time.monotonic()), Shown(a=0, b=0)
    while shown != Shown(a=len(text_a), b=len(text_b)):
        await asyncio.sleep(pace.wait(time.monotonic()))
        now = pace.release(time.monotonic(), len(text_a), len(text_b), done_a=True, done_b=True)
        if now != shown:
            yield Delta(a=text_a[shown.a : now.a], b=text_b[shown.b : now.b])
            shown = now


class AbandonedError(Exception):
    """Nobody has read the battle for too long."""


class StoppedError(Exception):
    """Its rater stopped the battle."""


class SideFailedError(Exception):
    """One side gave no complete answer. `__cause__` is the `ModelError`."""

    def __init__(self, side: Side, error: ModelError) -> None:
        super().__init__(str(error))
        self.side = side
        self.cause = _cause(error)


def _cause(error: ModelError) -> VoidCause:
    """The cause of a void battle, by the error of its model."""
    match error:
        case PromptRefused():
            return VoidCause.PROMPT
        case NotAsked():
            return VoidCause.ARENA
        case _:
            return VoidCause.MODEL


class LiveBattle:
    """Both answers of one battle, from the first request to the last released character."""

    def __init__(
        self,
        models: dict[Side, Model],
        messages: tuple[Message, ...],
        deadlines: Deadlines,
        meters: Meters | None = None,
        *,
        whole: bool = False,
    ) -> None:
        """`whole` shows both answers at once, when both are complete."""
        self._whole = whole
        self._models = models
        self._meters = meters or Meters()
        self._messages = messages
        self._deadlines = deadlines
        self._releasing: asyncio.Task[None] | None = None
        self._stopped = False
        self._received = {Side.A: "", Side.B: ""}
        self._done = {Side.A: False, Side.B: False}
        self._shown = {Side.A: 0, Side.B: 0}
        self._answers: dict[Side, Answer] = {}
        self._thinking = False
        self._readers = 0
        self._read_at = time.monotonic()
        self._changed = asyncio.Event()
        self.ended: BattleState | None = None
        """`ready` or `void` once that is stored; None while the battle is being written."""

    def text(self, side: Side) -> str:
        """The text of one side that has been released."""
        return self._received[side][: self._shown[side]]

    def touch(self) -> None:
        """Note that somebody asked about this battle, so that it does not count as abandoned."""
        self._read_at = time.monotonic()

    async def write(self, client: ModelClient) -> dict[Side, Response]:
        """Ask both models and release their answers; returns when every character has been released.

        Raises `SideFailedError`, `AbandonedError` or `StoppedError`; whichever side is still writing is cancelled then,
        and its connection closed, which tells the model server to stop.
        """
        responses: dict[Side, Response] = {}
        try:
            async with asyncio.TaskGroup() as group:
                for side in Side:
                    group.create_task(self._receive(client, side, responses))
                self._releasing = group.create_task(self._release())
        except ExceptionGroup as failures:
            for failure in failures.exceptions:
                if isinstance(failure, SideFailedError | AbandonedError | StoppedError):
                    raise failure from failure.__cause__
            raise
        return responses

    def stop(self) -> None:
        """Stop the writing, if it is still going on: `write` then raises `StoppedError`."""
        self._stopped = True
        if self._releasing is not None:
            self._releasing.cancel()

    async def over(self) -> None:
        """Wait until the battle is ready or void."""
        while self.ended is None:
            await self._changed.wait()

    def end(self, state: BattleState) -> None:
        """Tell every reader that the battle is ready or void. Called once that is durable."""
        self.ended = state
        self._changed.set()

    async def deltas(self) -> AsyncIterator[Delta | Thinks]:
        """The text released so far, then each further release, until the end. Before any text, once, that a model
        thinks."""
        sent, told = {Side.A: 0, Side.B: 0}, False
        async with self._reading():
            while True:
                changed, ended = self._changed, self.ended
                if ended is BattleState.VOID:
                    return
                news = {side: self._received[side][sent[side] : self._shown[side]] for side in Side}
                sent = dict(self._shown)
                if news[Side.A] or news[Side.B]:
                    yield Delta(a=news[Side.A], b=news[Side.B])
                elif self._thinking and not told and not any(sent.values()):
                    told = True
                    yield Thinks()
                elif ended is not None:
                    return
                else:
                    await changed.wait()

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[None]:
        self._readers += 1
        try:
            yield
        finally:
            self._readers -= 1
            self.touch()

    async def _receive(self, client: ModelClient, side: Side, responses: dict[Side, Response]) -> None:
        try:
            async with client.stream(self._models[side], self._messages) as answer:
                self._answers[side] = answer
                async for piece in answer:
                    self._received[side] += piece
                    await asyncio.sleep(GATHERED_SECONDS)
                responses[side] = answer.response
        except ModelError as error:
            raise SideFailedError(side, error) from error
        self._done[side] = True

    async def _release(self) -> None:
        try:
            await self._release_in_step()
        except asyncio.CancelledError:
            if self._stopped:
                raise StoppedError from None
            raise

    async def _release_in_step(self) -> None:
        started = time.monotonic()
        pace = Pace(started)
        while not all(self._done[side] and self._shown[side] == len(self._received[side]) for side in Side):
            if self._stopped:
                raise StoppedError
            due = time.monotonic() + pace.wait(time.monotonic())
            await asyncio.sleep(due - time.monotonic())
            now = time.monotonic()
            self._meters.lateness.add(max(0.0, now - due))
            if not self._readers and now - self._read_at > self._deadlines.abandoned:
                raise AbandonedError
            if not self._thinking and any(answer.thinks for answer in self._answers.values()):
                self._thinking = True
                self._wake()
            shown = pace.release(
                now,
                len(self._received[Side.A]),
                len(self._received[Side.B]),
                done_a=self._done[Side.A],
                done_b=self._done[Side.B],
            )
            late = now - started > self._deadlines.total - TICK
            if self._whole:
                shown = Shown(a=0, b=0)
            if (late or self._whole) and all(self._done.values()):
                shown = Shown(a=len(self._received[Side.A]), b=len(self._received[Side.B]))  # the rest of both at once
            if (shown.a, shown.b) != (self._shown[Side.A], self._shown[Side.B]):
                if not any(self._shown.values()):
                    self._meters.first_text.add(now - started)
                self._shown = {Side.A: shown.a, Side.B: shown.b}
                self._wake()

    def _wake(self) -> None:
        """Wake every waiting reader. Readers who come later wait for the next change."""
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
