"""Axes and whiskers."""

import re

import pytest

from arena.ui import plots


def test_ticks_are_round_and_inside_the_axis() -> None:
    axis = plots.axis([775, 1188])
    assert axis.ticks() == (800, 900, 1000, 1100, 1200) or axis.ticks() == (800, 900, 1000, 1100)
    assert all(axis.low <= tick <= axis.high for tick in axis.ticks())


@pytest.mark.parametrize("values", [[], [None], [1000.0], [1000.0, 1000.0], [-5000.0, 9000.0], [999.999, 1000.0]])
def test_an_axis_holds_whatever_is_known(values: list[float | None]) -> None:
    axis = plots.axis(values)
    assert axis.high - axis.low >= plots.SMALLEST_SPAN
    assert all(axis.low < value < axis.high for value in values if value is not None)
    assert 1 <= len(axis.ticks()) <= 6


def test_a_whisker_says_its_numbers_and_an_open_end_runs_to_the_edge() -> None:
    axis = plots.axis([900, 1100])
    closed = plots.whisker(axis, 1000.0, 950.0, 1050.0, "1,000, interval 950 to 1,050")
    assert closed.count('aria-label="1,000, interval 950 to 1,050"') == 2
    opened = plots.whisker(axis, None, 950.0, None, "at least 950")
    ends = re.findall(r'class="wh" x1="([\d.]+)" x2="([\d.]+)"', opened)
    assert ends[0][1] == f"{plots.WIDE:g}"
    assert "<circle" not in opened
