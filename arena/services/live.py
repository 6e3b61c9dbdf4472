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
from arena.settings.tables import Deadlines

TOGETHER: Final = TICK / 10
"""Ticks of all battles lie on multiples of this, so that one wake of the process serves many of them."""


class Ticks:
    """Wakes every battle whose tick lies at the same moment, with one timer."""

    def __init__(self) -> None:
        self._waiting: dict[int, list[asyncio.Future[None]]] = {}

    async def until(self, moment: float) -> None:
        """Wait for a moment of the loop's clock, which is a whole number of milliseconds."""
        loop, number = asyncio.get_running_loop(), round(1000 * moment)
        if number not in self._waiting:
            self._waiting[number] = []
            loop.call_at(moment, self._wake, number)
        future = loop.create_future()
        self._waiting[number].append(future)
        await future

    def _wake(self, number: int) -> None:
        for future in self._waiting.pop(number):
            if not future.done():  # whoever waited may have been cancelled
                future.set_result(None)


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


@dataclass(slots=True, kw_only=True)
class _Writing:
    """One side while it is written."""

    answer: Answer | None = None
    received: str = ""
    shown: int = 0
    """How many characters of it have been released."""
    begun: bool = False
    """Whether its first visible text has come."""
    done: bool = False

    @property
    def thinks(self) -> bool:
        """Whether its model thinks, and no text is there yet."""
        return self.answer is not None and self.answer.thinks

    @property
    def text(self) -> str:
        """What has been released."""
        return self.received[: self.shown]


class LiveBattle:
    """Both answers of one battle, from the first request to the last released character."""

    def __init__(
        self,
        models: dict[Side, Model],
        messages: tuple[Message, ...],
        deadlines: Deadlines,
        meters: Meters | None = None,
        *,
        ticks: Ticks | None = None,
        whole: bool = False,
    ) -> None:
        """`ticks` wakes other battles, too; `whole` shows both answers at once, when both are complete."""
        self._whole = whole
        self._ticks = ticks or Ticks()
        self._models = models
        self._meters = meters or Meters()
        self._messages = messages
        self._deadlines = deadlines
        self._releasing: asyncio.Task[None] | None = None
        self._stopped = False
        self._a, self._b = _Writing(), _Writing()
        self._sides = ((Side.A, self._a), (Side.B, self._b))
        self._thinking = False
        self._readers = 0
        self._read_at = time.monotonic()
        self._changed = asyncio.Event()
        self.ended: BattleState | None = None
        """`ready` or `void` once that is stored; None while the battle is being written."""

    def text(self, side: Side) -> str:
        """The text of one side that has been released."""
        return self._a.text if side is Side.A else self._b.text

    def touch(self) -> None:
        """Note that somebody asked about this battle, so that it does not count as abandoned."""
        self._read_at = time.monotonic()

    async def write(self, client: ModelClient) -> dict[Side, Response]:
        """Ask both models and release their answers; returns when every character has been released.

        Raises `SideFailedError`, `AbandonedError` or `StoppedError`; whichever side is still writing is cancelled then,
        and its connection closed, which tells the model server to stop.
        """
        answers = {side: client.stream(self._models[side], self._messages) for side in Side}
        try:
            async with asyncio.TaskGroup() as group:
                for side, writing in self._sides:
                    writing.answer = answers[side]
                    group.create_task(self._begin(side, writing, answers[side]))
                self._releasing = group.create_task(self._release())
        except ExceptionGroup as failures:
            for failure in failures.exceptions:
                if isinstance(failure, SideFailedError | AbandonedError | StoppedError):
                    raise failure from failure.__cause__
            raise
        finally:
            for answer in answers.values():
                await answer.aclose()
        return {side: answer.response for side, answer in answers.items()}

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
        a, b = self._a, self._b
        sent_a = sent_b = 0
        told = False
        async with self._reading():
            while True:
                changed, ended = self._changed, self.ended
                if ended is BattleState.VOID:
                    return
                if a.shown > sent_a or b.shown > sent_b:
                    delta = Delta(a=a.received[sent_a : a.shown], b=b.received[sent_b : b.shown])
                    sent_a, sent_b = a.shown, b.shown
                    yield delta
                elif self._thinking and not told and not sent_a and not sent_b:
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

    async def _begin(self, side: Side, writing: _Writing, answer: Answer) -> None:
        try:
            writing.received = await answer.begin()
        except ModelError as error:
            raise SideFailedError(side, error) from error
        writing.begun = True

    async def _read(self) -> None:
        """Take what has come of both answers. Tokens since the tick before are read together (decision 0056)."""
        for side, writing in self._sides:
            answer = writing.answer
            if answer is None or not writing.begun or writing.done:
                continue
            try:
                writing.received += answer.come()
            except ModelError as error:
                raise SideFailedError(side, error) from error
            if answer.complete:
                writing.done = True
                await answer.aclose()

    async def _release(self) -> None:
        try:
            await self._release_in_step()
        except asyncio.CancelledError:
            if self._stopped:
                raise StoppedError from None
            raise

    async def _release_in_step(self) -> None:
        a, b = self._a, self._b
        now = time.monotonic()
        started = now - now % TOGETHER
        pace = Pace(started)
        while not (a.done and b.done and a.shown == len(a.received) and b.shown == len(b.received)):
            if self._stopped:
                raise StoppedError
            due = now + pace.wait(now)
            await self._ticks.until(due)
            now = time.monotonic()
            self._meters.lateness.add(max(0.0, now - due))
            if not self._readers and now - self._read_at > self._deadlines.abandoned:
                raise AbandonedError
            await self._read()
            if not (self._thinking or (a.begun and b.begun)) and any(one.thinks for one in (a, b)):
                self._thinking = True
                self._wake()
            shown = pace.release(now, len(a.received), len(b.received), done_a=a.done, done_b=b.done)
            late = now - started > self._deadlines.total - TICK
            if self._whole:
                shown = Shown(a=0, b=0)
            if (late or self._whole) and a.done and b.done:
                shown = Shown(a=len(a.received), b=len(b.received))  # the rest of both at once
            if (shown.a, shown.b) != (a.shown, b.shown):
                if not a.shown and not b.shown:
                    self._meters.first_text.add(now - started)
                a.shown, b.shown = shown.a, shown.b
                self._wake()

    def _wake(self) -> None:
        """Wake every waiting reader. Readers who come later wait for the next change."""
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
