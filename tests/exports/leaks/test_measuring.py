"""`exports.leaks` on the answers made by hand: what is found of the leaks, and what is flagged of the rest."""

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


def test_the_same_holds_on_a_set_that_a_stranger_wrote() -> None:
    plain, disguised, harmless = (measuring.of_sides("seen", kind) for kind in KINDS)
    assert plain.share() >= 0.95, plain.wrong
    assert disguised.share() >= 0.85, disguised.wrong
    assert harmless.share() <= 0.05, harmless.wrong


def test_a_set_by_a_stranger_on_which_nothing_was_mended_is_judged_as_it_was_at_first_sight() -> None:
    """Plain sentences are short of the 95 % that are wanted; the figures say what to expect."""
    plain, disguised, harmless = (measuring.of_sides("fresh", kind) for kind in KINDS)
    assert plain.share() >= 0.87
    assert disguised.share() >= 0.85
    assert harmless.share() <= 0.05


def test_many_ways_of_naming_oneself_in_many_languages_are_found() -> None:
    plain, disguised, harmless = (measuring.of_sides("sides", kind) for kind in KINDS)
    assert plain.share() >= 0.9, plain.wrong
    assert disguised.share() >= 0.9, disguised.wrong
    assert harmless.share() <= 0.05, harmless.wrong
