"""A board over time: each moment is the board of every vote until then."""

import datetime

import pyarrow
import pytest

import leaderboards
from leaderboards.showing import over_time

BEGIN = datetime.datetime(2026, 3, 2)
DAYS = [BEGIN + datetime.timedelta(days=day) for day in range(3)]


def rows(*of_days: tuple[datetime.datetime | None, int, int]) -> pyarrow.Table:
    """Votes of alpha and beta: when, won by alpha, and by beta."""
    listed = [
        {"model_a": "alpha", "model_b": "beta", "winner": winner, "count": count, "tstamp": when}
        for when, won, lost in of_days
        for winner, count in (("model_a", won), ("model_b", lost))
    ]
    return pyarrow.Table.from_pylist(listed)


def test_each_moment_is_the_board_of_every_vote_until_then() -> None:
    found = over_time.boards(rows((DAYS[0], 6, 4), (DAYS[1], 2, 9), (DAYS[2], 30, 1), (None, 1, 1)), {})
    assert [one.begin for one in found] == DAYS
    assert [one.votes for one in found] == [12, 23, 54]
    for one, (won, lost) in zip(found, [(7, 5), (9, 14), (39, 15)], strict=True):
        alone = leaderboards.fit(rows((None, won, lost)).drop_columns("tstamp"))
        assert one.board is not None
        assert one.board["alpha"].rating == pytest.approx(alone["alpha"].rating)
        assert one.board["alpha"].lower == pytest.approx(alone["alpha"].lower)


def test_what_cannot_be_fitted_yet_says_why() -> None:
    (one,) = over_time.boards(rows((DAYS[0], 1, 1)), {"anchor": ("gamma", 1000.0)})
    assert one.board is None
    assert "gamma" in str(one.reason)


@pytest.mark.parametrize(
    ("days", "window"), [(0, "day"), (22, "day"), (30, "week"), (200, "month"), (900, "quarter"), (4000, "year")]
)
def test_the_window_is_the_shortest_of_which_few_reach_over_all(days: int, window: str) -> None:
    assert over_time.window(BEGIN, BEGIN + datetime.timedelta(days=days)) == window
