"""A model server that writes tokens at an even pace to hundreds of streams, in a process of its own.

Its events have the shape and size of vLLM's, and each is one write to the network, as vLLM sends them.
"""

import asyncio
import contextlib
import json
import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
from typing import Any

WORDS = (" the", " of", " a model", " that", " speaks", ",", " at", " one", " pace", ".")


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """How one model writes."""

    tokens: int = 200
    per_second: float = 30.0
    first_seconds: float = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The running server."""

    endpoint: str
    written: "Synchronized[int]"
    """Tokens sent so far, to all streams."""


@contextlib.contextmanager
def serving(models: dict[str, Speed]) -> Iterator[Source]:
    """Serve models by name until the block ends."""
    spawn = multiprocessing.get_context("spawn")
    mine, theirs = spawn.Pipe()
    written: Synchronized[int] = spawn.Value("q", 0)
    process = spawn.Process(target=_run, args=(models, theirs, written), daemon=True)
    process.start()
    try:
        yield Source(endpoint=f"http://127.0.0.1:{mine.recv()}/v1", written=written)
    finally:
        process.terminate()
        process.join()


def _run(models: dict[str, Speed], told: Connection, written: "Synchronized[int]") -> None:
    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Stream(models, written), "127.0.0.1", 0, backlog=1024)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve())


class _Stream(asyncio.Protocol):
    """One connection: a list of the models, or one answer."""

    def __init__(self, models: dict[str, Speed], written: "Synchronized[int]") -> None:
        self._models = models
        self._written = written
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, _, body = self._received.partition(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")), 0)
        if b"\r\n\r\n" not in self._received or len(body) < length:
            return
        self._received = b""
        if head.startswith(b"GET"):
            listed = json.dumps({"data": [{"id": name} for name in self._models]}).encode()
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(listed), listed)
            )
            self._transport.close()
            return
        self._name = json.loads(body)["model"]
        self._speed = self._models[self._name]
        self._events = [_chunk(self._name, {"content": word}) for word in WORDS]
        self._sent = 0
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nConnection: close\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n" + _chunk(self._name, {"role": "assistant", "content": ""})
        )
        self._loop = asyncio.get_running_loop()
        self._due = self._loop.time() + self._speed.first_seconds
        self._loop.call_at(self._due, self._token)

    def _token(self) -> None:
        if self._transport.is_closing():
            return
        self._transport.write(self._events[self._sent % len(self._events)])
        self._sent += 1
        self._written.value += 1
        if self._sent < self._speed.tokens:
            self._due += 1 / self._speed.per_second
            self._loop.call_at(self._due, self._token)
            return
        usage = {"prompt_tokens": 9, "completion_tokens": self._sent}
        self._transport.write(
            _chunk(self._name, {"content": ""}, "stop")
            + _framed(json.dumps({"choices": [], "usage": usage}))
            + _framed("[DONE]")
            + b"0\r\n\r\n"
        )
        self._transport.close()


def _chunk(name: str, delta: dict[str, Any], reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason, "token_ids": None}
    return _framed(
        json.dumps(
            {
                "id": "chatcmpl-7f0c2f6e5f7d4c0f9be6f3bd1c1a5d0e",
                "object": "chat.completion.chunk",
                "created": 1764370000,
                "model": name,
                "choices": [choice],
            }
        )
    )


def _framed(data: str) -> bytes:
    event = f"data: {data}\n\n".encode()
    return b"%x\r\n%s\r\n" % (len(event), event)
