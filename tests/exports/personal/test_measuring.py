"""How much personal data is found of the committed cases, and that the card's figures are these."""

from collections import Counter

import pytest

from arena.exports import personal
from arena.exports.personal import Found, Kind, finding, measured
from tests.exports.personal import cases, generate, measuring
from tests.exports.personal.measuring import Result


@pytest.fixture(scope="module")
def result() -> Result:
    return measuring.measured(cases.read())


def test_the_search_finds_what_is_there_and_little_else(result: Result) -> None:
    assert result.overall.recall >= 0.99
    assert result.overall.precision >= 0.95


@pytest.mark.parametrize("kind", personal.STRUCTURED)
def test_no_kind_is_much_worse_than_the_rest(result: Result, kind: Kind) -> None:
    assert result.kinds[kind].recall >= 0.97
    assert result.kinds[kind].precision >= 0.95


@pytest.mark.parametrize("language", generate.LANGUAGES)
def test_no_language_is_much_worse_than_the_rest(result: Result, language: str) -> None:
    assert result.languages[language].recall >= 0.98
    assert result.languages[language].precision >= 0.95


def test_a_search_that_is_worse_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    without = {kind: find for kind, find in finding.FINDERS.items() if kind is not Kind.NATIONAL_ID}
    monkeypatch.setattr(finding, "FINDERS", without | {Kind.NATIONAL_ID: lambda _text: iter(())})
    assert measuring.measured(cases.read()).overall.recall < 0.95


def test_half_a_number_counts_as_missed_and_as_wrong() -> None:
    case = cases.parsed("here", 'en\t"Call ⟦phone:202-555-0123⟧ now."')
    assert case.text == "Call 202-555-0123 now."
    assert case.expected == (Found(kind=Kind.PHONE, start=5, end=17),)
    half = cases.parsed("here", 'en\t"Call 202-⟦phone:555-0123⟧ now."')
    found = measuring.measured([half]).overall
    assert (found.marked, found.found, found.right) == (1, 1, 0)


def test_the_cases_are_many_and_of_every_kind_in_every_language() -> None:
    given = cases.read()
    assert len(given) >= 1000
    marked = Counter((case.language, one.kind) for case in given for one in case.expected)
    assert set(marked) == {(language, kind) for language in generate.LANGUAGES for kind in personal.STRUCTURED}
    assert min(marked.values()) >= 10
    assert sum(not case.expected for case in given) >= 300


def test_the_generated_cases_are_those_of_the_program() -> None:
    committed = (cases.FOLDER / "generated.txt").read_text(encoding="utf-8").splitlines()
    assert committed == list(generate.lines(generate.SEED)), "run python -m tests.exports.personal.generate"


@pytest.mark.parametrize("seed", [1, 2])
def test_other_digits_in_the_same_shapes_are_found_as_well(seed: int) -> None:
    other = [cases.parsed(f"seed {seed}", line) for line in generate.lines(seed)]
    found = measuring.measured(other).overall
    assert found.recall >= 0.99
    assert found.precision >= 0.95


def test_the_figures_of_the_card_are_those_of_the_command(result: Result) -> None:
    assert len(cases.read()) == measured.CASES
    kept = {kind: (one.marked, one.found, one.right) for kind, one in measured.BY_KIND.items()}
    assert kept == {Kind(kind): (one.marked, one.found, one.right) for kind, one in result.kinds.items()}
