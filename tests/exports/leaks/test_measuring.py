"""`exports.leaks` on the answers made by hand: what is found of the leaks, and what is flagged of the rest."""

import json
import os
import subprocess
import sys

import pytest

from tests.exports.leaks import measuring

KINDS = ("plain", "disguised", "harmless")


def test_a_model_that_says_plainly_who_it_is_is_found() -> None:
    result = measuring.measured("said", harmless=False)
    assert result.share() >= 0.95, result.wrong
    assert all(result.share(language) >= 0.9 for language in ("en", "fr", "de", "es", "pt", "it", "zh", "ja", "ru"))


def test_a_disguise_hides_little() -> None:
    result = measuring.measured("disguised", harmless=False)
    assert result.share() >= 0.85, result.wrong


def test_answers_about_models_people_and_words_are_no_leaks() -> None:
    result = measuring.measured("harmless", harmless=True)
    assert result.share() <= 0.05, result.wrong


def test_the_set_is_large_and_in_many_languages() -> None:
    found = [case for name in ("said", "disguised", "harmless") for case in measuring.cases(name)]
    assert len(found) >= 300
    assert len({case.text for case in found}) == len(found)
    assert {"en", "fr", "de", "es", "pt", "it", "zh", "ja", "ru"} <= {case.language for case in found}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["seen", "seen_2", "fresh"])
def test_the_same_holds_on_sets_that_strangers_wrote(name: str) -> None:
    plain, disguised, harmless = (measuring.of_sides(name, kind) for kind in KINDS)
    assert plain.share() >= 0.95, plain.wrong
    assert disguised.share() >= 0.85, disguised.wrong
    assert harmless.share() <= 0.05, harmless.wrong


def test_every_set_says_of_each_answer_whose_it_is_and_whether_it_is_a_leak() -> None:
    for path in measuring.FOLDER.glob("*.jsonl"):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        assert {row["kind"] for row in rows} <= set(KINDS), path.name
        assert all(row["leak"] == (row["kind"] != "harmless") for row in rows), path.name
        assert all(row["model"]["name"] and row["language"] and row["answer"] for row in rows), path.name


@pytest.mark.slow
def test_many_ways_of_naming_oneself_in_many_languages_are_found() -> None:
    plain, disguised, harmless = (measuring.of_sides("sides", kind) for kind in KINDS)
    assert plain.share() >= 0.9, plain.wrong
    assert disguised.share() >= 0.9, disguised.wrong
    assert harmless.share() <= 0.05, harmless.wrong


@pytest.mark.slow
def test_every_process_says_the_same_of_an_answer() -> None:
    """Each goes through a set in an order of its own; this answer is as near to a leak as one can be."""
    asked = (
        "from tests.exports.leaks import measuring; answer = 'Flashcard\\nFront: Maker of ChatGPT\\nBack: OpenAI'; "
        "print(measuring.FINDER.leaks(measuring.between('alpha', 'beta', text_a=answer, text_b='Yes.')))"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", asked],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in (1, 2, 3, 4)
    ]
    assert said == ["False\n"] * 4
