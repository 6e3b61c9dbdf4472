"""Every decision of the gate, each shown from both sides: what it lets through, and what it does not.

The gate stands alone here, before an application that only notes what reached it, so that senders, schemes and
settings can be anything and a decision that is gone is seen at once.
"""

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from arena import errors
from arena.api.cookies import RATER as COOKIE
from arena.domain.name_key import NameKey
from arena.domain.permission import Permission
from arena.domain.principal import Role
from arena.server import gate
from arena.server.gate import SECURITY_HEADERS, Gate
from arena.services import clock
from arena.services.aliases import Aliases
from arena.services.fair_shares import FairShares
from arena.services.identity import Identity
from arena.services.installation import Installation
from arena.services.memberships import Memberships
from arena.services.signing_in import SigningIn
from arena.services.workspace_rules import WorkspaceRules
from arena.settings import Settings
from arena.store.instance import Instance
from arena.ui import document, plain_pages
from arena.ui.plain_pages import Page

PAGES = frozenset({"/", "/leaderboard"})
OUTSIDE = "203.0.113.9"
HOME = "http://127.0.0.1:7860"


class Reached:
    """An application that notes each request that reaches it, and answers when it may."""

    def __init__(self) -> None:
        self.requests: list[Scope] = []
        self.go = asyncio.Event()
        self.go.set()
        self.body = b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.requests.append(scope)
        while (message := await receive()).get("more_body"):
            self.body += message.get("body", b"")
        await self.go.wait()
        headers = [(b"cache-control", b"public, max-age=9"), (b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"reached"})


class Standing:
    """A gate with its application, its identities and one rater."""

    def __init__(self, instance: Instance, settings: Mapping[str, Any]) -> None:
        self.settings = Settings.model_validate(settings)
        self.identity = Identity(instance, b"a secret of these tests", "default", random.Random(1))
        self.app = Reached()
        self.shares = FairShares(self.settings.limits, lambda _: True)
        default = SimpleNamespace(
            name="default",
            identity=self.identity,
            rules=WorkspaceRules(instance, "default", self.settings),
            withdrawing=SimpleNamespace(gone=lambda _: False),
            aliases=Aliases(NameKey(workspace="default", secret=b"a secret of these tests"), ()),
        )
        self.memberships = Memberships(instance, lambda *_: self.identity.unsigned_rater(clock.now()))
        self.signing_in = SigningIn(instance, self.memberships, "default", self.shares, random.Random(2))
        installation = SimpleNamespace(
            settings=self.settings,
            shares=self.shares,
            instance=instance,
            holder=lambda token, _: instance.find_token(token),
            memberships=self.memberships,
            signing_in=self.signing_in,
            named=lambda name: default if name == "default" else None,
            find_rater=lambda value: (default, found) if (found := self.identity.rater(value)) else None,
        )
        self.gate = Gate(self.app, cast(Installation, installation), PAGES)
        self.token = self.identity.new_rater(clock.now()).token

    def client(self, address: str = "127.0.0.1", url: str = HOME) -> httpx.AsyncClient:
        """A client at this address."""
        transport = httpx.ASGITransport(self.gate, client=(address, 4711))
        return httpx.AsyncClient(transport=transport, base_url=url)

    def ask(self, method: str, path: str, *, sender: str = "127.0.0.1", url: str = HOME, **more: Any) -> httpx.Response:
        """One request from this address, to its end."""

        async def ask() -> httpx.Response:
            async with self.client(sender, url) as client:
                return await client.request(method, path, **more)

        return asyncio.run(ask())

    def bearer(self) -> dict[str, str]:
        """The headers of a program that is a rater."""
        return {"Authorization": f"Bearer {self.token}"}

    def cookie(self, origin: str | None = None) -> dict[str, str]:
        """The headers of a browser that is a rater."""
        return {"Cookie": f"{COOKIE}={self.token}"} | ({} if origin is None else {"Origin": origin})


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """An instance file without tokens."""
    with Instance.open(tmp_path_factory.mktemp("gate") / "instance.duckdb") as opened:
        yield opened


@pytest.fixture
def standing(instance: Instance) -> Callable[..., Standing]:
    """Makes a gate with these settings."""

    def make(**settings: Any) -> Standing:
        return Standing(instance, settings)

    return make


Make = Callable[..., Standing]


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


# -- what is put on answers -----------------------------------------------------------------------------------------


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


# -- refusals and failures ------------------------------------------------------------------------------------------

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


# -- fair shares ----------------------------------------------------------------------------------------------------


def limited(response: httpx.Response) -> bool:
    """Whether it is the refusal of a share: the status, the header, the word for programs and a sentence."""
    if response.status_code != 429:
        assert response.status_code == 200
        return False
    wait = int(response.headers["retry-after"])
    problem = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert (problem["status"], problem["code"]) == (429, "limit")
    assert problem["detail"].endswith("in a second." if wait == 1 else f"in {wait} seconds.")
    return True


def at_once(arena: Standing, asked: list[tuple[str, str, str, dict[str, str]]]) -> list[bool]:
    """Which of these requests (address, method, path, headers) are refused while those before are being answered."""

    async def ask() -> list[bool]:
        arena.app.go = asyncio.Event()
        answers: list[asyncio.Task[httpx.Response]] = []
        async with asyncio.TaskGroup() as group:
            for address, method, path, headers in asked:
                client = arena.client(address)
                answers.append(group.create_task(client.request(method, path, headers=headers)))
                for _ in range(20):
                    await asyncio.sleep(0)
            arena.app.go.set()
        return [limited(answer.result()) for answer in answers]

    return asyncio.run(ask())


