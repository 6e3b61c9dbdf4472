"""`personal.find`: positions in the text as it was, and one answer where finders overlap."""

import pytest

from arena.errors import InvalidValue
from arena.exports import personal
from arena.exports.personal import Found, PersonalKind


def found(text: str, *kinds: PersonalKind) -> list[tuple[PersonalKind, str]]:
    return [(one.kind, text[one.start : one.end]) for one in personal.find(text, kinds or personal.STRUCTURED)]


def test_positions_are_those_of_the_text_with_what_nobody_sees() -> None:
    text = "\u200bTo\u00ad jo@\u200bexample.com\u2060, bye"
    assert found(text) == [(PersonalKind.MAIL, "jo@\u200bexample.com")]


def test_an_emoji_before_a_find_moves_nothing() -> None:
    assert found("\U0001f469\u200d\U0001f52c jo@example.com \U0001f600") == [(PersonalKind.MAIL, "jo@example.com")]


def test_only_the_kinds_asked_for_are_looked_for() -> None:
    text = "jo@example.com, 202-555-0123"
    assert found(text, PersonalKind.PHONE) == [(PersonalKind.PHONE, "202-555-0123")]
    assert personal.find(text, ()) == ()


def test_what_two_finders_see_is_one_find_of_the_surer_kind() -> None:
    assert found("postgres://jo:pa55word1@db.example.com/x") == [(PersonalKind.KEY, "pa55word1")]
    assert found("BSN 111222333, DNI 12345678Z, +34 612345678") == [
        (PersonalKind.NATIONAL_ID, "111222333"),
        (PersonalKind.NATIONAL_ID, "12345678Z"),
        (PersonalKind.PHONE, "+34 612345678"),
    ]


def test_finds_that_overlap_leave_nothing_of_either() -> None:
    def names(text: str, /) -> list[tuple[int, int]]:
        return [(0, 9)]

    both = personal.find("Jo Doe jo@example.com", (PersonalKind.MAIL, PersonalKind.NAME), names)
    assert both == (Found(kind=PersonalKind.MAIL, start=0, end=21),)


def test_names_without_a_recogniser_are_refused() -> None:
    with pytest.raises(InvalidValue, match="name_recogniser"):
        personal.find("Jo Doe", (PersonalKind.NAME,))


@pytest.mark.parametrize(
    "text", ["", " ", "\u200b\u200b", "\ud800", "a\x00b", "\ufeff@", "+", "00", "-----BEGIN PRIVATE KEY-----"]
)
def test_no_text_is_too_odd(text: str) -> None:
    personal.mask(text, personal.STRUCTURED)
