"""Connections: slow senders are dropped in time, and what is being sent counts. Over real sockets, below the gate."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from arena.server import connections, limits, run
from arena.server.joined import Joined
from arena.services.fair_shares import FairShares
from arena.settings import Settings

SEND_SECONDS = 0.6
KEEP_ALIVE_SECONDS = 1
HEAD = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
WHOLE = HEAD + b"hello"
STREAM = b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a body with its length; a stream lasts several times as long as a request may take to be sent."""
    if scope["type"] != "http":
        return
    ok: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}
    if scope["path"] == "/stream":
        await send(ok)
        await asyncio.sleep(3 * SEND_SECONDS)
    elif "/refused" in scope["path"]:
        await send(ok)
    else:
        body = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message["body"]
            if not message["more_body"]:
                break
        ok["headers"] = [(b"content-length", b"2")]
        await send(ok)
    await send({"type": "http.response.body", "body": b"ok"})


@contextmanager
def served(*, bounded: bool = True, **settings: Any) -> Iterator[tuple[int, FairShares]]:
    """Serve on a free port of loopback; without `bounded`, as uvicorn does by itself."""
    chosen = Settings.model_validate(
        {"limits": {"send_seconds": SEND_SECONDS, **settings.pop("limits", {})}, **settings}
    )
    shares = FairShares(chosen.limits, lambda _: True)
    listener = socket.create_server(("127.0.0.1", 0))
    http = connections.bounded(chosen, shares) if bounded else "auto"
    config = uvicorn.Config(
        answer, http=http, log_level="critical", lifespan="off", ws="none", timeout_keep_alive=KEEP_ALIVE_SECONDS
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield listener.getsockname()[1], shares
    finally:
        server.should_exit = server.force_exit = True
        thread.join(10)
        listener.close()


def connected(port: int, sent: bytes = b"", source: str = "127.0.0.1") -> socket.socket:
    """A connection that has sent this much."""
    opened = socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(source, 0))
    opened.sendall(sent)
    return opened


def heard(opened: socket.socket) -> bytes:
    """Everything until the other end closes."""
    found = b""
    with contextlib.suppress(ConnectionResetError):
        while part := opened.recv(65_536):
            found += part
    return found


def status(said: bytes) -> int | None:
    """The status of the first answer; None when there was none."""
    return int(said.split(b" ", 2)[1]) if said else None


def dripping(opened: socket.socket, seconds: float) -> None:
    """Send a byte now and then, as somebody does who wants to stay."""
    until = time.monotonic() + seconds
    with contextlib.suppress(OSError):
        while time.monotonic() < until:
            opened.sendall(b"x")
            time.sleep(SEND_SECONDS / 10)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b"", None),
        (b"G", 408),
        (HEAD[:-2], 408),
        (HEAD, 408),
        (WHOLE[:-1], 408),
        (WHOLE + b"POST /x", 200),  # and then the half of a second request
        (WHOLE + HEAD, 200),
        (WHOLE + WHOLE + HEAD[:9], 200),
    ],
)
def test_a_request_that_is_not_sent_whole_is_dropped(sent: bytes, told: int | None) -> None:
    with served() as (port, shares), connected(port, sent) as opened:
        started = time.monotonic()
        assert status(heard(opened)) == told
        assert SEND_SECONDS * 0.9 < time.monotonic() - started < KEEP_ALIVE_SECONDS + 3
        assert not shares.requests._taken


def test_without_the_bound_the_same_sender_stays() -> None:
    """The positive control: uvicorn by itself waits."""
    with served(bounded=False) as (port, _), connected(port, HEAD) as opened:
        opened.settimeout(2 * SEND_SECONDS)
        with pytest.raises(TimeoutError):
            opened.recv(1)


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /x HTTP/1.1\r\nX: ",
        HEAD.replace(b": 5", b": 5000"),
        b"POST /refused HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n",
    ],
)
def test_dripping_bytes_buys_no_time(sent: bytes) -> None:
    """Neither in a head, nor in a body that is awaited, nor in one that was answered before it was there."""
    with served() as (port, _), connected(port, sent) as opened:
        drip = threading.Thread(target=dripping, args=(opened, 5 * SEND_SECONDS))
        started = time.monotonic()
        drip.start()
        heard(opened)
        assert time.monotonic() - started < 4 * SEND_SECONDS
        drip.join()


