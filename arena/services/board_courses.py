"""A board over time: every vote until the end of each window, the shortest of which not too many reach from the first
vote to the last."""

import datetime
from dataclasses import dataclass, replace

from pyarrow import compute

from arena.errors import DoesNotFit
from arena.services.board_settings import BoardSettings
from arena.services.cut_votes import TableVotes
from leaderboards.showing import over_time

DAYS = "day"
"""The window in which the store counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How the ratings moved."""

    window: str
    moments: tuple[over_time.Moment, ...]
    head: str | None

    @property
    def size(self) -> int:
        """About how many numbers it keeps."""
        return sum(8 * len(one.board) for one in self.moments if one.board is not None) + 1


def checked(asked: BoardSettings) -> BoardSettings:
    """Settings that go with a board over time. Raises `DoesNotFit` for others."""
    if asked.by is not None or asked.controls:
        raise DoesNotFit("A board over time is one board as voted; leave by, value and controls out.")
    return asked


def read(days: TableVotes, head: str | None, asked: BoardSettings) -> Course:
    """The course of the board whose votes are counted by day, up to the line of the ledger with this hash."""
    votes = days.counted(asked.counting).rows
    known = [one for one in compute.unique(votes["tstamp"]).to_pylist() if one is not None]
    if not known:
        return Course(window=DAYS, moments=(), head=head)
    window = over_time.window(min(known), max(known))
    begins = compute.floor_temporal(votes["tstamp"], unit=window)
    rows = votes.set_column(votes.column_names.index("tstamp"), "tstamp", begins)
    others = [name for name in rows.column_names if name != "count"]
    together = rows.group_by(others).aggregate([("count", "sum")]).rename_columns([*others, "count"])
    moments = over_time.boards(together, asked.fit)
    return Course(window=window, moments=tuple(map(_slimmed, moments)), head=head)


def _slimmed(one: over_time.Moment) -> over_time.Moment:
    """Without what is only there to fit again: of many models it is large, and there are many moments."""
    slim = None if one.board is None else replace(one.board, spread=None, fit=None)
    zoned = one.begin.replace(tzinfo=datetime.UTC)
    return replace(one, begin=zoned, board=slim)
