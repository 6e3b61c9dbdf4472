"""The gate: identity, origin, limits and headers on every path, Gradio's included."""

import asyncio
import json
import logging
import re
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import gradio as gr
import httpx
import pytest
from gradio.routes import App

from arena.api.cookies import RATER as COOKIE
from arena.domain.principal import Role
from arena.server import gate
from tests import arenas
from tests.inference import misbehaving

MODELS = ("echo", "say:Rivers bend.")
HANDLER = gate.HANDLER


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    """A running arena with two healthy models."""
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(tmp_path_factory.mktemp("gate"), server.endpoint, MODELS)
        with arenas.hurried(), arenas.running(settings) as running:
            yield running


@pytest.fixture
def browser(arena: arenas.Arena) -> Iterator[httpx.Client]:
    """A client that keeps the cookie of its first page."""
    with arena.client() as client:
        assert client.get("/", headers={"Accept": "text/html"}).status_code == 200
        assert COOKIE in client.cookies
        yield client


PATHS = ["/", "/healthz", "/api/v1/me", "/api/openapi.json", "/nothing", "/static/nothing", "/gradio_api/upload"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_security_headers(arena: arenas.Arena, path: str) -> None:
    with arena.client() as client:
        headers = client.get(path).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_a_first_page_makes_a_rater_and_keeps_it(arena: arenas.Arena, browser: httpx.Client) -> None:
    me = browser.get("/api/v1/me").json()
    assert me["role"] == "rater"
    again = browser.get("/")
    assert "set-cookie" not in again.headers
    assert browser.get("/api/v1/me").json() == me


def test_the_cookie_is_closed_to_scripts_and_other_sites(arena: arenas.Arena) -> None:
    with arena.client() as client:
        cookie = client.get("/").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize(
    "path",
    ["/api/v1/me", "/api/v1/battles/latest", "/api/v1/leaderboards/overall", "/config", HANDLER],
)
def test_without_an_identity_nothing_of_anybody_is_shown(arena: arenas.Arena, path: str) -> None:
    with arena.client() as client:
        response = client.get(path)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


def test_a_forged_cookie_or_token_is_nobody(arena: arenas.Arena) -> None:
    with arena.client() as client:
        rater_id, _, signature = client.post("/api/v1/raters").json()["token"].partition(".")
        for forged in (
            f"{rater_id}.{'0' * len(signature)}",
            f"{rater_id[:-1]}{'1' if rater_id.endswith('0') else '0'}.{signature}",
            "r_1",
            "x",
            "arena_x",
            "é",
        ):
            for headers in ({"Cookie": f"{COOKIE}={forged}".encode()}, {"Authorization": f"Bearer {forged}".encode()}):
                assert client.get("/api/v1/me", headers=headers).status_code == 401


def test_a_cookie_does_not_act_across_origins(arena: arenas.Arena, browser: httpx.Client) -> None:
    """From another origin, or from nowhere, a cookie does nothing; from our own page it does."""
    body = {"prompt": "Hello"}
    for origin in ("http://evil.example", "null", f"{arena.url}.evil.example", "http://127.0.0.1:1"):
        assert browser.post("/api/v1/battles", json=body, headers={"Origin": origin}).status_code == 403
    assert browser.post("/api/v1/battles", json=body).status_code == 403
    assert browser.get("/api/v1/battles/latest").status_code == 204
    assert browser.post("/api/v1/battles", json=body, headers={"Origin": arena.url}).status_code == 201


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_a_form_of_another_site_does_nothing(arena: arenas.Arena, browser: httpx.Client, content_type: str) -> None:
    headers = {"Origin": "http://evil.example", "Content-Type": content_type}
    for path in ("/api/v1/battles", HANDLER):
        assert browser.post(path, content=b'{"prompt": "Hello"}', headers=headers).status_code == 403


def test_a_foreign_host_name_is_not_answered(arena: arenas.Arena) -> None:
    with arena.client() as client:
        assert client.get("/", headers={"Host": "evil.example"}).status_code == 400
        assert client.get("/", headers={"Host": "localhost:1234"}).status_code == 200


def test_a_body_beyond_the_limit_is_refused_however_it_is_sent(arena: arenas.Arena) -> None:
    """By its Content-Length, and by counting when it is sent in chunks without one."""
    with arena.rater() as rater:
        big = json.dumps({"prompt": "x" * 1_000_000}).encode()
        assert rater.post("/api/v1/battles", content=big).status_code == 413
        chunks = (big[start : start + 65_536] for start in range(0, len(big), 65_536))
        assert (
            rater.post("/api/v1/battles", content=chunks, headers={"Content-Type": "application/json"}).status_code
            == 413
        )


def paths(routes: list[object], prefix: str = "") -> Iterator[str]:
    """Every path of an application, those of its routers too, with 1 for each parameter."""
    for route in routes:
        path = prefix + getattr(route, "path", "")
        inner = getattr(route, "routes", None) or getattr(getattr(route, "original_router", None), "routes", None)
        if inner:
            yield from paths(inner, prefix if not hasattr(route, "path") else path)
        else:
            yield re.sub(r"\{[^}]*\}", "1", path)


def status(browser: httpx.Client, path: str) -> int:
    """The status of an answer, without waiting for the end of a stream."""
    with browser.stream("GET", path) as response:
        return response.status_code


def test_of_gradio_only_what_the_pages_use_is_open(browser: httpx.Client, arena: arenas.Arena) -> None:
    """Every route that Gradio has is tried; a new one in a later release is closed until it is wanted."""

    async def built() -> list[object]:
        return list(App.create_app(gr.Blocks()).routes)  # inside a loop: Gradio leaks one of its own otherwise

    routes = set(paths(asyncio.run(built())))
    assert len(routes) > 40
    closed = {path for path in routes if status(browser, path) == 404}
    still_open = {path for path in routes - closed if not path.startswith(("/static/", "/assets/"))}
    assert still_open <= {
        "/",
        "/config",
        "/theme.css",
        "/favicon.ico",
        HANDLER,
        "/gradio_api/startup-events",
    }
    assert "/pwa_icon/1" in closed
    assert {browser.post(path, headers={"Origin": arena.url}).status_code for path in closed} <= {404, 405}


@pytest.mark.parametrize(
    "others",
    [
        'prefs={"a": 1, "b": 2}; {ours}',
        "a/b=1; {ours}",
        "path=/x; {ours}",
        "novalue; {ours}",
        "{ours}; a,b=1",
        "arena_rater=forged; {ours}",
    ],
)
def test_cookies_of_other_programs_do_not_matter(browser: httpx.Client, arena: arenas.Arena, others: str) -> None:
    ours = f"{COOKIE}={browser.cookies[COOKIE]}"
    with arena.client() as client:
        response = client.get("/api/v1/me", headers={"Cookie": others.replace("{ours}", ours)})
        assert response.json()["id"] == browser.get("/api/v1/me").json()["id"]


@pytest.mark.parametrize("host", ["[::1", "[127.0.0.1]", "evil.example@127.0.0.1", "127.0.0.1/x", ""])
def test_a_host_header_that_is_none_is_refused_with_the_headers_on(arena: arenas.Arena, host: str) -> None:
    with arena.client() as client:
        response = client.get("/healthz", headers={"Host": host})
    assert response.status_code == 400
    assert "content-security-policy" in response.headers


def test_to_a_token_of_another_workspace_this_one_is_absent(arena: arenas.Arena) -> None:
    """The wall between labs: another lab's token reads nothing of this one."""
    instance = arena.services.identity._instance
    _, other = instance.add_token(Role.LAB, "otherlab", datetime.now(UTC))
    _, ours = instance.add_token(Role.LAB, "default", datetime.now(UTC))
    with arena.client(other) as stranger, arena.client(ours) as lab, arena.admin() as admin:
        for path in ("/api/v1/me", "/api/v1/votes", "/api/v1/ledger", "/api/v1/leaderboards/overall"):
            assert stranger.get(path).status_code == 404
            assert stranger.get(f"/w/otherlab{path}").content == stranger.get(f"/w/absent{path}").content
            assert lab.get(path).status_code == 200
        assert "otherlab" not in admin.get("/api/v1/tokens").text


def test_what_a_page_of_gradio_cannot_do_is_a_problem_with_the_headers_on(
    browser: httpx.Client, arena: arenas.Arena
) -> None:
    body = {"data": [], "fn_index": -1, "session_hash": "x"}
    response = browser.post(HANDLER, json=body, headers={"Origin": arena.url})
    assert response.status_code >= 400
    assert "content-security-policy" in response.headers


def test_what_gradio_does_not_know_leaves_one_line_in_the_log_and_no_traceback(
    browser: httpx.Client, arena: arenas.Arena, caplog: pytest.LogCaptureFixture
) -> None:
    """A page from before an upgrade asks for what is no more; it is told, and the log stays readable."""
    body = {"data": [], "fn_index": 9999, "session_hash": "x"}
    with caplog.at_level(logging.WARNING):
        answer = browser.post(HANDLER, json=body, headers={"Origin": arena.url})
        until = time.monotonic() + 5
        while not caplog.records and time.monotonic() < until:
            time.sleep(0.01)  # the line follows the answer
    assert b"Error" in answer.content
    assert [(record.name, record.exc_info) for record in caplog.records] == [("arena.server.gate", None)]


def test_what_a_visitor_asks_of_gradio_waits_in_no_queue_and_is_handed_to_nobody_else(
    browser: httpx.Client, arena: arenas.Arena
) -> None:
    """Its queue keeps whatever anybody joins to it, and tells a result to whoever names the session that asked."""
    body = {"data": [], "fn_index": 0, "session_hash": "victim"}
    assert "data" in browser.post(HANDLER, json=body, headers={"Origin": arena.url}).json(), "the control"
    for path in (
        "/gradio_api/queue/join",
        "/gradio_api/api/predict",
        "/gradio_api/call/board",
        "/gradio_api/api/board",
    ):
        assert browser.post(path, json=body, headers={"Origin": arena.url}).status_code == 404
    for path in ("/gradio_api/queue/data?session_hash=victim", "/gradio_api/heartbeat/victim"):
        assert browser.get(path).status_code == 404


def test_a_monitor_may_ask_for_the_head_alone(arena: arenas.Arena) -> None:
    with arena.client() as client:
        assert client.head("/healthz").status_code == 200
        refused = client.post("/healthz")
    assert (refused.status_code, refused.headers["content-type"]) == (405, "application/problem+json")


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/upload",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/proxy=http://x",
        "/gradio_api/component_server",
        "/gradio_api/vibe-code",
        "/gradio_api/process_recording",
        "/gradio_api/dev/reload",
        "/pwa_icon/1",
        "/manifest.json",
    ],
)
def test_parts_of_gradio_that_take_files_or_addresses_are_closed(
    browser: httpx.Client, arena: arenas.Arena, path: str
) -> None:
    assert browser.get(path).status_code == 404
    assert browser.post(path, headers={"Origin": arena.url}).status_code == 404


def test_monitors_on_loopback_need_no_identity(arena: arenas.Arena) -> None:
    with arena.client() as client:
        assert client.get("/healthz").json()["status"] == "ok"
        assert client.get("/readyz").status_code == 200
        metrics = client.get("/metrics").text
    assert "arena_votes 0.0" in metrics
    assert "canary" not in metrics


def test_a_websocket_is_refused(arena: arenas.Arena) -> None:
    host, port = arena.url.removeprefix("http://").split(":")
    request = (
        f"GET / HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(request.encode())
        assert b"101" not in connection.recv(200).split(b"\r\n")[0]
