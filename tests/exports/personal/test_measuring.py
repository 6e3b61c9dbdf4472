"""How much personal data is found of the committed cases, and that the card's figures are these."""

import json
from collections import Counter

import pytest

from arena.exports import personal
from arena.exports.personal import Found, PersonalKind, finding, measured
from arena.exports.personal.measured import Measured
from tests.exports.personal import cases, generate, measuring
from tests.exports.personal.measuring import Result

RECALL = 0.98
PRECISION = 0.97


@pytest.fixture(scope="module")
def result() -> Result:
    return measuring.taken(cases.read())


def assert_good(one: Measured) -> None:
    assert one.marked
    assert one.right >= RECALL * one.marked
    assert one.right >= PRECISION * one.found


@pytest.mark.parametrize("kind", personal.STRUCTURED)
def test_no_kind_is_much_worse_than_the_rest(result: Result, kind: PersonalKind) -> None:
    assert_good(result.figures.total((kind,)))


@pytest.mark.parametrize("language", measured.LANGUAGES)
def test_no_language_is_much_worse_than_the_rest(result: Result, language: str) -> None:
    assert_good(result.figures.total(personal.STRUCTURED, language))


def test_no_kind_in_any_language_is_much_worse_than_the_rest(result: Result) -> None:
    """One miss is allowed where a kind has fewer than fifty places in a language."""
    for place, one in result.figures.by.items():
        assert one.right >= min(RECALL * one.marked, one.marked - 1), place
        assert one.right >= min(PRECISION * one.found, one.found - 1), place


def test_a_set_by_a_stranger_that_was_mended_on_stays_as_good_as_it_was() -> None:
    one = measuring.taken(cases.fresh("seen")).figures.total(personal.STRUCTURED)
    assert one.right >= 0.96 * one.marked
    assert one.right >= PRECISION * one.found


def test_a_search_that_is_worse_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    without = {kind: find for kind, find in finding.FINDERS.items() if kind is not PersonalKind.NATIONAL_ID}
    monkeypatch.setattr(finding, "FINDERS", without | {PersonalKind.NATIONAL_ID: lambda _text: iter(())})
    with pytest.raises(AssertionError):
        assert_good(measuring.taken(cases.read()).figures.total(personal.STRUCTURED))


def test_half_a_number_counts_as_missed_and_as_wrong() -> None:
    case = cases.parsed("here", 'en\t"Call ⟦phone:202-555-0123⟧ now."')
    assert case.text == "Call 202-555-0123 now."
    assert case.expected == (Found(kind=PersonalKind.PHONE, start=5, end=17),)
    half = cases.parsed("here", 'en\t"Call 202-⟦phone:555-0123⟧ now."')
    found = measuring.taken([half]).figures.total(personal.STRUCTURED)
    assert found == Measured(marked=1, found=1, right=0)


def test_the_cases_are_many_and_of_every_kind_in_every_language() -> None:
    given = cases.read()
    assert len(given) >= 2000
    marked = Counter((case.language, one.kind) for case in given for one in case.expected)
    assert set(marked) == {(language, kind) for language in measured.LANGUAGES for kind in personal.STRUCTURED}
    assert min(marked.values()) >= 10
    assert sum(not case.expected for case in given) >= 600


def test_the_generated_cases_are_those_of_the_program() -> None:
    committed = (cases.FOLDER / "generated.txt").read_text(encoding="utf-8").splitlines()
    assert committed == list(generate.lines(generate.SEED)), "run python -m tests.exports.personal.generate"


@pytest.mark.parametrize("seed", [1, 2])
def test_other_digits_in_the_same_shapes_are_found_as_well(seed: int) -> None:
    other = [cases.parsed(f"seed {seed}", line) for line in generate.lines(seed)]
    assert_good(measuring.taken(other).figures.total(personal.STRUCTURED))


def test_the_figures_of_the_card_are_those_of_the_command(result: Result) -> None:
    kept = json.loads(measured.FILE.read_text(encoding="utf-8"))
    command = "run python -m tests.exports.personal.measuring --write"
    assert kept["measured"] == measuring.kept(result.figures), command
    assert kept["fresh"] == measuring.kept(measuring.taken(cases.fresh()).figures), command


def test_a_fresh_row_marks_its_spans_where_they_stand() -> None:
    spans = [
        {"kind": "phone", "text": "555 0123"},
        {"kind": "ip", "text": "192.0.2.1"},
        {"kind": "ip", "text": "192.0.2.1"},
    ]
    row = {"id": "1", "language": "en", "text": "192.0.2.1, 555 0123, 192.0.2.1", "spans": spans}
    assert [(one.kind, one.start) for one in cases.placed(row).expected] == [
        (PersonalKind.IP, 0),
        (PersonalKind.PHONE, 11),
        (PersonalKind.IP, 21),
    ]
    with pytest.raises(ValueError, match="not so often"):
        cases.placed(row | {"spans": [{"kind": "phone", "text": "555 0124"}]})
