"""Figures of a board: ratings with intervals, rank sets, the win matrix, ratings over time."""

import itertools
import math
from collections.abc import Callable, Sequence

from leaderboards import board, boards, errors
from leaderboards.showing import documents, matrix
from leaderboards.showing.drawing import ACCENT, FONT, INK, PALE, Box, Dot, Figure, Label, Mark, Stroke

_ROW = 22.0
_NAMES = 230.0
_PLOT = 520.0
_MARGIN = 24.0
_LONGEST = 32
_MIDDLE = 236
"""The grey of an even share."""
_COLOURS = ("#0b6b75", "#b4641b", "#5a4fcf", "#3f7d20", "#a8325e", "#6b6f76", "#1d5fa8", "#8a6d00")


def ratings(ranked: board.Board) -> Figure:
    """Ratings with their intervals; a bound that is open runs to the edge."""
    board.demand(ranked)
    entries = [entry for entry in ranked.entries if entry.rating is not None or entry.lower or entry.upper]
    ends = [value for entry in entries for value in (entry.rating, entry.lower, entry.upper) if value is not None]
    if not ends:
        raise errors.InputError("No model has a rating yet, so there is nothing to draw.")
    low, high = _padded(min(ends), max(ends))
    at = _scale(low, high)
    digits = 2 if ranked.scale.rate else 0
    title = f"Ratings with {ranked.interval.level:.0%} intervals, {documents.counted(ranked.votes, 'vote')}"
    marks = _frame(title, low, high, len(entries), digits)
    for row, entry in enumerate(entries):
        y = _y(row)
        left = at(low if entry.lower is None else entry.lower)
        right = at(high if entry.upper is None else entry.upper)
        if entry.rating is None or entry.se is not None:
            marks.append(Stroke(x1=left, y1=y, x2=right, y2=y, colour=ACCENT, width=2))
        if entry.rating is not None:
            marks.append(Dot(x=at(entry.rating), y=y))
        marks += [_name(entry.model, y), Label(x=_NAMES + _PLOT + 12, y=y, text=_rating(entry, ranked.scale.rate))]
    return _figure(title, marks, len(entries))


def rank_sets(ranked: board.Board) -> Figure:
    """From best to worst rank of each model, all at once."""
    board.demand(ranked)
    entries = [entry for entry in ranked.rated if entry.rank_best is not None]
    if not entries:
        raise errors.InputError("Without intervals there are no rank sets to draw; fit with interval=sandwich.")
    at = _scale(0.5, len(entries) + 0.5)
    title = f"Ranks that hold for all models at once with {ranked.interval.level:.0%} confidence"
    marks = _frame(title, 0.5, len(entries) + 0.5, len(entries), 0)
    for row, entry in enumerate(entries):
        y = _y(row)
        best, worst = entry.rank_best or 1, entry.rank_worst or len(entries)
        marks.append(Box(x=at(best - 0.4), y=y - 6, width=at(worst + 0.4) - at(best - 0.4), height=12, colour=PALE))
        marks.append(Dot(x=at(entry.rank or best), y=y))
        shown = f"{best}" if best == worst else f"{best} to {worst}"
        marks += [_name(entry.model, y), Label(x=_NAMES + _PLOT + 12, y=y, text=shown)]
    return _figure(title, marks, len(entries))


def win_matrix(ranked: board.Board) -> Figure:
    """Share of votes the row won against the column, in per cent; empty where two never met."""
    board.demand(ranked)
    table = matrix.read(ranked)
    size = len(table.models)
    cell = max(14.0, min(34.0, 700 / size))
    left, top = _NAMES, 70.0
    title = "Share of votes the row won against the column, per cent"
    key = "petrol: won more, ochre: lost more, empty: never met"
    marks: list[Mark] = [
        Label(x=_MARGIN, y=_MARGIN, text=title, size=FONT + 2),
        Label(x=_MARGIN, y=43, text=key, size=11),
    ]
    for row, model in enumerate(table.models):
        y = top + (row + 0.5) * cell
        marks.append(_name(f"{row + 1}  {model}", y))
        marks.append(
            Label(x=left + (row + 0.5) * cell, y=top - 10, text=str(row + 1), anchor="middle", size=cell * 0.42)
        )
        for column in range(size):
            share = float(table.observed[row, column])
            if row == column or math.isnan(share):
                continue
            x = left + column * cell
            marks.append(Box(x=x, y=top + row * cell, width=cell - 1, height=cell - 1, colour=_shade(share)))
            if cell >= 20:
                colour = "#ffffff" if abs(share - 0.5) > 0.28 else INK
                text = f"{100 * share:.0f}"
                marks.append(Label(x=x + cell / 2, y=y, text=text, anchor="middle", colour=colour, size=cell * 0.4))
    return Figure(
        title=title, width=left + size * cell + _MARGIN, height=top + size * cell + _MARGIN, marks=tuple(marks)
    )


