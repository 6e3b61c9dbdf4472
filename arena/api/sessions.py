"""Signing in and out, the account of whoever signed in, and links for a new password."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import WithJsonSchema

from arena.api import bodies, cookies, lists, said
from arena.api.bodies import Body
from arena.api.lists import Limit, Number
from arena.api.who import Knocking, Signed, Whole
from arena.domain.account import NAME_LIMIT
from arena.domain.ids import AccountId
from arena.services import clock, second_step
from arena.services.installation import Installation
from arena.services.passwords import LONGEST, SHORTEST
from arena.services.signing_in import SESSION_DAYS, SignedIn, Visitor

router = APIRouter(prefix="/api/v1", tags=["accounts"])


class Credentials(Body):
    """An e-mail is a name to sign in with; nothing is sent to it."""

    email: said.Email
    password: str
    code: str | None = None
    """Of the second step, where the account has one; without it 401 with `code` `second_step`."""


ChosenPassword = Annotated[str, WithJsonSchema({"type": "string", "minLength": SHORTEST, "maxLength": LONGEST})]


class NewAccount(Credentials):
    password: ChosenPassword
    name: Annotated[str, said.text(NAME_LIMIT, said.LINE)] = ""


class SetUp(NewAccount):
    """The first account, by the token in `DATA_DIR/admin-token`."""

    token: str


class NewPassword(Body):
    password: ChosenPassword
    code: str | None = None
    """Of the second step, where the account has one."""


class PasswordChange(Body):
    old: str
    new: ChosenPassword
    code: str | None = None
    """Of the second step, where the account has one; without it 401 with `code` `second_step`."""


class Closing(Body):
    password: str
    """Empty for an account that has none, within 10 minutes after signing in."""
    code: str | None = None
    """Of the second step, where the account has one; without it 401 with `code` `second_step`."""


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
    next: int | None


class SecondStepOffer(Body):
    """For an authenticator; nothing is needed before a code of it was confirmed."""

    secret: str
    address: str
    """The same as `otpauth://`, with the name of the account."""
    picture: str
    """The same as a QR code, SVG."""


class SecondStepProof(Body):
    password: str
    """Empty for an account that has none, within 10 minutes after signing in."""
    code: str


class RecoveryCodes(Body):
    """Shown here once and stored hashed; each works once in place of a code."""

    recovery_codes: list[str]


class DeviceLink(Body):
    """Shown here once."""

    url: str
    token: str
    ends_at: str
    picture: str
    """The address as a QR code, SVG."""


class OwnAccount(Body):
    email: str
    name: str
    created_at: str
    has_password: bool
    """Whether it signs in with a password, and not with an organisation alone."""
    second_step: bool
    """Whether it needs a code, too."""
    workspaces: list[bodies.Place]


@router.post("/sessions", status_code=201)
async def sign_in(whole: Whole, knocking: Knocking, response: Response, body: Credentials) -> Begun:
    """Sign in. After five failures with one e-mail within 15 minutes, or 50 of one address: 429. What succeeds is not
    counted; many at once wait for each other."""
    return begun(
        whole,
        knocking,
        response,
        await whole.signing_in.sign_in(body.email, body.password, knocking, clock.now(), body.code),
    )


@router.get("/sessions")
async def sessions(whole: Whole, signed: Signed, after: Number = 0, limit: Limit = 100) -> SessionList:
    """Where you are signed in."""
    found, following = lists.numbered(whole.signing_in.sessions(signed, clock.now()), after, limit)
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
            for one in found
        ],
        next=following,
    )


@router.post("/sessions/devices", status_code=201)
async def device_link(whole: Whole, signed: Signed, request: Request) -> DeviceLink:
    """A link by which another device of yours signs in: once, within 10 minutes."""
    token, until = whole.signing_in.device_link(signed, clock.now())
    url = f"{public_address(whole, request)}/signin?device={token}"
    return DeviceLink(url=url, token=token, ends_at=until.isoformat(), picture=second_step.drawn(url))


@router.post("/device-links/{token}", status_code=201, responses={410: {"description": "Used up, or over"}})
def use_device_link(whole: Whole, knocking: Knocking, response: Response, token: str) -> Begun:
    """Sign in by a link that another device of yours made."""
    return begun(whole, knocking, response, whole.signing_in.use_device_link(token, knocking, clock.now()))


@router.delete("/sessions", status_code=204)
def sign_out_elsewhere(whole: Whole, signed: Signed) -> None:
    """End all of your sessions but this one."""
    whole.signing_in.end_others(signed, clock.now())


@router.delete("/sessions/{session_id}", status_code=204)
def sign_out(whole: Whole, signed: Signed, session_id: str) -> Response:
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
        has_password=bool(found.password),
        second_step=whole.signing_in.second_factor.is_on(found),
        workspaces=places(whole, signed.account_id),
    )


@router.put("/account/password", status_code=204)
async def change_password(whole: Whole, signed: Signed, knocking: Knocking, body: PasswordChange) -> None:
    """Set another password; your other sessions end."""
    await whole.signing_in.change_password(signed, body.old, body.new, knocking, clock.now(), body.code)


@router.post("/account/second-step/offers", status_code=201)
async def offer_second_step(whole: Whole, signed: Signed) -> SecondStepOffer:
    """A new secret for a device that makes codes."""
    offered = whole.signing_in.offer_second_step(signed)
    return SecondStepOffer(secret=offered.secret, address=offered.address, picture=offered.picture)


@router.put("/account/second-step")
async def confirm_second_step(whole: Whole, signed: Signed, knocking: Knocking, body: SecondStepProof) -> RecoveryCodes:
    """Need codes of the device that was offered a secret; your other sessions end."""
    codes = await whole.signing_in.confirm_second_step(signed, body.password, body.code, knocking, clock.now())
    return RecoveryCodes(recovery_codes=codes)


@router.post("/account/second-step/removal", status_code=204)
async def remove_second_step(whole: Whole, signed: Signed, knocking: Knocking, body: SecondStepProof) -> None:
    """Need no code any more."""
    await whole.signing_in.switch_off_second_step(signed, body.password, body.code, knocking, clock.now())


@router.post("/account/closure", status_code=204)
async def close_account(whole: Whole, signed: Signed, knocking: Knocking, body: Closing) -> Response:
    """Close your account. E-mail, name and password are deleted; your votes stay, under your pseudonyms."""
    await whole.signing_in.close(signed, body.password, knocking, clock.now(), body.code)
    response = Response(status_code=204)
    response.delete_cookie(**_cookie(whole, _session_name(whole)))
    return response


@router.post("/setup", status_code=201)
async def set_up(whole: Whole, knocking: Knocking, response: Response, body: SetUp) -> Begun:
    """Make the first account, an admin of the default workspace."""
    made = await whole.signing_in.set_up(body.token, body.email, body.password, body.name, knocking, clock.now())
    return begun(whole, knocking, response, made)


@router.post("/password-links/{token}", status_code=201, responses={410: {"description": "Used up, or over"}})
async def use_password_link(
    whole: Whole, knocking: Knocking, response: Response, token: str, body: NewPassword
) -> Begun:
    """Set a new password by a link that the operator made, once. All sessions end, and a new one begins."""
    return begun(
        whole,
        knocking,
        response,
        await whole.signing_in.use_link(token, body.password, knocking, clock.now(), body.code),
    )


def begun(whole: Installation, visitor: Visitor, response: Response, made: SignedIn) -> Begun:
    """The answer to a sign-in, and its cookie. What the browser rated as without an account loses its cookie where an
    account is that rater now; in every other workspace it stays the browser's."""
    response.set_cookie(**_cookie(whole, _session_name(whole)), value=made.token, max_age=SESSION_DAYS * 24 * 3600)
    owns = whole.instance.accounts.owns
    for workspace in (name for name, rater_id in visitor.raters.items() if owns(name, rater_id)):
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


def public_address(whole: Installation, request: Request) -> str:
    """Where people reach the arena."""
    public = whole.settings.public_url
    return str(public).rstrip("/") if public is not None else f"{request.url.scheme}://{request.url.netloc}"


def places(whole: Installation, account_id: AccountId) -> list[bodies.Place]:
    """The workspaces an account is in, of those that are open."""
    found = whole.memberships.of(account_id)
    return [bodies.Place(name=one.workspace, role=one.role) for one in found if whole.named(one.workspace) is not None]


def _session_name(whole: Installation) -> str:
    return cookies.of_session(secure=whole.settings.secure_cookie)


def _cookie(whole: Installation, name: str) -> dict[str, Any]:
    return {"key": name, "path": "/", "httponly": True, "samesite": "lax", "secure": whole.settings.secure_cookie}
