"""Inviting people into a workspace: links with a role, a number of uses and an end, and who is in it.

An invitation is `invite_` and 256 bits of chance, shown once and stored as its SHA-256. A refused password uses none of
it up.
"""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from arena.domain import account as accounts
from arena.domain import campaign as campaigns
from arena.domain import permission
from arena.domain.account import Account, Invitation, Member
from arena.domain.permission import PERMISSIONS, Permission
from arena.domain.principal import HELD, Principal, Role
from arena.errors import Conflict, DoesNotFit, Ended, Forbidden, InvalidValue, NotFound, UnknownName
from arena.services import acting_for, made_by, passwords
from arena.services.auditing import noted
from arena.services.fair_shares import FairShares
from arena.services.memberships import Memberships
from arena.services.permitting import demand, demand_fresh
from arena.services.signing_in import SECRET_BYTES, SignedIn, SigningIn, Visitor
from arena.store.instance import Instance
from arena.store.instance_file import hashed

LONGEST_DAYS = 365
MOST_USES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInvitation:
    """An invitation just made; its token is shown once."""

    token: str
    invitation: Invitation


class Inviting:
    """Invitations and members, of one installation."""

    def __init__(
        self,
        instance: Instance,
        signing_in: SigningIn,
        memberships: Memberships,
        shares: FairShares,
        has_campaign: Callable[[str, str], bool],
        entered: Callable[[Member, Invitation], None] = lambda *_: None,
    ) -> None:
        """`has_campaign` says whether a workspace has a campaign, by their names; `entered` is told who became a member
        by which invitation."""
        self._has_campaign = has_campaign
        self._entered = entered
        self._instance = instance
        self._signing_in = signing_in
        self._memberships = memberships
        self._shares = shares

    def invite(
        self,
        principal: Principal,
        role: str,
        now: datetime,
        *,
        campaign: str | None = None,
        uses: int = 1,
        days: int = 7,
    ) -> NewInvitation:
        """Make an invitation into the workspace of an admin."""
        _refuse_role(principal, role, now)
        if campaign not in (None, campaigns.DEFAULT):
            self._refuse_campaign(principal.workspace, campaign, Role(role))
        _refuse_outside("uses", uses, MOST_USES)
        _refuse_outside("days", days, LONGEST_DAYS)
        token = f"invite_{secrets.token_urlsafe(SECRET_BYTES)}"
        made = Invitation(
            invitation_id=f"{accounts.INVITED}{secrets.token_hex(8)}",
            hash=hashed(token),
            workspace=principal.workspace,
            role=Role(role),
            campaign=campaign,
            uses=uses,
            used=0,
            made_by=noted(principal),
            created_at=now,
            ends_at=now + timedelta(days=days),
        )
        with self._instance.transaction():
            acting_for.refuse_ended(self._instance, principal)
            self._instance.invitations.add(made)
            why = campaign and f"for campaign {campaign}"
            self._signing_in.auditing.note(principal, f"invited as {role}", made.invitation_id, now, why)
        return NewInvitation(token=token, invitation=made)

    def invitations(self, principal: Principal) -> Sequence[Invitation]:
        """Every invitation to the workspace, without its token."""
        demand(principal, Permission.ADMINISTER)
        return self._instance.invitations.of(principal.workspace)

    def end(self, principal: Principal, invitation_id: str, now: datetime) -> None:
        """Let nobody use an invitation from now on."""
        for one in self.invitations(principal):
            if one.invitation_id == invitation_id:
                with self._instance.transaction():
                    self._instance.invitations.end(one, now)
                    self._signing_in.auditing.note(principal, "ended invitation", invitation_id, now)
                return
        raise NotFound(f"There is no invitation {invitation_id}; GET /api/v1/invitations lists those there are.")

    def open(self, token: str, visitor: Visitor, now: datetime) -> Invitation:
        """An invitation that can be used. `NotFound`, or `Ended` with `used` or `expired`."""
        found = self._instance.invitations.find(token)
        if found is None:
            self._shares.failed_tokens.take(visitor.address)
            raise NotFound("There is no such invitation. Copy the whole link, or ask for another.")
        if found.used >= found.uses:
            raise Ended("This invitation was already used. Sign in, or ask for another.", code="used")
        if now >= found.ends_at:
            raise Ended(f"This invitation ended on {found.ends_at:%d %B %Y}. Ask for another.", code="expired")
        return found

    async def accept(
        self,
        token: str,
        email: str,
        password: str,
        name: str,
        visitor: Visitor,
        now: datetime,
        code: str | None = None,
    ) -> SignedIn:
        """Become a member by an invitation, with a new account or with the one this e-mail has, and sign in."""
        self.open(token, visitor, now)
        email, name = accounts.spelled_email(email), accounts.spelled_name(name)
        passwords.refuse_weak(password, email, name)
        is_new = self._instance.accounts.find(email) is None
        if is_new:
            account = await self._signing_in.new_account(email, password, name, now)
        else:
            account = await self._signing_in.authenticate(email, password, visitor)
            await self._signing_in.demand_code(account, code, visitor, now)

        def enter() -> SignedIn:
            with self._instance.transaction():
                found = self.open(token, visitor, now)  # another may have used it meanwhile, here or at another process
                self._enter(account, is_new, found, visitor, now)
            signed_in = self._signing_in.begin(account.account_id, visitor, now)
            member = self._instance.accounts.member(account.account_id, found.workspace)
            return SignedIn(token=signed_in.token, session=signed_in.session, member=member)

        return await asyncio.to_thread(enter)

    def members(self, principal: Principal) -> list[tuple[Account, Member]]:
        """Everybody in the workspace, for its admin."""
        demand(principal, Permission.ADMINISTER)
        found = self._instance.accounts.members_of(principal.workspace)
        return [(self._instance.accounts.get(one.account_id), one) for one in found]

    def change_role(self, principal: Principal, email: str, role: str, reason: str | None, now: datetime) -> None:
        """Let somebody who is in the workspace be something else there from now on, more or less. Their sessions follow
        at once; the tokens and invitations of who is no admin any more end."""
        _refuse_role(principal, role, now)
        with self._instance.transaction():
            account, member = self._named(principal, email)
            if member.role == role:
                return
            if member.role is Role.ADMIN:
                self._keep_an_admin(principal, account)
            self._memberships.join(account.account_id, member.workspace, Role(role), {}, now)
            did = f"changed role from {member.role} to {role}"
            self._signing_in.auditing.note(principal, did, account.account_id, now, reason)

    def take_out(self, principal: Principal, email: str, reason: str | None, now: datetime) -> None:
        """Take somebody out of the workspace: their sessions open nothing of it any more. The account stays."""
        with self._instance.transaction():
            account, member = self._named(principal, email)
            self._keep_an_admin(principal, account)
            self._instance.accounts.leave(member.account_id, member.workspace)
            self._signing_in.auditing.note(principal, "took out", account.account_id, now, reason)
            made_by.end(self._instance, member.workspace, account.account_id, now)

    def _named(self, principal: Principal, email: str) -> tuple[Account, Member]:
        """Whoever has an e-mail and is in the workspace of an admin."""
        members, spelled = self.members(principal), accounts.spelled_email(email)
        for account, member in members:
            if account.email == spelled:
                return account, member
        raise NotFound(f"Nobody with the e-mail {email} is in this workspace; GET /api/v1/accounts lists who is.")

    def _keep_an_admin(self, principal: Principal, leaving: Account) -> None:
        """Raise `Conflict` where nobody would be left who can invite people into a workspace. Whoever acts with a token
        that is nobody's stays."""
        if acting_for.account(self._instance, principal) is None:
            return
        workspace = principal.workspace
        admins = [one.account_id for one in self._instance.accounts.members_of(workspace) if one.role is Role.ADMIN]
        left = [one for one in admins if one != leaving.account_id and self._instance.accounts.get(one).usable]
        if leaving.account_id in admins and not left:
            raise Conflict(
                f"{leaving.email} is the last admin of workspace {workspace}. Invite another admin first, who can "
                "let people in."
            )

    def _enter(self, account: Account, is_new: bool, found: Invitation, visitor: Visitor, now: datetime) -> None:
        self._instance.invitations.use(found)
        there = self._instance.accounts.find(account.email)
        if is_new and there is None:
            self._instance.accounts.add(account)
        elif there is None:
            raise Conflict("This account was closed meanwhile. Try again to make a new one.")
        elif there != account:
            raise Conflict("This e-mail got another account or password meanwhile. Try again.")
        was = self._instance.accounts.member(account.account_id, found.workspace)
        if was is None or permission.above(found.role, was.role):
            was = self._memberships.join(account.account_id, found.workspace, found.role, visitor.raters, now)
        if found.campaign is not None and found.campaign not in was.campaigns:
            was = replace(was, campaigns=(*was.campaigns, found.campaign))
            self._instance.accounts.join(was)
        self._entered(was, found)
        self._signing_in.auditing.add(
            found.workspace,
            account.account_id,
            f"joined as {found.role}",
            found.invitation_id,
            now,
            visitor.address,
            found.campaign and f"for campaign {found.campaign}",
        )

    def _refuse_campaign(self, workspace: str, campaign: str, role: Role) -> None:
        if Permission.TAKE_PART not in PERMISSIONS[role]:
            raise DoesNotFit(
                f"A {role} takes part in no campaign; leave `campaign` out, or make a token of one campaign: "
                f"arena tokens create --role {role} --campaign {campaign}."
            )
        if not self._has_campaign(workspace, campaign):
            raise UnknownName(f"campaign is {campaign!r}, and there is none of that name here; make it first.")


def _refuse_role(principal: Principal, role: str, now: datetime) -> None:
    """Raise where a role is none that people hold, or is above that of whoever gives it, who has to be an admin."""
    demand(principal, Permission.ADMINISTER)
    if role not in HELD:
        raise InvalidValue(f"role is {role!r}; accepted: {', '.join(HELD)}.")
    if permission.above(Role(role), principal.role):
        raise Forbidden(f"The role {role} may more than yours, {principal.role}; give a lesser one.")
    if role == Role.ADMIN:
        demand_fresh(principal, now)


def _refuse_outside(name: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise InvalidValue(f"{name} is {value}; it is 1 to {most}.")
