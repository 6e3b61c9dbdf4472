"""`exports.filters.thinking`: thoughts inside answers are found in every spelling, and nothing else is."""

import re
import time

import pytest

from arena.domain.selection import Selection
from arena.exports.filters import thinking
from arena.exports.filters.sifting import Sieve
from arena.exports.format import Reason
from tests.exports import making

FOUND = {
    "<think>hmm</think>sun": "sun",
    "<think>\na `tick and a\n```\n</think>\n\nSun": "Sun",
    "<think>\nit never ends": "",
    "The beginning is missing.\n</think>\n\nSun": "Sun",
    "So it is sun.</think>Sun": "Sun",
    "<think></think>\n\nSun": "Sun",
    "A<think>b</think>C<thinking>d</thinking>E": "ACE",
    "<thinking>x <think>y</think> z</thinking>Sun": "Sun",
    "<Thinking>A</THINKING> Sun": "Sun",
    '<think lang="en">A</think> Sun': "Sun",
    "<inner_monologue>x</inner_monologue>Sun": "Sun",
    "<seed:think>x</seed:think>Sun": "Sun",
    "[THINK]x[/THINK]Sun": "Sun",
    "\u25c1think\u25b7x\u25c1/think\u25b7Sun": "Sun",
    "<|START_THINKING|>x<|END_THINKING|>Sun": "Sun",
    "<|channel>thought\nx<channel|>Sun": "Sun",
    "<|channel|>analysis<|message|>x<|end|><|start|>assistant<|channel|>final<|message|>Sun": "Sun",
}
NOT_FOUND = (
    "",
    "I think it is the sun.",
    "The tag `</think>` ends it.",
    "The tag </think> ends it.",
    'It wrote "</think>" twice.',
    "Begin with <think> and go on.",
    "```html\n<think>\nx\n</think>\n```\nThat is how it looks.",
    "<thin>a</thin> <thinker>b</thinker>",
)


@pytest.mark.parametrize("text", FOUND)
def test_thoughts_are_found_and_taken_out(text: str) -> None:
    assert thinking.holds(text)
    assert thinking.stripped(text) == FOUND[text]


@pytest.mark.parametrize("text", NOT_FOUND)
def test_an_answer_that_talks_about_the_marks_stays_as_it_is(text: str) -> None:
    assert not thinking.holds(text)
    assert thinking.stripped(text) == text


@pytest.mark.parametrize("text", FOUND)
def test_what_is_found_holds_a_mark_that_the_store_searches_for(text: str) -> None:
    assert re.search("|".join(thinking.MARKS), text)


@pytest.mark.parametrize(
    "piece",
    [
        "x<think>",
        "\n```a\n x",
        "   <think>  x",
        " `",
        "a </think> b",
        "\n</think> x",
        "<|channel|>analysis",
        "<think a ",
    ],
)
def test_a_hostile_answer_of_100_kb_takes_no_time(piece: str) -> None:
    text = piece * (100_000 // len(piece)) + "<think>"
    begun = time.process_time()
    thinking.stripped(text)
    assert time.process_time() - begun < 0.5  # 0.02 s; what is quadratic takes seconds


def record() -> making.BattleRecord:
    return making.record(
        prompt="<think>said by the user</think>",
        history=[("user", "<think>so</think>"), ("assistant", "<think>hm</think>Yes.")],
        text_a="<think>hm</think>A",
        text_b="B",
        votes=(making.vote(edit="<think>hm</think>Better"), making.vote(2, edit="<think>nothing else")),
    )


def test_stripping_takes_thoughts_from_answers_history_and_corrections_and_from_nothing_that_a_user_said() -> None:
    found = Sieve(Selection.from_mapping({"thinking": "strip"})).sift(record()).record
    assert found is not None
    assert [message.text for message in found.battle.messages] == [
        "<think>so</think>",
        "Yes.",
        "<think>said by the user</think>",
    ]
    assert found.response_a is not None
    assert found.response_a.text == "A"
    assert [vote.edit for vote in found.votes] == ["Better", None]


def test_a_battle_with_thoughts_leaves_where_they_are_dropped_and_stays_as_it_is_where_they_are_kept() -> None:
    sieve = Sieve(Selection.from_mapping({"thinking": "drop"}))
    assert sieve.sift(record()).record is None
    assert sieve.left_votes == {Reason.THINKING: 2}
    assert sieve.sift(making.record(text_a="I think so.")).record is not None
    assert Sieve(Selection()).sift(record()).record == record()
