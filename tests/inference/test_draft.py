"""Text that arrives in pieces stays text that can be stored and shown."""

import asyncio
import dataclasses
import json
import time
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


STREAMS = {
    "LF": b"%s\n\n",
    "CRLF": b"%s\r\n\r\n",
    "fields": b"event: message\r\nid: 7\r\n%s\r\n\r\n",
    "comments": b": ping\n%s\n\n",
    "both ends": b"%s\n\r\n",
}
"""What servers write around the line of an event."""


def streamed(stream: bytes, cuts: list[int]) -> str:
    """The text of an answer whose bytes come in these pieces."""
    lines, answer = wire.LineSplitter(), draft.Draft(MODEL, settings.Deadlines(), time.monotonic())
    pieces = zip([0, *cuts], [*cuts, len(stream)], strict=True)
    passed = "".join(answer.take(lines.feed(stream[start:end]), None) for start, end in pieces)
    assert answer.done
    assert answer.response().text == passed
    return passed


@given(st.lists(st.tuples(st.text(st.characters(exclude_characters="\0", codec="utf-8")), st.booleans())), st.data())
def test_a_stream_says_the_same_however_it_is_written_and_cut(
    texts: list[tuple[str, bool]], data: st.DataObject
) -> None:
    around = data.draw(st.sampled_from([*STREAMS.values()]))
    other = data.draw(st.sampled_from([around, *STREAMS.values()]))
    lines = [chunk("x"), *(chunk(text) for text, _ in texts), chunk("", "stop"), b"data: [DONE]", chunk("too late")]
    odd = [False, *(one for _, one in texts), False, False, False]
    stream = b"".join((other if one else around) % line for line, one in zip(lines, odd, strict=True))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    read = []
    for line in stream.splitlines():
        event = wire.read(line)
        if event == wire.DONE:
            break
        read.append(event.text if event else "")
    assert streamed(stream, cuts) == "".join(read) == "x" + "".join(text for text, _ in texts)


@pytest.mark.parametrize("around", STREAMS.values(), ids=STREAMS)
@pytest.mark.parametrize("cut", ["events", "lines", "bytes"])
def test_of_the_lines_in_an_envelope_one_is_read_whole(around: bytes, cut: str) -> None:
    stream = b"".join(around % line for line in [*map(chunk, "many tokens"), chunk("", "stop"), b"data: [DONE]"])
    if cut == "bytes":
        cuts = list(range(1, len(stream)))
    else:
        ends = [at + 1 for at, byte in enumerate(stream) if byte == ord("\n")]
        cuts = ends if cut == "lines" else ends[around.count(b"\n") - 1 :: around.count(b"\n")]
    with mock.patch.object(wire, "read", side_effect=wire.read) as read:
        assert streamed(stream, cuts) == "many tokens"
    whole = [line for (line,), _ in read.call_args_list if line.startswith(b"data")]
    assert whole == [chunk("m"), chunk("", "stop"), b"data: [DONE]"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_events_of_one_tick_are_read_as_one_list(end: bytes) -> None:
    answer = draft.Draft(MODEL, settings.Deadlines(), time.monotonic())
    answer.take(chunk("m") + 2 * end, None)
    with mock.patch.object(draft.Draft, "_take_line") as line:
        assert answer.take(b"".join(chunk(text) + 2 * end for text in "any tokens"), None) == "any tokens"
    line.assert_not_called()


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
