"""Ratings and their intervals as inline SVG. Every plot carries its numbers as text for who cannot see it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from arena.ui import language

HEIGHT = 42
WIDE = 440
NARROW = 92
PADDING = 0.06
"""Of the span, on both sides."""
SMALLEST_SPAN = 100.0
"""Elo points an axis covers at least, so that a small difference does not look large."""
MIDDLE = HEIGHT / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """The ratings a plot covers."""

    low: float
    high: float

    def ticks(self, most: int = 5) -> tuple[float, ...]:
        """Round ratings on the axis, at most `most` of them."""
        rough = (self.high - self.low) / most
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
        first = math.ceil(self.low / step)
        return tuple(step * number for number in range(first, math.floor(self.high / step) + 1))

    def at(self, rating: float, width: int) -> float:
        """Where a rating lies, in pixels of a plot this wide; outside the axis at its edge."""
        share = (rating - self.low) / (self.high - self.low)
        return round(width * min(1.0, max(0.0, share)), 1)


def axis(values: Iterable[float | None]) -> Axis:
    """An axis over every value that is there."""
    known = [value for value in values if value is not None] or [1000.0]
    low, high = min(known), max(known)
    short = max(0.0, SMALLEST_SPAN - (high - low)) / 2
    padding = PADDING * max(high - low, SMALLEST_SPAN)
    return Axis(low=low - short - padding, high=high + short + padding)


def scale(axis: Axis) -> str:
    """The numbers above the wide plots."""
    labels = "".join(
        f'<text class="ax" x="{axis.at(tick, WIDE)}" y="13" text-anchor="middle">{language.figure(tick)}</text>'
        for tick in axis.ticks()
    )
    return f'<svg class="wide" viewBox="0 0 {WIDE} 18" width="{WIDE}" height="18" aria-hidden="true">{labels}</svg>'


def whisker(axis: Axis, rating: float | None, lower: float | None, upper: float | None, words: str) -> str:
    """A dot and its interval, wide and narrow; an open end runs to the edge of the plot."""
    return _plot(axis, WIDE, "wide", 4.5, (rating, lower, upper), words) + _plot(
        axis, NARROW, "narrow", 2.6, (rating, lower, upper), words
    )


def _plot(axis: Axis, width: int, kind: str, dot: float, values: Sequence[float | None], words: str) -> str:
    rating, lower, upper = values
    marks = [_line("gridl", axis.at(tick, width), axis.at(tick, width), 0, HEIGHT) for tick in axis.ticks()]
    if any(value is not None for value in values):
        left = 0 if lower is None else axis.at(lower, width)
        right = width if upper is None else axis.at(upper, width)
        marks.append(_line("wh", left, right, MIDDLE, MIDDLE))
        if kind == "wide":
            ends = [end for end, value in ((left, lower), (right, upper)) if value is not None]
            marks += [_line("wh", end, end, MIDDLE - 4.5, MIDDLE + 4.5) for end in ends]
    if rating is not None:
        marks.append(f'<circle class="dot" cx="{axis.at(rating, width)}" cy="{MIDDLE:g}" r="{dot}"/>')
    return (
        f'<svg class="{kind}" viewBox="0 0 {width} {HEIGHT}" width="{width}" height="{HEIGHT}" role="img" '
        f'aria-label="{words}">{"".join(marks)}</svg>'
    )


def _line(kind: str, x1: float, x2: float, y1: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:g}" x2="{x2:g}" y1="{y1:g}" y2="{y2:g}"/>'
