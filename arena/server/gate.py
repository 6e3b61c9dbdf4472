"""The gate: every request, Gradio's included, passes here before anything reads it.

In order: WebSockets are refused, the sender's address takes its share of what may go on at once, the path, the host
and the origin are checked, the principal is recognised (or made, for a browser's first page), paths that need an
identity are refused without one, the body is limited, and security headers are put on every response. What is refused
costs no work behind the gate. Plain ASGI: wrappers that buffer would break streams and cancellation.
"""

import logging
from collections.abc import Iterator
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from arena import errors
from arena.api import problems
from arena.api.app import MONITORED
from arena.domain.principal import Principal
from arena.server.limits import LimitedBody, Shares
from arena.server.senders import Sender, Senders
from arena.services import clock
from arena.services.installation import Installation
from arena.ui import document

log = logging.getLogger(__name__)

COOKIE = "arena_rater"
COOKIE_SECONDS = 365 * 24 * 3600

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "connect-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri 'self'; "
    "frame-ancestors 'none'; form-action 'self'"
)
"""Gradio needs 'unsafe-inline' and 'unsafe-eval' for its scripts and inline styles, and writes a <base> element of
this address; everything else is closed."""

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}

MEDIA = "/api/v1/media/"
MEDIA_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, max-age=31536000, immutable",
}
"""Of what labs put in and raters look at: nothing in it runs, and it is what its hash says for ever."""

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
NEW_RATER = "/api/v1/raters"
OPEN = (NEW_RATER, "/api/openapi.json", "/favicon.ico", "/theme.css")
"""Need no identity: there is nothing of anybody behind them."""
OPEN_FOLDERS = ("/static/", "/assets/")
"""Files of the program itself."""
OURS = ("/api/", "/static/")
"""Folders that are ours whole."""
OF_GRADIO = ("/config", "/gradio_api/queue/join", "/gradio_api/queue/data", "/gradio_api/startup-events")
"""What our pages ask of Gradio, beside its files. All else it offers is closed: some of it takes files, fetches
addresses, runs code, or works without bound on what a visitor asks."""
QUEUE_OF_GRADIO = "/gradio_api/queue/"
OF_GRADIO_FOLDERS = ("/assets/", "/gradio_api/heartbeat/")


