"""A board after each window of time: every vote until then, fitted as the board is."""

import datetime
from dataclasses import dataclass
from typing import Any

import pyarrow
from pyarrow import compute

from leaderboards import board, errors
from leaderboards.fitting import fit
from leaderboards.reading import vote_log

WINDOWS = ("day", "week", "month", "quarter", "year")
DAYS = (1, 7, 30, 91, 365)
"""About how long each is."""
MOST = 24
"""Boards that are fitted; where more days have votes, a longer window is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The board of every vote until the end of a window."""

    begin: datetime.datetime
    """Of the window."""
    votes: int
    """Until its end."""
    board: board.Board | None
    reason: str | None
    """Why there is no board."""


def window(first: datetime.datetime, last: datetime.datetime) -> str:
    """The shortest window of which at most `MOST` reach from one moment to another."""
    days = (last - first).days + 1
    return next((name for name, long in zip(WINDOWS, DAYS, strict=True) if days / long < MOST), WINDOWS[-1])


def boards(rows: pyarrow.Table, settings: dict[str, Any]) -> tuple[Moment, ...]:
    """The boards over rows with `tstamp`, the beginning of their window; rows without a time are in each."""
    times = rows["tstamp"]
    begins = sorted(one for one in compute.unique(times).to_pylist() if one is not None)[-MOST:]
    found = []
    for begin in begins:
        until = compute.or_kleene(compute.is_null(times), compute.less_equal(times, pyarrow.scalar(begin, times.type)))
        votes = vote_log.read(rows.filter(until).drop_columns("tstamp"))
        try:
            found.append(Moment(begin=begin, votes=votes.total, board=fit.fit(votes, **settings), reason=None))
        except errors.InputError as refused:
            found.append(Moment(begin=begin, votes=votes.total, board=None, reason=str(refused)))
    return tuple(found)
