"""`exports.filters.sameness`: what asks the same joins; a number, a name, an opposite or an option makes another."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.exports.filters import sameness
from benchmarks import near_duplicates
from tests.exports import pairs


def same(one: str, other: str) -> bool:
    return sameness.same(sameness.words(one), sameness.words(other))


def test_pairs_of_graded_kinds_are_told_apart() -> None:
    own, seen, fresh = (near_duplicates.scored(known) for known in (pairs.own(), pairs.seen(), pairs.fresh()))
    assert min(own.pairs, seen.pairs, fresh.pairs) >= 300
    assert min(own.precision, seen.precision, fresh.precision) >= 0.95
    assert own.recall >= 0.85
    assert seen.recall >= 0.6
    assert fresh.recall >= 0.7


@pytest.mark.parametrize(
    "text", ["Text", "Wie geht's?", "写一首诗", "2+2", "!", "\U0001f600", "the", "half \ud800", " "]
)
def test_capitals_and_an_end_mark_never_make_another_prompt(text: str) -> None:
    assert same(text, text.upper())
    assert same(text, f" {text.lower()}. ") or not any(character.isalnum() for character in text)


@given(st.text(), st.text())
def test_it_is_the_same_both_ways_and_with_itself(one: str, other: str) -> None:
    assert same(one, one)
    assert same(one, other) == same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Is a house bigger than a car?", "Is a mouse bigger than a car?"),
        ("Explain moral reasoning.", "Explain amoral reasoning."),
        ("The dog bites the man: why?", "The man bites the dog: why?"),
        ("Add 3 apples to 5 pears.", "Add 5 apples to 3 pears."),
        ("Is C faster than Go?", "Is C++ faster than Go?"),
        ("What is -5 plus 3?", "What is 5 plus 3?"),
    ],
)
def test_small_differences_that_ask_another_thing(one: str, other: str) -> None:
    assert not same(one, other)


@pytest.mark.parametrize("character", ["a", "a ", "的", "1 ", "thank you so much ", "can you please ", "' ", "\u0301"])
def test_long_hostile_texts_are_read_in_time_that_grows_with_their_length(character: str) -> None:
    def spent(length: int) -> float:
        started = time.process_time()
        same(character * length, character * (length - 1) + "b")
        return time.process_time() - started

    spent(10)
    assert spent(100_000 // len(character)) < 3


@pytest.mark.parametrize("between_marks", ["", "\u200b"])
def test_a_prompt_of_combining_marks_costs_no_more_than_one_of_letters(between_marks: str) -> None:
    marks = ("\u0f71\u0f72" * 15 + between_marks) * 1_000

    def seconds(text: str) -> float:
        before = time.process_time()
        assert sameness.words(text)
        return time.process_time() - before

    plain = seconds("\u00e9 " * (len(marks) // 2))
    assert seconds(marks) < plain + 1
