"""What a browser can time of a battle, simulated, and a classifier that looks for the slower side in it.

Both answers are drawn alike; only speed tells the models apart: when the first character comes, how long each token
takes, when the server stalls. Lengths say nothing about speed, so a classifier that sees no speed is right half
of the time.
"""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arena.inference import pacing

Event = tuple[float, int, int]
"""When the browser received it, and the characters of each side it carried."""
Release = Callable[["Writing", "Writing", random.Random], list[Event]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """One answer as it came from its server."""

    arrivals: tuple[tuple[float, int], ...]
    """Time and characters so far."""
    ended: float

    @property
    def length(self) -> int:
        return self.arrivals[-1][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """How two models differ."""

    slow_pace: tuple[float, float] = (40, 400)
    """Characters a second, drawn evenly on a logarithmic scale."""
    ratio: tuple[float, float] = (1.5, 4.0)
    """How many times faster the other is."""
    length: float = 500
    """Characters of the typical answer."""
    jitter: float = 0.5
    """Of the time a token takes, as a standard deviation of its logarithm."""
    stalls: float = 0.004
    """Probability that a token is followed by a stall of 0.4 s on average."""

    def battle(self, chance: random.Random) -> tuple[Writing, Writing, bool]:
        """Both sides, and whether side a is the slow one."""
        pace = math.exp(chance.uniform(math.log(self.slow_pace[0]), math.log(self.slow_pace[1])))
        fast = self._writing(chance, chance.uniform(0.1, 0.4), pace * chance.uniform(*self.ratio))
        slow = self._writing(chance, chance.uniform(0.3, 1.5), pace)
        return (slow, fast, True) if chance.random() < 0.5 else (fast, slow, False)

    def _writing(self, chance: random.Random, first: float, pace: float) -> Writing:
        length = int(chance.lognormvariate(math.log(self.length), 0.8)) + 2
        now, count, arrivals = first, 0, []
        while count < length:
            token = min(length - count, max(1, int(chance.gauss(4.5, 2))))
            count += token
            arrivals.append((now, count))
            now += token / pace * chance.lognormvariate(-(self.jitter**2) / 2, self.jitter)
            if chance.random() < self.stalls:
                now += chance.expovariate(1 / 0.4)
        return Writing(arrivals=tuple(arrivals), ended=now)


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
            while position[side] < len(writing.arrivals) and writing.arrivals[position[side]][0] <= now:
                received[side] = writing.arrivals[position[side]][1]
                position[side] += 1
        may = pace.release(now, received[0], received[1], done_a=now >= a.ended, done_b=now >= b.ended)
        if (may.a, may.b) != shown:
            events.append((now + chance.uniform(0, 0.004), may.a - shown[0], may.b - shown[1]))
            shown = (may.a, may.b)
    return events


def passed_through(a: Writing, b: Writing, chance: random.Random) -> list[Event]:
    """What the browser would get without pacing: each token when it comes."""
    events: list[Event] = []
    for side, writing in enumerate((a, b)):
        before = 0
        for now, count in writing.arrivals:
            carried = count - before
            events.append((now, 0 if side else carried, carried if side else 0))
            before = count
    return sorted(events)


def accuracy(release: Release, *, situation: Situation | None = None, battles: int = 1200, seed: int = 1) -> float:
    """How often a classifier, trained on as many other battles, names the slower side."""
    chance = random.Random(seed)
    situation = situation or Situation()
    rows, slow_is_a = [], []
    for _ in range(2 * battles):
        a, b, slow = situation.battle(chance)
        rows.append(features(release(a, b, chance)))
        slow_is_a.append(slow)
    observed, truth = np.array(rows), np.array(slow_is_a)
    weights = logistic(observed[:battles], truth[:battles])
    return float(np.mean((standard(observed[battles:], observed[:battles]) @ weights > 0) == truth[battles:]))


def features(events: Sequence[Event]) -> list[float]:
    """Differences between the sides, and what both share, signed by which side is the shorter."""
    times = np.array([event[0] for event in events])
    a, b = (np.array([event[side] for event in events], dtype=float) for side in (1, 2))
    mine, other = _of_side(times, a), _of_side(times, b)
    sign = float(np.sign(b.sum() - a.sum()))
    shorter, longer = (a, b) if sign >= 0 else (b, a)
    end = int(np.nonzero(shorter)[0][-1])
    head, tail = np.diff(times[: end + 1], prepend=0), np.diff(times[end:], append=times[-1] + 0.1)
    late, after = longer[: end + 1][-10:], longer[end + 1 :]
    before_pace = longer[: end + 1].sum() / times[end]
    after_pace = after.sum() / max(times[-1] - times[end], 0.1)
    shared = [
        1.0,
        times[0],
        times[-1],
        times[end],
        math.log1p(shorter.sum()),
        math.log1p(longer.sum()),
        math.log1p(before_pace),
        math.log1p(after_pace),
        math.log((1 + after_pace) / (1 + before_pace)),
        *(statistic for gaps in (head, tail) for statistic in (gaps.mean(), gaps.std(), gaps.max(), gaps[0])),
        late.mean() / (longer.mean() + 1e-9),
        late.std(),
        after[:5].mean() if len(after) else 0.0,
        after.std() if len(after) else 0.0,
        float((tail > 0.15).mean()),
    ]
    return [*(x - y for x, y in zip(mine, other, strict=True)), *(sign * value for value in shared)]


def _of_side(times: NDArray[np.float64], carried: NDArray[np.float64]) -> list[float]:
    """First and last moment, pace, gaps and sizes of one side's events."""
    at = np.nonzero(carried)[0]
    gaps = np.diff(times[at]) if len(at) > 1 else np.array([0.0])
    sizes, seconds = carried[at], times[at][-1] - times[at][0]
    return [
        *(times[at][0], times[at][-1], len(at), sizes.sum() / (seconds + 0.1)),
        *(gaps.mean(), gaps.std(), gaps.max()),
        *(sizes.mean(), sizes.std(), sizes.max()),
    ]


def standard(rows: NDArray[np.float64], like: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows scaled as others are; not centred, since swapping the sides must negate them."""
    return rows / (np.sqrt((like**2).mean(axis=0)) + 1e-9)


def logistic(rows: NDArray[np.float64], truth: NDArray[np.bool_], ridge: float = 1.0) -> NDArray[np.float64]:
    """Logistic regression by Newton's method, with a small penalty."""
    scaled = standard(rows, rows)
    weights = np.zeros(scaled.shape[1])
    for _ in range(30):
        expected = 1 / (1 + np.exp(-np.clip(scaled @ weights, -30, 30)))
        gradient = scaled.T @ (truth - expected) - ridge * weights
        curvature = (scaled * (expected * (1 - expected))[:, None]).T @ scaled + ridge * np.eye(len(weights))
        weights += np.linalg.solve(curvature, gradient)
    return weights
