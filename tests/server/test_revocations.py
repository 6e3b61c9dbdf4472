"""How long a session or a token is worth something after it was revoked: for a request, and for an open, silent stream.

python -m pytest tests/server/test_revocations.py -s      prints the seconds
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from unittest import mock

import httpx
import pytest

from arena.server import gate
from tests import arenas
from tests.inference import misbehaving

MODELS = ("echo", "say:Rivers bend.")
PASSWORD = "four quiet herons wade"
LONG = "Tell me of rivers that bend, and of lanterns that glow in the harbour."
WITHIN = 5.0
"""Seconds after which nothing may be worth anything any more."""


@pytest.fixture(scope="module")
def server() -> Iterator[misbehaving.Server]:
    with misbehaving.serve(listed=MODELS) as running:
        yield running


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory, server: misbehaving.Server) -> Iterator[arenas.Arena]:
    data_dir: Path = tmp_path_factory.mktemp("revoked")
    settings = arenas.settings_for(data_dir, server.endpoint, MODELS)
    with arenas.hurried(), arenas.running(settings, pages=False) as running:
        yield running


class Reading:
    """Somebody who reads a stream to its end, in a thread."""

    def __init__(self, client: httpx.Client, battle_id: str) -> None:
        self.begun = threading.Event()
        self.over = threading.Event()
        self.told: list[str] = []
        self._client = client
        self._path = f"/api/v1/battles/{battle_id}/stream"
        threading.Thread(target=self._read, daemon=True).start()
        assert self.begun.wait(10)

    def _read(self) -> None:
        try:
            with suppress(httpx.HTTPError), self._client.stream("GET", self._path) as stream:
                for line in stream.iter_lines():
                    self.told.append(line)
                    if line == "event: delta":  # all that it says before it is silent
                        self.begun.set()
        finally:
            self.over.set()


@contextmanager
def two_readers(
    arena: arenas.Arena, server: misbehaving.Server, tokens: tuple[str, str]
) -> Iterator[tuple[httpx.Client, Reading, Reading]]:
    """A client that will be revoked with its stream, and the stream of another; both models say nothing meanwhile."""
    with arena.client(tokens[0]) as client, arena.client(tokens[1]) as other, server.holding(1):
        opened = [
            one.post("/api/v1/battles", json={"prompt": LONG}).raise_for_status().json()["battle_id"]
            for one in (client, other)
        ]
        yield client, Reading(client, opened[0]), Reading(other, opened[1])


def account(arena: arenas.Arena, admin: httpx.Client, email: str) -> dict[str, str]:
    """A new account, as its first session was told."""
    token = admin.post("/api/v1/invitations", json={"role": "rater"}).raise_for_status().json()["token"]
    with arena.client() as client:
        body = {"email": email, "password": PASSWORD}
        told: dict[str, str] = client.post(f"/api/v1/invitations/{token}/accept", json=body).raise_for_status().json()
    return told


def signed_in(arena: arenas.Arena, email: str) -> str:
    """The token of a further session of an account."""
    with arena.client() as client:
        body = {"email": email, "password": PASSWORD}
        token: str = client.post("/api/v1/sessions", json=body).raise_for_status().json()["token"]
    return token


def first_refusal(client: httpx.Client, since: float) -> float:
    """Seconds from a moment until a request is refused."""
    while time.monotonic() - since < WITHIN:
        if client.get("/api/v1/me").status_code in (401, 404):
            return time.monotonic() - since
    raise AssertionError("what was revoked is worth something still")


def measured(
    arena: arenas.Arena, server: misbehaving.Server, tokens: tuple[str, str], revoke: Callable[[], object]
) -> tuple[float, float]:
    """Seconds from the request that revokes to the first refusal, and to the end of a silent stream."""
    with two_readers(arena, server, tokens) as (client, cut, kept):
        begun = time.monotonic()
        revoke()
        refused = first_refusal(client, begun)
        assert cut.over.wait(WITHIN), "the stream of whoever was revoked goes on"
        ended = time.monotonic() - begun
        assert not kept.over.is_set(), "the control: a silent stream of somebody else goes on"
    assert not {"event: done", "event: void"} & set(cut.told)
    return refused, ended


HOW = ("its owner ends the session", "its owner ends all others", "the account is disabled", "the account is taken out")


@pytest.mark.parametrize("how", [*HOW, "the token is revoked"])
def test_what_was_revoked_is_worthless_within_five_seconds(
    arena: arenas.Arena, server: misbehaving.Server, how: str
) -> None:
    email = f"{how.replace(' ', '.')}@lab.example"
    with ExitStack() as opened:
        admin = opened.enter_context(arena.admin())
        if how == "the token is revoked":
            made, kept = (admin.post("/api/v1/tokens", json={"role": "lab"}).json() for _ in range(2))
            revoke = lambda: admin.delete(f"/api/v1/tokens/{made['id']}").raise_for_status()  # noqa: E731
        else:
            made, kept = account(arena, admin, email), account(arena, admin, f"kept.{email}")
            second = opened.enter_context(arena.client(signed_in(arena, email)))
            revoke = {
                HOW[0]: lambda: second.delete(f"/api/v1/sessions/{made['session_id']}").raise_for_status(),
                HOW[1]: lambda: second.delete("/api/v1/sessions").raise_for_status(),
                HOW[2]: lambda: admin.post("/api/v1/accounts/disabling", json={"email": email}).raise_for_status(),
                HOW[3]: lambda: admin.post(
                    "/api/v1/accounts/removal", json={"email": email, "reason": "It is over."}
                ).raise_for_status(),
            }[how]
        refused, cut = measured(arena, server, (made["token"], kept["token"]), revoke)
    load = os.getloadavg()[0]
    print(f"{how}: first refusal after {refused:.2f} s, silent stream cut after {cut:.2f} s, load {load:.1f}")
    assert refused <= WITHIN
    assert cut <= WITHIN


def test_raters_without_an_account_who_are_let_in_no_more_read_no_further(
    arena: arenas.Arena, server: misbehaving.Server
) -> None:
    with arena.admin() as admin, arena.client() as nobody:
        made, kept = nobody.post("/api/v1/raters").json(), account(arena, admin, "let.in@lab.example")

        def rule(anonymous: bool) -> None:
            admin.patch("/api/v1/workspace", json={"anonymous": anonymous}).raise_for_status()

        try:
            refused, cut = measured(arena, server, (made["token"], kept["token"]), lambda: rule(False))
        finally:
            rule(True)
    assert refused <= WITHIN
    assert cut <= WITHIN


def test_a_stream_of_who_holds_a_lesser_role_now_is_cut(arena: arenas.Arena, server: misbehaving.Server) -> None:
    with arena.admin() as admin:
        people = []
        for name in ("lowered", "raised"):
            link = admin.post("/api/v1/invitations", json={"role": "reviewer"}).raise_for_status().json()["token"]
            body = {"email": f"{name}@lab.example", "password": PASSWORD}
            with arena.client() as client:
                people.append(client.post(f"/api/v1/invitations/{link}/accept", json=body).json()["token"])

        def give(name: str, role: str) -> None:
            body = {"email": f"{name}@lab.example", "role": role}
            admin.post("/api/v1/accounts/roles", json=body).raise_for_status()

        with two_readers(arena, server, (people[0], people[1])) as (_, cut, kept):
            give("raised", "lab")
            give("lowered", "rater")
            assert cut.over.wait(WITHIN)
            assert not kept.over.is_set(), "the control: who may more goes on"


def test_the_control_a_silent_stream_that_nobody_looks_at_goes_on(
    arena: arenas.Arena, server: misbehaving.Server
) -> None:
    with mock.patch.object(gate, "WATCH_SECONDS", 60.0), arena.admin() as admin:
        made, kept = (admin.post("/api/v1/tokens", json={"role": "lab"}).json() for _ in range(2))
        with two_readers(arena, server, (made["token"], kept["token"])) as (client, cut, _):
            admin.delete(f"/api/v1/tokens/{made['id']}").raise_for_status()
            assert client.get("/api/v1/me").status_code == 401
            assert not cut.over.wait(1.5)
            server.most = None
            assert cut.over.wait(10), "it is cut as soon as it says something"
        assert "event: done" not in cut.told
