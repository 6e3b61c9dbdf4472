"""What accounts are in workspaces: their role there, and which raters they are.

A session and a token carry what their account is in the workspace that a request names. Whoever joins from a browser
that rated without an account becomes that rater; whoever erased themselves goes on as another one.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from arena.domain import removal
from arena.domain.account import Member, Session
from arena.domain.ids import AccountId, RaterId
from arena.domain.permission import PERMISSIONS, Permission
from arena.domain.principal import Principal, Role
from arena.domain.vote import RaterKind
from arena.errors import NotFound
from arena.services import acting_for, made_by
from arena.store.instance import Instance


class ErasedMember(Exception):
    """Whoever asks was erased, and is to be another rater first: `Memberships.renew`, which waits for a database."""

    def __init__(self, member: Member, now: datetime, gone: Callable[[str], bool]) -> None:
        super().__init__("whoever asks was erased, and is no other rater yet")
        self.member = member
        self.now = now
        self.gone = gone


class Memberships:
    """Members of the workspaces of one installation."""

    def __init__(
        self,
        instance: Instance,
        new_rater: Callable[[str, datetime], RaterId],
        brought: Callable[[Member, RaterId], None] = lambda *_: None,
        renewed: Callable[[Member], None] = lambda _: None,
    ) -> None:
        """`new_rater` makes the stored id of a rater of a workspace; `brought` is told whom a member brings along, and
        `renewed` of a member who was erased and is about to be another rater."""
        self._instance = instance
        self._new_rater = new_rater
        self._brought = brought
        self._renewed = renewed

    def of(self, account_id: AccountId) -> list[Member]:
        """What an account is, by workspace."""
        return self._instance.accounts.memberships(account_id)

    def principal(self, session: Session, workspace: str, kind: RaterKind, gone: Callable[[str], bool]) -> Principal:
        """What a session is in a workspace; `NotFound`, as if the workspace were absent, where it is nothing.

        `gone` says which raters were erased. A member who was erased goes on as a new rater, with the same invitation
        and the decisions on the one before; `ErasedMember` is raised where that rater has still to be made.
        """
        member = self._instance.accounts.member(session.account_id, workspace)
        if member is None:
            raise NotFound("There is no such workspace here.")
        if gone(member.rater_id):
            raise ErasedMember(member, session.last_used_at, gone)
        found = Principal(
            id=member.rater_id,
            role=member.role,
            workspace=workspace,
            kind=kind,
            account=session.account_id,
            proved_at=session.proved_at,
        )
        return _as_member(found, member, gone)

    def holder(self, token: Principal, now: datetime, gone: Callable[[str], bool]) -> Principal:
        """Whoever carries a token, who rates as the account that made it, by itself or by another token. One that no
        account made rates under its own id: nobody knows whose it is. `ErasedMember` as of `principal`."""
        account = acting_for.account(self._instance, token)
        member = None if account is None else self._instance.accounts.member(account, token.workspace)
        if member is None:
            return token
        if gone(member.rater_id):
            raise ErasedMember(member, now, gone)
        return _as_member(replace(token, rates_as=member.rater_id), member, gone)

    def gather(self, workspace: str, rated: Callable[[RaterId], bool]) -> None:
        """Give accounts what their tokens rated. Tokens of an earlier arena rated under ids of their own; `rated` says
        which of these ids the workspace holds anything of."""
        for one in self._instance.tokens():
            holder = Principal(id=one.token_id, role=one.role, workspace=one.workspace)
            account = acting_for.account(self._instance, holder) if one.workspace == workspace else None
            member = None if account is None else self._instance.accounts.member(account, workspace)
            if member is None or one.created_at < self._instance.accounts.get(member.account_id).created_at:
                continue
            rater_id = RaterId(one.token_id)
            if rater_id not in member.raters and rated(rater_id):
                with self._instance.transaction():
                    found = self._instance.accounts.member(member.account_id, workspace)
                    if found is not None:  # it may have left or been closed meanwhile
                        self.bring(found, rater_id)

    def join(
        self, account_id: AccountId, workspace: str, role: Role, rated: Mapping[str, RaterId], now: datetime
    ) -> Member:
        """Make an account a member of a workspace. It stays the rater that it is there; one that is new becomes the
        rater whose votes it brings, by workspace in `rated`: those of its browser."""
        was = self._instance.accounts.member(account_id, workspace)
        if was is not None:
            member = replace(was, role=role)
            self._instance.accounts.join(member)
            if Permission.ADMINISTER not in PERMISSIONS[role]:
                conducts = Permission.CONDUCT in PERMISSIONS[role]
                made_by.end(self._instance, workspace, account_id, now, conducts=conducts)
            return member
        rater_id = rated.get(workspace)
        if rater_id is None or self._instance.accounts.owns(workspace, rater_id):
            rater_id = self._new_rater(workspace, now)
        member = Member(account_id=account_id, workspace=workspace, role=role, rater_id=rater_id, since=now)
        self._instance.accounts.join(member)
        return member

    def bring(self, member: Member, rater_id: RaterId | None) -> None:
        """Give an account what its browser rated without it, unless another account has it."""
        if rater_id is not None and not self._instance.accounts.owns(member.workspace, rater_id):
            self._instance.accounts.join(replace(member, others=(*member.others, rater_id)))
            self._brought(member, rater_id)

    def renew(self, erased: ErasedMember) -> None:
        """Let a member be another rater, in place of the one that was erased. Of two requests at once, here or at two
        processes, whoever waits for the other's change reads it first, and finds that there is nothing to do."""
        gone = erased.gone
        with self._instance.transaction():
            found = self._instance.accounts.member(erased.member.account_id, erased.member.workspace)
            if found is None or not gone(found.rater_id):
                return
            former = (removal.hashed(one) for one in found.raters if gone(one))
            renewed = replace(
                found,
                rater_id=self._new_rater(found.workspace, erased.now),
                others=tuple(one for one in found.others if not gone(one)),
                former=tuple(dict.fromkeys((*found.former, *former))),
                since=erased.now,
            )
            self._renewed(renewed)
            self._instance.accounts.join(renewed)


def _as_member(principal: Principal, member: Member, gone: Callable[[str], bool]) -> Principal:
    """A principal with all that is known of its member."""
    others = tuple(rater_id for rater_id in member.others if not gone(rater_id))
    return replace(principal, others=others, invited=member.campaigns, former=member.former)
