"""Progress of long work, in one line on a terminal.

    with leaderboards.progress.shown(sys.stderr):
        board = leaderboards.fit(votes, interval="bootstrap")

Work that may be long says so with `step`; without a listener that costs nothing. `shown` looks four times a second, so
that a scan, which says nothing while it runs, is seen too. On a terminal one line is written over and taken away at the
end; elsewhere a line appears only when the work takes more than two seconds of processor time, and then ever more
rarely: a machine that is busy with other things does not make quick work talk.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TextIO

PATIENCE = 2.0
"""Seconds of processor time in silence where nobody watches."""
_EVERY = 0.25
_BLINK = 0.5
"""Seconds on a terminal before the line appears: quick work does not flicker."""


@dataclass(slots=True, kw_only=True)
class Step:
    """A named piece of work, and how much of it is done."""

    what: str
    total: int | None
    done: int = 0

    def advance(self, by: int = 1) -> None:
        """Count more of the parts as done."""
        self.done += by

    def __str__(self) -> str:
        if self.total is None:
            return self.what if not self.done else f"{self.what} {self.done:,}"
        return f"{self.what} {min(self.done, self.total):,} of {self.total:,}"


_steps: ContextVar[list[Step] | None] = ContextVar("steps", default=None)
"""The pieces of work under way, the outermost first; None when nobody listens."""


@contextmanager
def step(what: str, total: int | None = None) -> Iterator[Step]:
    """Name a piece of work while it lasts, and say how many parts it has if that is known."""
    current = Step(what=what, total=total)
    steps = _steps.get()
    if steps is None:
        yield current
        return
    steps.append(current)
    try:
        yield current
    finally:
        steps.pop()


@contextmanager
def shown(stream: TextIO) -> Iterator[None]:
    """Show the steps of the work inside on this stream."""
    steps: list[Step] = []
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(stream, steps, ended), daemon=True)
    token = _steps.set(steps)
    watcher.start()
    try:
        yield
    finally:
        _steps.reset(token)
        ended.set()
        watcher.join()


def _watch(stream: TextIO, steps: list[Step], ended: threading.Event) -> None:
    """Write the line until the work has ended."""
    terminal = stream.isatty()
    clock = time.monotonic if terminal else time.process_time
    begin, begun = time.monotonic(), clock()
    due, written = (_BLINK if terminal else PATIENCE), False
    while not ended.wait(_EVERY):
        spent = clock() - begun
        text = ", ".join(str(current) for current in tuple(steps))
        if spent < due or not text:
            continue
        line = f"{text}, {time.monotonic() - begin:.0f} s"
        stream.write(f"\r\x1b[K{line[:78]}" if terminal else f"{line}\n")
        stream.flush()
        written, due = True, 0.0 if terminal else 2 * spent
    if terminal and written:
        stream.write("\r\x1b[K")
        stream.flush()
