"""One pace for both sides, so that nothing a browser can time tells which model is the slower. Pure.

Both sides grow together: after every tick each shows the same number of characters, or all of its text where
that is shorter. The common count follows the slower side, and smoothly: it moves in gears, each a fixed number
of characters a second, so that the jitter of a model does not show.

    rules     `QUICK` where the slower side has written enough soon after both have begun, else `PATIENT`;
              `PATIENT` too from the first lower gear on, since a pair that paused once will pause again
    start     a fixed time after both have begun, in a gear that both hold
    shift up  one gear at a time, while both sides hold the higher pace on average and are far enough ahead
    shift down when the writing ahead is nearly used up
    the end   of the shorter text locks the gear: the longer goes on at the pace so far, never faster

An answer that is complete but not yet all shown would otherwise be told from one still being written: nothing
waits for it any more, and it never stalls. So the arrivals of a complete answer are replayed, over and over, as if
its writing went on as it was, and the other side still waits for them. What is left to time is what the pair
shares: how fast the slower of the two is. What else was tried, and how blind it was, is in
docs/decisions/0019-quick-and-patient-pace.md.
"""

import bisect
import math
from dataclasses import dataclass
from typing import Final

TICK: Final = 0.1
"""Seconds between two events. Times are multiples of it since the start of the battle."""
ROUNDING: Final = 1e-6
"""Seconds by which a multiple of a tick may miss."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The numbers behind the pace. Times are in seconds, paces in characters a second."""

    first_pace: float = 58.0
    """The pace at the first character: twice as fast as people read."""
    slowest: float = 12.0
    """The lowest gear; slower writing is shown in bursts of both sides."""
    fastest: float = 832.0
    """The highest gear."""
    step: float
    """The factor from one gear to the next."""
    hold: float
    """Least time between two changes of gear."""
    reserve: float
    """Time from when both have begun to the first character shown."""
    up: float
    """How far ahead the writing must be for a higher gear."""
    low: float = 0.3
    """How far ahead the writing may be at most for a lower gear to be taken."""
    caution: float
    """The share of a side's average pace that is relied on."""


QUICK: Final = Rules(step=1.12, hold=0.3, reserve=0.7, up=1.2, caution=0.85)
"""Text soon, and hardly behind the slower side: for pairs that write well faster than people read."""
PATIENT: Final = Rules(step=1.25, hold=0.5, reserve=1.5, up=1.5, caution=0.8)
"""More written ahead and fewer changes of gear: the pauses of a slow side would show."""
QUICK_CHARACTERS: Final = 45
"""What both sides must have written for `QUICK`, its reserve after both have begun: 64 characters a second."""


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
        """How many characters were written by now."""
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
        """`started` is the clock's reading when the battle began; any monotonic clock in seconds.

        Without `rules`, the pair's own speed chooses between `QUICK` and `PATIENT`.
        """
        self._rules = rules
        self._started = started
        self._a = _Written()
        self._b = _Written()
        self._pace = 0.0
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
        rules = self._rules or self._chosen(now, written)
        if rules is not None and not self._running:
            self._start(now, rules)
        elif rules is not None:
            self._shift(now, rules, written - self._count, locked=any(self._count >= end for end in ends))
        if self._running:
            self._count = min(written, self._count + (now - self._clock) * self._pace)
            if len(ends) == 2:
                self._count = min(self._count, max(ends))
        self._clock = now
        whole = int(self._count)
        return Shown(a=min(whole, received_a), b=min(whole, received_b))

    def _chosen(self, now: float, written: float) -> Rules | None:
        """The rules that suit the slower side; None until that can be told."""
        if self._both_began(now) >= QUICK.reserve:
            self._rules = QUICK if written >= QUICK_CHARACTERS else PATIENT
        return self._rules

    def _both_began(self, now: float) -> float:
        """Seconds since both have begun; below any reserve until then."""
        if self._a.began is None or self._b.began is None:
            return -math.inf
        return now - max(self._a.began, self._b.began) + ROUNDING

    def _start(self, now: float, rules: Rules) -> None:
        """Begin a fixed time after both have begun, in the first gear or one that a slow pair can hold."""
        if self._both_began(now) < rules.reserve:
            return
        self._running, self._shifted, self._pace = True, now, rules.first_pace
        while self._pace > rules.slowest and self._pace > self._steady(now, rules):
            self._pace /= rules.step

    def _shift(self, now: float, rules: Rules, ahead: float, *, locked: bool) -> None:
        if now - self._shifted + ROUNDING < rules.hold:
            return
        higher = self._pace * rules.step
        if ahead < rules.low * self._pace and self._pace > rules.slowest:
            self._pace /= rules.step
            if rules is QUICK:
                self._rules = PATIENT
        elif (
            not locked and higher <= rules.fastest and ahead >= rules.up * higher and higher <= self._steady(now, rules)
        ):
            self._pace = higher
        else:
            return
        self._shifted = now

    def _steady(self, now: float, rules: Rules) -> float:
        """The pace that the slower side surely holds, in characters a second."""
        return rules.caution * min(self._a.pace(now), self._b.pace(now))
