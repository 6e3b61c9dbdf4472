"""A board as a notebook shows it: an HTML table with a bar for each interval.

Names of models are text, whatever is in them. Nothing is loaded from elsewhere, colours follow the page (so a dark
notebook stays dark), and every bar only repeats what the cells beside it say, so that a screen reader may skip it.
"""

import html
from collections.abc import Callable
from typing import TYPE_CHECKING

from leaderboards.showing import documents

if TYPE_CHECKING:
    from leaderboards.board import Board, Entry
    from leaderboards.boards import Boards

SHOWN = 50
"""Rows of a table; a longer board says how many more it has."""
_WIDE, _TALL = 180, 14
_CELL = "padding:3px 10px;white-space:nowrap"
_NUMBER = f"{_CELL};text-align:right;font-variant-numeric:tabular-nums"
_NAME = f"{_CELL};text-align:left;font-weight:600;max-width:24em;overflow:hidden;text-overflow:ellipsis"
_HEAD = "border-bottom:1px solid currentColor;font-weight:600"


def board_table(board: "Board") -> str:
    """The board as a table, with what it rests on below."""
    entries = board.entries[:SHOWN]
    ranges = any(entry.lower is not None or entry.upper is not None for entry in entries)
    columns = ["rank", "model", "rating", *(["interval", ""] if ranges else []), "votes"]
    bar = _bars(entries) if ranges else None
    left = len(board.entries) - len(entries)
    more = [f"{left:,} more; to_pandas, to_polars and to_csv hold all."] if left else []
    if any(entry.rank_best is not None for entry in entries):
        more.append("Ranks in brackets are those that are possible, for all models at once.")
    below = " ".join([*more, documents.printable(documents.summary(board))])
    return "\n".join(
        [
            '<table style="border-collapse:collapse;text-align:left">',
            f'<caption style="caption-side:top;text-align:left;padding:4px 10px">{_title(board)}</caption>',
            f"<thead><tr>{''.join(_header(column) for column in columns)}</tr></thead>",
            "<tbody>",
            *(_line(entry, board, bar) for entry in entries),
            "</tbody>",
            f'<tfoot><tr><td colspan="{len(columns)}" style="padding:6px 10px;text-align:left;max-width:48em;'
            f'white-space:normal;opacity:0.8">{html.escape(below)}</td></tr></tfoot>',
            "</table>",
        ]
    )


def boards_tables(boards: "Boards") -> str:
    """A section to open for each value, the first one open; values without a board have their reason below."""
    parts = [
        f"<details{'' if place else ' open'}><summary><b>{html.escape(documents.printable(value))}</b>, "
        f"{documents.counted(boards.boards[value].votes, 'vote')}</summary>\n"
        f"{board_table(boards.boards[value])}\n</details>"
        for place, value in enumerate(sorted(boards.boards))
    ]
    reasons = [
        f"<p>{html.escape(documents.printable(f'{value}: {reason}'))}</p>"
        for value, reason in sorted(boards.refused.items())
    ]
    return "\n".join([*parts, *reasons])


def _title(board: "Board") -> str:
    models, votes = documents.counted(len(board.entries), "model"), documents.counted(board.votes, "vote")
    return f"<b>Leaderboard</b>: {models}, {votes}"


def _header(column: str) -> str:
    side = "left" if column == "model" else "right"
    if not column:
        return f'<td style="{_HEAD}"></td>'
    return f'<th scope="col" style="{_CELL};{_HEAD};text-align:{side}">{column}</th>'


def _line(entry: "Entry", board: "Board", bar: "Callable[[Entry], str] | None") -> str:
    name = html.escape(documents.printable(entry.model))
    digits = documents.digits(board)
    ranges = "" if bar is None else f'<td style="{_NUMBER}">{documents.interval(entry, digits)}</td>{bar(entry)}'
    return (
        f'<tr><td style="{_NUMBER}">{documents.places(entry)}</td>'
        f'<th scope="row" style="{_NAME}" title="{name}"><bdi>{name}</bdi></th>'
        f'<td style="{_NUMBER}">{documents.rating(entry, digits)}</td>{ranges}'
        f'<td style="{_NUMBER}">{entry.votes:,}</td></tr>'
    )


def _bars(entries: "tuple[Entry, ...]") -> "Callable[[Entry], str]":
    """Draws an entry's interval as a stroke on the scale of all; an open end runs to the edge."""
    rated = [entry for entry in entries if entry.rating is not None] or entries
    ends = [value for entry in rated for value in (entry.lower, entry.rating, entry.upper) if value is not None]
    low, high = min(ends), max(ends)
    reach = (high - low) or 1.0

    def at(value: float | None, otherwise: float) -> float:
        return otherwise if value is None else min(max(5 + (_WIDE - 10) * (value - low) / reach, 0), _WIDE)

    def drawn(entry: "Entry") -> str:
        if entry.lower is None and entry.upper is None and entry.rating is None:
            return "<td></td>"
        middle = _TALL / 2
        left, right = at(entry.lower, 0.0), at(entry.upper, float(_WIDE))
        stroke = (
            f'<line x1="{left:.1f}" x2="{right:.1f}" y1="{middle:g}" y2="{middle:g}" stroke="currentColor" '
            'stroke-width="2" stroke-opacity="0.45"/>'
            if entry.lower is not None or entry.upper is not None
            else ""
        )
        dot = (
            f'<circle cx="{at(entry.rating, 0):.1f}" cy="{middle:g}" r="3.5" fill="#0e8a97"/>'
            if entry.rating is not None
            else ""
        )
        return (
            f'<td style="{_CELL}"><svg aria-hidden="true" width="{_WIDE}" height="{_TALL}" '
            f'viewBox="0 0 {_WIDE} {_TALL}" style="vertical-align:middle">{stroke}{dot}</svg></td>'
        )

    return drawn
