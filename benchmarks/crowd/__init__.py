"""People and attackers of an arena, each at an address of loopback: plain HTTP over sockets, as cheap as it can be."""

import asyncio
import contextlib
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back."""

    status: int | None
    """None where the connection was closed without a word."""
    headers: dict[str, str]
    body: bytes
    seconds: float
    """From the attempt to connect to the last byte, or to the last byte of the head of a stream."""

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, kw_only=True)
class Address:
    """Somebody at an address of loopback, on one arena."""

    port: int
    source: str

    async def ask(self, method: str, path: str, token: str = "", body: Any = None) -> Answer:
        """One request on a connection of its own."""
        started = time.perf_counter()
        reader, writer = await self._connect()
        try:
            await self._send(writer, request(method, path, token, body))
            status, headers = await head(reader)
            read = await reader.readexactly(int(headers.get("content-length", 0))) if status else b""
            return Answer(status=status, headers=headers, body=read, seconds=time.perf_counter() - started)
        finally:
            writer.close()

    async def stream(self, battle_id: str, token: str, held: "list[Answer] | None" = None) -> tuple[Answer, str]:
        """Read a battle's stream to its end; the answer's head and the name of the last event."""
        started = time.perf_counter()
        reader, writer = await self._connect()
        name = ""
        try:
            await self._send(writer, request("GET", f"/api/v1/battles/{battle_id}/stream", token))
            status, headers = await head(reader)
            answer = Answer(status=status, headers=headers, body=b"", seconds=time.perf_counter() - started)
            if held is not None:
                held.append(answer)
            while status == 200 and (line := await reader.readline()):
                if line.startswith(b"event: "):
                    name = line.decode().removeprefix("event: ").strip()
                if name in ("done", "void") and line == b"\n":
                    break
            return answer, name
        finally:
            writer.close()

    async def half(self, sent: bytes) -> Answer:
        """Send the beginning of a request, and wait for what comes of it."""
        started = time.perf_counter()
        reader, writer = await self._connect()
        try:
            await self._send(writer, sent)
            status, headers = await head(reader)
            return Answer(status=status, headers=headers, body=b"", seconds=time.perf_counter() - started)
        finally:
            writer.close()

    async def rater(self) -> str:
        """The token of a new rater."""
        token: str = (await self.ask("POST", "/api/v1/raters")).json()["token"]
        return token

    async def _connect(self) -> tuple[Reader, Writer]:
        return await asyncio.open_connection("127.0.0.1", self.port, local_addr=(self.source, 0))

    async def _send(self, writer: Writer, sent: bytes) -> None:
        with contextlib.suppress(ConnectionError):  # the answer may stand there already
            writer.write(sent)
            await writer.drain()


@dataclass(kw_only=True)
class Flood:
    """What one address asks for within one round."""

    opens: int = 640
    streams: int = 1500
    raters: int = 500
    halves: int = 400
    seconds: float = 5.0
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    """By kind, what came back."""
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    async def attack(self, sender: Address, tokens: list[str]) -> None:
        """Everything at its moment, spread evenly over the seconds."""
        opened: list[tuple[str, str]] = []
        halves = [
            request("POST", "/api/v1/battles", tokens[0], {"prompt": "x" * 100})[: 60 if number % 2 else -50]
            for number in range(self.halves)
        ]

        async def open_battle(number: int) -> Answer:
            token = tokens[number % len(tokens)]
            answer = await sender.ask("POST", "/api/v1/battles", token, {"prompt": f"Take a place, {number}."})
            if answer.status == 201:
                opened.append((answer.json()["battle_id"], token))
            return answer

        async def stream(number: int) -> Answer:
            battle_id, token = opened[number % len(opened)] if opened else ("b_none", tokens[0])
            held: list[Answer] = []
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(sender.stream(battle_id, token, held), self.seconds)
            return held[0]

        works = {
            "opens": [open_battle(number) for number in range(self.opens)],
            "streams": [stream(number) for number in range(self.streams)],
            "raters": [sender.ask("POST", "/api/v1/raters") for _ in range(self.raters)],
            "halves": [sender.half(sent) for sent in halves],
        }
        async with asyncio.TaskGroup() as group:
            for kind, asked in works.items():
                for number, work in enumerate(asked):
                    group.create_task(self._at(kind, self.seconds * number / len(asked), work))

    async def answered(self, kind: str, count: int) -> None:
        """Wait until so many of a kind have come back."""
        while len(self.answers.get(kind, ())) < count:
            self._came.clear()
            await self._came.wait()

    async def _at(self, kind: str, moment: float, work: Any) -> None:
        await asyncio.sleep(moment)
        answers = self.answers.setdefault(kind, [])
        try:
            answers.append(await work)
        except (ConnectionError, asyncio.IncompleteReadError, IndexError):
            answers.append(Answer(status=None, headers={}, body=b"", seconds=0))
        self._came.set()


def request(method: str, path: str, token: str, body: Any = None) -> bytes:
    """A request as it goes over the wire."""
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", f"Content-Length: {len(content)}"]
    lines += ["Content-Type: application/json"] if content else []
    lines += [f"Authorization: Bearer {token}"] if token else []
    return "\r\n".join([*lines, "", ""]).encode() + content


async def head(reader: Reader) -> tuple[int | None, dict[str, str]]:
    """Status and headers; None where nothing came."""
    lines = []
    with contextlib.suppress(ConnectionError):
        while (line := await reader.readline()) not in (b"", b"\r\n"):
            lines.append(line.decode())
    if not lines:
        return None, {}
    pairs = (line.partition(":") for line in lines[1:])
    return int(lines[0].split()[1]), {name.strip().lower(): value.strip() for name, _, value in pairs}


def refused(answers: Iterable[Answer]) -> list[Answer]:
    """Those that were told to come back later."""
    return [answer for answer in answers if answer.status in (429, 503)]
