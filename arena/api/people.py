"""People of a workspace, for its admin: invitations, who is in it, and the audit log."""

from typing import Any

from fastapi import APIRouter, Request, Response

from arena.api import sessions
from arena.api.bodies import Body
from arena.api.who import Knocking, Who, Whole
from arena.domain.account import Invitation
from arena.services import clock
from arena.services.installation import Installation

router = APIRouter(prefix="/api/v1", tags=["people"])


class InvitationRequest(Body):
    """A role that is not above your own."""

    role: str
    campaign: str | None = None
    uses: int = 1
    days: int = 7


class Invited(Body):
    """The link is shown here once and stored hashed."""

    id: str
    url: str
    token: str
    ends_at: str


class InvitationEntry(Body):
    id: str
    role: str
    campaign: str | None
    uses: int
    used: int
    made_by: str
    created_at: str
    ends_at: str


class InvitationList(Body):
    invitations: list[InvitationEntry]


class Offer(Body):
    """What an invitation gives, for whoever holds it."""

    workspace: str
    role: str
    campaign: str | None
    ends_at: str


class Person(Body):
    email: str
    name: str
    role: str
    since: str
    disabled: bool


class People(Body):
    accounts: list[Person]


class TakingOut(Body):
    email: str
    reason: str | None = None


class Email(Body):
    email: str


class AuditLog(Body):
    entries: list[dict[str, Any]]


@router.post("/invitations", status_code=201)
async def invite(whole: Whole, who: Who, request: Request, body: InvitationRequest) -> Invited:
    """Make a link by which people become members of this workspace."""
    made = whole.inviting.invite(who, body.role, clock.now(), campaign=body.campaign, uses=body.uses, days=body.days)
    return Invited(
        id=made.invitation.invitation_id,
        url=f"{_address(whole, request)}/invite/{made.token}",
        token=made.token,
        ends_at=made.invitation.ends_at.isoformat(),
    )


@router.get("/invitations")
async def invitations(whole: Whole, who: Who) -> InvitationList:
    """Every invitation to this workspace, without its link."""
    return InvitationList(invitations=[_entry(one) for one in whole.inviting.invitations(who)])


@router.delete("/invitations/{invitation_id}", status_code=204)
async def end_invitation(whole: Whole, who: Who, invitation_id: str) -> None:
    """Let nobody use an invitation from now on."""
    whole.inviting.end(who, invitation_id, clock.now())


@router.get("/invitations/{token}")
async def invitation(whole: Whole, knocking: Knocking, token: str) -> Offer:
    """What an invitation gives. Used up or ended: 410 with `code` `used` or `expired`."""
    found = whole.inviting.open(token, knocking, clock.now())
    return Offer(workspace=found.workspace, role=found.role, campaign=found.campaign, ends_at=found.ends_at.isoformat())


@router.post("/invitations/{token}/accept", status_code=201)
async def accept(
    whole: Whole, knocking: Knocking, response: Response, token: str, body: sessions.NewAccount
) -> sessions.Begun:
    """Become a member by an invitation, with a new account or your own, and sign in."""
    made = await whole.inviting.accept(token, body.email, body.password, body.name, knocking, clock.now())
    return sessions.begun(whole, knocking, response, made)


@router.get("/accounts")
async def accounts(whole: Whole, who: Who) -> People:
    """Everybody who is in this workspace."""
    return People(
        accounts=[
            Person(
                email=account.email,
                name=account.name,
                role=member.role,
                since=member.since.isoformat(),
                disabled=not account.usable,
            )
            for account, member in whole.inviting.members(who)
        ]
    )


@router.post("/accounts/removal", status_code=204)
async def take_out(whole: Whole, who: Who, body: TakingOut) -> None:
    """Take somebody out of this workspace; their sessions open nothing of it any more."""
    whole.inviting.take_out(who, body.email, body.reason, clock.now())


@router.post("/accounts/disabling", status_code=204)
async def disable(whole: Whole, who: Who, body: Email) -> None:
    """Let nobody sign in with an account any more. For the operator: an account may be in many workspaces."""
    whole.demand_operator(who)
    whole.signing_in.disable(body.email, who.id, clock.now())


@router.post("/password-links", status_code=201)
async def password_link(whole: Whole, who: Who, request: Request, body: Email) -> dict[str, str]:
    """A link by which somebody sets a new password once. For the operator."""
    whole.demand_operator(who)
    token = whole.signing_in.password_link(body.email, who.id, clock.now())
    return {"url": f"{_address(whole, request)}/signin?link={token}", "token": token}


@router.get("/audit-log")
async def audit_log(whole: Whole, who: Who) -> AuditLog:
    """Who changed people, roles, tokens and settings of this workspace, newest first."""
    return AuditLog(
        entries=[
            {
                "at": one.noted_at.isoformat(),
                "who": one.who,
                "did": one.did,
                "to": one.subject,
                "reason": one.reason,
                "from": one.sent_from,
            }
            for one in whole.signing_in.auditing.entries(who)
        ]
    )


def _entry(one: Invitation) -> InvitationEntry:
    return InvitationEntry(
        id=one.invitation_id,
        role=one.role,
        campaign=one.campaign,
        uses=one.uses,
        used=one.used,
        made_by=one.made_by,
        created_at=one.created_at.isoformat(),
        ends_at=one.ends_at.isoformat(),
    )


def _address(whole: Installation, request: Request) -> str:
    """Where people reach the arena."""
    public = whole.settings.public_url
    return str(public).rstrip("/") if public is not None else f"{request.url.scheme}://{request.url.netloc}"
