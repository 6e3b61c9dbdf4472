"""Battles as they come from two model servers, simulated, and what a browser then gets of them.

Both answers are drawn alike; only speed tells the models apart: when the first character comes, how long each token
takes, when the server stalls. Lengths say nothing about speed, so a classifier that sees no speed is right half
of the time.
"""

import dataclasses
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from arena.inference import pacing

Event = tuple[float, int, int]
"""When the browser received it, and the characters of each side it carried."""
Range = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """One answer as it came from its server."""

    arrivals: tuple[tuple[float, int], ...]
    """Time and characters so far."""
    ended: float

    @property
    def began(self) -> float:
        return self.arrivals[0][0]

    @property
    def length(self) -> int:
        return self.arrivals[-1][1]


Release = Callable[[Writing, Writing, random.Random], list[Event]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """How two models differ."""

    slow_pace: Range = (40, 400)
    """Characters a second, drawn evenly on a logarithmic scale."""
    ratio: Range = (1.5, 4.0)
    """How many times faster the other is."""
    slow_first: Range = (0.3, 1.5)
    """Seconds until the first token."""
    fast_first: Range = (0.1, 0.4)
    length: float = 500
    """Characters of the typical answer."""
    spread: float = 0.8
    """Of lengths, as a standard deviation of their logarithm."""
    jitter: float = 0.5
    """Of the time a token takes, as a standard deviation of its logarithm."""
    stalls: float = 0.004
    """Probability that a token is followed by a stall of 0.4 s on average."""

    def battle(self, chance: random.Random) -> tuple[Writing, Writing, bool]:
        """Both sides, and whether side a is the slow one."""
        pace = math.exp(chance.uniform(math.log(self.slow_pace[0]), math.log(self.slow_pace[1])))
        fast = self.writing(chance, chance.uniform(*self.fast_first), pace * chance.uniform(*self.ratio))
        slow = self.writing(chance, chance.uniform(*self.slow_first), pace)
        return (slow, fast, True) if chance.random() < 0.5 else (fast, slow, False)

    def writing(self, chance: random.Random, first: float, pace: float) -> Writing:
        """One answer; it ends with its last token, as vLLM ends it."""
        length = int(chance.lognormvariate(math.log(self.length), self.spread)) + 2
        now, count, arrivals = first, 0, []
        while True:
            token = min(length - count, max(1, int(chance.gauss(4.5, 2))))
            count += token
            arrivals.append((now, count))
            if count == length:
                return Writing(arrivals=tuple(arrivals), ended=now)
            now += token / pace * chance.lognormvariate(-(self.jitter**2) / 2, self.jitter)
            if chance.random() < self.stalls:
                now += chance.expovariate(1 / 0.4)

    def known(self) -> "Situation":
        """The same of two models whose speeds the watcher knows: always the same, and even."""
        middles = {name: _middle(getattr(self, name)) for name in ("slow_pace", "ratio", "slow_first", "fast_first")}
        return dataclasses.replace(self, **middles, jitter=0.1, stalls=self.stalls if self.stalls > 0.01 else 0.0)


KINDS: Final = {
    "fast": Situation(slow_pace=(150, 600)),
    "slow": Situation(slow_pace=(10, 60), ratio=(3, 10), length=400),
    "short": Situation(length=40),
    "stalling": Situation(stalls=0.03),
    "unequal": Situation(ratio=(5, 20), spread=1.5),
}
"""Where a simple pace would show: faster than anybody reads, slower, answers of a line, pauses, far apart."""


def even(*, tokens: int = 200, per_second: float = 30, first: float = 0.2, size: int = 5) -> Writing:
    """A source without jitter: the one that the price of a common pace is measured with."""
    arrivals = tuple((first + token / per_second, size * (token + 1)) for token in range(tokens))
    return Writing(arrivals=arrivals, ended=arrivals[-1][0])


def paced(a: Writing, b: Writing, chance: random.Random) -> list[Event]:
    """What the browser gets from `pacing`."""
    pace = pacing.Pace(0.0)
    sides, position, received, shown = (a, b), [0, 0], [0, 0], (0, 0)
    events: list[Event] = []
    tick = 0
    while shown != (a.length, b.length):
        tick += 1
        now = tick * pacing.TICK
        for side, writing in enumerate(sides):
            arrivals, at = writing.arrivals, position[side]
            while at < len(arrivals) and arrivals[at][0] <= now:
                received[side] = arrivals[at][1]
                at += 1
            position[side] = at
        may = pace.release(now, received[0], received[1], done_a=now >= a.ended, done_b=now >= b.ended)
        if (may.a, may.b) != shown:
            events.append((now + chance.uniform(0, 0.004), may.a - shown[0], may.b - shown[1]))
            shown = (may.a, may.b)
    return events


def passed_through(a: Writing, b: Writing, _chance: random.Random) -> list[Event]:
    """What the browser would get without pacing: each token when it comes."""
    events: list[Event] = []
    for side, writing in enumerate((a, b)):
        before = 0
        for now, count in writing.arrivals:
            carried = count - before
            events.append((now, 0 if side else carried, carried if side else 0))
            before = count
    return sorted(events)


def _middle(values: Range) -> Range:
    """The middle on a logarithmic scale, as a range of its own."""
    middle = math.sqrt(values[0] * values[1])
    return middle, middle
