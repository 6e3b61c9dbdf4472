"""`domain.ids`: what an id tells of itself."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from arena.domain import ids


@pytest.mark.parametrize("moment", [datetime(2026, 3, 4, 5, 6, 7, 891011, UTC), datetime(1970, 1, 1, tzinfo=UTC)])
def test_an_id_says_in_which_millisecond_it_was_minted(moment: datetime) -> None:
    told = ids.minted_at(ids.mint("b", moment, random.Random(1)))
    assert told is not None
    assert abs(moment - told) <= timedelta(milliseconds=1)


def test_an_id_beyond_all_dates_says_no_moment() -> None:
    last = ids.minted_at(ids.spelled("b", (ids.LAST_YEAR - 1) << 80))
    assert last == datetime(9999, 1, 1, tzinfo=UTC) - timedelta(milliseconds=1)
    assert ids.minted_at(ids.spelled("b", 2**128 - 1)) is None
