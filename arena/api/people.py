"""People of a workspace, for its admin: invitations, who is in it, and the audit log."""

import asyncio
import functools
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from arena.api import lists, said, sessions
from arena.api.bodies import Body
from arena.api.lists import Limit, Number
from arena.api.who import Arena, Knocking, Who, Whole
from arena.domain.account import AuditEntry, Invitation
from arena.domain.principal import HELD
from arena.domain.standing import REASON_LIMIT, Standing
from arena.errors import DoesNotFit
from arena.services import clock, deciding_standing
from arena.services.deciding_standing import DecisionAsked
from arena.services.inviting import LONGEST_DAYS, MOST_USES

router = APIRouter(prefix="/api/v1", tags=["people"])


class InvitationRequest(Body):
    """A role that is not above your own."""

    role: Annotated[str, said.one_of(HELD)]
    campaign: said.Slug | None = None
    uses: Annotated[int, said.whole(1, MOST_USES)] = 1
    days: Annotated[int, said.whole(1, LONGEST_DAYS)] = 7
    qualifications: Annotated[list[said.Slug], Field(max_length=20)] = Field(default_factory=list)
    """Fields that whoever follows the link is qualified for without a test, from then on; `reason` says why."""
    reason: Annotated[str, said.text(REASON_LIMIT)] = ""
    """Of `qualifications`, which need one: whoever follows the link is told it word for word."""


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
    """An e-mail, the id of a token, or the id of an account that is closed."""
    created_at: str
    ends_at: str


class InvitationList(Body):
    invitations: list[InvitationEntry]
    next: int | None


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
    next: int | None


class TakingOut(Body):
    email: said.Email
    reason: str | None = None


class RoleChange(Body):
    email: said.Email
    role: Annotated[str, said.one_of(HELD)]
    reason: str | None = None


class Email(Body):
    email: said.Email


class LinkRequest(Email):
    without_second_step: bool = False
    """For who lost the device and the recovery codes: the account needs no code any more."""


class AuditLogEntry(Body):
    at: str
    who: str
    """An e-mail, the id of a token, the command line, or the id of an account that is closed."""
    did: str
    to: str
    reason: str | None
    from_: str | None = Field(alias="from")
    """The address it was sent from; empty for a command on the arena's machine, null where that is not kept, or was
    dropped when whoever sent it closed their account."""


class AuditLogPage(Body):
    entries: list[AuditLogEntry]
    next: int | None


@router.post("/invitations", status_code=201)
async def invite(arena: Arena, whole: Whole, who: Who, request: Request, body: InvitationRequest) -> Invited:
    """Make a link by which people become members of this workspace. A field can be granted to them beforehand: here, or
    later with `PATCH /raters/{id}/standing` and the id of the invitation."""
    if body.qualifications and not body.reason:
        raise DoesNotFit("qualifications need a reason, which whoever follows the link is told; give `reason`.")
    if body.qualifications or body.reason:
        deciding_standing.said("reason", body.reason, REASON_LIMIT)
        await arena.standing.refuse_fields(who, body.qualifications)
    invite = functools.partial(whole.inviting.invite, campaign=body.campaign, uses=body.uses, days=body.days)
    made = await asyncio.to_thread(invite, who, body.role, clock.now())
    try:
        for field in dict.fromkeys(body.qualifications):
            granted = DecisionAsked(standing=Standing.QUALIFIED, reason=body.reason, field=field)
            await arena.standing.decide(who, made.invitation.invitation_id, granted)
    except BaseException:  # nobody is told the link of one that grants less than was asked for
        await asyncio.shield(asyncio.to_thread(whole.inviting.end, who, made.invitation.invitation_id, clock.now()))
        raise
    return Invited(
        id=made.invitation.invitation_id,
        url=f"{sessions.public_address(whole, request)}/invite/{made.token}",
        token=made.token,
        ends_at=made.invitation.ends_at.isoformat(),
    )


@router.get("/invitations")
async def invitations(whole: Whole, who: Who, after: Number = 0, limit: Limit = 100) -> InvitationList:
    """Every invitation to this workspace, oldest first, without its link."""
    found, following = lists.numbered(whole.inviting.invitations(who), after, limit)
    return InvitationList(
        invitations=[_entry(one, whole.instance.accounts.called(one.made_by)) for one in found], next=following
    )


