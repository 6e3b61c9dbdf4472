"""`personal.mask` and `personal.masked_record`: once and for all, and the same for the same text."""

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.vote import Winner
from arena.exports import personal
from arena.exports.personal import PersonalKind
from tests.exports import making
from tests.exports.personal import cases

VALUES = sorted({case.text[one.start : one.end] for case in cases.read() for one in case.expected})
PIECES = st.lists(
    st.one_of(
        st.sampled_from(VALUES),
        st.sampled_from([" ", "\n", "-", ".", "1 ", "+", "0", "(", ")", " at ", "@", "tel ", "[EMAIL]", "password: "]),
        st.sampled_from(list(personal.PLACEHOLDERS.values())),
        st.text(max_size=6),
    ),
    max_size=8,
).map("".join)


def test_a_find_becomes_a_placeholder_and_is_counted() -> None:
    text, counts = personal.mask("jo@example.com or al@example.org, +1 202-555-0123", personal.STRUCTURED)
    assert text == "[EMAIL] or [EMAIL], [PHONE]"
    assert counts == {PersonalKind.MAIL: 2, PersonalKind.PHONE: 1}


def test_a_text_without_finds_is_the_same_text() -> None:
    text = "Version 1.2.3.4 costs 12.50 \u20ac \u200b on 2024-11-22"
    assert personal.mask(text, personal.STRUCTURED) == (text, {})


@given(PIECES)
def test_a_masked_text_stays_as_it_is(text: str) -> None:
    once, _ = personal.mask(text, personal.STRUCTURED)
    assert personal.mask(once, personal.STRUCTURED) == (once, {})


@pytest.mark.parametrize("placeholder", personal.PLACEHOLDERS.values())
def test_a_placeholder_holds_nothing_to_find(placeholder: str) -> None:
    for text in (placeholder, f"tel {placeholder}", f"password: {placeholder}", f"ssn {placeholder}{placeholder}"):
        assert personal.mask(text, personal.STRUCTURED) == (text, {})


@given(PIECES, st.integers(1, 4))
def test_masking_ends_whatever_a_recogniser_takes_for_a_name(text: str, size: int) -> None:
    def eager(text: str, /) -> list[tuple[int, int]]:
        return [(start, start + size) for start in range(0, len(text), 2 * size)]

    once, _ = personal.mask(text, tuple(PersonalKind), eager)
    assert personal.mask(once, tuple(PersonalKind), eager) == (once, {})


def test_a_placeholder_that_is_taken_for_a_name_stays_whole() -> None:
    def shouted(text: str, /) -> list[tuple[int, int]]:
        return [match.span() for match in re.finditer("[A-Z]{4,}", text)]

    assert personal.mask("JANE at jo@example.com", tuple(PersonalKind), shouted)[0] == "[NAME] at [EMAIL]"


SECRET = "Write to jo@example.com or call +1 202-555-0123."
HIDDEN = "Write to [EMAIL] or call [PHONE]."


def test_every_text_of_a_record_is_masked_and_nothing_else_changes() -> None:
    vote = making.vote(1, Winner.MODEL_A, reason=SECRET, edit=SECRET + "!")
    record = making.record(
        prompt=SECRET, history=(("user", SECRET), ("assistant", SECRET)), text_a=SECRET, text_b=SECRET, votes=(vote,)
    )
    masked, counts = personal.masked_record(record, personal.STRUCTURED)
    assert counts == {PersonalKind.MAIL: 7, PersonalKind.PHONE: 7}
    assert masked == dataclasses.replace(
        making.record(
            prompt=HIDDEN,
            history=(("user", HIDDEN), ("assistant", HIDDEN)),
            text_a=HIDDEN,
            text_b=HIDDEN,
            votes=(dataclasses.replace(vote, reason=HIDDEN, edit=HIDDEN + "!"),),
        )
    )


def test_a_record_without_answers_or_words_of_the_rater_is_no_trouble() -> None:
    record = making.record(text_a=None, text_b=None, winners=())
    assert personal.masked_record(record, personal.STRUCTURED) == (record, {})


def test_turns_of_a_conversation_still_agree() -> None:
    """What one turn asked and answered is what the next one remembers, masked or not."""
    first = making.record(1, prompt=SECRET, text_a=f"Noted: {SECRET}", conversation="c_1")
    history = (("user", SECRET), ("assistant", f"Noted: {SECRET}"))
    second = making.record(2, prompt="And now 030 23125123?", history=history, conversation="c_1")
    one, two = (personal.masked_record(record, personal.STRUCTURED)[0] for record in (first, second))
    assert one.response_a is not None
    assert [message.text for message in two.battle.history] == [one.battle.prompt, one.response_a.text]


def test_a_report_counts_what_masking_would_replace() -> None:
    records = [making.record(1, prompt=SECRET), making.record(2, text_a=SECRET), making.record(3)]
    assert personal.report(records, personal.STRUCTURED) == {PersonalKind.MAIL: 2, PersonalKind.PHONE: 2}
    assert personal.report(records, (PersonalKind.CARD,)) == {}
