"""Who asks, and for which workspace: told from the address, the Authorization header and the cookies of a request.

A path begins with /w/NAME, or is of the default workspace. A value of a rater or a token belongs to one workspace; a
session belongs to an account and carries what that is in the workspace that was named. Whatever is known and not of
that workspace is told what an absent one would be told.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from arena import errors
from arena.api import cookies
from arena.domain import browsers
from arena.domain.account import Session
from arena.domain.ids import RaterId
from arena.domain.principal import Principal
from arena.domain.vote import RaterKind
from arena.services import clock
from arena.services.installation import Installation
from arena.services.signing_in import Visitor
from arena.services.workspace_services import Services
from arena.ui import plain_pages
from arena.ui.plain_pages import Needs

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
NAMED = re.compile(r"/w/(?P<name>[^/]*)(?P<path>/.*)?")
DOORS = re.compile(
    r"POST /api/v1/(raters|sessions|setup|invitations/[^/]+/accept|(password|device)-links/[^/]+)"
    r"|GET /api/v1/invitations/[^/]+|GET /api/v1/organisation(/start|/answer)?"
)
"""What needs no identity because it gives one, or tells whoever holds an invitation what it is."""
OPEN = ("/api/openapi.json", "/favicon.ico", "/theme.css")
"""Need no identity: there is nothing of anybody behind them."""
OPEN_FOLDERS = ("/static/", "/assets/")
"""Files of the program itself."""
OF_ACCOUNTS = re.compile(r"/api/v1/(sessions|account)(/.*)?")
"""Paths of the API that are of the installation, for whoever signed in, whatever they are in any workspace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What is known of a request before anything reads it."""

    workspace: str
    services: Services | None
    """Of the workspace that was named; None where there is none."""
    prefix: str
    """What the path began with: `/w/NAME`, or nothing."""
    path: str
    """The rest of it."""
    free: bool = False
    """Whether it is of no workspace: a door, or a file of the program."""
    principal: Principal | None = None
    session: Session | None = None
    raters: dict[str, RaterId] = field(default_factory=dict)
    """Whom the browser rates as without an account, by workspace."""

    def visitor(self, address: str, headers: Headers) -> Visitor:
        """Whoever knocks at a door."""
        client = client_of(headers.get("user-agent", ""))
        return Visitor(address=address, client=client, raters=self.raters, session=self.session)


LONGEST_LANGUAGES = 200
"""Characters of Accept-Language that are read."""


class Recognition:
    """Recognises whoever an installation knows."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._session_cookie = cookies.of_session(secure=installation.settings.secure_cookie)

    def asked(self, method: str, path: str) -> Recognised:
        """The workspace and the rest of a path."""
        default = self._installation.settings.workspace
        found = NAMED.fullmatch(path)
        name, rest = (default, path) if found is None else (found["name"], found["path"] or "/")
        prefix = "" if found is None else f"/w/{name}"
        free = DOORS.fullmatch(f"{method} {rest}") or is_of_accounts(rest) or is_open(rest)
        services = self._installation.named(name)
        return Recognised(workspace=name, services=services, prefix=prefix, path=rest, free=bool(free))

    def find(self, asked: Recognised, scope: Scope, headers: Headers, address: str) -> Recognised:
        """Who asks. Raises `Unauthenticated` for a token that is nobody's, `NotFound` for whoever is nothing there, and
        `Forbidden` where a cookie would act from another site."""
        unsafe = scope["method"] not in SAFE_METHODS
        origin = headers.get("origin")
        if unsafe and origin is not None and not self._ours(origin, scope, headers):
            raise errors.Forbidden("This request came from another site. Use the arena's own page.")
        authorization = headers.get("authorization")
        if authorization is not None:
            kind, _, token = authorization.partition(" ")
            found = self._bearer(asked, token.strip()) if kind.lower() == "bearer" else None
            if found is None:
                self._installation.shares.failed_tokens.take(address)
                raise errors.Unauthenticated("This token is not valid here. Ask the admin for another.")
        else:
            found = self._carried(asked, headers)
            if unsafe and origin is None and (found.session is not None or found.raters):
                raise errors.Forbidden(
                    "A cookie acts only from the arena's own page, and this request names no origin."
                )
        if found.principal is None:
            return found
        reads = headers.get("accept-language", "")[:LONGEST_LANGUAGES]
        kind = found.principal.kind if authorization is None else RaterKind.PROGRAM
        return replace(found, principal=replace(found.principal, kind=kind, address=address, reads=reads))

    def _bearer(self, asked: Recognised, token: str) -> Recognised | None:
        """Whoever a bearer token belongs to; None where it is nobody's."""
        if token.startswith("session_"):
            session = self._installation.signing_in.find(token, clock.now())
            return None if session is None else self._signed_in(asked, session, RaterKind.PROGRAM)
        if token.startswith("r_"):
            signed = self._installation.find_rater(token)
            known = signed[1] if signed is not None and signed[0].rules.anonymous else None
        else:
            known = self._installation.holder(token, clock.now())
        if known is None:
            return None
        if not asked.free and known.workspace != asked.workspace:
            raise absent()
        return replace(asked, principal=known)

    def _carried(self, asked: Recognised, headers: Headers) -> Recognised:
        """Whoever the cookies of a browser belong to. A session goes before what it rated as without one, in each
        workspace that its account is in; elsewhere the browser stays the rater it was."""
        carried = list(_cookies(headers))
        raters = {}
        for name, value in carried:
            of = self._installation.named(self._workspace_of(name)) if name.startswith(cookies.RATER) else None
            rater = None if of is None else of.identity.rater(value)
            if of is not None and rater is not None:
                raters[of.name] = rater
        asked = replace(asked, raters={name: rater.rater_id for name, rater in raters.items()})
        let_in = asked.services is not None and asked.services.rules.anonymous
        unsigned = raters.get(asked.workspace) if let_in else None
        for name, value in carried:
            session = self._installation.signing_in.find(value, clock.now()) if name == self._session_cookie else None
            if session is not None and (unsigned is None or asked.free or self._is_member(session, asked.workspace)):
                return self._signed_in(asked, session, RaterKind.PERSON)
        return replace(asked, principal=unsigned)

    def _is_member(self, session: Session, workspace: str) -> bool:
        return self._installation.instance.accounts.member(session.account_id, workspace) is not None

    def _signed_in(self, asked: Recognised, session: Session, kind: RaterKind) -> Recognised:
        asked = replace(asked, session=session)
        if asked.free:
            return asked
        if asked.services is None:
            raise absent()
        gone = asked.services.withdrawing.gone
        principal = self._installation.memberships.principal(session, asked.workspace, kind, gone)
        return replace(asked, principal=principal)

    def _workspace_of(self, cookie: str) -> str:
        """The workspace that a rater's cookie is of, by its name."""
        default = self._installation.settings.workspace
        return default if cookie == cookies.RATER else cookie.removeprefix(f"{cookies.RATER}_")

    def _ours(self, origin: str, scope: Scope, headers: Headers) -> bool:
        public = self._installation.settings.public_url
        if public is not None and origin == origin_of(str(public)):
            return True
        return origin == f"{scope['scheme']}://{headers.get('host', '')}"