def test_an_address_has_so_many_requests_open_and_others_theirs(standing: Make) -> None:
    arena = standing(limits={"requests_per_address": 2})
    mine = ("127.0.0.1", "GET", "/api/v1/me", arena.bearer())
    other = (OUTSIDE, "GET", "/api/v1/me", arena.bearer())
    listening = ("127.0.0.1", "GET", "/api/v1/events", arena.bearer())
    assert at_once(arena, [mine, mine, mine, other, listening]) == [False, False, True, False, False]
    assert at_once(arena, [mine, mine, mine]) == [False, False, True]
    assert not arena.shares.requests._taken


def test_listeners_have_a_share_of_their_own(standing: Make) -> None:
    arena = standing(limits={"listeners_per_address": 1})
    heartbeat = ("127.0.0.1", "GET", "/api/v1/events", arena.bearer())
    events = ("127.0.0.1", "GET", "/api/v1/events", arena.bearer())
    asking = ("127.0.0.1", "GET", "/api/v1/me", arena.bearer())
    assert at_once(arena, [heartbeat, events, asking]) == [False, True, False]
    assert at_once(arena, [events, heartbeat, asking]) == [False, True, False]


def test_a_rater_reads_a_battle_in_so_many_places_and_a_stranger_takes_none_of_them(standing: Make) -> None:
    arena = standing(limits={"streams_per_battle": 2})
    stranger = {"Authorization": f"Bearer {arena.identity.new_rater(clock.now()).token}"}
    stream, other = "/api/v1/battles/b_1/stream", "/api/v1/battles/b_2/stream"
    mine = [("127.0.0.1", "GET", stream, arena.bearer())] * 3
    theirs = [("127.0.0.1", "GET", stream, stranger)] * 3
    assert at_once(arena, theirs + mine) == [False, False, True] * 2
    assert at_once(arena, [*mine, ("127.0.0.1", "GET", other, arena.bearer())]) == [False, False, True, False]
    assert at_once(arena, [("127.0.0.1", "GET", "/api/v1/battles/b_1", arena.bearer())] * 3) == [False] * 3


def test_an_address_asks_for_so_many_battles_at_once_and_others_still_get_in(standing: Make) -> None:
    arena = standing(limits={"battles_per_address": 2})
    mine = ("127.0.0.1", "POST", "/api/v1/battles", arena.bearer())
    other = (OUTSIDE, "POST", "/api/v1/battles", arena.bearer())
    reading = ("127.0.0.1", "GET", "/api/v1/battles", arena.bearer())
    assert at_once(arena, [mine, mine, mine, other, reading]) == [False, False, True, False, False]
    assert at_once(arena, [mine, mine]) == [False, False]


def test_new_raters_of_an_address_are_so_many_a_minute_by_page_and_by_program(standing: Make) -> None:
    arena = standing(limits={"raters_per_minute": 3})
    assert arena.ask("GET", "/").status_code == 200
    assert arena.ask("POST", "/api/v1/raters").status_code == 200
    assert arena.ask("POST", "/api/v1/raters", headers=arena.bearer()).status_code == 200
    assert limited(arena.ask("GET", "/"))
    assert limited(arena.ask("POST", "/api/v1/raters"))
    assert limited(arena.ask("POST", "/api/v1/raters", headers=arena.bearer()))
    assert arena.ask("GET", "/", headers=arena.cookie()).status_code == 200
    assert arena.ask("GET", "/", sender=OUTSIDE).status_code == 200
    assert len(arena.app.requests) == 5


def test_failed_tokens_are_so_many_a_minute_and_keep_nobody_else_out(standing: Make) -> None:
    arena = standing(limits={"failed_tokens_per_minute": 2})
    wrong = {"Authorization": "Bearer arena_wrong"}
    assert [arena.ask("GET", "/api/v1/me", headers=wrong).status_code for _ in range(2)] == [401, 401]
    assert limited(arena.ask("GET", "/api/v1/me", headers=wrong))
    assert arena.ask("GET", "/api/v1/me", headers=arena.bearer()).status_code == 200
    assert arena.ask("GET", "/api/v1/me", headers=wrong, sender=OUTSIDE).status_code == 401


def test_shares_go_by_the_address_a_trusted_proxy_names_and_by_no_other(standing: Make) -> None:
    trusting = standing(limits={"raters_per_minute": 1}, trusted_proxies=["127.0.0.1"])
    for address in ("198.51.100.1", "198.51.100.2", f"{OUTSIDE}, 198.51.100.3"):
        assert trusting.ask("GET", "/", headers={"X-Forwarded-For": address}).status_code == 200
    assert limited(trusting.ask("GET", "/", headers={"X-Forwarded-For": "192.0.2.1, 198.51.100.1"}))
    wary = standing(limits={"raters_per_minute": 1})
    assert wary.ask("GET", "/", headers={"X-Forwarded-For": "198.51.100.1"}).status_code == 200
    assert limited(wary.ask("GET", "/", headers={"X-Forwarded-For": "198.51.100.2"}))
