"""The OpenAI wire format: lines, events, names."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.inference import wire


def data(content: object) -> bytes:
    return b"data: " + json.dumps(content, ensure_ascii=False).encode()


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", codec="utf-8"))), st.data())
def test_lines_are_the_same_however_the_bytes_are_cut(lines: list[str], draw: st.DataObject) -> None:
    whole = b"".join(line.encode() + draw.draw(st.sampled_from([b"\n", b"\r\n"])) for line in lines)
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(whole)))))
    cutter = wire.LineSplitter()
    found: list[bytes] = []
    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        found += cutter.feed(whole[start:end]).splitlines()
    assert [line for line in found if line] == [line.encode() for line in lines if line]


@pytest.mark.parametrize("pieces", [[b"x" * (wire.EVENT_LIMIT + 1)], [b"x" * 4096] * 300, [b"x" * (2 << 20) + b"\n"]])
def test_an_endless_line_is_refused(pieces: list[bytes]) -> None:
    cutter = wire.LineSplitter()
    with pytest.raises(wire.Unreadable, match="1,048,576 bytes"):
        list(map(cutter.feed, pieces))


@pytest.mark.parametrize("line", [b"", b":", b": ping", b"event: message", b"id: 7", b"retry: 1000", b"event"])
def test_lines_without_data_say_nothing(line: bytes) -> None:
    assert wire.read(line) is None


@pytest.mark.parametrize("line", [b"data: [DONE]", b"data:[DONE]", b"data:  [DONE] "])
def test_the_end_is_read(line: bytes) -> None:
    assert wire.read(line) == wire.DONE


def test_reasoning_is_not_visible_text() -> None:
    for name in ("reasoning", "reasoning_content"):
        event = wire.read(data({"choices": [{"delta": {name: "hm", "content": None}, "finish_reason": None}]}))
        assert event == wire.StreamChunk(thought=True, wrote=True)


def test_the_last_chunk_of_vllm_carries_the_usage_and_no_choice() -> None:
    usage = {"prompt_tokens": 31, "total_tokens": 34, "completion_tokens": 3}
    assert wire.read(data({"model": "m", "choices": [], "usage": usage})) == wire.StreamChunk(
        model="m", prompt_tokens=31, completion_tokens=3
    )


TOKEN = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1764370000, "model": "m"}


def token(content: object, **more: object) -> bytes:
    choice = {"index": 0, "delta": {"content": content} | more, "logprobs": None, "finish_reason": None}
    return data(TOKEN | {"choices": [choice]})


def learnt(line: bytes) -> wire.Envelope:
    envelope, chunk = wire.Envelope(), wire.read(line)
    assert chunk is not None
    envelope.learn(line, chunk)
    return envelope


def events(*lines: bytes) -> bytes:
    return b"".join(line + b"\n\n" for line in lines)


@given(st.text(), st.lists(st.text(min_size=1), min_size=1))
def test_lines_in_a_known_envelope_say_what_they_say_when_they_are_read(first: str, texts: list[str]) -> None:
    lines = list(map(token, texts))
    read = [chunk.text for line in lines if (chunk := wire.read(line)) is not None]
    envelope = learnt(token(first + "x"))
    assert envelope.texts(events(*lines)) == read == texts
    assert envelope.texts(events(*lines).replace(b"\n", b"\r\n")) == texts
    assert list(map(envelope.text, lines)) == texts


@pytest.mark.parametrize(
    "line",
    [
        token(None),
        token(["x"]),
        token("x", reasoning="y"),
        token("x").replace(b'"m"', b'"n"'),
        token("x").replace(b"}]}", b'}], "usage": {"completion_tokens": 3}}'),
        token("x").replace(b'"finish_reason": null', b'"finish_reason": "stop"'),
        token("x").replace(b'"finish_reason": null', b'"finish_reason": "of"'),
        token("x").replace(b'"x"', b'"x", "x"'),
        token("x").replace(b'"x"', b'"x", "refusal": "y"'),
        token("x").replace(b'"x"', b'"x"}, "other": {"z": "y"'),
        token("x").replace(b'"x"', b'"\\ud83d"'),
        token("x")[:-12],
        b"data: [DONE]",
    ],
)
def test_a_line_in_any_other_envelope_is_read_whole(line: bytes) -> None:
    envelope = learnt(token("x"))
    assert envelope.text(line) is None
    for lines in ((line,), (line, token("y")), (token("y"), line), (token("y"), line, token("y"))):
        assert envelope.texts(events(*lines)) is None
    assert envelope.texts(events(token("y"), token("y"))) == ["y", "y"]


@pytest.mark.parametrize(
    "data",
    [
        token("x") + b"\n",
        token("x") + b"\r\n",
        token("x") + b"\r\r",
        events(token("x")) + events(token("x")).replace(b"\n", b"\r\n"),
        events(token("x")).replace(b"\n", b"\r\n") + events(token("x")),
        events(token("x").replace(b'"x"', b'"x"\r')).replace(b"\n", b"\r\n"),
        b": ping\n\n" + events(token("x")),
        events(token("x"), b": ping", token("x")),
        events(token("x").replace(b'"x"', b'"x"\n')),
        events(token("x").replace(b'"x"', b'"x"\r')),
        events(token("x"), token("x").replace(b'"x"', b"")),
        # as many strings as lines, though not one in each
        events(token("x").replace(b'"x"', b'"x'), token("x").replace(b'"x"', b'x","x"')),
        events(token("x").replace(b'"x"', b'"x\\"'), token("x").replace(b'"x"', b'","x"')),
        events(token("x").replace(b'"x"', b'"x", "x"'), token("x").replace(b'"x"', b"")),
        events(token("x").replace(b'"x"', b'["x"'), token("x").replace(b'"x"', b'"x"]')),
    ],
)
def test_events_that_are_broken_or_cut_otherwise_are_read_line_by_line(data: bytes) -> None:
    assert learnt(token("x")).texts(data) is None


@pytest.mark.parametrize(
    "line",
    [
        data({"choices": [{"delta": {"content": "x"}, "finish_reason": "stop"}]}),
        data({"choices": [{"delta": {"content": "x", "reasoning": "y"}}]}),
        data({"choices": [{"delta": {"content": "x"}}], "usage": {"completion_tokens": 3, "prompt_tokens": 1}}),
        data({"choices": [{"delta": {"content": "x"}, "message": {"content": "y"}}]}),
        data({"choices": [{"delta": {"content": "x"}, "note": 'say "content": "y"'}]}),
        data({"choices": [{"text": "x"}], "content": "x"}),
        data({"choices": [{"delta": {"content": [{"type": "text", "text": "x"}]}}], "content": "y"}),
        token("x").replace(b'"model"', b'"mod\\u0065l"'),
    ],
)
def test_no_envelope_is_learnt_from_a_line_that_says_more_or_in_another_way(line: bytes) -> None:
    assert learnt(line).texts(events(line)) is None
    assert learnt(line).text(line) is None


def test_text_and_finish_reason_may_share_a_chunk() -> None:
    event = wire.read(data({"choices": [{"delta": {"content": "né"}, "finish_reason": "length"}]}))
    assert event == wire.StreamChunk(text="né", wrote=True, finish_reason="length")


@pytest.mark.parametrize(
    "line",
    [
        b"data: ",
        b"data: {",
        b"data: \xff",
        b"data: []",
        b"data: 7",
        b"data: null",
        b"lorem ipsum",
        b"<html>",
        b"data: {}",
        data({"choices": 7}),
        data({"choices": [7]}),
        data({"choices": [{"delta": "text"}]}),
        data({"choices": [{"delta": {"content": ["text"]}}]}),
        data({"choices": [{"delta": {"content": 7}}]}),
        data({"choices": [{"delta": {}, "finish_reason": 7}]}),
        data({"choices": [], "usage": "much"}),
        data({"choices": [], "usage": {"prompt_tokens": "31"}}),
        b"data: " + b"[" * 100_000,
    ],
)
def test_anything_else_is_unreadable(line: bytes) -> None:
    with pytest.raises(wire.Unreadable) as caught:
        wire.read(line)
    assert len(str(caught.value)) < 200
    assert str(caught.value).isprintable()


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(line: bytes) -> None:
    for candidate in (line, b"data: " + line):
        with contextlib.suppress(wire.Unreadable):
            wire.read(candidate)


@pytest.mark.parametrize(
    ("served_name", "reported", "same"),
    [
        ("qwen3-8b", "qwen3-8b", True),
        ("gpt-4o", "gpt-4o-2024-08-06", True),
        ("gpt-4", "gpt-4-20240613", True),
        ("qwen3-8b", "qwen3-32b", False),
        ("llama-3", "llama-3-70b", False),
        ("gpt-4", "gpt-4o", False),
        ("gpt-4o-2024-08-06", "gpt-4o", False),
        ("a", "b", False),
    ],
)
def test_an_answer_by_another_model_is_told_apart(served_name: str, reported: str, same: bool) -> None:
    assert wire.answers_as(served_name, reported) is same


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"data": 7}', b'{"data": [{}]}', b'{"data": [7]}', b"\xff"]
)
def test_a_listing_that_is_none_is_unreadable(body: bytes) -> None:
    with pytest.raises(wire.Unreadable):
        wire.listing(body)


def test_a_listing_holds_names_and_aliases() -> None:
    listed = wire.listing(b'{"data": [{"id": "a", "max_model_len": 8192}, {"id": "b", "aliases": ["c"]}]}')
    assert [(one.name, one.context) for one in listed] == [("a", 8192), ("b", None), ("c", None)]