def is_open(path: str) -> bool:
    """Whether a path needs no identity, because nothing of anybody is behind it."""
    page = plain_pages.at(path)
    is_door = page is not None and page.needs is Needs.NOTHING
    return is_door or path in OPEN or path.startswith(OPEN_FOLDERS)


def is_of_accounts(path: str) -> bool:
    """Whether a path is of the installation, for whoever signed in, whatever they are in any workspace."""
    page = plain_pages.at(path)
    return OF_ACCOUNTS.fullmatch(path) is not None or (page is not None and page.needs is Needs.ACCOUNT)


def absent() -> errors.NotFound:
    """What is said of a workspace that is not there, and of one that is not yours."""
    return errors.NotFound("There is no such workspace here.")


def origin_of(url: str) -> str:
    """Scheme and host of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")


def client_of(agent: str) -> str:
    """What a person would call a browser or program, of a User-Agent header: "Firefox on Linux"."""
    browser = next((browsers.NAMES.get(name, name) for name in browsers.BROWSERS if f"{name}/" in agent), None)
    system = next((name for name in SYSTEMS if name in agent), None)
    if browser is None:
        program = re.match(r"[A-Za-z][\w.-]{0,30}", agent)
        return program[0] if program else browsers.UNNAMED
    return browser if system is None else f"{browser} on {system}"


def _cookies(headers: Headers) -> Iterator[tuple[str, str]]:
    """Every cookie, by name. Other programs on this host set cookies of any shape, which say nothing to us."""
    for header in headers.getlist("cookie"):
        for part in header.split(";"):
            name, _, value = part.strip().partition("=")
            yield name, value
