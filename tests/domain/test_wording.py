"""Sentences count in the singular where there is one, and what cannot be seen is no text."""

import sys
import unicodedata

from arena.domain import wording


def test_one_thing_is_not_several() -> None:
    counted = [wording.counted(count, "vote") for count in (0, 1, 2000)]
    assert counted == ["0 votes", "1 vote", "2,000 votes"]


def test_a_sentence_follows_what_somebody_wrote() -> None:
    for text, told in (
        ("spam", "spam."),
        ("Too fast. ", "Too fast."),
        ("why?", "why?"),
        ("太快", "太快."),
        ("太快。", "太快。"),
        ("(spam)", "(spam)."),
        ("(Too fast.)", "(Too fast.)"),
        ('He wrote "spam"', 'He wrote "spam".'),
        ("Il dit « vite »", "Il dit « vite »."),
        (
            "Er sagt \N{DOUBLE LOW-9 QUOTATION MARK}ja\N{LEFT DOUBLE QUOTATION MARK}",
            "Er sagt \N{DOUBLE LOW-9 QUOTATION MARK}ja\N{LEFT DOUBLE QUOTATION MARK}.",
        ),
        ('"Why?"', '"Why?"'),
        ("जल्दी", "जल्दी."),
        (")", ")"),
        ("", ""),
    ):
        assert wording.ended(text) == told


def test_what_cannot_be_seen_is_no_text() -> None:
    for text in ("", " \n\t", "\u200b", "\ufeff\u2060", "\x01", "\u202e \u202c", "\u00ad", "\u2028"):
        assert not wording.visible(text), repr(text)
    for text in ("a", ".", " \u200b4", "\N{GRINNING FACE}", "\U0001fae8", "\ue000", "\ud800"):
        assert wording.visible(text), repr(text)


def test_what_language_writes_is_normalised_as_ever_and_a_long_run_of_marks_is_cut() -> None:
    written = (
        "\u0301\u0316" * 15,
        "ve\u0302\u0323y",
        "\u0e19\u0e49\u0e33" * 40,
        "\uff76\uff9e" * 40,
        "?!" * 40 + "\u00e9",
        "--- | " * 20,
    )
    for text in written:
        for form in ("NFC", "NFD", "NFKC", "NFKD"):
            assert wording.normalized(form, text) == unicodedata.normalize(form, text)
    assert wording.stream_safe("a" + "\u0301" * 90 + "b\u0301") == "a" + "\u0301" * 30 + "b\u0301"
    assert wording.stream_safe("\u0f73\uff9e" * 90) == "\u0f73\uff9e" * 15


def test_every_mark_is_looked_at() -> None:
    marks = "".join(sign for sign in map(chr, range(sys.maxunicode + 1)) if wording.is_mark(sign))
    assert len(marks) > 900
    assert wording.stream_safe(marks) == marks[:30]
