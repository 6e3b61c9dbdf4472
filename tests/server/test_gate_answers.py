"""What the gate puts on answers, and what it answers itself: refusals, and failures of the application."""

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from arena import errors
from arena.server import gate
from arena.server.gate import SECURITY_HEADERS
from arena.ui import document
from tests.server.lone_gate import Make


@pytest.mark.parametrize("secure", [True, False])
def test_the_cookie_is_secure_where_the_arena_is_reached_over_https(standing: Make, secure: bool) -> None:
    cookie = standing(secure_cookie=secure).ask("GET", "/").headers["set-cookie"]
    flags = [part.strip() for part in cookie.split(";")[1:]]
    assert flags == ["Path=/", "Max-Age=31536000", "HttpOnly", "SameSite=Lax", *(["Secure"] if secure else [])]


def test_nothing_of_anybody_is_kept_by_a_cache(standing: Make) -> None:
    """The API's answers, also refusals, and a page that carries a cookie; files and other pages may be kept."""
    arena = standing()
    kept = "public, max-age=9"
    assert arena.ask("GET", "/api/v1/me", headers=arena.bearer()).headers["cache-control"] == "no-store"
    assert arena.ask("GET", "/api/v1/me").headers["cache-control"] == "no-store"
    assert arena.ask("GET", "/").headers["cache-control"] == "no-store"
    assert arena.ask("GET", "/", headers=arena.cookie()).headers["cache-control"] == kept
    assert arena.ask("GET", "/static/x.js").headers["cache-control"] == kept


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/openapi.json", "/nothing", "/", "/static/x.js"])
def test_every_answer_carries_every_security_header(standing: Make, path: str) -> None:
    headers = standing().ask("GET", path).headers
    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


class Saying:
    """An application that answers with headers of its own."""

    def __init__(self, status: int = 200, **headers: str) -> None:
        self.status = status
        self.headers = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": b"said"})


def test_a_header_that_the_gate_puts_on_answers_is_there_once(standing: Make) -> None:
    arena = standing()
    arena.gate._app = Saying(X_Frame_Options="ALLOWALL", X_Other="theirs")
    headers = arena.ask("GET", "/api/v1/me", headers=arena.bearer()).headers
    assert headers.get_list("x-frame-options") == ["DENY"]
    assert headers.get_list("x-other") == ["theirs"]


@pytest.mark.parametrize(
    ("path", "status", "policy", "kept"),
    [
        ("/api/v1/media/x", 200, "default-src 'none'; sandbox", "private, max-age=31536000, immutable"),
        ("/api/v1/media/x", 399, "default-src 'none'; sandbox", "private, max-age=31536000, immutable"),
        ("/api/v1/media/x", 400, gate.CONTENT_SECURITY_POLICY, "no-store"),
        ("/api/v1/me", 200, gate.CONTENT_SECURITY_POLICY, "no-store"),
    ],
)
def test_nothing_runs_in_what_labs_put_in_and_it_is_kept_for_ever(
    standing: Make, path: str, status: int, policy: str, kept: str
) -> None:
    arena = standing()
    arena.gate._app = Saying(status)
    headers = arena.ask("GET", path, headers=arena.bearer()).headers
    assert (headers["content-security-policy"], headers["cache-control"]) == (policy, kept)


def test_the_security_headers_close_what_pages_do_not_need() -> None:
    policy = dict(part.strip().split(" ", 1) for part in SECURITY_HEADERS["Content-Security-Policy"].split(";"))
    assert {name: policy[name] for name in ("default-src", "connect-src", "object-src", "frame-ancestors")} == {
        "default-src": "'self'",
        "connect-src": "'self'",
        "object-src": "'none'",
        "frame-ancestors": "'none'",
    }
    assert policy["img-src"] == "'self' data: blob:"
    assert policy["form-action"] == "'self'"
    assert "http" not in SECURITY_HEADERS["Content-Security-Policy"]
    assert (SECURITY_HEADERS["X-Content-Type-Options"], SECURITY_HEADERS["X-Frame-Options"]) == ("nosniff", "DENY")


