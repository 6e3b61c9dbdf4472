"""The gain of whoever is attacked for, in every situation: without a defence, with the detector, with the best rule."""

from collections.abc import Sequence
from dataclasses import dataclass

from leaderboards.showing import drawing

_ROW, _TOP, _NAMES, _WIDTH = 20.0, 62.0, 230.0, 900.0
_COLOURS = {"nothing": drawing.PALE, "rule": "#c46a1f", "knows": "#7a8a92"}
_LIMIT = 1
"""Ranks; the gain that is asked for."""


@dataclass(frozen=True, kw_only=True)
class Gain:
    """One situation: mean and largest gain of the target, in ranks, by detector."""

    situation: str
    by_detector: dict[str, tuple[float, float]]


def gains(rows: Sequence[Gain], own: str, title: str) -> drawing.Figure:
    """A dot for the mean, a stroke to the worst run."""
    furthest = max((worst for row in rows for _, worst in row.by_detector.values()), default=1.0)
    least = min((mean for row in rows for mean, _ in row.by_detector.values()), default=0.0)
    low, high = min(-1.0, least), max(2.0, furthest)

    def x(value: float) -> float:
        return _NAMES + (value - low) / (high - low) * (_WIDTH - _NAMES - 30)

    height = _TOP + _ROW * len(rows) + 30
    marks: list[drawing.Mark] = [
        drawing.Label(x=14, y=18, text=title, size=15),
        drawing.Box(x=x(low), y=_TOP - 8, width=x(_LIMIT) - x(low), height=height - _TOP - 12, colour="#eef5f2"),
    ]
    shown = [name for name in ("nothing", "rule", "knows", own) if any(name in row.by_detector for row in rows)]
    said = {"nothing": "no defence", "rule": "best rule of the field", "knows": "the test that knows the attack"}
    place = 14.0
    for name in shown:
        marks.append(drawing.Dot(x=place + 5, y=40, colour=_COLOURS.get(name, drawing.ACCENT)))
        marks.append(drawing.Label(x=place + 14, y=40, text=said.get(name, name)))
        place += 40 + 7.5 * len(said.get(name, name))
    for tick in range(int(low), int(high) + 1):
        marks.append(drawing.Stroke(x1=x(tick), y1=_TOP - 8, x2=x(tick), y2=height - 20, colour="#e3e8ea"))
        marks.append(drawing.Label(x=x(tick), y=height - 10, text=f"{tick:+d}" if tick else "0", anchor="middle"))
    for number, row in enumerate(rows):
        y = _TOP + _ROW * (number + 0.5)
        marks.append(drawing.Label(x=_NAMES - 16, y=y, text=row.situation, anchor="end"))
        for name in shown:
            if name not in row.by_detector:
                continue
            mean, worst = row.by_detector[name]
            lower = y + {"nothing": -5, "rule": -1.5, "knows": 2}.get(name, 5.5)
            colour = _COLOURS.get(name, drawing.ACCENT)
            marks.append(drawing.Stroke(x1=x(mean), y1=lower, x2=x(worst), y2=lower, colour=colour, width=2))
            marks.append(drawing.Dot(x=x(mean), y=lower, radius=3, colour=colour))
    return drawing.Figure(title=title, width=_WIDTH, height=height, marks=tuple(marks))