def test_the_refusal_of_a_slow_sender_is_a_problem_with_the_headers_on() -> None:
    with served() as (port, _), connected(port, HEAD) as opened:
        said = heard(opened)
    head, _, body = said.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    assert b"Content-Security-Policy: default-src 'self'" in head
    assert b"Connection: close" in head
    assert b"The request was not sent whole within 0.6 seconds. Send it again at once." in body
    assert f"content-length: {len(body)}".encode() in head


def test_who_sends_in_time_may_take_any_time_to_be_answered_and_ask_again() -> None:
    with served() as (port, _), connected(port) as opened:
        for part in (STREAM, WHOLE[:10], WHOLE[10:]):
            opened.sendall(part)
            time.sleep(SEND_SECONDS / 4)
        time.sleep(3 * SEND_SECONDS)
        opened.sendall(WHOLE.replace(b"Host: a", b"Connection: close\r\nHost: a"))
        assert heard(opened).count(b"HTTP/1.1 200") == 3


@pytest.mark.parametrize(
    ("path", "answered"),
    [
        ("/api/v1/prompt-sets/questions/uploads", 200),
        ("/w/lab/api/v1/prompt-sets/questions/uploads", 200),
        ("/api/v1/prompt-sets/questions/imports", 408),
        ("/x", 408),
    ],
)
def test_a_file_has_longer_than_another_request(path: str, answered: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SLOWEST_UPLOAD", 1)
    asked = f"POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 60\r\n\r\n".encode()
    with served() as (port, _), connected(port, asked + b"x" * 59) as opened:
        time.sleep(2 * SEND_SECONDS)
        with contextlib.suppress(OSError):
            opened.sendall(b"x")
        assert status(heard(opened)) == answered


@pytest.mark.parametrize("length", ["1", "\u00b2", "-1", "", "1" * 40])
def test_what_a_head_says_of_the_length_counts_up_to_what_a_file_may_have(length: str) -> None:
    chosen = Settings.model_validate({"limits": {"upload_bytes": 1024}}).limits
    headers = [(b"content-length", length.encode("latin-1"))]
    scope = {"type": "http", "method": "POST", "path": "/api/v1/prompt-sets/a/uploads", "headers": headers}
    assert limits.more_seconds(chosen, scope) <= 1024 / limits.SLOWEST_UPLOAD


def test_a_file_that_never_ends_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SLOWEST_UPLOAD", 4)
    asked = b"POST /api/v1/prompt-sets/a/uploads HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n"
    with served() as (port, _), connected(port, asked + b"x") as opened:
        said = heard(opened)
        assert (status(said), b"within 1.1 seconds" in said) == (408, True)


def test_a_file_that_was_refused_has_no_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SLOWEST_UPLOAD", 1)
    asked = b"POST /api/v1/prompt-sets/refused/uploads HTTP/1.1\r\nHost: a\r\nContent-Length: 60\r\n\r\n"
    with served() as (port, _), connected(port, asked) as opened:
        assert status(heard(opened)) == 200  # what `answer` says; heard ends because the connection does


def test_what_is_being_sent_has_its_share_and_other_addresses_theirs() -> None:
    with served(limits={"requests_per_address": 4, "send_seconds": 5}) as (port, shares):
        held = [connected(port, HEAD[:9]) for _ in range(4)]
        wait(lambda: shares.requests._taken["127.0.0.1"] == 4)
        with connected(port, WHOLE) as refused:
            said = heard(refused)
        assert status(said) == 429
        assert b"retry-after: 1" in said
        assert b'"code":"limit"' in said
        assert said.count(b"Try again in a second.") == 1
        with connected(
            port, source="127.0.0.2", sent=WHOLE.replace(b"Host: a", b"Connection: close\r\nHost: a")
        ) as other:
            assert status(heard(other)) == 200
        held[0].sendall(HEAD[9:] + b"hello")
        wait(lambda: shares.requests._taken["127.0.0.1"] == 3)
        with connected(port, WHOLE.replace(b"Host: a", b"Connection: close\r\nHost: a")) as again:
            assert status(heard(again)) == 200
        for opened in held:
            opened.close()
        wait(lambda: not shares.requests._taken)


def test_a_refusal_waits_for_no_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if so many of one address waited that no turn ever came: who is refused hears it, the others wait."""
    monkeypatch.setattr(connections.Turns, "take", lambda *_: None)
    with served(limits={"requests_per_address": 1, "send_seconds": 5}) as (port, shares), connected(port, HEAD[:9]):
        wait(lambda: shares.requests._taken["127.0.0.1"] == 1)
        with connected(port, WHOLE) as refused:
            assert status(heard(refused)) == 429
        with connected(port, WHOLE, source="127.0.0.2") as other:
            other.settimeout(0.5)
            with pytest.raises(TimeoutError):
                other.recv(1)


def test_a_connection_beyond_the_share_that_says_nothing_is_closed_soon() -> None:
    with served(limits={"requests_per_address": 1, "send_seconds": 60}) as (port, _), connected(port, b"G"):
        started = time.monotonic()
        with connected(port) as refused:
            assert heard(refused) == b""
        assert time.monotonic() - started < 10


def test_a_trusted_proxy_sends_for_many() -> None:
    with served(limits={"requests_per_address": 1, "send_seconds": 5}, trusted_proxies=["127.0.0.1"]) as (port, shares):
        held = [connected(port, HEAD[:9]) for _ in range(3)]
        with connected(port, WHOLE.replace(b"Host: a", b"Connection: close\r\nHost: a")) as opened:
            assert status(heard(opened)) == 200
        assert not shares.requests._taken
        for one in held:
            one.close()


def wait(fact: Callable[[], bool]) -> None:
    """Wait until something holds."""
    until = time.monotonic() + 10
    while not fact():
        assert time.monotonic() < until
        time.sleep(0.01)


def waits_for_more(listener: socket.socket) -> bool:
    """Whether a connection that this listener accepts holds small writes back until earlier ones are acknowledged."""

    async def accepted() -> bool:
        told: asyncio.Queue[bool] = asyncio.Queue()

        def look(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            opened = writer.get_extra_info("socket")
            told.put_nowait(not opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        async with await asyncio.start_server(look, sock=listener):
            with connected(listener.getsockname()[1]):
                return await told.get()

    return asyncio.run(accepted())


def test_small_answers_go_at_once() -> None:
    """Where they wait, each answer of two writes takes 40 ms more, and so does every second tick."""
    with contextlib.closing(run._bind("127.0.0.1", 0)) as listener:
        assert not waits_for_more(listener)


def test_a_listener_without_a_protocol_would_hold_them_back() -> None:
    """The positive control."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", 0))
        assert waits_for_more(listener)


class Noted:
    """A transport that notes what is written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def close(self) -> None:
        self.written.append(b"closed")

    def is_closing(self) -> bool:
        return False

    def get_extra_info(self, _: str) -> None:
        return None


def test_a_head_leaves_with_its_body() -> None:
    async def answer() -> list[bytes]:
        noted = Noted()
        transport = Joined(cast(asyncio.Transport, noted), asyncio.get_running_loop())
        transport.write(b"HTTP/1.1 200 OK\r\n\r\n")
        transport.write(b"one")
        transport.write(b"two")
        await asyncio.sleep(0)
        return noted.written

    assert asyncio.run(answer()) == [b"HTTP/1.1 200 OK\r\n\r\none", b"two"]


@pytest.mark.parametrize("ends", [True, False])
def test_a_head_that_nothing_follows_leaves_at_once(ends: bool) -> None:
    async def answer() -> list[bytes]:
        noted = Noted()
        transport = Joined(cast(asyncio.Transport, noted), asyncio.get_running_loop())
        transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        if ends:
            transport.close()
        await asyncio.sleep(0)
        return noted.written

    assert asyncio.run(answer()) == [b"HTTP/1.1 204 No Content\r\n\r\n"] + [b"closed"] * ends
