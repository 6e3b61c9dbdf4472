"""`exports.leaks`: an answer is a leak where a model speaks of itself; the prompt and a mention are none."""

import dataclasses

import pytest

from arena.domain.ids import ModelName
from arena.exports.leaks import Finder
from tests.exports import making
from tests.exports.leaks import measuring


def between(model_a: str, model_b: str, **texts: str) -> bool:
    return Finder().leaks(measuring.between(model_a, model_b, **texts))


@pytest.mark.parametrize("side", ["text_a", "text_b"])
@pytest.mark.parametrize(
    "text", ["I am GPT-4o.", "I was made by OpenAI.", "I am our-secret-model.", "Our_Secret_Model"]
)
def test_an_answer_that_says_who_wrote_it_is_a_leak_on_either_side(side: str, text: str) -> None:
    assert between("our-secret-model", "zzz-other", **{side: text})


def test_what_is_asked_is_never_looked_at() -> None:
    text = "I am ChatGPT, made by OpenAI."
    assert not between("gpt-4o", "zzz-other", prompt=text)
    assert not Finder().leaks(making.record(history=[("user", "Who are you?"), ("assistant", text)]))
    assert between("gpt-4o", "zzz-other", text_a=text)


def test_what_the_server_calls_a_model_gives_it_away_too() -> None:
    text = "I am acme-labs/blue-whale."
    record = making.record(text_b=text)
    assert not Finder().leaks(record)
    assert Finder({ModelName("beta"): "acme-labs/Blue-Whale"}).leaks(record)


def test_a_name_of_marks_alone_is_no_name() -> None:
    assert not between("---", "...", text_a="I am --- anything ...")


def test_a_mark_made_when_the_answers_were_complete_is_kept() -> None:
    record = making.record(text_a="I am ChatGPT.")
    assert record.response_a is not None
    assert record.response_b is not None
    looked = dataclasses.replace(
        record,
        response_a=dataclasses.replace(record.response_a, leak=False),
        response_b=dataclasses.replace(record.response_b, leak=False),
    )
    assert Finder().leaks(record)
    assert not Finder().leaks(looked)
