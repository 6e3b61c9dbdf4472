"""The gate: identity, origin, limits and headers on every path, Gradio's included."""

import json
import socket
from collections.abc import Iterator

import httpx
import pytest

from arena.server.gate import COOKIE
from tests import arenas
from tests.inference import misbehaving

MODELS = ("echo", "say:Rivers bend.")


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
    ["/api/v1/me", "/api/v1/battles/latest", "/api/v1/leaderboards/overall", "/config", "/gradio_api/info", "/nothing"],
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
    assert browser.get("/api/v1/battles/latest").status_code == 404
    assert browser.post("/api/v1/battles", json=body, headers={"Origin": arena.url}).status_code == 201


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_a_form_of_another_site_does_nothing(arena: arenas.Arena, browser: httpx.Client, content_type: str) -> None:
    headers = {"Origin": "http://evil.example", "Content-Type": content_type}
    for path in ("/api/v1/battles", "/gradio_api/queue/join", "/gradio_api/call/x"):
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


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/upload",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/proxy=http://x",
        "/gradio_api/component_server",
    ],
)
def test_parts_of_gradio_that_take_files_or_addresses_are_closed(
    browser: httpx.Client, arena: arenas.Arena, path: str
) -> None:
    assert browser.get(path).status_code == 404
    assert browser.post(path, headers={"Origin": arena.url}).status_code == 404


def test_monitors_on_loopback_need_no_identity(arena: arenas.Arena) -> None:
    with arena.client() as client:
        assert client.get("/healthz").json() == {"status": "ok"}
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
