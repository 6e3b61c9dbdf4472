"""What the gate hands on and how it ends an answer, asked for as a server would: message by message."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from arena.store.instance import Instance
from tests.server.lone_gate import Standing

START: Message = {"type": "http.response.start", "status": 200, "headers": []}
HANDLER = "/gradio_api/run/predict"


@pytest.fixture
def standing(tmp_path: Path) -> Iterator[Standing]:
    with Instance.open(tmp_path / "instance.duckdb") as instance:
        yield Standing(instance, {})


def told(standing: Standing, path: str, *, host: bytes | None = b"127.0.0.1:7860", app: ASGIApp) -> list[Message]:
    """What a server is given to send."""
    headers = [(b"authorization", f"Bearer {standing.token}".encode())]
    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": path,
        "headers": headers if host is None else [*headers, (b"host", host)],
        "client": ("127.0.0.1", 4711),
        "scheme": "http",
        "query_string": b"",
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    standing.gate._app = app
    asyncio.run(standing.gate(scope, receive, send))
    return sent


async def silent(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that answers nothing."""


def test_an_application_that_answers_nothing_is_not_answered_for(standing: Standing) -> None:
    assert told(standing, "/api/v1/me", app=silent) == []


def test_a_request_without_a_host_is_refused_on_loopback(standing: Standing) -> None:
    assert told(standing, "/api/v1/me", host=None, app=silent)[0]["status"] == 400
    assert told(standing, "/api/v1/me", app=silent) == [], "the control"


@pytest.mark.parametrize(
    ("last", "more"),
    [
        ({"type": "http.response.body", "body": b"whole"}, 0),
        ({"type": "http.response.body", "body": b"whole", "more_body": False}, 0),
        ({"type": "http.response.body", "body": b"half", "more_body": True}, 1),
    ],
)
def test_an_answer_is_ended_once(standing: Standing, last: Message, more: int) -> None:
    async def fails(scope: Scope, receive: Receive, send: Send) -> None:
        await send(dict(START))
        await send(last)
        raise LookupError("a session of before")

    sent = told(standing, HANDLER, app=fails)
    assert [message["type"] for message in sent] == ["http.response.start"] + ["http.response.body"] * (1 + more)
    assert not sent[-1].get("more_body")


def test_an_answer_that_only_began_is_ended(standing: Standing) -> None:
    async def fails(scope: Scope, receive: Receive, send: Send) -> None:
        await send(dict(START))
        raise LookupError("a session of before")

    assert [message["type"] for message in told(standing, HANDLER, app=fails)] == [
        "http.response.start",
        "http.response.body",
    ]


def test_only_who_opens_a_battle_is_given_a_place(standing: Standing) -> None:
    places = []
    for method, path in (("POST", "/api/v1/battles"), ("GET", "/api/v1/me")):
        standing.ask(method, path, headers=standing.bearer())
        places.append(standing.app.requests[-1]["state"]["place"])
    assert places[0] is not None
    assert places[1] is None
