"""Signing in: passwords, sessions, links for a new password, the first account, and closing an account.

A session is `session_` and 256 bits of chance, stored as its SHA-256, new at each sign-in. It belongs to an account;
what that is in a workspace is in `memberships`. Who signs in from a browser that rated without an account brings those
votes along, and the browser's cookie is worth nothing any more.
"""

import asyncio
import random
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from arena.domain import account as accounts
from arena.domain import ids, permission
from arena.domain.account import Account, Member, PasswordLink, Session
from arena.domain.ids import AccountId, RaterId
from arena.domain.principal import Principal, Role
from arena.errors import Conflict, Ended, InvalidValue, NotFound, Unauthenticated
from arena.services import made_by, passwords
from arena.services.auditing import Auditing
from arena.services.fair_shares import FairShares
from arena.services.memberships import Memberships
from arena.services.passwords import Passwords
from arena.services.permitting import refuse_old
from arena.services.second_step import Offered, SecondFactor
from arena.store.audit_entries import SET_UP
from arena.store.instance import Instance
from arena.store.instance_file import hashed

SESSION_DAYS = 30
LINK_HOURS = 24
DEVICE_MINUTES = 10
SECRET_BYTES = 32
WRONG = "That did not match. Check the e-mail and the password."


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who knocks at a door: nobody yet."""

    address: str
    client: str
    """What they came with, such as "Firefox on Linux"."""
    raters: Mapping[str, RaterId]
    """Whom this browser rated as without an account, by workspace."""
    session: Session | None = None
    """The session it has, which a new one replaces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session just begun. Its token is shown once and stored hashed."""

    token: str
    session: Session
    member: Member | None
    """What the account is in the default workspace, or in the first it is in; None where it is in none."""


class SigningIn:
    """Accounts and their sessions, of one installation."""

    def __init__(
        self,
        instance: Instance,
        memberships: Memberships,
        default: str,
        shares: FairShares,
        chance: random.Random,
        keep: Passwords | None = None,
    ) -> None:
        """`default` is the workspace that whoever is in several is shown first."""
        self._instance = instance
        self._memberships = memberships
        self._default = default
        self._shares = shares
        self._chance = chance
        self._passwords = keep or Passwords()
        self.second_factor = SecondFactor(instance)
        self._devices: dict[str, tuple[Session, datetime]] = {}
        """The session that made each link for another device, and its end, by the hash of the link's token."""
        self._one_device = threading.Lock()
        """Held while the links are changed, which several threads do."""
        self.auditing = Auditing(instance)

    # -- who it is ---------------------------------------------------------------------------------------------------

    def find(self, token: str, now: datetime) -> Session | None:
        """The session of a token, while it is valid and its account usable."""
        session = self._instance.sessions.find(token, now)
        return session if session and self._instance.accounts.get(session.account_id).usable else None

    def holds(self, session: Session, who: Principal | None = None) -> bool:
        """Whether a session found earlier is worth something still, and, where it was somebody in a workspace, whether
        it is no less there now."""
        if who is not None:
            member = self._instance.accounts.member(session.account_id, who.workspace)
            if member is None or permission.above(who.role, member.role):
                return False
        return self._instance.sessions.holds(session)

    def account(self, session: Session) -> Account:
        """The account of a session."""
        return self._instance.accounts.get(session.account_id)

    # -- sessions ----------------------------------------------------------------------------------------------------

    async def sign_in(
        self, email: str, password: str, visitor: Visitor, now: datetime, code: str | None = None
    ) -> SignedIn:
        """Begin a session. Raises `Unauthenticated`, the same for a wrong password and for an account that is none."""
        try:
            email = accounts.spelled_email(email)
        except InvalidValue:
            self._shares.sign_ins_of_address.take(visitor.address)
            raise Unauthenticated(WRONG) from None
        account = await self.authenticate(email, password, visitor)
        await self.demand_code(account, code, visitor, now)
        if self._passwords.is_old(account.password):
            stored = await self._passwords.hashed(password)
            await asyncio.to_thread(self._hash_anew, account, stored)
        return await asyncio.to_thread(self.begin, account.account_id, visitor, now)

    def _hash_anew(self, account: Account, stored: str) -> None:
        """Store another hash of a password, unless the account got another password or was closed meanwhile."""
        with self._instance.transaction():
            if self._instance.accounts.get(account.account_id) == account:
                self._instance.accounts.set_password(account.account_id, stored)

    async def authenticate(self, email: str, password: str, visitor: Visitor) -> Account:
        """The usable account with this e-mail and password; counts what fails by e-mail and by address."""
        shares, key = self._shares, hashed(email)
        async with shares.sign_ins_of_address.turn(visitor.address), shares.sign_ins_of_email.turn(key):
            account = self._instance.accounts.find(email)
            stored = account.password if account is not None and account.usable else ""
            if not await self._passwords.match(stored, password) or account is None:
                raise Unauthenticated(WRONG)
        if not self.second_factor.is_on(account):  # where it is on, wrong codes before this go on to count
            shares.sign_ins_of_email.clear(key)
        return account

    async def demand_code(self, account: Account, code: str | None, visitor: Visitor, now: datetime) -> None:
        """Take the code of a second step, where the account has one. Wrong ones count as wrong passwords do."""
        if not self.second_factor.is_on(account):
            return
        if not code:
            self.second_factor.demand(account, None, now)
            return
        shares, key = self._shares, hashed(account.email)
        async with shares.sign_ins_of_address.turn(visitor.address), shares.sign_ins_of_email.turn(key):
            await asyncio.to_thread(self.second_factor.demand, account, code, now)
        shares.sign_ins_of_email.clear(key)

    def begin(
        self, account_id: AccountId, visitor: Visitor, now: datetime, proved_at: datetime | None = None
    ) -> SignedIn:
        """A new session of an account, in place of the one its browser had. What the browser rated without an account
        belongs to the account from now on, in the workspaces that the account is in. `proved_at`: when its owner proved
        who they are, where that was not now. Raises `Unauthenticated` for an account that was closed meanwhile."""
        token = f"session_{secrets.token_urlsafe(SECRET_BYTES)}"
        session = Session(
            session_id=f"s_{secrets.token_hex(8)}",
            account_id=account_id,
            hash=hashed(token),
            client=visitor.client,
            created_at=now,
            last_used_at=now,
            expires_at=now + timedelta(days=SESSION_DAYS),
            proved_at=proved_at or now,
        )
        with self._instance.transaction():
            if not self._instance.accounts.get(account_id).usable:
                raise Unauthenticated("This account is closed. Ask the admin of this arena.")
            if visitor.session is not None and self.holds(visitor.session):
                self._instance.sessions.end(visitor.session, now)
            self._instance.sessions.add(session)
            for member in self._memberships.of(account_id):
                self._memberships.bring(member, visitor.raters.get(member.workspace))
        found = {one.workspace: one for one in self._memberships.of(account_id)}
        return SignedIn(
            token=token, session=session, member=found.get(self._default) or next(iter(found.values()), None)
        )

    def device_link(self, session: Session, now: datetime) -> tuple[str, datetime]:
        """The token of a link by which another device of the same person signs in, once and soon; and its end. A newer
        one takes its place."""
        token, until = f"device_{secrets.token_urlsafe(SECRET_BYTES)}", now + timedelta(minutes=DEVICE_MINUTES)
        with self._one_device:
            self._devices = {
                kept: (maker, ends)
                for kept, (maker, ends) in self._devices.items()
                if ends > now and maker.session_id != session.session_id
            }
            self._devices[hashed(token)] = (session, until)
        return token, until

    def use_device_link(self, token: str, visitor: Visitor, now: datetime) -> SignedIn:
        """Sign in by a link of another device, while its session is worth something."""
        with self._one_device:
            session, until = self._devices.pop(hashed(token), (None, now))
        if session is None:
            self._shares.failed_tokens.take(visitor.address)
        with self._instance.transaction():
            if session is None or now >= until or not self.holds(session):
                raise NotFound(
                    "This link is used, or has ended. Make another one on the device where you are signed in."
                )
            account = self.account(session)
            self._note(
                account, account.account_id, "signed in on another device", now, visitor.address, subject="own account"
            )
            return self.begin(account.account_id, visitor, now, session.proved_at)

    def sessions(self, session: Session, now: datetime) -> list[Session]:
        """The valid sessions of the account of one, oldest first."""
        return self._instance.sessions.of(session.account_id, now)

    def end(self, session: Session, session_id: str, now: datetime) -> None:
        """End a session of one's own."""
        for one in self.sessions(session, now):
            if one.session_id == session_id:
                self._instance.sessions.end(one, now)
                return
        raise NotFound(f"You have no session {session_id}; GET /api/v1/sessions lists those there are.")

    def end_others(self, session: Session, now: datetime) -> None:
        """End every session of the account but this one."""
        self._instance.sessions.end_all(session.account_id, now, session)

    # -- accounts ----------------------------------------------------------------------------------------------------

    async def new_account(self, email: str, password: str, name: str, now: datetime) -> Account:
        """An account that is not stored yet. Raises `InvalidValue` for a password that is too weak."""
        name = accounts.spelled_name(name)
        passwords.refuse_weak(password, email, name)
        account_id = AccountId(ids.mint(ids.PREFIXES[AccountId], now, self._chance))
        stored = await self._passwords.hashed(password)
        return Account(account_id=account_id, email=email, name=name, password=stored, created_at=now)

    async def set_up(
        self, token: str, email: str, password: str, name: str, visitor: Visitor, now: datetime
    ) -> SignedIn:
        """Make the first account, an admin of the default workspace, for whoever has an admin token of it."""
        if self._instance.accounts.all():
            raise Conflict("This arena is set up already. Sign in, or ask its admin for an invitation.")
        holder = self._instance.find_token(token.strip())
        if holder is None or holder.role is not Role.ADMIN or holder.workspace != self._default:
            self._shares.failed_tokens.take(visitor.address)
            raise Unauthenticated(
                f"This is not the admin token of this arena. It begins with arena_ and has 49 characters; yours has "
                f"{len(token.strip())}. Copy the whole line."
            )
        account = await self.new_account(accounts.spelled_email(email), password, name, now)

        def add() -> SignedIn:
            with self._instance.transaction():
                self._refuse_taken(account.email)
                self._instance.accounts.add(account)
                self._memberships.join(account.account_id, self._default, Role.ADMIN, visitor.raters, now)
                self.auditing.add(self._default, holder.id, SET_UP, account.account_id, now, visitor.address)
            return self.begin(account.account_id, visitor, now)

        return await asyncio.to_thread(add)

    async def change_password(
        self, session: Session, old: str, new: str, visitor: Visitor, now: datetime, code: str | None = None
    ) -> None:
        """Set another password, for who knows the present one; all other sessions end."""
        account = await self.authenticate(self.account(session).email, old, visitor)
        passwords.refuse_weak(new, account.email, account.name)
        await self.demand_code(account, code, visitor, now)
        stored = await self._passwords.hashed(new)

        def change() -> None:
            with self._instance.transaction():
                self._refuse_closed(account)
                self._instance.accounts.set_password(account.account_id, stored)
                self._instance.sessions.use_links(account.account_id, now)
                self._instance.sessions.end_all(account.account_id, now, session)
                self._note(account, account.account_id, "changed the password", now, visitor.address)

        await asyncio.to_thread(change)

    async def close(
        self, session: Session, password: str, visitor: Visitor, now: datetime, code: str | None = None
    ) -> None:
        """Close an account, for who knows its password, or has just signed in with the organisation where it has none.
        What it gave stays, under the pseudonyms it had."""
        account = await self._proven(session, password, code, visitor, now)
        await asyncio.to_thread(self._close, account, visitor, now)

    def _close(self, account: Account, visitor: Visitor, now: datetime) -> None:
        with self._instance.transaction():
            self._refuse_closed(account)
            self._note(account, account.account_id, "closed", now, visitor.address, subject="own account")
            for member in self._memberships.of(account.account_id):
                made_by.end(self._instance, member.workspace, account.account_id, now)
            self._instance.audit.forget_person(account)
            self._instance.sessions.forget(account.account_id)
            self._instance.subjects.forget(account.account_id)
            self._instance.second_steps.forget(account.account_id)
            self._instance.accounts.close(account.account_id, now)

    # -- the second step ---------------------------------------------------------------------------------------------

    def offer_second_step(self, session: Session) -> Offered:
        """A secret for a device, for who is signed in."""
        return self.second_factor.offer(self.account(session))

    async def confirm_second_step(
        self, session: Session, password: str, code: str, visitor: Visitor, now: datetime
    ) -> list[str]:
        """Need codes of the device from now on; returns the recovery codes. All other sessions end."""
        account = await self._proven(session, password, None, visitor, now)
        self._shares.sign_ins_of_email.take(hashed(account.email))  # cleared below, where the code was right

        def confirm() -> list[str]:
            with self._instance.transaction():
                self._refuse_closed(account)
                codes = self.second_factor.confirm(account, code, now)
                self._instance.sessions.end_all(account.account_id, now, session)
                self._note(account, account.account_id, "added a second step", now, visitor.address)
            return codes

        codes = await asyncio.to_thread(confirm)
        self._shares.sign_ins_of_email.clear(hashed(account.email))
        return codes

    async def switch_off_second_step(
        self, session: Session, password: str, code: str, visitor: Visitor, now: datetime
    ) -> None:
        """Need no code any more, for who knows the password and has one."""
        account = await self._proven(session, password, code, visitor, now)

        def switch_off() -> None:
            with self._instance.transaction():
                self._refuse_closed(account)
                self.second_factor.switch_off(account)
                self._note(account, account.account_id, "took the second step away", now, visitor.address)

        await asyncio.to_thread(switch_off)

    async def _proven(
        self, session: Session, password: str, code: str | None, visitor: Visitor, now: datetime
    ) -> Account:
        """The account of a session, once more proven to be whose it is: with all that signing in needs."""
        account = self.account(session)
        if account.password:
            account = await self.authenticate(account.email, password, visitor)
        else:
            refuse_old(session.proved_at, now)
        await self.demand_code(account, code, visitor, now)
        return account

    # -- for the operator --------------------------------------------------------------------------------------------

    def password_link(self, email: str, who: str, now: datetime, *, without_second_step: bool = False) -> str:
        """The token of a link that sets a new password once; for who lost device and recovery codes, too, without the
        second step from now on."""
        token = f"link_{secrets.token_urlsafe(SECRET_BYTES)}"
        with self._instance.transaction():
            account = self._instance.accounts.named(accounts.spelled_email(email))
            link = PasswordLink(
                hash=hashed(token),
                account_id=account.account_id,
                created_at=now,
                ends_at=now + timedelta(hours=LINK_HOURS),
            )
            self._instance.sessions.add_link(link)
            self._note(account, who, "made a password link", now, "")
            if without_second_step and self.second_factor.is_on(account):
                self.second_factor.switch_off(account)
                self._note(account, who, "took the second step away", now, "")
        return token

    async def use_link(
        self, token: str, password: str, visitor: Visitor, now: datetime, code: str | None = None
    ) -> SignedIn:
        """Set a new password by a link, once; every session ends and a new one begins."""
        link = self._instance.sessions.find_link(token)
        if link is None:
            self._shares.failed_tokens.take(visitor.address)
            raise NotFound("There is no such link. Ask the admin for a new one.")
        account = self._instance.accounts.get(link.account_id)
        passwords.refuse_weak(password, account.email, account.name)
        stored = await self._passwords.hashed(password)

        await asyncio.to_thread(self._refuse_used, token, account, now)
        await self.demand_code(account, code, visitor, now)

        def use() -> SignedIn:
            with self._instance.transaction():
                self._refuse_used(token, account, now)  # another request may have taken it meanwhile
                self._instance.sessions.use_links(account.account_id, now)
                self._instance.accounts.set_password(account.account_id, stored)
                self._instance.sessions.end_all(account.account_id, now)
                self._note(account, account.account_id, "set a new password by a link", now, visitor.address)
            return self.begin(account.account_id, visitor, now)

        signed_in = await asyncio.to_thread(use)
        self._shares.sign_ins_of_email.clear(hashed(account.email))
        return signed_in

    def _refuse_used(self, token: str, account: Account, now: datetime) -> None:
        """Raise `Ended` for a link that another request used, and for one that is over."""
        link = self._instance.sessions.find_link(token)
        if link is None or link.used_at is not None or not self._instance.accounts.get(account.account_id).usable:
            raise Ended("This link was used already. Ask the admin for a new one.", code="used")
        if now >= link.ends_at:
            raise Ended("This link has ended. Ask the admin for a new one.", code="expired")

    def disable(self, email: str, who: str, now: datetime) -> None:
        """Let nobody sign in with an account any more; its sessions end at once."""
        with self._instance.transaction():
            account = self._instance.accounts.named(accounts.spelled_email(email))
            self._instance.accounts.disable(account.account_id, now)
            self._instance.sessions.end_all(account.account_id, now)
            self._note(account, who, "disabled", now, "")
            for member in self._memberships.of(account.account_id):
                made_by.end(self._instance, member.workspace, account.account_id, now)

    def _note(
        self, account: Account, who: str, did: str, now: datetime, address: str, *, subject: str | None = None
    ) -> None:
        """Add what concerns an account to the log of each workspace that it is in: no other one's admin reads of it."""
        found: list[str | None] = [one.workspace for one in self._memberships.of(account.account_id)]
        for workspace in found or [None]:
            self.auditing.add(workspace, who, did, subject or account.account_id, now, address)

    def _refuse_closed(self, account: Account) -> None:
        """Raise `Conflict` where an account was closed since its owner was authenticated. To be asked in the
        transaction of the change, as closing is one, too."""
        if not self._instance.accounts.get(account.account_id).usable:
            raise Conflict("This account was closed meanwhile. Nothing was changed.")

    def _refuse_taken(self, email: str) -> None:
        if self._instance.accounts.find(email) is not None:
            raise Conflict("This e-mail has an account already. Sign in with it.")
