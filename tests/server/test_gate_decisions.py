"""Whom the gate lets in, from where and to what: each decision from both sides, what it lets through and what not."""

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Scope

from arena.api.cookies import RATER as COOKIE
from arena.domain.permission import Permission
from arena.domain.principal import Role
from arena.services import clock
from arena.store.instance import Instance
from arena.ui import plain_pages
from arena.ui.plain_pages import Page
from tests.server.lone_gate import HOME, OUTSIDE, Make

# -- the way a request comes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "ANYTHING"])
@pytest.mark.parametrize("origin", [None, "http://evil.example", "null", "https://127.0.0.1:7860", f"{HOME}.evil"])
def test_a_cookie_changes_nothing_but_from_our_own_page(standing: Make, method: str, origin: str | None) -> None:
    arena = standing()
    assert arena.ask(method, "/api/v1/me", headers=arena.cookie(origin)).status_code == 403
    assert arena.app.requests == []
    assert arena.ask(method, "/api/v1/me", headers=arena.cookie(HOME)).status_code == 200


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_token_needs_no_origin_and_none_from_elsewhere(standing: Make, method: str) -> None:
    arena = standing()
    assert arena.ask(method, "/api/v1/me", headers=arena.bearer()).status_code == 200
    foreign = arena.bearer() | {"Origin": "http://evil.example"}
    assert arena.ask(method, "/api/v1/me", headers=foreign).status_code == 403


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_needs_no_origin(standing: Make, method: str) -> None:
    arena = standing()
    for headers in (arena.cookie(), arena.cookie("http://evil.example")):
        assert arena.ask(method, "/api/v1/me", headers=headers).status_code == 200


def test_an_authorization_of_another_kind_is_nobody_even_with_a_cookie(standing: Make) -> None:
    arena = standing()
    for value in (f"Basic {arena.token}", arena.token, "Bearer", "Bearer x"):
        headers = arena.cookie() | {"Authorization": value}
        assert arena.ask("GET", "/api/v1/me", headers=headers).status_code == 401
    for value in (f"bearer {arena.token}", f"Bearer  {arena.token} "):
        assert arena.ask("GET", "/api/v1/me", headers={"Authorization": value}).status_code == 200


PUBLIC = "https://arena.example.org"


@pytest.mark.parametrize(
    ("host", "settings", "status"),
    [
        ("127.0.0.1:7860", {}, 200),
        ("localhost", {}, 200),
        ("[::1]:7860", {}, 200),
        ("arena.example.org", {}, 400),
        ("arena.example.org", {"public_url": PUBLIC}, 200),
        ("localhost", {"public_url": PUBLIC}, 200),
        ("evil.example", {"public_url": PUBLIC}, 400),
        ("arena.example.org.evil.example", {"public_url": PUBLIC}, 400),
        ("arena.example.org:1234", {"public_url": PUBLIC}, 400),
        ("anything", {"host": "0.0.0.0"}, 200),  # noqa: S104 - it listens to everybody, under any name
        ("anything", {"host": "localhost"}, 400),
    ],
)
def test_on_loopback_only_our_own_names_are_answered(
    standing: Make, host: str, settings: dict[str, Any], status: int
) -> None:
    arena = standing(**settings)
    response = arena.ask("GET", "/api/v1/me", headers=arena.bearer() | {"Host": host})
    assert response.status_code == status
    assert len(arena.app.requests) == (status == 200)


def test_the_page_under_the_public_address_may_act_and_others_may_not(standing: Make) -> None:
    arena = standing(public_url=f"{PUBLIC}/")
    host = {"Host": "arena.example.org"}
    for origin, status in ((PUBLIC, 200), ("http://evil.example", 403), ("https://arena.example.org:444", 403)):
        assert arena.ask("POST", "/api/v1/battles", headers=arena.cookie(origin) | host).status_code == status


