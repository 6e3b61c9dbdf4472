"""`exports.leaks`: names of models and makers are found in any spelling, and not inside other words."""

import dataclasses

import pytest

from arena.domain.battle import BattleRecord
from arena.domain.ids import ModelName
from arena.exports.leaks import Finder

from . import making


def between(model_a: str, model_b: str, **texts: str) -> BattleRecord:
    made = making.record(**texts)  # type: ignore[arg-type]
    names = {"model_a": ModelName(model_a), "model_b": ModelName(model_b)}
    return dataclasses.replace(made, battle=dataclasses.replace(made.battle, **names))


@pytest.mark.parametrize(
    ("model", "text"),
    [
        ("gpt-4o", "I am GPT-4o."),
        ("gpt-4o", "as gpt 4o I cannot"),
        ("gpt-4o", "I was made by OpenAI"),
        ("gpt-4o", "I'm ChatGPT!"),
        ("gpt-4o", "GPT4 here"),
        ("claude-3-opus", "I'm Claude, made by Anthropic"),
        ("smollm2-135m-terse", "I am SmolLM, by Hugging Face"),
        ("smollm2-135m-terse", "smollm2 135m terse"),
        ("qwen2.5-7b", "我是Qwen,由Alibaba"),
        ("codellama-34b", "llama is what I am"),
        ("llama-3-8b", "Meta AI trained me"),
        ("command-r-plus", "I am Command R Plus."),
        ("command-r-plus", "Cohere trained me"),
        ("our-secret-model", "This is our secret model."),
        ("our-secret-model", "OUR_SECRET_MODEL"),
    ],
)
def test_a_text_that_names_a_model_of_the_battle_gives_it_away(model: str, text: str) -> None:
    other = "zzz-other"
    for record in (
        between(model, other, text_a=text),
        between(other, model, text_a=text),
        between(model, other, text_b=text),
        between(model, other, prompt=text),
    ):
        assert Finder().leaks(record)
    said = making.record(history=[("user", "Who are you?"), ("assistant", text)])
    names = {"model_a": ModelName(model), "model_b": ModelName(other)}
    assert Finder().leaks(dataclasses.replace(said, battle=dataclasses.replace(said.battle, **names)))


@pytest.mark.parametrize(
    ("model", "text"),
    [
        ("gpt-4o", "I am a language model."),
        ("gpt-4o", "Claude is by Anthropic"),
        ("gpt-4o", "egpty chatgpting"),
        ("command-r-plus", "Run this command in the shell."),
        ("phi-3-mini", "The golden ratio phi is 1.618."),
        ("solar-10.7b", "The solar system has eight planets."),
        ("llama-3-8b", "Meta-analysis of clinical trials"),
        ("claude-3-opus", "Claudette opened the window"),
        ("smollm2-135m-terse", "Be terse."),
    ],
)
def test_other_texts_do_not(model: str, text: str) -> None:
    assert not Finder().leaks(between(model, "zzz-other", text_a=text))


def test_what_the_server_calls_a_model_gives_it_away_too() -> None:
    record = between("alpha", "beta", text_b="I am Mistral 7B Instruct.")
    assert not Finder().leaks(record)
    assert Finder({ModelName("beta"): "mistralai/Mistral-7B-Instruct-v0.3"}).leaks(record)


def test_names_without_a_letter_or_digit_are_no_pattern() -> None:
    assert not Finder().leaks(between("---", "...", text_a="--- anything ..."))