def over_time(ranked: boards.Boards, models: Sequence[str] | None = None) -> Figure:
    """Ratings over windows of time with their intervals, for the given models or the eight with most votes."""
    if not isinstance(ranked, boards.Boards):
        raise errors.InputError('This takes boards over time, such as leaderboards.fit_by(votes, "month").')
    windows = sorted(ranked.boards)
    heard: dict[str, int] = {}
    for one in ranked.boards.values():
        for entry in one.rated:
            heard[entry.model] = heard.get(entry.model, 0) + entry.votes
    chosen = list(models or sorted(heard, key=lambda name: (-heard[name], name))[: len(_COLOURS)])
    paths: dict[str, list[tuple[int, board.Entry]]] = {name: [] for name in chosen}
    for place, window in enumerate(windows):
        for entry in ranked.boards[window].rated:
            if entry.model in paths and entry.rating is not None:
                paths[entry.model].append((place, entry))
    paths = dict(sorted(paths.items(), key=lambda item: -(item[1][-1][1].rating or 0) if item[1] else 0.0))
    every_entry = [entry for path in paths.values() for _, entry in path]
    values = [v for entry in every_entry for v in (entry.rating, entry.lower, entry.upper) if v is not None]
    if not values:
        raise errors.InputError("None of these models has a rating in any window of time.")
    low, high = _padded(min(values), max(values))
    top, tall, wide = 60.0, 360.0, 560.0
    title = f"Ratings by {ranked.by}"
    marks: list[Mark] = [Label(x=_MARGIN, y=_MARGIN, text=title, size=FONT + 2)]

    def at(place: int, rating: float) -> tuple[float, float]:
        step = wide / max(1, len(windows) - 1)
        return 70 + place * step, top + tall * (high - rating) / (high - low)

    for value in _ticks(low, high):
        y = at(0, value)[1]
        marks += [
            Stroke(x1=70, y1=y, x2=70 + wide, y2=y, colour=PALE),
            Label(x=60, y=y, text=f"{value:g}", anchor="end"),
        ]
    every = max(1, math.ceil(len(windows) / 8))
    for place in range(0, len(windows), every):
        marks.append(Label(x=at(place, low)[0], y=top + tall + 18, text=windows[place], anchor="middle", size=11))
    for number, (name, path) in enumerate(paths.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        shift = 2.5 * (number - (len(paths) - 1) / 2)  # side by side, so that intervals do not hide each other
        points = [(at(place, 0)[0] + shift, at(place, entry.rating or 0.0)[1]) for place, entry in path]
        for (x, _), (_, entry) in zip(points, path, strict=True):
            if entry.lower is not None and entry.upper is not None:
                marks.append(Stroke(x1=x, y1=at(0, entry.lower)[1], x2=x, y2=at(0, entry.upper)[1], colour=colour))
        marks += [Dot(x=x, y=y, radius=3, colour=colour) for x, y in points]
        for (x1, y1), (x2, y2) in itertools.pairwise(points):
            marks.append(Stroke(x1=x1, y1=y1, x2=x2, y2=y2, colour=colour, width=2))
        y = top + 10 + number * _ROW
        marks.append(Box(x=70 + wide + 20, y=y - 5, width=10, height=10, colour=colour))
        marks.append(Label(x=70 + wide + 36, y=y, text=_short(name)))
    return Figure(title=title, width=70 + wide + 36 + 240, height=top + tall + 44, marks=tuple(marks))


def _rating(entry: board.Entry, rate: bool) -> str:
    """A rating in digits, or the one bound that is known of it."""
    digits = 3 if rate else 0
    if entry.rating is not None:
        return f"{entry.rating:.{digits}f}"
    return f"under {entry.upper:.{digits}f}" if entry.lower is None else f"over {entry.lower:.{digits}f}"


PLOTS: dict[str, Callable[[board.Board], Figure]] = {
    "ratings": ratings,
    "ranks": rank_sets,
    "matrix": win_matrix,
}
"""Figures of one board by name."""


def _frame(title: str, low: float, high: float, rows: int, digits: int) -> list[Mark]:
    """Title, and a light line with its value at each tick."""
    at = _scale(low, high)
    bottom = _y(rows) - _ROW / 2
    marks: list[Mark] = [Label(x=_MARGIN, y=_MARGIN, text=title, size=FONT + 2)]
    for value in _ticks(low, high):
        marks.append(Stroke(x1=at(value), y1=_y(0) - _ROW / 2, x2=at(value), y2=bottom, colour=PALE))
        marks.append(Label(x=at(value), y=bottom + 14, text=f"{value:.{digits}f}", anchor="middle", size=11))
    return marks


def _figure(title: str, marks: list[Mark], rows: int) -> Figure:
    return Figure(title=title, width=_NAMES + _PLOT + 120, height=_y(rows) + 20, marks=tuple(marks))


def _y(row: int) -> float:
    return 66 + row * _ROW


def _scale(low: float, high: float) -> Callable[[float], float]:
    return lambda value: _NAMES + _PLOT * (min(max(value, low), high) - low) / (high - low)


def _padded(low: float, high: float) -> tuple[float, float]:
    room = 0.05 * (high - low) or 1.0
    return low - room, high + room


def _ticks(low: float, high: float) -> list[float]:
    """Four to nine round values."""
    rough = (high - low) / 6
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return [step * k for k in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _name(model: str, y: float) -> Label:
    return Label(x=_NAMES - 12, y=y, text=_short(model), anchor="end")


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"


def _shade(share: float) -> str:
    """From ochre (lost) over pale grey to petrol (won); white is left for two that never met."""
    far = (11, 107, 117) if share >= 0.5 else (180, 100, 27)
    weight = min(1.0, 2 * abs(share - 0.5))
    return "#" + "".join(f"{round(_MIDDLE + (channel - _MIDDLE) * weight):02x}" for channel in far)
