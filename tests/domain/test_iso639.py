"""One language has one code."""

import pytest

from arena.domain import iso639
from arena.domain.selection import Selection


@pytest.mark.parametrize(
    ("code", "shortest"),
    [("eng", "en"), ("deu", "de"), ("ger", "de"), ("zho", "zh"), ("chi", "zh"), ("nob", "nb"), ("zul", "zu")],
)
def test_three_letters_are_read_as_the_two_for_the_same_language(code: str, shortest: str) -> None:
    assert iso639.shortest(code) == shortest


@pytest.mark.parametrize("code", ["en", "und", "ceb", "haw", "mul", "zxx"])
def test_a_code_without_a_shorter_one_stays(code: str) -> None:
    assert iso639.shortest(code) == code


def test_every_entry_has_two_letters_and_then_three_and_none_is_there_twice() -> None:
    entries = [entry.split() for entry in iso639.SAME.split(",")]
    assert all([len(two), *map(len, threes)] == [2, *[3] * len(threes)] for two, *threes in entries)
    assert all(threes for _, *threes in entries)
    every = [code for entry in entries for code in entry]
    assert len(every) == len(set(every))
    assert len(entries) == 183


def test_a_selection_says_a_language_in_one_spelling() -> None:
    read = Selection.from_mapping({"languages": ["eng", "en", "ceb", "ger", "und"]})
    assert read.to_mapping() == {"languages": ["ceb", "de", "en", "und"]}