@pytest.mark.parametrize("origin", ["http://None", "http://XXXX", "http://127.0.0.1:7860"])
def test_a_request_without_a_host_comes_from_nowhere_of_ours(standing: Make, origin: str) -> None:
    """Whatever stands for the missing name, no site of that name may act."""
    arena = standing(host="0.0.0.0")  # noqa: S104 - a setting, nothing is bound
    said = {"cookie": f"{COOKIE}={arena.token}", "origin": origin}
    headers = [(name.encode(), value.encode()) for name, value in said.items()]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/me",
        "scheme": "http",
        "headers": headers,
        "client": None,
    }
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    asyncio.run(arena.gate(scope, receive, send))
    assert sent[0]["status"] == 403
    assert arena.app.requests == []


def test_the_scheme_of_a_trusted_proxy_makes_the_origin(standing: Make) -> None:
    said = {"Host": "a.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": OUTSIDE}
    trusting = standing(host="0.0.0.0", trusted_proxies=["127.0.0.1"])  # noqa: S104 - a setting, nothing is bound
    assert trusting.ask("POST", "/api/v1/me", headers=trusting.cookie("https://a.example") | said).status_code == 200
    wary = standing(host="0.0.0.0")  # noqa: S104 - a setting, nothing is bound
    assert wary.ask("POST", "/api/v1/me", headers=wary.cookie("https://a.example") | said).status_code == 403


# -- who may, where -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_monitors_need_an_identity_beyond_loopback(standing: Make, path: str) -> None:
    arena = standing(trusted_proxies=["10.0.0.0/8"])
    assert arena.ask("GET", path).status_code == 200
    assert arena.ask("GET", path, sender="::1").status_code == 200
    assert arena.ask("GET", path, sender=OUTSIDE).status_code == 401
    assert arena.ask("GET", path, sender="10.1.1.1").status_code == 401
    for forwarded in (OUTSIDE, "127.0.0.1"):
        headers = {"X-Forwarded-For": forwarded}
        for sender in ("127.0.0.1", "10.1.1.1", OUTSIDE):
            assert arena.ask("GET", path, sender=sender, headers=headers).status_code == 401
    assert arena.ask("GET", path, sender=OUTSIDE, headers=arena.bearer()).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/me", 401),
        ("/api/v1/raters/x", 401),
        ("/config", 401),
        ("/gradio_api/run/predict", 401),
        ("/api/v1/raters", 401),
        ("/api/openapi.json", 200),
        ("/theme.css", 200),
        ("/favicon.ico", 200),
        ("/static/x.js", 200),
        ("/assets/x.js", 200),
        ("/staticx", 404),
        ("/nothing", 404),
        ("/gradio_api/upload", 404),
        ("/gradio_api/queue/join", 404),
        ("/metrics/x", 404),
    ],
)
def test_without_an_identity_only_the_programs_own_files_and_its_door_are_open(
    standing: Make, path: str, status: int
) -> None:
    arena = standing()
    response = arena.ask("GET", path)
    assert response.status_code == status
    assert len(arena.app.requests) == (status == 200)
    if status == 401:
        assert arena.ask("GET", path, headers=arena.bearer()).status_code == 200


