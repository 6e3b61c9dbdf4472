"""Text that arrives in pieces stays text that can be stored and shown."""

import asyncio
import dataclasses
import json

import pytest

from arena import errors, settings
from arena.domain.ids import ModelName
from arena.domain.model import Model, Sampling
from arena.inference import draft, wire

MODEL = Model(name=ModelName("slug-under-test"), endpoint="http://127.0.0.1:9/v1", served_name="served")


def chunk(text: str, finish: str | None = None) -> bytes:
    return b"data: " + json.dumps({"choices": [{"delta": {"content": text}, "finish_reason": finish}]}).encode()


def written(*pieces: str) -> list[str]:
    """The pieces that are passed on of a complete answer."""

    async def write() -> list[str]:
        answer = draft.Draft(MODEL, settings.Deadlines(), asyncio.get_running_loop().time())
        lines = [*map(chunk, pieces), chunk("", "stop"), b"data: [DONE]"]
        passed = [text for text in (answer.take(line + b"\n", None) for line in lines) if text]
        assert answer.done
        assert answer.response().text == "".join(passed)
        return passed

    return asyncio.run(write())


def at_once(*pieces: str, model: Model = MODEL) -> str:
    """The text of a complete answer whose pieces after the first come within one tick, and something after its end."""

    async def write() -> str:
        answer = draft.Draft(model, settings.Deadlines(), asyncio.get_running_loop().time())
        first, *rest = map(chunk, pieces)
        passed = answer.take(first + b"\n\n", None)
        if rest:
            passed += answer.take(b"".join(line + b"\n\n" for line in rest), None)
        passed += answer.take(chunk("", "stop") + b"\n\ndata: [DONE]\n\ndata: no event\n\n", None)
        assert answer.response().text == passed
        return passed

    return asyncio.run(write())


@pytest.mark.parametrize(
    "pieces",
    [
        ("a",),
        ("Ça", " va", "?\n", "漢字", "👩‍🚀"),
        ("so", " \ud83d", "\ude00 happy"),
        ("so \ud83d", "\ude00", "!"),
        ("a", "\0"),
    ],
)
def test_pieces_that_come_at_once_say_the_same(pieces: tuple[str, ...]) -> None:
    assert at_once(*pieces) == "".join(written(*pieces))


def test_pieces_without_text_take_nothing_of_the_budget() -> None:
    short = dataclasses.replace(MODEL, sampling=Sampling(max_tokens=1))
    assert at_once("a", *[""] * 50, model=short) == "a"
    with pytest.raises(errors.Incomplete, match="more than the 1 tokens"):
        at_once("a", *["a"] * 50, model=short)


def test_pieces_are_passed_on_as_they_are() -> None:
    assert written("Ça", " va", "?\n", "漢字", "👩‍🚀") == ["Ça", " va", "?\n", "漢字", "👩‍🚀"]


def test_a_character_in_two_halves_is_put_together() -> None:
    assert written("so \ud83d", "\ude00 happy") == ["so ", "😀 happy"]


@pytest.mark.parametrize("pieces", [("a\ud83d", "b"), ("a", "\ude00b"), ("a\ude00\ud83d", "b")])
def test_a_lone_half_is_replaced(pieces: tuple[str, ...]) -> None:
    text = "".join(written(*pieces))
    assert "\ufffd" in text
    assert text.encode("utf-8").decode("utf-8") == text
    assert text[0] == "a"
    assert text[-1] == "b"


def test_a_half_at_the_very_end_is_left_out() -> None:
    assert written("end", "\ud83d") == ["end"]


def test_a_null_character_is_replaced() -> None:
    assert written("a\0b", "é\0") == ["a\ufffdb", "é\ufffd"]


def test_an_endless_stream_of_small_events_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draft, "ANSWER_LIMIT", 10_000)
    with pytest.raises(wire.Unreadable, match="more than 10,000 bytes for one answer"):
        written(*["word "] * 1000)


@pytest.mark.parametrize("text", ["", " ", "\n\t\r\n", "\u200b\u200d\u2060", "\ufeff", "\u00a0\u2003", "\u202e"])
def test_what_nobody_can_see_is_no_answer(text: str) -> None:
    with pytest.raises(errors.Incomplete, match="without visible text"):
        written(text)


@pytest.mark.parametrize("text", ["a", " . ", "…", "👍", "é", "\u200ba"])
def test_a_single_visible_character_is_an_answer(text: str) -> None:
    assert written(text) == [text]
