"""Names the slower side from what a browser can time: gradient boosting and a logistic regression, cross-validated.

A battle is looked at from the side whose text ends first: what is learned is whether that side is the slower. Every
feature is a time, a size or a shape that the events show, of each side and of both together, before that side's end
and after it.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from timing.sources import Event, Release, Situation

Floats = NDArray[np.float64]
Truth = NDArray[np.bool_]

BINS: Final = 24
WINDOW: Final = 12
"""Ticks looked at before and after the shorter side's end."""
GRID: Final = 0.1
"""Seconds of one step, where events are laid on a grid of time."""
EMPTY: Final = np.zeros(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Battles as the classifier sees them."""

    rows: Floats
    """(battles, features)"""
    slower: Truth
    """Whether the side that ends first is the slower one."""


def accuracy(watched: Watched) -> float:
    """The share of battles named rightly, each by classifiers trained on the other half; the better of two."""
    half = len(watched.slower) // 2
    parts = (slice(0, half), slice(half, None))
    named = {"boosting": 0, "logistic": 0}
    for tested, trained in (parts, parts[::-1]):
        rows, truth, others = watched.rows[trained], watched.slower[trained], watched.rows[tested]
        named["boosting"] += int(np.sum((boosted(rows, truth, others) > 0) == watched.slower[tested]))
        named["logistic"] += int(np.sum((logistic(rows, truth, others) > 0) == watched.slower[tested]))
    return max(named.values()) / len(watched.slower)


def watch(release: Release, situation: Situation, battles: int, seed: int) -> Watched:
    """Simulated battles of one situation."""
    chance = random.Random(seed)
    rows, slower = [], []
    for _ in range(battles):
        a, b, slow_is_a = situation.battle(chance)
        row, first_is_a = features(release(a, b, chance))
        rows.append(row)
        slower.append(slow_is_a == first_is_a)
    return Watched(rows=np.array(rows), slower=np.array(slower))


def features(events: Sequence[Event]) -> tuple[Floats, bool]:
    """What the events show, and whether side a is the one whose text ends first."""
    seen = np.array(events)
    times, a, b = seen[:, 0], seen[:, 1], seen[:, 2]
    end_a, end_b = np.nonzero(a)[0][-1], np.nonzero(b)[0][-1]
    first_is_a = bool((end_a, a.sum()) <= (end_b, b.sum()))
    one, other = (a, b) if first_is_a else (b, a)
    of_one, of_other = _of_side(times, one), _of_side(times, other)
    return np.concatenate([of_one - of_other, of_one, of_other, _of_both(times, one, other)]), first_is_a


def _of_side(times: Floats, carried: Floats) -> Floats:
    """First and last moment, pace, gaps and sizes of one side's events."""
    at = np.nonzero(carried)[0]
    sizes, seconds = carried[at], times[at][-1] - times[at][0]
    gaps = np.diff(times[at]) if len(at) > 1 else EMPTY
    return np.array(
        [
            *(times[at[0]], times[at[-1]], len(at), sizes.sum(), sizes.sum() / (seconds + GRID)),
            *(gaps[0], gaps[-1], gaps.mean(), gaps.std(), gaps.max(), np.median(gaps)),
            *(sizes[0], sizes[-1], sizes.mean(), sizes.std(), sizes.max(), np.median(sizes)),
        ]
    )


def _of_both(times: Floats, one: Floats, other: Floats) -> Floats:
    """How the common pace behaves before the end of the shorter side, around it and after it."""
    end = times[np.nonzero(one)[0][-1]]
    start, whole = times[0], times[-1]
    steps = int((whole - start) / GRID) + 2
    grid = np.bincount(((times - start) / GRID + 0.5).astype(int), np.maximum(one, other), minlength=steps)
    cut = int((end - start) / GRID + 0.5)
    before, after = grid[:cut], grid[cut + 1 :]
    at_end = grid[cut] if cut < len(grid) else 0.0
    around = np.zeros(2 * WINDOW)
    near_before, near_after = before[-WINDOW:], after[:WINDOW]
    around[WINDOW - len(near_before) : WINDOW] = near_before
    around[WINDOW : WINDOW + len(near_after)] = near_after
    level = float(np.median(before[before > 0])) if (before > 0).any() else float(at_end)
    beginning = np.zeros(WINDOW)
    beginning[: len(grid[:WINDOW])] = grid[:WINDOW]
    return np.concatenate(
        [
            [start, end, whole, end - start, whole - end, at_end, level],
            _shape(before, level),
            _shape(after, level),
            _shape(before[-20:], level),
            _shape(after[:20], level),
            around,
            around / (level + 1),
            beginning,
            [(after[:5].mean() if len(after) else 0.0) - (before[-5:].mean() if len(before) else 0.0)],
            _echo(before, after),
        ]
    )


def _shape(part: Floats, level: float) -> list[float]:
    """Pace, unevenness, pauses and drift of a stretch of steps."""
    if not len(part):
        return [0.0] * 11
    still = part < 0.5 * level
    runs = np.diff(np.flatnonzero(np.concatenate([[True], ~still, [True]]))) - 1
    third = max(len(part) // 3, 1)
    return [
        part.mean(),
        part.std(),
        part.max(),
        part.mean() / (level + 0.1),
        np.abs(np.diff(part)).mean() if len(part) > 1 else 0.0,
        still.mean(),
        float(runs.max()),
        float((runs > 0).sum()),
        float(np.argmax(still)) if still.any() else -1.0,
        math.log((1 + part[-third:].mean()) / (1 + part[:third].mean())),
        float((part > 1.3 * level).mean()),
    ]


def _echo(before: Floats, after: Floats) -> list[float]:
    """How much what follows the end repeats what preceded it: the likeness at the best shift, and that shift."""
    length = min(len(before), len(after), 200)
    if length < 8:
        return [0.0, 0.0, 0.0]
    short = after[:length] - after[:length].mean()
    whole = before[-400:] - before[-400:].mean()
    size = 1 << (len(whole) + length).bit_length()
    likeness = np.fft.irfft(np.fft.rfft(whole, size) * np.conj(np.fft.rfft(short, size)), size)[: len(whole)]
    scale = math.sqrt(float(short @ short) * float(whole @ whole)) + 1e-9
    best = int(np.argmax(likeness))
    return [likeness[best] / scale, float(best), float(len(whole) - best)]


def logistic(rows: Floats, truth: Truth, others: Floats, ridge: float = 10.0) -> Floats:
    """Scores of `others` by logistic regression, fitted by Newton's method with a small penalty."""
    middle, width = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    scaled = np.column_stack([np.clip((rows - middle) / width, -5, 5), np.ones(len(rows))])
    weights = np.zeros(scaled.shape[1])
    for _ in range(15):
        expected = 1 / (1 + np.exp(-np.clip(scaled @ weights, -30, 30)))
        gradient = scaled.T @ (truth - expected) - ridge * weights
        curvature = (scaled * (expected * (1 - expected))[:, None]).T @ scaled + ridge * np.eye(len(weights))
        weights += np.linalg.solve(curvature, gradient)
    return np.column_stack([np.clip((others - middle) / width, -5, 5), np.ones(len(others))]) @ weights


def boosted(rows: Floats, truth: Truth, others: Floats, trees: int = 80, rate: float = 0.1, depth: int = 3) -> Floats:
    """Scores of `others` by gradient boosting of small trees over binned features (Friedman 2001, Ann. Stat. 29)."""
    edges = np.quantile(rows, np.linspace(0, 1, BINS + 1)[1:-1], axis=0)
    bins, other_bins = (_binned(each, edges) for each in (rows, others))
    places = np.arange(rows.shape[1]) * BINS
    score, other_score = np.zeros(len(rows)), np.zeros(len(others))
    for _ in range(trees):
        expected = 1 / (1 + np.exp(-score))
        slope, bend = truth - expected, expected * (1 - expected)
        node, other_node = np.zeros(len(rows), dtype=int), np.zeros(len(others), dtype=int)
        for level in range(depth):
            feature, cut = _splits(bins, places, node, 1 << level, slope, bend)
            node = 2 * node + (bins[np.arange(len(rows)), feature[node]] > cut[node])
            other_node = 2 * other_node + (other_bins[np.arange(len(others)), feature[other_node]] > cut[other_node])
        leaf = np.bincount(node, slope, 1 << depth) / (np.bincount(node, bend, 1 << depth) + 1.0)
        score += rate * leaf[node]
        other_score += rate * leaf[other_node]
    return other_score


def _binned(rows: Floats, edges: Floats) -> NDArray[np.int64]:
    return np.column_stack(
        [np.searchsorted(edges[:, one], rows[:, one], side="left") for one in range(rows.shape[1])]
    ).astype(np.int64)


def _splits(
    bins: NDArray[np.int64], places: NDArray[np.int64], node: NDArray[np.int64], nodes: int, slope: Floats, bend: Floats
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The best feature and cut of each node, by the gain of the second-order approximation."""
    features = len(places)
    index = ((node * features * BINS)[:, None] + places + bins).ravel()
    size = nodes * features * BINS
    sums = [
        np.bincount(index, np.repeat(values, features), size).reshape(nodes, features, BINS).cumsum(axis=2)
        for values in (slope, bend)
    ]
    total = [part[:, :, -1:] for part in sums]
    gain = sum(
        first**2 / (second + 1.0) for first, second in ((sums[0], sums[1]), (total[0] - sums[0], total[1] - sums[1]))
    )
    best = np.argmax(gain[:, :, :-1].reshape(nodes, -1), axis=1)
    return best // (BINS - 1), best % (BINS - 1)
