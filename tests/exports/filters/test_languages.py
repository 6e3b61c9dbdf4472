"""`exports.filters.languages`: short prompts in five languages, what an import said, and texts of no language."""

import dataclasses

import pytest

from arena.domain.battle import BattleRecord
from arena.exports.filters import languages
from tests.exports import asked, making
from tests.exports.filters.test_sifting import origin


def test_short_prompts_are_in_the_language_they_are_in_or_in_none_that_shows() -> None:
    found = [(code, languages.detect(prompt)) for code, prompts in asked.PROMPTS.items() for prompt in prompts]
    right = [said == code for code, said in found]
    undetermined = [said == "und" for _, said in found]
    assert sum(right) >= 92
    assert len(found) - sum(right) - sum(undetermined) <= 3


@pytest.mark.parametrize("text", ["", "2 + 2 = ?", "\U0001f600", "ok", "x", "half \ud800"[5:], "def f(x): return x"])
def test_a_text_that_shows_no_language_is_in_none(text: str) -> None:
    assert languages.detect(text) == "und"


def test_other_scripts_are_told() -> None:
    texts = {
        "ja": "明日の天気はどうですか?",
        "zh": "请解释一下光合作用是怎么回事。",
        "ru": "Почему небо голубое?",
        "ar": "لماذا السماء زرقاء؟",
        "hi": "आसमान नीला क्यों है?",
        "ko": "하늘은 왜 파란가요?",
        "uk": "Чому небо блакитне, а хмари над горами рожевуваті?",  # noqa: RUF001 - its letters look Latin
    }
    assert {languages.detect(text) for text in texts.values()} == texts.keys()


def from_source(language: str | None) -> BattleRecord:
    said = making.record(prompt="Warum ist der Himmel am Morgen so blau?")
    return dataclasses.replace(said, origin=origin(language=language))


@pytest.mark.parametrize(
    ("spelt", "code"),
    [
        ("English", "en"),
        ("en", "en"),
        ("EN-gb", "en"),
        ("zh_Hans", "zh"),
        ("eng", "en"),
        ("ENG_Latn", "en"),
        ("ger", "de"),
        ("deu", "de"),
        ("ceb", "ceb"),
        ("Chinese (Simplified)", "zh"),
        ("no language", "und"),
        ("", "und"),
        (None, "de"),
    ],
)
def test_what_the_source_said_is_believed_and_found_out_only_where_it_said_nothing(
    spelt: str | None, code: str
) -> None:
    assert languages.language_of(from_source(spelt)) == code


def test_a_short_follow_up_is_in_the_language_of_the_conversation() -> None:
    said = [("user", "Erkläre mir bitte die Photosynthese."), ("assistant", "Plants make sugar of light and water.")]
    assert languages.language_of(making.record(prompt="ok", history=said)) == "de"


def test_what_is_too_short_to_tell_takes_the_language_of_its_answers() -> None:
    record = making.record(prompt="ok")
    assert record.response_a is not None
    answered = dataclasses.replace(
        record,
        response_a=dataclasses.replace(record.response_a, text="Gern! Worüber möchtest du heute mit mir sprechen?"),
        response_b=None,
    )
    assert languages.language_of(answered) == "de"
    assert languages.language_of(dataclasses.replace(record, response_a=None, response_b=None)) == "und"
