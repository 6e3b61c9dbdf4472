"""One pace for both sides, so that nothing a browser can time tells which model is the slower. Pure.

Both sides grow together: after every tick each shows the same number of characters, or all of its text where
that is shorter. The common count follows the slower side, and smoothly: it moves in gears, each a fixed number
of characters a second, so that the jitter of a model does not show.

    start     a fixed time after both have begun, in a gear that both hold
    shift up  one gear at a time, while both sides hold the higher pace on average and are ahead by the reserve
    shift down when the reserve is nearly used up
    the end   of the shorter text locks the gear: the longer goes on at the pace so far, never faster

An answer that is complete but not yet all shown would otherwise be told from one still being written: nothing
waits for it any more, and it never stalls. So the arrivals of a complete answer are replayed, over and over, as if
its writing went on as it was, and the other side still waits for them. What is left to time is what the pair
shares: how fast the slower of the two is. (Tried: an average pace in place of the replay, and a start as soon as
enough was written. A classifier then found the slower side in 55 to 60 % of short, slow or stalling battles.)
"""

import bisect
import math
from dataclasses import dataclass
from typing import Final

TICK: Final = 0.1
"""Seconds between two events. Times are multiples of it since the start of the battle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The numbers behind the pace."""

    slowest: float = 12.0
    """Characters a second in the lowest gear; slower writing is shown in bursts of both sides."""
    first: int = 7
    """The gear of the first character: 57 characters a second, twice as fast as people read."""
    step: float = 1.25
    """From one gear to the next."""
    gears: int = 20
    """The highest shows 832 characters a second."""
    reserve_seconds: float = 1.5
    """From when both have begun to the first character; and the writing ahead that a higher gear asks for."""
    low_seconds: float = 0.3
    """Writing ahead below which a lower gear is taken."""
    caution: float = 0.8
    """The share of a side's average pace that is relied on."""
    hold_seconds: float = 0.5
    """Between two changes of gear."""

    def pace(self, gear: int) -> float:
        """Characters a second."""
        return float(self.slowest * self.step**gear)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How many characters of each side may be shown now."""

    a: int
    b: int


class _Written:
    """One side: how far its writing has come. Once it is complete, its arrivals are replayed, over and over."""

    def __init__(self) -> None:
        self.length: int | None = None
        """Of the complete text; None while it is being written."""
        self._times: list[float] = []
        self._counts: list[int] = []
        self._ended = 0.0

    @property
    def began(self) -> float | None:
        """When the first character came."""
        return self._times[0] if self._times else None

    def update(self, now: float, received: int, done: bool) -> None:
        if (received or done) and (not self._counts or received > self._counts[-1]):
            self._times.append(now)
            self._counts.append(received)
        if done and self.length is None:
            self.length, self._ended = received, now

    def count(self, now: float) -> float:
        """Characters written by now."""
        if self.length is None:
            return self._counts[-1] if self._counts else 0
        if self.length == 0:
            return math.inf
        span = max(self._ended - self._times[0], TICK)
        rounds, within = divmod(now - self._ended, span)
        replayed = self._counts[bisect.bisect_right(self._times, self._times[0] + within) - 1]
        return self.length * (1 + rounds) + replayed

    def pace(self, now: float) -> float:
        """Characters a second since the first."""
        span = now - self._times[0]
        return self.count(now) / span if span > 0 else math.inf


class Pace:
    """Decides, tick by tick, how much of both sides may be shown."""

    def __init__(self, started: float, rules: Rules | None = None) -> None:
        """`started` is the clock's reading when the battle began; any monotonic clock in seconds."""
        self._rules = rules or Rules()
        self._started = started
        self._a = _Written()
        self._b = _Written()
        self._gear = self._rules.first
        self._count = 0.0
        self._running = False
        self._clock = started
        self._shifted = started

    def wait(self, now: float) -> float:
        """Seconds from now to the next tick."""
        return TICK - (now - self._started) % TICK

    def release(self, now: float, received_a: int, received_b: int, *, done_a: bool, done_b: bool) -> Shown:
        """Characters of each side to show now, in all. Call it once a tick; it never goes back.

        `received` counts characters so far; `done` says that a side is complete, not only silent.
        """
        self._a.update(now, received_a, done_a)
        self._b.update(now, received_b, done_b)
        written = min(self._a.count(now), self._b.count(now))
        ends = [side.length for side in (self._a, self._b) if side.length is not None]
        if not self._running:
            self._start(now)
        else:
            self._shift(now, written, locked=any(self._count >= end for end in ends))
            self._count = min(written, self._count + (now - self._clock) * self._rules.pace(self._gear))
            if len(ends) == 2:
                self._count = min(self._count, max(ends))
        self._clock = now
        whole = int(self._count)
        return Shown(a=min(whole, received_a), b=min(whole, received_b))

    def _start(self, now: float) -> None:
        """Begin a fixed time after both have begun, in the first gear or one that a slow pair can hold."""
        if self._a.began is None or self._b.began is None:
            return
        if now - max(self._a.began, self._b.began) < self._rules.reserve_seconds:
            return
        self._running, self._shifted = True, now
        while self._gear > 0 and self._steady(now) < self._rules.pace(self._gear):
            self._gear -= 1

    def _shift(self, now: float, written: float, *, locked: bool) -> None:
        rules = self._rules
        if now - self._shifted < rules.hold_seconds:
            return
        ahead, gear = written - self._count, self._gear
        higher = rules.pace(gear + 1)
        if ahead < rules.low_seconds * rules.pace(gear) and gear > 0:
            self._gear = gear - 1
        elif (
            not locked
            and gear + 1 < rules.gears
            and ahead >= rules.reserve_seconds * higher
            and self._steady(now) >= higher
        ):
            self._gear = gear + 1
        if self._gear != gear:
            self._shifted = now

    def _steady(self, now: float) -> float:
        """The pace that the slower side surely holds, in characters a second."""
        return self._rules.caution * min(self._a.pace(now), self._b.pace(now))
