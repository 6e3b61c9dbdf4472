"""Real arenas for tests: the whole application behind uvicorn on loopback, in a thread of the test process."""

import asyncio
import contextlib
import functools
import json
import re
import socket
import ssl
import threading
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import httpx
import uvicorn
from gradio import Blocks, routes
from starlette.types import ASGIApp

from arena.api import app as api_app
from arena.api import direct, problems
from arena.inference import pacing
from arena.server import app
from arena.server import run as run_server
from arena.server import running as server_running
from arena.server.gate import Gate
from arena.services import installation, live
from arena.services.installation import Installation
from arena.services.workspace_services import Services
from arena.settings import Settings
from arena.settings.models import ModelSettings
from arena.store.writing import writer
from tests import postgres
from tests.inference import misbehaving

START_SECONDS = 240
PATIENCE = 60.0
"""Seconds until a test that waits for something gives up."""
TRIES = 5
MODELS = ("say:Rivers bend.", "say:Lanterns glow.")
ASKING_OFTEN = {"failed_tokens_per_minute": 1_000_000}
"""For tests that ask until a token is known, or is worth nothing: with the usual limit the answer is soon 429."""
HURRIED_TICK = 0.01
BUILD = app.build
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Clients of arenas on loopback use no TLS: this saves each of them reading a file of authorities."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arena:
    """A running arena."""

    url: str
    installation: Installation
    admin_token: str

    @property
    def services(self) -> Services:
        """Those of the workspace it serves."""
        return self.installation.default

    def client(self, token: str | None = None) -> httpx.Client:
        """A program that talks to it, with or without a bearer token."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=240, verify=PLAIN)

    def rater(self) -> httpx.Client:
        """A program that is a new rater."""
        with self.client() as anonymous:
            return self.client(anonymous.post("/api/v1/raters").json()["token"])

    def admin(self) -> httpx.Client:
        """A program that is the admin."""
        return self.client(self.admin_token)


class Two(NamedTuple):
    """Two processes of one installation, as far as their data goes: each has a data folder of its own."""

    one: Arena
    other: Arena


def codes(status: int, code: str | None = None) -> tuple[str, ...]:
    """The words that a refusal of a status may have: this one, or else that of the status, or a closer one."""
    closer = ("unknown_name", "does_not_fit") if status == HTTPStatus.UNPROCESSABLE_ENTITY else ()
    return (code,) if code else (problems.WORDS[status], *closer)


def settings_for(data_dir: Path, url: str, served_names: Sequence[str], **changes: Any) -> Settings:
    """Settings with one model for each served name, all at one model server, with short deadlines."""
    models = [
        ModelSettings.model_validate({"name": _slug(number, name), "endpoint": url, "served_name": name})
        for number, name in enumerate(served_names)
    ]
    return Settings.model_validate({"port": 0, "data_dir": data_dir, "models": models, **changes})


@contextmanager
def hurried() -> Iterator[None]:
    """Show answers as soon as both are written so far, and store them at once, for tests that are not about the pace:
    it takes seconds a battle."""
    rules = pacing.Rules(step=1.25, hold=0.5, reserve=0, up=1.5, caution=0.8, first_pace=1e6)
    with (
        mock.patch.object(live, "Pace", functools.partial(pacing.Pace, rules=rules)),
        mock.patch.object(pacing, "TICK", HURRIED_TICK),
        mock.patch.object(live, "TICK", HURRIED_TICK),
        mock.patch.object(writer, "COMPANY_SECONDS", 0.0),
    ):
        yield


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Services]:
    """The services of an arena, in the loop of the test and without a server."""
    async with installation.opened(settings) as found:
        yield found.default


@contextmanager
def running(settings: Settings, *, pages: bool = True) -> Iterator[Arena]:
    """Serve the whole application until the block ends; without its pages it is there in half the time."""
    build = with_pages if pages else without_pages
    listener = _listener()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    ready = threading.Event()
    box: dict[str, Any] = {}

    async def serve() -> None:
        async with installation.opened(settings) as opened:
            config = run_server.configuration(build(opened), opened, log_level="error", stop_seconds=1)
            box["server"], box["installation"] = uvicorn.Server(config), opened
            ready.set()
            await box["server"].serve([listener])

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            box["error"] = error
            raise
        finally:
            ready.set()

    thread = threading.Thread(target=run, name="arena")
    with listener, server_running.announced(settings.data_dir, url, settings.workspace):
        yield from _served(thread, box, ready, url, settings)


@contextmanager
def two(folder: Path) -> Iterator[Two]:
    """Serve two arenas over one database of their own, whose data folders are in `folder`."""
    with (
        misbehaving.serve(listed=MODELS) as server,
        postgres.running(**postgres.UNSYNCED) as database,
        hurried(),
        ExitStack() as opened,
    ):
        settings = [
            settings_for(folder / name, server.endpoint, MODELS, database=database.url(), limits=ASKING_OFTEN)
            for name in Two._fields
        ]
        yield Two(*(opened.enter_context(running(one, pages=False)) for one in settings))


def at(arena: Arena, client: httpx.Client) -> httpx.Client:
    """Who a client is, at another process."""
    return arena.client(client.headers["Authorization"].removeprefix("Bearer "))


def seconds_until(holds: Callable[[], bool]) -> float:
    started = time.monotonic()
    while not holds():
        assert time.monotonic() - started < PATIENCE
        time.sleep(0.02)
    return time.monotonic() - started


def least(limit: float, measured: Callable[[], float]) -> float:
    """The least of some measurements, until one is within a limit: a busy machine makes single ones long. Each is
    printed, so that a test which needed several tries shows it."""
    tried = [measured()]
    while tried[-1] > limit and len(tried) < TRIES:
        tried.append(measured())
    print("\ntries:", ", ".join(f"{one:.2f} s" for one in tried))
    return min(tried)


def battle(rater: httpx.Client, prompt: str = "Say something.", **more: Any) -> str:
    """Open a battle and wait until it is ready; returns its id."""
    battle_id: str = (
        rater.post("/api/v1/battles", json={"prompt": prompt, **more}).raise_for_status().json()["battle_id"]
    )
    assert [name for name, _ in events(rater, battle_id)][-1] == "done"
    return battle_id


def vote(
    rater: httpx.Client, battle_id: str, winner: str = "model_a", key: str | None = None, **more: Any
) -> httpx.Response:
    """Vote on a battle, with a fresh key unless one is given."""
    headers = {"Idempotency-Key": key or uuid.uuid4().hex}
    return rater.post(f"/api/v1/battles/{battle_id}/votes", json={"winner": winner, **more}, headers=headers)


def events(rater: httpx.Client, battle_id: str) -> list[tuple[str, dict[str, Any]]]:
    """Every event of a battle's stream, to its end."""
    found = []
    with rater.stream("GET", f"/api/v1/battles/{battle_id}/stream") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        name = ""
        for line in response.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                found.append((name, json.loads(line.removeprefix("data: "))))
    return found


