"""Sentences count in the singular where there is one."""

from arena.domain import wording


def test_one_thing_is_not_several() -> None:
    counted = [wording.counted(count, "vote") for count in (0, 1, 2000)]
    assert counted == ["0 votes", "1 vote", "2,000 votes"]
