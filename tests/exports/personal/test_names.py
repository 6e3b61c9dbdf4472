"""Recognisers of names: plugged in by their path, or not at all."""

from collections.abc import Iterator

import pytest

from arena.errors import SettingsError
from arena.exports import personal
from arena.exports.personal import PersonalKind, names


def capitals(text: str, /) -> Iterator[tuple[int, int]]:
    """A recogniser as an admin may write one: Jane Roe, wherever she stands."""
    start = text.find("Jane Roe")
    while start >= 0:
        yield start, start + 8
        start = text.find("Jane Roe", start + 1)


def test_a_recogniser_is_loaded_by_its_path_and_used() -> None:
    recogniser = names.load("tests.exports.personal.test_names:capitals")
    assert recogniser is not None
    assert names.path(recogniser) == "tests.exports.personal.test_names:capitals"
    masked = personal.mask("Jane Roe, jane@example.com, Jane Roe", tuple(PersonalKind), recogniser)
    assert masked == ("[NAME], [EMAIL], [NAME]", {PersonalKind.NAME: 2, PersonalKind.MAIL: 1})


def test_no_path_is_no_recogniser() -> None:
    assert names.load(None) is None


def test_spans_outside_of_the_text_are_not_believed() -> None:
    masked = personal.mask("Jo", (PersonalKind.NAME,), lambda _text: [(-1, 1), (0, 9), (2, 2), (1, 0)])
    assert masked == ("Jo", {})


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("", "write it as module:function"),
        ("module", "write it as module:function"),
        ("no_such_module:find", "cannot be loaded"),
        ("json:no_such_function", "cannot be loaded"),
        ("json:__name__", "is no function"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused_in_a_sentence(path: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        names.load(path)