@router.delete("/invitations/{invitation_id}", status_code=204)
def end_invitation(whole: Whole, who: Who, invitation_id: str) -> None:
    """Let nobody use an invitation from now on."""
    whole.inviting.end(who, invitation_id, clock.now())


@router.get("/invitations/{token}", responses={410: {"description": "Used up, or over"}})
def invitation(whole: Whole, knocking: Knocking, token: str) -> Offer:
    """What an invitation gives. Used up or ended: 410 with `code` `used` or `expired`."""
    found = whole.inviting.open(token, knocking, clock.now())
    return Offer(workspace=found.workspace, role=found.role, campaign=found.campaign, ends_at=found.ends_at.isoformat())


@router.post("/invitations/{token}/accept", status_code=201, responses={410: {"description": "Used up, or over"}})
async def accept(
    whole: Whole, knocking: Knocking, response: Response, token: str, body: sessions.NewAccount
) -> sessions.Begun:
    """Become a member by an invitation, with a new account or your own, and sign in."""
    made = await whole.inviting.accept(token, body.email, body.password, body.name, knocking, clock.now(), body.code)
    return sessions.begun(whole, knocking, response, made)


@router.get("/accounts")
async def accounts(whole: Whole, who: Who, after: Number = 0, limit: Limit = 100) -> People:
    """Everybody who is in this workspace, the first member first."""
    found, following = lists.numbered(whole.inviting.members(who), after, limit)
    return People(
        accounts=[
            Person(
                email=account.email,
                name=account.name,
                role=member.role,
                since=member.since.isoformat(),
                disabled=not account.usable,
            )
            for account, member in found
        ],
        next=following,
    )


@router.post("/accounts/roles", status_code=204)
def change_role(whole: Whole, who: Who, body: RoleChange) -> None:
    """Let somebody be something else in this workspace: their sessions may more or less from now on, and what an admin
    made to let others in ends with the role."""
    whole.inviting.change_role(who, body.email, body.role, body.reason, clock.now())


@router.post("/accounts/removal", status_code=204)
def take_out(whole: Whole, who: Who, body: TakingOut) -> None:
    """Take somebody out of this workspace; their sessions open nothing of it any more."""
    whole.inviting.take_out(who, body.email, body.reason, clock.now())


@router.post("/accounts/disabling", status_code=204)
def disable(whole: Whole, who: Who, body: Email) -> None:
    """Let nobody sign in with an account any more. For the operator: an account may be in many workspaces."""
    whole.demand_operator(who)
    whole.signing_in.disable(body.email, who.id, clock.now())


@router.post("/password-links", status_code=201)
def password_link(whole: Whole, who: Who, request: Request, body: LinkRequest) -> dict[str, str]:
    """A link by which somebody sets a new password once. For the operator."""
    whole.demand_operator(who)
    token = whole.signing_in.password_link(
        body.email, who.id, clock.now(), without_second_step=body.without_second_step
    )
    return {"url": f"{sessions.public_address(whole, request)}/signin?link={token}", "token": token}


@router.get("/audit-log")
async def audit_log(
    arena: Arena, who: Who, after: Annotated[int | None, Query(ge=1)] = None, limit: Limit = 100
) -> AuditLogPage:
    """Who changed people, roles, tokens and settings of this workspace, or decided on a rater's standing, appeal or
    credits, newest first. Of a rater who was erased the reasons are gone."""
    page = await arena.audit_log.page(who, after, limit)
    return AuditLogPage(entries=list(map(_noted, page.entries)), next=page.following)


def _noted(one: AuditEntry) -> AuditLogEntry:
    told = {"who": one.who, "did": one.did, "to": one.subject, "reason": one.reason, "from": one.sent_from}
    return AuditLogEntry.model_validate({"at": one.noted_at.isoformat(), **told})


def _entry(one: Invitation, made_by: str) -> InvitationEntry:
    return InvitationEntry(
        id=one.invitation_id,
        role=one.role,
        campaign=one.campaign,
        uses=one.uses,
        used=one.used,
        made_by=made_by,
        created_at=one.created_at.isoformat(),
        ends_at=one.ends_at.isoformat(),
    )