@pytest.mark.parametrize(("size", "status"), [(1024, 200), (1025, 413)])
@pytest.mark.parametrize("told", [True, False])
def test_a_body_is_read_up_to_its_limit(standing: Make, size: int, status: int, told: bool) -> None:
    arena = standing(limits={"body_bytes": 1024})

    async def parts() -> Any:
        for _ in range(size):
            yield b"x"

    content = b"x" * size if told else parts()
    response = arena.ask("POST", "/api/v1/me", content=content, headers=arena.bearer())
    assert response.status_code == status
    assert len(arena.app.body) <= 1024
    if told and status == 413:
        assert arena.app.requests == []


PAGE = {"Accept": "application/xhtml+xml, text/html;q=0.9"}


@pytest.mark.parametrize(
    ("method", "path", "headers", "page"),
    [
        ("GET", "/nothing", PAGE, True),
        ("HEAD", "/nothing", PAGE, True),
        ("POST", "/nothing", PAGE, False),
        ("OPTIONS", "/nothing", PAGE, False),
        ("GET", "/nothing", {"Accept": "*/*"}, False),
        ("GET", "/nothing", {}, False),
        ("GET", "/api/v1/me", PAGE, False),
        ("GET", "/config", PAGE, True),
    ],
)
def test_a_person_is_refused_on_a_page_and_a_program_by_a_problem(
    standing: Make, method: str, path: str, headers: dict[str, str], page: bool
) -> None:
    response = standing().ask(method, path, headers=headers)
    status = 404 if path == "/nothing" else 401
    assert response.status_code == status
    assert response.headers["content-type"] == ("text/html; charset=utf-8" if page else "application/problem+json")
    assert (response.headers.get("www-authenticate") == "Bearer") is (status == 401)
    if method == "HEAD":
        return
    assert int(response.headers["content-length"]) == len(response.content)
    if page:
        problem = standing().ask("GET", path).json()
        assert response.text == document.refusal(status, problem["detail"])


def test_what_is_refused_names_the_pages(standing: Make) -> None:
    detail = standing().ask("GET", "/nothing").json()["detail"]
    assert detail == "There is nothing at /nothing. The pages are / and /leaderboard."


def test_a_refusal_without_an_accept_header_is_a_problem(standing: Make) -> None:
    scope = {"type": "http", "method": "GET", "path": "/nothing", "headers": []}
    problem = gate._refusal(scope, errors.NotFound("There is nothing here."))
    assert problem.headers["content-type"] == "application/problem+json"


class Failing:
    """An application that fails, before or after it began to answer."""

    def __init__(self, begins: bool, ends: bool = False) -> None:
        self.begins = begins
        self.ends = ends

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.begins:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"half", "more_body": not self.ends})
        raise KeyError("canary")


HANDLER = "/gradio_api/run/predict"


@pytest.mark.parametrize("path", ["/api/v1/me", HANDLER])
def test_a_failure_before_the_answer_is_told_without_its_cause(
    standing: Make, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    arena = standing()
    arena.gate._app = Failing(begins=False)
    response = arena.ask("GET", path, headers=arena.bearer())
    assert response.status_code == 500
    assert response.json()["detail"] == "The arena could not do that; its log says why."
    assert "canary" not in response.text
    assert f"GET {path} failed" in caplog.text
    assert "canary" in caplog.text
    assert response.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("ends", [False, True])
def test_a_stream_that_gradio_gave_up_is_ended_with_one_line_in_the_log(
    standing: Make, ends: bool, caplog: pytest.LogCaptureFixture
) -> None:
    arena = standing()
    arena.gate._app = Failing(begins=True, ends=ends)
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    def scope(path: str) -> Scope:
        headers = [(b"host", b"127.0.0.1"), (b"authorization", f"Bearer {arena.token}".encode())]
        return {"type": "http", "method": "GET", "path": path, "scheme": "http", "headers": headers, "client": None}

    asyncio.run(arena.gate(scope(HANDLER), receive, send))
    end: Message = {"type": "http.response.body", "body": b"", "more_body": False}
    assert sent[1:] == [
        {"type": "http.response.body", "body": b"half", "more_body": not ends},
        *([] if ends else [end]),
    ]
    assert f"GET {HANDLER}: Gradio does not know what was asked for (KeyError('canary'))" in caplog.text
    assert "Traceback" not in caplog.text
    with pytest.raises(KeyError):
        asyncio.run(arena.gate(scope("/api/v1/me"), receive, send))
