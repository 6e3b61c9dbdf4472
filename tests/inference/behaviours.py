"""The ways in which the model server of `misbehaving` answers, by the served name that is asked for."""

import asyncio
import json
import re
import socket
import struct
from collections.abc import Awaitable, Callable, Sequence
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
        chunk = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": self.asked.served_name,
            "choices": [{"index": 0, "delta": delta or {}, "logprobs": None, "finish_reason": finish}],
        } | more
        await self.raw(b"data: " + json.dumps(chunk).encode() + b"\n\n")

    async def tokens(self, pieces: Sequence[str]) -> None:
        for piece in pieces:
            await asyncio.sleep(self.token_seconds)
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
        asked = len(json.dumps(self.asked.body["messages"]).split())
        await self.event(
            choices=[],
            usage={"prompt_tokens": asked, "completion_tokens": len(pieces), "total_tokens": asked + len(pieces)},
        )
        await self.done()

    @property
    def last_message(self) -> str:
        return str(self.asked.body["messages"][-1]["content"])


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


async def _wrong_model(reply: Reply) -> None:
    await reply.begin()
    await reply.event(delta={"content": "Hello"}, model="another-model")
    await asyncio.sleep(FOREVER)


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
    "die-after": _die_after,
    "echo": _echo,
    "empty": _empty,
    "error-in-stream": _error_in_stream,
    "garbage": _garbage,
    "gzip": _gzip,
    "half-utf8": _half_utf8,
    "hang-after-text": _hang_after_text,
    "hang-before-headers": _hang_before_headers,
    "hang-before-text": _hang_before_text,
    "hang-up": _hang_up,
    "html": _html,
    "huge-event": _huge_event,
    "lines": _lines,
    "no-done": _no_done,
    "no-end": _no_end,
    "no-finish": _no_finish,
    "not-found": _not_found,
    "not-http": _not_http,
    "other-json": _other_json,
    "overflow": _overflow,
    "ping-forever": _ping_forever,
    "plain-json": _plain_json,
    "reasoning-only": _reasoning_only,
    "redirect": _redirect,
    "reset": _reset,
    "say": _say,
    "status-429": _status,
    "status-500": _status,
    "status-503": _status,
    "unauthorized": _unauthorized,
    "whitespace": _whitespace,
    "whitespace-forever": _whitespace_forever,
    "wrong-model": _wrong_model,
}
BEHAVED = ("echo", "lines", "say")
"""Those that end in a complete answer."""


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
