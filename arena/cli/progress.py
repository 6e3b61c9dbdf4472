"""How far a command is, on stderr: on a terminal one line that is written over, elsewhere a line now and then."""

import shutil
import sys
import time
from collections.abc import Callable
from typing import Self

EVERY_SECONDS = 10.0
"""Between two lines where nobody watches: a log is no flood."""
CLEAR = "\r\x1b[K"


class Progress:
    """How many of something are done, while the work lasts."""

    def __init__(self, what: str, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds."""
        self._what = what
        self._clock = clock
        self._terminal = sys.stderr.isatty()
        self._due = clock() + EVERY_SECONDS

    def say(self, count: int, more: str = "") -> None:
        """Say that so many are done, and what else there is to say, if it is time."""
        if self._terminal:
            line = f"{count:,} {self._what}{more}"
            sys.stderr.write(CLEAR + line[: shutil.get_terminal_size().columns - 1])
            sys.stderr.flush()
        elif self._clock() >= self._due:
            self._due = self._clock() + EVERY_SECONDS
            print(f"{count:,} {self._what}{more}", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Make room for what is no progress."""
        if self._terminal:
            sys.stderr.write(CLEAR)
            sys.stderr.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()
