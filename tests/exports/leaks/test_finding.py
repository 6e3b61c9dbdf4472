"""`exports.leaks`: an answer is a leak where a model speaks of itself; the prompt and a mention are none."""

import dataclasses
import time
import unicodedata

import pytest

from arena.domain.ids import ModelName
from arena.exports.leaks import LeakFinder, folding
from tests.exports import making
from tests.exports.leaks import measuring


def between(model_a: str, model_b: str, **texts: str) -> bool:
    return LeakFinder().leaks(measuring.between(model_a, model_b, **texts))


@pytest.mark.parametrize("side", ["text_a", "text_b"])
@pytest.mark.parametrize(
    "text", ["I am GPT-4o.", "I was made by OpenAI.", "I am our-secret-model.", "Our_Secret_Model"]
)
def test_an_answer_that_says_who_wrote_it_is_a_leak_on_either_side(side: str, text: str) -> None:
    assert between("our-secret-model", "zzz-other", **{side: text})


def test_what_is_asked_is_never_looked_at() -> None:
    text = "I am ChatGPT, made by OpenAI."
    assert not between("gpt-4o", "zzz-other", prompt=text)
    assert not LeakFinder().leaks(making.record(history=[("user", "Who are you?"), ("assistant", text)]))
    assert between("gpt-4o", "zzz-other", text_a=text)


def test_what_the_server_calls_a_model_gives_it_away_too() -> None:
    text = "I am acme-labs/blue-whale."
    record = making.record(text_b=text)
    assert not LeakFinder().leaks(record)
    assert LeakFinder({ModelName("beta"): "acme-labs/Blue-Whale"}).leaks(record)


@pytest.mark.parametrize(
    ("model", "served", "text"),
    [
        ("ours", "Qwen/Qwen3-8B", "I am Qwen."),
        ("ours", "deepseek-ai/DeepSeek-V3", "Bonjour, moi, DeepSeek, je réponds."),
        ("ours", "upstage/SOLAR-10.7B-Instruct", "업스테이지가 만든 솔라입니다."),
        ("ours", "claude-3-5-haiku", "Still Claude, I suppose."),
        ("ours", "acme/Whalesong-7B", "Whalesong, at your service."),
        ("ours", "mistralai/Mistral-7B", "Call me m1str4l."),
        ("ours", "Qwen/Qwen3-8B", "Q . . . w . . . e . . . n"),
        ("ours", "command-r", "Charlie Oscar Mike Mike Alfa November Delta"),
        ("ours", "google/gemma-2b", "Good\nEvery\nMorning\nMay\nAll"),
        ("ours", "x-ai/grok-3", "G as in Golf, R as in Romeo, O as in Oscar, K as in Kilo."),
        ("ours", "claude-3-5-haiku", "It is cl*ude of anthr*pic."),
        ("ours", "Qwen/Qwen3-8B", "<author>Qwen3-8B</author> It is exothermic."),
        ("ours", "Qwen/Qwen3-8B", "It is exothermic. Signed, your friendly neighbourhood Qwen"),
    ],
)
def test_a_name_of_its_own_side_says_more_than_that_of_another(model: str, served: str, text: str) -> None:
    names = {ModelName(model): served, ModelName("zzz"): "lab/zzz"}
    own = measuring.between(model, "zzz", text_a=text, text_b="Yes.")
    assert LeakFinder(names).leaks(own)


@pytest.mark.parametrize(
    "text",
    [
        "Still Claude, he supposed.",
        "Whalesong, a record of 1970.",
        "Call it m1str4l.",
        "Good\nEvery\nMorning\nMay\nAll",
        "G as in Golf, R as in Romeo, O as in Oscar, K as in Kilo.",
        "It is cl*ude of anthr*pic.",
        "<author>Qwen3-8B</author> It is exothermic.",
        "업스테이지가 만든 솔라는 한국의 모델이다.",
    ],
)
def test_the_same_words_of_another_side_are_no_leak(text: str) -> None:
    other = measuring.between("ours", "zzz", text_a=text, text_b="Yes.")
    assert not LeakFinder({ModelName("ours"): "lab/ours-1", ModelName("zzz"): "lab/zzz"}).leaks(other)


@pytest.mark.parametrize(
    "text",
    [
        "That c****e is locked.",
        "*Claude* Monet painted it.",
        "<author>Claude Monet</author> painted it.",
        "C is for cat, L is for lion, A is for ant.",
    ],
)
def test_stars_elements_and_spelling_aloud_hide_nothing_by_themselves(text: str) -> None:
    names = {ModelName("ours"): "claude-3-5-haiku", ModelName("zzz"): "lab/zzz"}
    assert not LeakFinder(names).leaks(measuring.between("ours", "zzz", text_a=text, text_b="Yes."))


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
    assert LeakFinder().leaks(record)
    assert not LeakFinder().leaks(looked)


@pytest.mark.parametrize("between_marks", ["", "\u034f", "\u200d"])
def test_an_answer_of_combining_marks_costs_no_more_than_one_of_letters(between_marks: str) -> None:
    marks = ("\u0301\u0316" * 15 + between_marks) * 1_000

    def seconds(text: str) -> float:
        before = time.process_time()
        assert not between("our-secret-model", "zzz-other", text_a=text)
        return time.process_time() - before

    plain = seconds("\u00e9 " * (len(marks) // 2))
    assert seconds(marks) < plain + 1
    assert between("our-secret-model", "zzz-other", text_a=f"I am Our_Secret_Model. {marks}")


def test_marks_of_many_kinds_hide_no_accent() -> None:
    others = "".join(f"e{sign}" for sign in map(chr, range(0x0730, 0x1B00)) if unicodedata.combining(sign))
    assert len(others) > 400
    assert folding.folded(f"q\u0301wen {others}").startswith("qwen ")
