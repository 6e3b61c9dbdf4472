"""The gate: every request, Gradio's included, passes here before anything reads it.

In order: WebSockets are refused, the sender's address takes its share of what may go on at once, the path, the host
and the origin are checked, workspace and principal are recognised (`recognition.py`; or a rater is made, for a
browser's first page), paths that need an identity are refused without one, the body is limited, and security headers
are put on every response. What is refused costs no work behind the gate. Plain ASGI: wrappers that buffer would break
streams and cancellation.
"""

import asyncio
import functools
import logging
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from arena import errors
from arena.api import cookies, problems
from arena.api.app import MONITORED
from arena.domain.principal import Role
from arena.server import recognition
from arena.server.disguise import Disguise
from arena.server.limits import LimitedBody, Shares, largest_body
from arena.server.recognition import DOORS, OPEN, Recognised, Recognition, is_of_accounts, is_open
from arena.server.senders import Sender, Senders
from arena.services import clock, one_campaign
from arena.services.installation import Installation
from arena.services.memberships import ErasedMember
from arena.services.workspace_services import Services
from arena.ui import document, language, plain_pages
from arena.ui.plain_pages import Needs

log = logging.getLogger(__name__)

COOKIE_SECONDS = 365 * 24 * 3600
WATCH_SECONDS = 1.0
"""How often an answer that is being sent is looked at: whether who reads it is still who they were."""
SIGN_IN = "/signin"
"""The page that a browser without identity is sent to, where a workspace lets in nobody without an account."""

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
SECURED = {name.lower().encode(): value.encode() for name, value in SECURITY_HEADERS.items()}
"""The same as they are sent."""

MEDIA = "/api/v1/media/"
MEDIA_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, max-age=31536000, immutable",
}
"""Of what labs put in and raters look at: nothing in it runs, and it is what its hash says for ever."""

NEW_RATER = "/api/v1/raters"
OURS = ("/api/", "/static/")
"""Folders that are ours whole."""
HANDLER = "/gradio_api/run/predict"
"""Of the leaderboard's page, the only one that asks Gradio for anything."""
OF_GRADIO = ("/config", HANDLER, "/gradio_api/startup-events")
"""What our pages ask of Gradio, beside its files. All else it offers is closed: some of it takes files, fetches
addresses, runs code, or works without bound on what a visitor asks."""
OF_GRADIO_FOLDERS = ("/assets/",)