@pytest.fixture
def lab_page(monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a page that no rater may open."""
    page = Page(name="x", address="/lab/x", title="X", needs=Permission.CONDUCT)
    monkeypatch.setitem(plain_pages.AT, page.address, page)
    return page.address


def test_a_page_that_is_not_for_a_role_is_told_as_if_it_were_no_page(standing: Make, lab_page: str) -> None:
    arena = standing()
    absent = arena.ask("GET", "/lab/y", headers=arena.bearer())
    closed = arena.ask("GET", lab_page, headers=arena.bearer())
    assert (closed.status_code, closed.text.replace(lab_page, "/lab/y")) == (404, absent.text)
    assert len(arena.app.requests) == 0
    nobody = arena.ask("GET", lab_page)
    assert (nobody.status_code, nobody.headers["location"]) == (303, "/signin")
    assert "set-cookie" not in nobody.headers


def test_the_page_of_an_account_sends_whoever_has_none_to_sign_in(standing: Make) -> None:
    arena = standing()
    for headers in ({}, arena.cookie(), arena.bearer()):
        response = arena.ask("GET", "/account", headers=headers)
        assert (response.status_code, response.headers["location"]) == (303, "/signin")


def test_only_reading_a_page_makes_a_rater(standing: Make) -> None:
    arena = standing()
    for method, path in (("HEAD", "/"), ("POST", "/"), ("GET", "/config"), ("GET", "/api/v1/me")):
        assert "set-cookie" not in arena.ask(method, path).headers
    made = arena.ask("GET", "/leaderboard")
    assert made.headers["set-cookie"].startswith(f"{COOKIE}=")
    principal = arena.app.requests[-1]["state"]["principal"]
    assert (principal.role, principal.workspace) == (Role.RATER, "default")
    cookie = made.headers["set-cookie"].partition(";")[0]
    assert arena.ask("GET", "/", headers={"Cookie": cookie}).status_code == 200
    assert arena.app.requests[-1]["state"]["principal"] == principal
    assert "set-cookie" not in arena.ask("GET", "/", headers=arena.cookie()).headers


def test_pages_of_a_workspace_without_anonymous_raters_send_nobody_to_sign_in(
    standing: Make, instance: Instance
) -> None:
    """Those of an absent one too, byte for byte; with anonymous raters the page makes one."""
    arena = standing()
    assert arena.ask("GET", "/").status_code == 200, "positive control"
    assert COOKIE in arena.ask("GET", "/leaderboard").headers["set-cookie"]
    instance.workspaces.change("default", {"anonymous": False}, clock.now())
    try:
        told = [
            arena.ask("GET", path) for path in ("/", "/leaderboard", "/w/default/", "/w/lab-x/", "/w/lab-x/leaderboard")
        ]
        assert {(one.status_code, one.headers["location"], one.content) for one in told} == {(303, "/signin", b"")}
        assert [one for one in told if "set-cookie" in one.headers] == []
        assert {tuple(one.headers.items()) for one in told} == {tuple(told[0].headers.items())}
        reached = len(arena.app.requests)
        assert arena.ask("GET", "/", headers=arena.cookie()).status_code == 303, "its cookie of before is nobody now"
        assert arena.ask("GET", "/api/v1/me", headers=arena.cookie()).status_code == 401
        assert arena.ask("POST", "/api/v1/raters").status_code == 404
        assert len(arena.app.requests) == reached
        assert arena.ask("GET", "/signin").status_code == 200
    finally:
        instance.workspaces.forget("default")


def test_the_cookie_is_found_among_those_of_other_programs(standing: Make) -> None:
    arena = standing()
    for value in (
        f"a=b; {COOKIE}={arena.token}; c=d",
        f"{COOKIE}=x; {COOKIE}={arena.token}",
        f"a;{COOKIE}={arena.token}",
        f"{COOKIE}; =; {COOKIE}={arena.token}",
    ):
        assert arena.ask("GET", "/api/v1/me", headers={"Cookie": value}).status_code == 200, value
    for value in (f"x{COOKIE}={arena.token}", f"{COOKIE}={arena.token}=", f"{COOKIE}={arena.token} ;x", arena.token):
        status = 200 if value.endswith(" ;x") else 401
        assert arena.ask("GET", "/api/v1/me", headers={"Cookie": value}).status_code == status, value


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:0", 200),
        ("127.0.0.1:65535", 200),
        ("127.0.0.1:65536", 400),
        ("user@localhost", 400),
        ("localhost/x", 400),
        ("localhost:x", 400),
        ("[::1", 400),
        ("", 400),
        ("126.255.255.255", 400),
    ],
)
def test_a_host_is_a_name_and_a_port_and_nothing_else(standing: Make, host: str, status: int) -> None:
    arena = standing()
    assert arena.ask("GET", "/api/v1/me", headers=arena.bearer() | {"Host": host}).status_code == status


def test_what_is_no_request_of_http_is_closed_and_the_start_is_handed_on(standing: Make) -> None:
    arena = standing()
    heard: list[str] = []
    sent: list[Message] = []

    async def receive() -> Message:
        heard.append("connect")
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(arena.gate({"type": "websocket", "path": "/", "headers": []}, receive, send))
    assert (heard, sent) == (["connect"], [{"type": "websocket.close", "code": 1008}])
    assert arena.app.requests == []
    lifespan: Scope = {"type": "lifespan"}
    asyncio.run(arena.gate(lifespan, receive, send))
    assert arena.app.requests == [lifespan]
