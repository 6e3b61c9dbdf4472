"""Sentences count in the singular where there is one, and what cannot be seen is no text."""

from arena.domain import wording


def test_one_thing_is_not_several() -> None:
    counted = [wording.counted(count, "vote") for count in (0, 1, 2000)]
    assert counted == ["0 votes", "1 vote", "2,000 votes"]


def test_what_cannot_be_seen_is_no_text() -> None:
    for text in ("", " \n\t", "\u200b", "\ufeff\u2060", "\x01", "\u202e \u202c", "\u00ad", "\u2028"):
        assert not wording.visible(text), repr(text)
    for text in ("a", ".", " \u200b4", "\N{GRINNING FACE}", "\U0001fae8", "\ue000", "\ud800"):
        assert wording.visible(text), repr(text)