class Gate:
    """One ASGI layer around the whole application."""

    def __init__(self, app: ASGIApp, installation: Installation, pages: frozenset[str]) -> None:
        self._app = app
        self._installation = installation
        self._pages = pages
        """Paths of our pages: a browser's first visit to one makes it a rater."""
        self._recognition = Recognition(installation)
        self._senders = Senders(installation.settings.trusted_proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = Headers(scope=scope)
        sender = self._senders.find(scope, headers)
        if sender.scheme is not None:
            scope["scheme"] = sender.scheme
        with Shares(self._installation.shares, sender.address) as shares:
            asked = self._recognition.asked(scope["method"], scope["path"])
            scope["path"] = path = asked.path
            scope["root_path"] = asked.prefix
            guarded = _Guarded(path, send, self._holds)
            try:
                shares.take_request(path)
                self._check_path(path)
                self._check_host(headers)
                asked = await self._recognised(asked, scope, headers, sender.address)
                if asked.principal is not None:
                    one_campaign.refuse_other(asked.principal, scope["method"], path)
                asked = self._let_in(asked, scope, sender, guarded)
                if (scope["method"], path) == ("POST", NEW_RATER):
                    self._installation.shares.raters.take(sender.address)
                place = shares.take_battle(scope["method"], path, asked.principal)
                body = LimitedBody(receive, headers, largest_body(self._installation.settings.limits, path))
            except errors.ArenaError as error:
                refusal = error
            else:
                scope.setdefault("state", {}).update(
                    principal=asked.principal,
                    services=asked.services,
                    session=asked.session,
                    visitor=asked.visitor(sender.address, headers),
                    place=place,
                )
                guarded.asked = asked
                guarded.disguise = self._disguise(asked, scope)
                await self._answer(scope, body, guarded)
                return
        await _refusal(scope, refusal)(scope, receive, guarded.send)

    async def _answer(self, scope: Scope, body: LimitedBody, guarded: "_Guarded") -> None:
        """Let the application answer; the gate answers where it cannot."""
        guarded.body = body
        try:
            await self._app(scope, body.receive, guarded.send)
        except _RevokedError:
            await guarded.cut()
            return
        except asyncio.CancelledError:
            if not guarded.revoked:
                raise
            await guarded.cut()
            return
        except Exception as error:
            if scope["path"] == HANDLER and guarded.started:
                # A handler that Gradio does not know, as of a page from before an upgrade: it has told the page so, and
                # raises what only says where in Gradio that was.
                log.warning(
                    "%s %s: Gradio does not know what was asked for (%r)", scope["method"], scope["path"], error
                )
                await guarded.end()
                return
            if guarded.started:
                raise
            log.exception("%s %s failed", scope["method"], scope["path"])
            await problems.problem(HTTPStatus.INTERNAL_SERVER_ERROR, problems.UNFORESEEN)(
                scope, body.receive, guarded.send
            )
            return
        finally:
            guarded.leave()
        if body.refusal is not None and not guarded.started:
            guarded.body = None
            await problems.response(body.refusal)(scope, body.receive, guarded.send)

    async def _recognised(self, asked: Recognised, scope: Scope, headers: Headers, address: str) -> Recognised:
        """Who asks. Whoever was erased is another rater from now on."""
        while True:
            try:
                return self._recognition.find(asked, scope, headers, address)
            except ErasedMember as erased:
                await asyncio.to_thread(self._installation.memberships.renew, erased)

    def _disguise(self, asked: Recognised, scope: Scope) -> Disguise | None:
        """What puts aliases in the place of names for who is not told them. Nothing is compressed before it."""
        if asked.services is None or (asked.principal is None and asked.path in MONITORED):
            return None
        found = Disguise(asked.services.aliases, asked.principal)
        if not found.needed:
            return None
        scope["headers"] = [pair for pair in scope["headers"] if pair[0].lower() != b"accept-encoding"]
        return found

    def _holds(self, asked: Recognised) -> bool:
        """Whether what let a request in still would: the session or token is valid and has the same role; for a rater
        without an account, the workspace still lets such raters in."""
        who = asked.principal
        if asked.session is not None:
            return self._installation.signing_in.holds(asked.session, who)
        if who is None:
            return True
        if who.is_rater:
            return asked.free or (asked.services is not None and asked.services.rules.anonymous)
        return self._installation.instance.token_holds(who.id)

    def _check_path(self, path: str) -> None:
        known = self._pages.union(MONITORED, OPEN, OF_GRADIO)
        is_known = path in known or plain_pages.at(path) is not None
        if not is_known and not path.startswith((*OURS, *OF_GRADIO_FOLDERS)):
            raise self._nothing_at(path)

    def _nothing_at(self, path: str) -> errors.NotFound:
        """What is said of an address that is none, and of a page that is not for whoever asks."""
        if path.startswith("/gradio_api/"):
            return errors.NotFound(
                f"There is nothing at {path}: nothing of the pages can be called by gradio_client. Programs use the "
                "HTTP API, which /reference shows and arena.client speaks."
            )
        return errors.NotFound(f"There is nothing at {path}. The pages are {' and '.join(sorted(self._pages))}.")

    def _check_host(self, headers: Headers) -> None:
        """On loopback only loopback names are answered, so that no foreign name can be pointed at the arena."""
        settings = self._installation.settings
        if _loopback(settings.host) and not _loopback(_host_name(headers.get("host", ""))):
            public = settings.public_url
            if public is None or headers.get("host") != _origin_host(str(public)):
                raise errors.Malformed("The Host header is not this arena's. Set public_url if it is reached by name.")

    def _let_in(self, asked: Recognised, scope: Scope, sender: Sender, guarded: "_Guarded") -> Recognised:
        """Let pass who is known, and what needs nobody; a browser's first page makes it a rater where that is allowed.

        Whether a workspace is there is told to nobody who is nothing in it.
        """
        method, path, services = scope["method"], asked.path, asked.services
        if DOORS.fullmatch(f"{method} {path}"):
            if path == NEW_RATER and (services is None or not services.rules.anonymous):
                raise recognition.absent()
            return asked
        page = plain_pages.at(path)
        if page is not None and page.needs is Needs.ACCOUNT and asked.session is None:
            raise _SignInError
        if asked.principal is not None and page is not None and not page.opens_to(asked.principal.held):
            raise self._nothing_at(path)
        if asked.principal is not None or is_open(path):
            return asked
        if asked.session is not None and is_of_accounts(path):
            return asked
        if path in MONITORED and sender.local and not asked.prefix:
            return asked
        if method == "GET" and (page is not None or path in self._pages):
            for_raters = page is None or page.opens_to(Role.ANONYMOUS)
            if services is None or not services.rules.anonymous or not for_raters:
                raise _SignInError
            return self._new_rater(asked, services, sender, guarded)
        raise errors.Unauthenticated(
            "This needs an identity: open the page for a cookie, or POST /api/v1/raters and send a bearer token."
        )

    def _new_rater(self, asked: Recognised, services: Services, sender: Sender, guarded: "_Guarded") -> Recognised:
        self._installation.shares.raters.take(sender.address)
        rater = services.identity.new_rater(clock.now())
        settings = self._installation.settings
        name = cookies.of_rater(services.name, settings.workspace)
        guarded.set_cookie(name, rater.token, secure=settings.secure_cookie)
        return replace(asked, principal=services.identity.rater(rater.token))


class _RevokedError(Exception):
    """The session or the token that a response is sent to was ended meanwhile, or its account taken out of the
    workspace."""


class _SignInError(errors.Unauthenticated):
    """A browser has to sign in first."""


def _refusal(scope: Scope, error: errors.ArenaError) -> Response:
    """A problem for programs; a page for a person who opened an address in a browser."""
    if isinstance(error, _SignInError):
        return RedirectResponse(SIGN_IN, HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})
    problem = problems.response(error)
    asked = Headers(scope=scope)
    if (
        scope["method"] not in ("GET", "HEAD")
        or "text/html" not in asked.get("accept", "")
        or scope["path"].startswith(OURS)
    ):
        return problem
    kept = {name: value for name, value in problem.headers.items() if not name.startswith("content-")}
    with language.speaking(language.asked(asked)):
        return HTMLResponse(document.refusal(problem.status_code, str(error)), problem.status_code, kept)


