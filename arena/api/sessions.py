"""Signing in and out, the account of whoever signed in, and links for a new password."""

from typing import Any

from fastapi import APIRouter, Response

from arena.api import bodies, cookies
from arena.api.bodies import Body
from arena.api.who import Knocking, Signed, Whole
from arena.domain.ids import AccountId
from arena.services import clock
from arena.services.installation import Installation
from arena.services.signing_in import SESSION_DAYS, SignedIn, Visitor

router = APIRouter(prefix="/api/v1", tags=["accounts"])


class Credentials(Body):
    """An e-mail is a name to sign in with; nothing is sent to it."""

    email: str
    password: str


class NewAccount(Credentials):
    name: str = ""


class SetUp(NewAccount):
    """The first account, by the token in `DATA_DIR/admin-token`."""

    token: str


class NewPassword(Body):
    password: str


class PasswordChange(Body):
    old: str
    new: str


class Closing(Body):
    password: str


class Begun(Body):
    """A session; its token is the cookie's value, and a program sends it as a bearer token."""

    token: str
    session_id: str
    expires_at: str
    rater_id: str | None
    role: str | None
    workspace: str | None
    """The default workspace, or the first of those the account is in."""


class SessionEntry(Body):
    id: str
    current: bool
    created_at: str
    last_used_at: str
    """To the hour."""
    expires_at: str
    client: str


class SessionList(Body):
    sessions: list[SessionEntry]


class OwnAccount(Body):
    email: str
    name: str
    created_at: str
    workspaces: list[bodies.Place]


@router.post("/sessions", status_code=201)
async def sign_in(whole: Whole, knocking: Knocking, response: Response, body: Credentials) -> Begun:
    """Sign in. After five failures with one e-mail within 15 minutes, or 50 of one address: 429."""
    return begun(
        whole, knocking, response, await whole.signing_in.sign_in(body.email, body.password, knocking, clock.now())
    )


@router.get("/sessions")
async def sessions(whole: Whole, signed: Signed) -> SessionList:
    """Where you are signed in."""
    return SessionList(
        sessions=[
            SessionEntry(
                id=one.session_id,
                current=one.session_id == signed.session_id,
                created_at=one.created_at.isoformat(),
                last_used_at=one.last_used_at.isoformat(),
                expires_at=one.expires_at.isoformat(),
                client=one.client,
            )
            for one in whole.signing_in.sessions(signed, clock.now())
        ]
    )


@router.delete("/sessions", status_code=204)
async def sign_out_elsewhere(whole: Whole, signed: Signed) -> None:
    """End all of your sessions but this one."""
    whole.signing_in.end_others(signed, clock.now())


@router.delete("/sessions/{session_id}", status_code=204)
async def sign_out(whole: Whole, signed: Signed, session_id: str) -> Response:
    """End one of your sessions; it is worth nothing from then on."""
    whole.signing_in.end(signed, session_id, clock.now())
    response = Response(status_code=204)
    if session_id == signed.session_id:
        response.delete_cookie(**_cookie(whole, _session_name(whole)))
    return response


@router.get("/account")
async def account(whole: Whole, signed: Signed) -> OwnAccount:
    """Your account, and the workspaces it is in."""
    found = whole.signing_in.account(signed)
    return OwnAccount(
        email=found.email,
        name=found.name,
        created_at=found.created_at.isoformat(),
        workspaces=places(whole, signed.account_id),
    )


@router.put("/account/password", status_code=204)
async def change_password(whole: Whole, signed: Signed, knocking: Knocking, body: PasswordChange) -> None:
    """Set another password; your other sessions end."""
    await whole.signing_in.change_password(signed, body.old, body.new, knocking, clock.now())


@router.post("/account/closure", status_code=204)
async def close_account(whole: Whole, signed: Signed, knocking: Knocking, body: Closing) -> Response:
    """Close your account. E-mail, name and password are deleted; your votes stay, under your pseudonyms."""
    await whole.signing_in.close(signed, body.password, knocking, clock.now())
    response = Response(status_code=204)
    response.delete_cookie(**_cookie(whole, _session_name(whole)))
    return response


@router.post("/setup", status_code=201)
async def set_up(whole: Whole, knocking: Knocking, response: Response, body: SetUp) -> Begun:
    """Make the first account, an admin of the default workspace."""
    made = await whole.signing_in.set_up(body.token, body.email, body.password, body.name, knocking, clock.now())
    return begun(whole, knocking, response, made)


@router.post("/password-links/{token}", status_code=201)
async def use_password_link(
    whole: Whole, knocking: Knocking, response: Response, token: str, body: NewPassword
) -> Begun:
    """Set a new password by a link that the operator made, once. All sessions end, and a new one begins."""
    return begun(
        whole, knocking, response, await whole.signing_in.use_link(token, body.password, knocking, clock.now())
    )


def begun(whole: Installation, visitor: Visitor, response: Response, made: SignedIn) -> Begun:
    """The answer to a sign-in, and its cookie; cookies of what the browser rated without an account go."""
    response.set_cookie(**_cookie(whole, _session_name(whole)), value=made.token, max_age=SESSION_DAYS * 24 * 3600)
    for workspace in visitor.raters:
        response.delete_cookie(**_cookie(whole, cookies.of_rater(workspace, whole.settings.workspace)))
    member = made.member
    services = None if member is None else whole.named(member.workspace)
    return Begun(
        token=made.token,
        session_id=made.session.session_id,
        expires_at=made.session.expires_at.isoformat(),
        rater_id=None if member is None or services is None else services.identity.name_of(member.rater_id),
        role=None if member is None else member.role,
        workspace=None if member is None else member.workspace,
    )


def places(whole: Installation, account_id: AccountId) -> list[bodies.Place]:
    """The workspaces an account is in, of those that are open."""
    found = whole.signing_in.memberships(account_id)
    return [bodies.Place(name=one.workspace, role=one.role) for one in found if whole.named(one.workspace) is not None]


def _session_name(whole: Installation) -> str:
    return cookies.of_session(secure=whole.settings.secure_cookie)


def _cookie(whole: Installation, name: str) -> dict[str, Any]:
    return {"key": name, "path": "/", "httponly": True, "samesite": "lax", "secure": whole.settings.secure_cookie}