class Gate:
    """One ASGI layer around the whole application."""

    def __init__(self, app: ASGIApp, installation: Installation, pages: frozenset[str]) -> None:
        self._app = app
        self._installation = installation
        self._pages = pages
        """Paths of our pages: a browser's first visit to one makes it a rater."""
        self._senders = Senders(installation.settings.trusted_proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        guarded = _Guarded(scope, send)
        headers = Headers(scope=scope)
        sender = self._senders.find(scope, headers)
        if sender.scheme is not None:
            scope["scheme"] = sender.scheme
        with Shares(self._installation.shares, sender.address) as shares:
            try:
                shares.take_request(scope["path"])
                self._check_path(scope["path"])
                self._check_host(headers)
                principal = self._recognise(scope, headers, sender, guarded)
                self._check_identity(scope, sender, principal)
                if (scope["method"], scope["path"]) == ("POST", NEW_RATER):
                    self._installation.shares.raters.take(sender.address)
                place = shares.take_battle(scope["method"], scope["path"], principal)
                body = LimitedBody(receive, headers, self._installation.settings.limits.body_bytes)
            except errors.ArenaError as error:
                refusal = error
            else:
                scope.setdefault("state", {}).update(principal=principal, place=place)
                await self._answer(scope, body, guarded)
                return
        await _refusal(scope, refusal)(scope, receive, guarded.send)

    async def _answer(self, scope: Scope, body: LimitedBody, guarded: "_Guarded") -> None:
        """Let the application answer; the gate answers where it cannot."""
        guarded.body = body
        try:
            await self._app(scope, body.receive, guarded.send)
        except Exception as error:
            if scope["path"].startswith(QUEUE_OF_GRADIO) and guarded.started:
                # A session or a handler that Gradio does not know, as of a page from before a restart: it has told the
                # page so, and raises what only says where in Gradio that was.
                log.warning(
                    "%s %s: Gradio does not know what was asked for (%r)", scope["method"], scope["path"], error
                )
                await guarded.end()
                return
            if guarded.started:
                raise
            log.exception("%s %s failed", scope["method"], scope["path"])
            await problems.problem(HTTPStatus.INTERNAL_SERVER_ERROR, "The arena could not do that; its log says why.")(
                scope, body.receive, guarded.send
            )
            return
        if body.refusal is not None and not guarded.started:
            guarded.body = None
            await problems.response(body.refusal)(scope, body.receive, guarded.send)

    def _check_path(self, path: str) -> None:
        known = self._pages.union(MONITORED, OPEN, OF_GRADIO)
        if path not in known and not path.startswith((*OURS, *OF_GRADIO_FOLDERS)):
            raise errors.NotFound(f"There is nothing at {path}. The pages are {' and '.join(sorted(self._pages))}.")

    def _check_host(self, headers: Headers) -> None:
        """On loopback only loopback names are answered, so that no foreign name can be pointed at the arena."""
        settings = self._installation.settings
        if _loopback(settings.host) and not _loopback(_host_name(headers.get("host", ""))):
            public = settings.public_url
            if public is None or headers.get("host") != _origin_host(str(public)):
                raise errors.Malformed("The Host header is not this arena's. Set public_url if it is reached by name.")

    def _recognise(self, scope: Scope, headers: Headers, sender: Sender, guarded: "_Guarded") -> Principal | None:
        identity, shares = self._installation.default.identity, self._installation.shares
        authorization = headers.get("authorization")
        unsafe = scope["method"] not in SAFE_METHODS
        origin = headers.get("origin")
        if unsafe and origin is not None and not self._ours(origin, scope, headers):
            raise errors.Forbidden("This request came from another site. Use the arena's own page.")
        if authorization is not None:
            kind, _, token = authorization.partition(" ")
            principal = identity.bearer(token.strip()) if kind.lower() == "bearer" else None
            if principal is None:
                shares.failed_tokens.take(sender.address)
                raise errors.Unauthenticated("This token is not valid here. Ask the admin for another.")
            return principal
        principal = next(filter(None, map(identity.rater, _cookies(headers))), None)
        if principal is not None and unsafe and origin is None:
            raise errors.Forbidden("A cookie acts only from the arena's own page, and this request names no origin.")
        if principal is None and scope["method"] == "GET" and scope["path"] in self._pages:
            shares.raters.take(sender.address)
            rater = identity.new_rater(clock.now())
            guarded.set_cookie(rater.token, secure=self._installation.settings.secure_cookie)
            return identity.rater(rater.token)
        return principal

    def _ours(self, origin: str, scope: Scope, headers: Headers) -> bool:
        public = self._installation.settings.public_url
        if public is not None and origin == _origin(str(public)):
            return True
        return origin == f"{scope['scheme']}://{headers.get('host', '')}"

    def _check_identity(self, scope: Scope, sender: Sender, principal: Principal | None) -> None:
        path = scope["path"]
        if principal is not None or path in OPEN or path.startswith(OPEN_FOLDERS):
            return
        if path in MONITORED and sender.local:
            return
        raise errors.Unauthenticated(
            "This needs an identity: open the page for a cookie, or POST /api/v1/raters and send a bearer token."
        )


def _refusal(scope: Scope, error: errors.ArenaError) -> Response:
    """A problem for programs; a page for a person who opened an address in a browser."""
    problem = problems.response(error)
    accepts = Headers(scope=scope).get("accept", "")
    if scope["method"] not in ("GET", "HEAD") or "text/html" not in accepts or scope["path"].startswith(OURS):
        return problem
    kept = {name: value for name, value in problem.headers.items() if not name.startswith("content-")}
    return HTMLResponse(document.refusal(problem.status_code, str(error)), problem.status_code, kept)


class _Guarded:
    """Puts the security headers, and the cookie of a new rater, on a response as it starts."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._send = send
        self._no_store = scope["path"].startswith("/api/")
        self._media = scope["path"].startswith(MEDIA)
        self._cookie: str | None = None
        self.body: LimitedBody | None = None
        self.started = False
        self._ended = False

    def set_cookie(self, value: str, *, secure: bool) -> None:
        flags = "; Secure" if secure else ""
        self._cookie = f"{COOKIE}={value}; Path=/; Max-Age={COOKIE_SECONDS}; HttpOnly; SameSite=Lax{flags}"

    async def send(self, message: Message) -> None:
        if self.body is not None and self.body.refusal is not None and not self.started:
            return  # whatever the application made of half a body, the gate answers
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers[name] = value
            if self._no_store:
                headers["Cache-Control"] = "no-store"
            if self._media and message["status"] < HTTPStatus.BAD_REQUEST:
                headers.update(MEDIA_HEADERS)
            if self._cookie is not None:
                headers.append("Set-Cookie", self._cookie)
                headers["Cache-Control"] = "no-store"
        self._ended = message["type"] == "http.response.body" and not message.get("more_body", False)
        await self._send(message)

    async def end(self) -> None:
        """End a response that was started and whose application has given up."""
        if not self._ended:
            await self.send({"type": "http.response.body", "body": b"", "more_body": False})


def _cookies(headers: Headers) -> Iterator[str]:
    """Every value under our name. Other programs on this host set cookies of any shape, which say nothing to us."""
    for header in headers.getlist("cookie"):
        for part in header.split(";"):
            name, _, value = part.strip().partition("=")
            if name == COOKIE:
                yield value


def _host_name(host: str) -> str:
    """The name in a Host header, without its port; empty when it is none."""
    try:
        parts = urlsplit(f"//{host}")
        return "" if parts.username or parts.path or (parts.port or 0) < 0 else parts.hostname or ""
    except ValueError:
        return ""


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _origin_host(url: str) -> str:
    return urlsplit(url).netloc


def _loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