PORTS: list[int] = []
"""Those that arenas of this process had."""


def _listener() -> socket.socket:
    """On the first port that an earlier arena had and none has now: a browser knows all files of its pages already."""
    for port in PORTS:
        with contextlib.suppress(OSError):
            return socket.create_server(("127.0.0.1", port))
    listener = socket.create_server(("127.0.0.1", 0))
    PORTS.append(listener.getsockname()[1])
    return listener


def with_pages(found: Installation) -> ASGIApp:
    """The application. Gradio makes one at the end of each page and six times in all, of which it mounts the last."""
    made = routes.App.create_app

    def mounted(blocks: Blocks, **more: Any) -> routes.App | None:
        return made(blocks, **more) if "parent_app" in more else None

    with mock.patch.object(routes.App, "create_app", mounted):
        return BUILD(found)


def without_pages(found: Installation) -> ASGIApp:
    """The application as far as programs use it."""
    return Gate(direct.Direct(api_app.build(found), api_app.ROUTERS), found, frozenset())


def _served(
    thread: threading.Thread, box: dict[str, Any], ready: threading.Event, url: str, settings: Settings
) -> Iterator[Arena]:
    thread.start()
    try:
        assert ready.wait(START_SECONDS)
        if "error" in box:
            raise box["error"]
        _wait_for(url)
        written = settings.data_dir / "admin-token"  # by the first process of an installation alone
        token = written.read_text().strip() if written.exists() else ""
        yield Arena(url=url, installation=box["installation"], admin_token=token)
    finally:
        if "server" in box:
            box["server"].should_exit = True
        thread.join(START_SECONDS)


def _slug(number: int, served_name: str) -> str:
    return f"canary-{number}-" + re.sub(r"[^a-z0-9]+", "-", served_name.lower()).strip("-")


def _wait_for(url: str) -> None:
    limit = time.monotonic() + START_SECONDS
    with httpx.Client(verify=PLAIN) as client:
        while time.monotonic() < limit:
            try:
                if client.get(f"{url}/healthz").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.01)
    raise AssertionError("the arena did not start")
