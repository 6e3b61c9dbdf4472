"""CPU time of `arena generate`'s engine for one request, beside plain httpx that asks the same.

    python benchmarks/generate_cpu.py [--requests 600] [--tokens 100] [--concurrency 32]

A server in a process of its own answers with streams. Both programs run here, one after the other, and read this
process's CPU clock. Plain httpx is a loop that a person would write: one client with its pool, lines read as they
come, the text of each event added up. The engine does that with deadlines, checks, retries and whole parts on disk.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import platform
import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from pathlib import Path

import httpx

from arena import settings
from arena.domain.battle import Message
from arena.domain.ids import ModelName
from arena.domain.model import Model
from arena.inference.client import ModelClient
from arena.inference.retries import Patience
from arena.services import answer_parts, clock, generating

EVENT = '{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[%s]%s}'
DELTA = '{"index":0,"delta":{"content":" word"},"logprobs":null,"finish_reason":%s}'


def serve(ready: Connection, tokens: int) -> None:
    """A model server that answers every request with so many tokens."""
    usage = f',"usage":{{"prompt_tokens":9,"completion_tokens":{tokens},"total_tokens":{tokens + 9}}}'
    events = [EVENT % (DELTA % "null", "")] * (tokens - 1) + [EVENT % (DELTA % '"stop"', ""), EVENT % ("", usage)]
    chunks = [f"data: {event}\n\n".encode() for event in events] + [b"data: [DONE]\n\n"]
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                asked = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (int(line[15:]) for line in asked.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
                )
                await reader.readexactly(length)
                writer.write(head)
                for chunk in chunks:
                    writer.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
                    await writer.drain()
                    await asyncio.sleep(0)
                writer.write(b"0\r\n\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def run() -> None:
        listener = await asyncio.start_server(answer, "127.0.0.1", 0)
        ready.send(listener.sockets[0].getsockname()[1])
        await listener.serve_forever()

    asyncio.run(run())


async def plain(endpoint: str, requests: int, concurrency: int) -> int:
    """The loop a person would write; how many characters came."""
    places, characters = asyncio.Semaphore(concurrency), 0

    async def one(client: httpx.AsyncClient, number: int) -> None:
        nonlocal characters
        body = {
            "model": "m",
            "messages": [{"role": "user", "content": f"Say {number}."}],
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_tokens": 1024,
        }
        async with places, client.stream("POST", f"{endpoint}/chat/completions", json=body) as response:
            text = ""
            async for line in response.aiter_lines():
                if line.startswith("data: {"):
                    for choice in json.loads(line[6:])["choices"]:
                        text += choice["delta"]["content"]
            characters += len(text)

    limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
    async with httpx.AsyncClient(limits=limits, timeout=60) as client:
        await asyncio.gather(*(one(client, number) for number in range(requests)))
    return characters


async def engine(endpoint: str, requests: int, concurrency: int) -> int:
    """The engine of `arena generate`, into a temporary folder; how many characters came."""
    model = Model(name=ModelName("measured"), endpoint=endpoint, served_name="m")
    prompts = {f"p{number}": (Message.of_text(role="user", text=f"Say {number}."),) for number in range(requests)}
    manner = generating.Manner(
        concurrency=concurrency, patience=Patience(), now=clock.now, chance=random.Random(1), load=lambda media: b""
    )
    with tempfile.TemporaryDirectory() as folder:
        with answer_parts.filling(Path(folder)) as parts:
            work = generating.missing(prompts, [model], 1, parts)
            async with ModelClient(settings.Deadlines(), connections=concurrency) as client:
                run = generating.BulkRun(
                    models=[model],
                    work=work,
                    parts=parts,
                    manner=manner,
                    counts=generating.begun(work),
                    tell=lambda: None,
                )
                await generating.generate(client, run)
        return written(Path(folder))


def written(folder: Path) -> int:
    """How many characters of answers a folder holds."""
    lines = [line for path in folder.glob("part-*") for line in path.read_text().splitlines()]
    return sum(len(json.loads(line)["text"]) for line in lines)


def measured(work: Callable[[str, int, int], Awaitable[int]], endpoint: str, requests: int, concurrency: int) -> float:
    """Milliseconds of CPU a request. Raises AssertionError where an answer is missing."""

    async def once(count: int) -> int:
        return await work(endpoint, count, concurrency)

    asyncio.run(once(concurrency))  # imports and compiles
    started = time.process_time()
    found = asyncio.run(once(requests))
    spent = time.process_time() - started
    assert found % requests == 0
    assert found
    return spent * 1000 / requests


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--requests", type=int, default=600)
    parser.add_argument("--tokens", type=int, default=100, help="of an answer, each an event")
    parser.add_argument("--concurrency", type=int, default=32)
    given = parser.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; "
        f"{given.requests} requests of {given.tokens} tokens, {given.concurrency} at once"
    )
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there, given.tokens), daemon=True)
    server.start()
    endpoint = f"http://127.0.0.1:{here.recv()}/v1"
    costs = {
        name: measured(work, endpoint, given.requests, given.concurrency)
        for name, work in (("plain httpx", plain), ("arena generate", engine))
    }
    server.terminate()
    for name, cost in costs.items():
        print(f"{name:16}{cost:8.2f} ms of CPU a request")
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