class _Guarded:
    """Puts the security headers, and the cookie of a new rater, on a response as it starts."""

    def __init__(self, path: str, send: Send, holds: Callable[[Recognised], bool]) -> None:
        self._send = send
        self._holds = holds
        self._no_store = path.startswith("/api/")
        self._media = path.startswith(MEDIA)
        self._cookie: str | None = None
        self.body: LimitedBody | None = None
        self.disguise: Disguise | None = None
        self.asked: Recognised | None = None
        """Who was recognised: a stream goes no further than what let them in."""
        self.started = False
        self.revoked = False
        """Whether its task was cancelled because nobody may read on."""
        self._task = asyncio.current_task()
        self._look: asyncio.TimerHandle | None = None
        self._ended = False

    def set_cookie(self, name: str, value: str, *, secure: bool) -> None:
        flags = "; Secure" if secure else ""
        self._cookie = f"{name}={value}; Path=/; Max-Age={COOKIE_SECONDS}; HttpOnly; SameSite=Lax{flags}"

    async def send(self, message: Message) -> None:
        if self.body is not None and self.body.refusal is not None and not self.started:
            return  # whatever the application made of half a body, the gate answers
        if self.asked is not None and message.get("more_body") and not self._holds(self.asked):
            raise _RevokedError
        if message["type"] == "http.response.start":
            self.started = True
            self._look = asyncio.get_running_loop().call_later(WATCH_SECONDS, self._watch)
            message["headers"] = [pair for pair in message["headers"] if pair[0].lower() not in SECURED]
            message["headers"] += SECURED.items()
            headers = MutableHeaders(scope=message)
            if self._no_store:
                headers["Cache-Control"] = "no-store"
            if self._media and message["status"] < HTTPStatus.BAD_REQUEST:
                headers.update(MEDIA_HEADERS)
            if self._cookie is not None:
                headers.append("Set-Cookie", self._cookie)
                headers["Cache-Control"] = "no-store"
        self._ended = message["type"] == "http.response.body" and not message.get("more_body", False)
        for told in [message] if self.disguise is None else self.disguise.of(message):
            await self._send(told)

    def _watch(self) -> None:
        """Look again and again whether the answer may go on: a stream that says nothing for a while is cut, too."""
        if self._ended or self.asked is None or self._task is None:
            return
        if self._holds(self.asked):
            self._look = asyncio.get_running_loop().call_later(WATCH_SECONDS, self._watch)
        else:
            self.revoked = True
            self._task.cancel()

    def leave(self) -> None:
        """The application is done with the answer."""
        if self._look is not None:
            self._look.cancel()

    async def cut(self) -> None:
        """End what nobody may read on."""
        if self.revoked and self._task is not None:
            self._task.uncancel()
        self.asked = None
        await self.end()

    async def end(self) -> None:
        """End a response that was started and whose application has given up."""
        if not self._ended:
            await self.send({"type": "http.response.body", "body": b"", "more_body": False})


@functools.lru_cache(256)
def _host_name(host: str) -> str:
    """The name in a Host header, without its port; empty when it is none."""
    try:
        parts = urlsplit(f"//{host}")
        return "" if parts.username or parts.path or (parts.port or 0) < 0 else parts.hostname or ""
    except ValueError:
        return ""


def _origin_host(url: str) -> str:
    return urlsplit(url).netloc


@functools.lru_cache(256)
def _loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
