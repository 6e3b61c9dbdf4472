"""The ways in which the model server of `misbehaving` answers, by the served name that is asked for."""

import asyncio
import contextlib
import json
import re
import socket
import struct
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

LINES = "\n".join(
    f"{number}. The {word} keeps its own time."
    for number, word in enumerate(
        ("river", "lantern", "orchard", "compass", "harbour", "meadow", "violin", "glacier", "bakery", "archive"),
        start=1,
    )
)
FOREVER = 3600.0
THOUGHTS = 12
"""Pieces of thought before an answer of `thinks`."""
REASONS = {
    200: "OK",
    302: "Found",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


@dataclass(kw_only=True)
class Asked:
    """One request to the server."""

    served_name: str
    body: dict[str, Any]
    headers: dict[str, str]


@dataclass
class Server:
    """A running server; what it saw may be read from any thread."""

    endpoint: str
    """Base URL ending in /v1."""
    listed: tuple[str, ...]
    """The names its list of models holds."""
    requests: list[Asked] = field(default_factory=list)
    disconnects: list[str] = field(default_factory=list)
    """Served names of requests whose client left before the answer ended."""
    writing: int = 0
    waiting: int | None = None
    """Requests in its queue, as its metrics say; None for a server without metrics."""
    most: int | None = None
    """Tokens of an answer that are written for now."""

    @contextlib.contextmanager
    def holding(self, tokens: int) -> Iterator[None]:
        """Every answer stops after so many tokens until the block ends, however long somebody looks at it."""
        self.most = tokens
        try:
            yield
        finally:
            self.most = None


class Reply:
    """One request, and the ways to answer it."""

    def __init__(self, server: Server, asked: Asked, token_seconds: float, writer: asyncio.StreamWriter) -> None:
        self.server = server
        self.asked = asked
        self.token_seconds = token_seconds
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def whole(self, status: int, content_type: str, body: bytes, *headers: str) -> None:
        lines = [
            f"HTTP/1.1 {status} {REASONS[status]}",
            f"Content-Type: {content_type}",
            "Connection: close",
            f"Content-Length: {len(body)}",
            *headers,
        ]
        await self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    async def refuse(self, status: int, message: str, kind: str) -> None:
        """An error as vLLM words it."""
        error = {"error": {"message": message, "type": kind, "param": None, "code": status}}
        await self.whole(status, "application/json", json.dumps(error).encode())

    async def begin(self, *headers: str) -> None:
        lines = [
            "HTTP/1.1 200 OK",
            "Content-Type: text/event-stream; charset=utf-8",
            "Connection: close",
            "Transfer-Encoding: chunked",
            *headers,
        ]
        await self.send("\r\n".join(lines).encode() + b"\r\n\r\n")
        await self.event(delta={"role": "assistant", "content": ""})

    async def raw(self, data: bytes) -> None:
        """Bytes of the stream, as one HTTP chunk."""
        await self.send(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    async def event(self, *, delta: dict[str, Any] | None = None, finish: str | None = None, **more: Any) -> None:
        written = {"delta": delta or {}} if self.chat else {"text": (delta or {}).get("content", "")}
        chunk = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": self.asked.served_name,
            "choices": [{"index": 0, **written, "logprobs": None, "finish_reason": finish}],
        } | more
        await self.raw(b"data: " + json.dumps(chunk).encode() + b"\n\n")

    async def tokens(self, pieces: Sequence[str]) -> None:
        for number, piece in enumerate(pieces):
            await asyncio.sleep(self.token_seconds)
            while self.server.most is not None and number >= self.server.most:  # noqa: ASYNC110 - whoever lets go is in another thread
                await asyncio.sleep(0.02)
            await self.event(delta={"content": piece})

    async def done(self) -> None:
        await self.raw(b"data: [DONE]\n\n")
        await self.close()

    async def close(self) -> None:
        """End the HTTP body properly."""
        await self.send(b"0\r\n\r\n")

    async def answer(self, text: str, *, finish: str | None = "stop") -> None:
        """A whole answer, as a healthy server gives it."""
        pieces = re.findall(r"\s*\S+|\s+$", text)
        await self.begin()
        await self.tokens(pieces)
        if finish:
            await self.event(finish=finish)
        asked = len(json.dumps(self.asked.body["messages" if self.chat else "prompt"]).split())
        await self.event(
            choices=[],
            usage={"prompt_tokens": asked, "completion_tokens": len(pieces), "total_tokens": asked + len(pieces)},
        )
        await self.done()

    @property
    def chat(self) -> bool:
        """Whether a conversation was sent, not one text."""
        return "messages" in self.asked.body

    @property
    def last_message(self) -> str:
        return str(self.asked.body["messages"][-1]["content"] if self.chat else self.asked.body["prompt"])


Behaviour = Callable[[Reply], Awaitable[None]]


async def _reset(reply: Reply) -> None:
    linger = struct.pack("ii", 1, 0)
    reply.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    reply.writer.transport.abort()


async def _hang_up(reply: Reply) -> None:
    reply.writer.close()


async def _hang_before_headers(reply: Reply) -> None:
    await asyncio.sleep(FOREVER)


async def _hang_before_text(reply: Reply) -> None:
    await reply.begin()
    await asyncio.sleep(FOREVER)


async def _hang_after_text(reply: Reply) -> None:
    await reply.begin()
    await reply.tokens(["Once ", "upon ", "a "])
    await asyncio.sleep(FOREVER)


async def _ping_forever(reply: Reply) -> None:
    await reply.begin()
    await reply.tokens(["Once "])
    while True:
        await reply.raw(b":\n\n")
        await asyncio.sleep(0.02)


async def _whitespace_forever(reply: Reply) -> None:
    await reply.begin()
    while True:
        await reply.tokens([" "])
        await asyncio.sleep(0.02)


async def _no_end(reply: Reply) -> None:
    await reply.begin()
    while True:
        await reply.tokens(["and "])
        await asyncio.sleep(0.02)


async def _die_after(reply: Reply) -> None:
    count = int(untimed(reply.asked.served_name).removeprefix("die-after").removeprefix("-") or 3)
    await reply.begin()
    await reply.tokens(["word "] * count)
    reply.writer.close()


async def _no_done(reply: Reply) -> None:
    await reply.begin()
    await reply.tokens(["Whole ", "answer."])
    await reply.event(finish="stop")
    await reply.close()


async def _no_end_at_all(reply: Reply) -> None:
    await reply.begin()
    await reply.tokens(["Half ", "an answer"])
    await reply.close()


async def _cut_after_finish(reply: Reply) -> None:
    await reply.begin()
    await reply.tokens(["Whole ", "answer."])
    await reply.event(finish="stop")
    reply.writer.close()


async def _usage_alone(reply: Reply) -> None:
    await reply.begin()
    await reply.tokens(["Whole ", "answer."])
    await reply.event(finish="stop")
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    await reply.raw(b"data: " + json.dumps({"object": "chat.completion.chunk", "usage": usage}).encode() + b"\n\n")
    await reply.done()


async def _parts(reply: Reply) -> None:
    await reply.begin()
    await reply.event(delta={"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}]})
    await reply.event(delta={"content": [{"type": "text", "text": "Whole "}, {"type": "text", "text": "answer."}]})
    await reply.event(finish="stop")
    await reply.done()


async def _length(reply: Reply) -> None:
    await reply.answer("Whole answer.", finish="length")


async def _filtered(reply: Reply) -> None:
    await reply.answer("Whole answer.", finish="content_filter")


async def _filtered_empty(reply: Reply) -> None:
    await reply.answer("", finish="content_filter")


async def _tool_calls(reply: Reply) -> None:
    await reply.begin()
    await reply.tokens(["Let me look that up."])
    call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "search", "arguments": "{}"}}
    await reply.event(delta={"tool_calls": [call]})
    await reply.event(finish="tool_calls")
    await reply.done()


async def _over_budget(reply: Reply) -> None:
    await reply.begin()
    for _ in range(100):
        await reply.tokens(["and "] * 1000)


async def _over_budget_at_once(reply: Reply) -> None:
    await reply.begin()
    await reply.event(delta={"content": "and on " * 40_000})
    await asyncio.sleep(FOREVER)


async def _over_budget_by_usage(reply: Reply) -> None:
    await reply.begin()
    await reply.event(delta={"content": "Whole answer."}, finish="stop")
    await reply.event(choices=[], usage={"prompt_tokens": 3, "completion_tokens": 1_000_000, "total_tokens": 1_000_003})
    await reply.done()


async def _fails_once(reply: Reply) -> None:
    """Every second request is answered; the ones before end after some blanks."""
    if sum(asked.served_name == reply.asked.served_name for asked in reply.server.requests) % 2:
        await reply.begin()
        await reply.tokens([" ", "\n"])
        reply.writer.close()
    else:
        await reply.answer("Whole answer.")


async def _busy(reply: Reply) -> None:
    """So many requests are told to come again, all of them where no number is given."""
    refused = untimed(reply.asked.served_name).removeprefix("busy").removeprefix("-")
    if refused and sum(asked.served_name == reply.asked.served_name for asked in reply.server.requests) > int(refused):
        await reply.answer("Whole answer.")
    else:
        await reply.refuse(429, "The queue is full.", "TooManyRequests")


async def _no_finish(reply: Reply) -> None:
    await reply.answer("Whole answer.", finish=None)


async def _aborted(reply: Reply) -> None:
    await reply.answer("Half an answer", finish="abort")


async def _not_http(reply: Reply) -> None:
    await reply.send(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    reply.writer.close()


async def _garbage(reply: Reply) -> None:
    await reply.begin()
    await reply.raw(b"\x00\x01 lorem ipsum \xfe\xff\n\n")
    await asyncio.sleep(FOREVER)


async def _bad_json(reply: Reply) -> None:
    await reply.begin()
    await reply.raw(b'data: {"choices": [{"delta"\n\n')
    await asyncio.sleep(FOREVER)


async def _other_json(reply: Reply) -> None:
    await reply.begin()
    await reply.raw(b'data: {"result": "fine"}\n\n')
    await asyncio.sleep(FOREVER)


async def _html(reply: Reply) -> None:
    await reply.whole(200, "text/html; charset=utf-8", b"<!doctype html><title>Welcome to nginx!</title>")


async def _plain_json(reply: Reply) -> None:
    body = {"object": "chat.completion", "choices": [{"message": {"content": "not streamed"}}]}
    await reply.whole(200, "application/json", json.dumps(body).encode())


async def _gzip(reply: Reply) -> None:
    await reply.begin("Content-Encoding: gzip")
    await asyncio.sleep(FOREVER)


async def _half_utf8(reply: Reply) -> None:
    await reply.begin()
    await reply.raw(b'data: {"choices": [{"index": 0, "delta": {"content": "caf\xc3"}}]}\n\n')
    await asyncio.sleep(FOREVER)


async def _huge_event(reply: Reply) -> None:
    await reply.begin()
    for _ in range(10):
        await reply.raw(b"x" * (1 << 20))
    await asyncio.sleep(FOREVER)


async def _empty(reply: Reply) -> None:
    await reply.answer("")


async def _whitespace(reply: Reply) -> None:
    await reply.begin()
    await reply.tokens(["\n", " \t", "\u200b\n"])
    await reply.event(finish="stop")
    await reply.done()


async def _reasoning_only(reply: Reply) -> None:
    await reply.begin()
    for name in ("reasoning", "reasoning_content"):
        await reply.event(delta={name: "The user wants a haiku."})
    await reply.event(finish="length")
    await reply.done()


async def _thinks(reply: Reply) -> None:
    """Twelve pieces of thought with the time between two tokens, then an answer."""
    await reply.begin()
    for _ in range(THOUGHTS):
        await asyncio.sleep(reply.token_seconds)
        await reply.event(delta={"reasoning": "Hm. "})
    while reply.server.most == 0:
        await asyncio.sleep(0.02)
        await reply.event(delta={"reasoning": "Hm. "})
    await reply.event(delta={"content": "Whole "})
    await reply.event(delta={"content": "answer."}, finish="stop")
    await reply.done()


async def _thinks_forever(reply: Reply) -> None:
    await reply.begin()
    while True:
        await asyncio.sleep(0.02)
        await reply.event(delta={"reasoning_content": "Hm. "})


async def _thinks_and_stops(reply: Reply) -> None:
    await reply.begin()
    await reply.event(delta={"reasoning": "Hm. "})
    await asyncio.sleep(FOREVER)


async def _thinks_aloud(reply: Reply) -> None:
    await reply.answer("<think>\nThe user wants a haiku.\n</think>\n\nWhole answer.")


async def _thinks_too_long(reply: Reply) -> None:
    await reply.begin()
    for _ in range(THOUGHTS):
        await reply.event(delta={"reasoning": "Hm. "})
    await reply.event(delta={"content": "Half an ans"}, finish="length")
    usage = {"prompt_tokens": 3, "completion_tokens": 1024, "completion_tokens_details": {"reasoning_tokens": 1020}}
    await reply.event(choices=[], usage=usage)
    await reply.done()


async def _wrong_model(reply: Reply) -> None:
    await reply.begin()
    await reply.event(delta={"content": "Whole answer."}, finish="stop", model="another-model")
    await reply.done()


async def _error_in_stream(reply: Reply) -> None:
    await reply.begin()
    await reply.tokens(["Once "])
    error = {"error": {"message": "EngineCore died", "type": "InternalServerError", "param": None, "code": 500}}
    await reply.raw(b"data: " + json.dumps(error).encode() + b"\n\n")
    await reply.done()


async def _redirect(reply: Reply) -> None:
    await reply.whole(302, "text/plain", b"", f"Location: {reply.server.endpoint}/elsewhere")


async def _unauthorized(reply: Reply) -> None:
    sent = reply.asked.headers.get("authorization", "nothing")
    await reply.refuse(401, f"Incorrect API key: {sent}", "AuthenticationError")


async def _status(reply: Reply) -> None:
    status = int(untimed(reply.asked.served_name).rpartition("-")[2])
    await reply.whole(status, "text/plain", b"")


async def _overflow(reply: Reply) -> None:
    message = "This model's maximum context length is 2048 tokens. However, your request has 9031 input tokens."
    await reply.refuse(400, message, "BadRequestError")


async def _takes_50_words(reply: Reply) -> None:
    if len(reply.last_message.split()) > 50:
        await _overflow(reply)
    else:
        await reply.answer("Whole answer.")


async def _overflow_llama(reply: Reply) -> None:
    error = {
        "code": 400,
        "message": "request (9031 tokens) exceeds the available context size (2048 tokens), try increasing it",
        "type": "exceed_context_size_error",
        "n_prompt_tokens": 9031,
        "n_ctx": 2048,
    }
    await reply.whole(400, "application/json", json.dumps({"error": error}).encode())


async def _refused_content(reply: Reply) -> None:
    error = {
        "message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
    }
    await reply.whole(400, "application/json", json.dumps({"error": error}).encode())


async def _not_found(reply: Reply) -> None:
    await reply.refuse(404, f"The model `{reply.asked.served_name}` does not exist.", "NotFoundError")


async def _echo(reply: Reply) -> None:
    await reply.answer(reply.last_message)


async def _lines(reply: Reply) -> None:
    await reply.answer(LINES)


async def _say(reply: Reply) -> None:
    await reply.answer(untimed(reply.asked.served_name).removeprefix("say:"))


BEHAVIOURS: dict[str, Behaviour] = {
    "aborted": _aborted,
    "bad-json": _bad_json,
    "busy": _busy,
    "cut-after-finish": _cut_after_finish,
    "die-after": _die_after,
    "echo": _echo,
    "empty": _empty,
    "error-in-stream": _error_in_stream,
    "fails-once": _fails_once,
    "filtered": _filtered,
    "filtered-empty": _filtered_empty,
    "garbage": _garbage,
    "gzip": _gzip,
    "half-utf8": _half_utf8,
    "hang-after-text": _hang_after_text,
    "hang-before-headers": _hang_before_headers,
    "hang-before-text": _hang_before_text,
    "hang-up": _hang_up,
    "html": _html,
    "huge-event": _huge_event,
    "length": _length,
    "lines": _lines,
    "no-done": _no_done,
    "no-end": _no_end,
    "no-end-at-all": _no_end_at_all,
    "no-finish": _no_finish,
    "not-found": _not_found,
    "not-http": _not_http,
    "other-json": _other_json,
    "over-budget": _over_budget,
    "over-budget-at-once": _over_budget_at_once,
    "over-budget-by-usage": _over_budget_by_usage,
    "overflow": _overflow,
    "overflow-llama": _overflow_llama,
    "parts": _parts,
    "ping-forever": _ping_forever,
    "plain-json": _plain_json,
    "reasoning-only": _reasoning_only,
    "redirect": _redirect,
    "refused-content": _refused_content,
    "reset": _reset,
    "say": _say,
    "status-429": _status,
    "status-500": _status,
    "status-503": _status,
    "takes-50-words": _takes_50_words,
    "thinks": _thinks,
    "thinks-aloud": _thinks_aloud,
    "thinks-and-stops": _thinks_and_stops,
    "thinks-forever": _thinks_forever,
    "thinks-too-long": _thinks_too_long,
    "tool-calls": _tool_calls,
    "unauthorized": _unauthorized,
    "usage-alone": _usage_alone,
    "whitespace": _whitespace,
    "whitespace-forever": _whitespace_forever,
    "wrong-model": _wrong_model,
}
WHOLE = (
    *("fails-once", "filtered", "length", "no-done", "parts", "takes-50-words", "thinks", "usage-alone"),
    "wrong-model",
)
"""Those that end in `Whole answer.`, in their own way."""
BEHAVED = ("echo", "lines", "say", "thinks-aloud", "thinks-too-long", *WHOLE)
"""Those that end in a complete answer."""
REFUSING = ("filtered-empty", "overflow", "overflow-llama", "refused-content")
"""Those that refuse the conversation; nothing is wrong with the server."""


def behaviour(served_name: str) -> tuple[Behaviour | None, float]:
    """What a served name stands for, and the seconds between two tokens."""
    name = untimed(served_name)
    pause = float(served_name[len(name) + 1 : -2]) / 1000 if name != served_name else 0.0
    if name.startswith("say:"):
        return _say, pause
    return BEHAVIOURS.get(name) or BEHAVIOURS.get(re.sub(r"-\d+$", "", name)), pause


def untimed(served_name: str) -> str:
    """A served name without the time between two tokens."""
    return re.sub(r"-\d+ms$", "", served_name)
