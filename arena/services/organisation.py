"""Signing in with an organisation: from the page to its server and back, and whose account that is here.

What a browser has to bring back lies in a cookie of its own, signed with the installation's secret: state, nonce and
the verifier of PKCE. So a code that somebody else's browser was given is worth nothing here. Each state is taken once.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from arena import settings as configuration
from arena.domain import account as accounts
from arena.domain import ids
from arena.domain.account import Account
from arena.domain.ids import AccountId
from arena.domain.principal import Role
from arena.errors import Conflict, Forbidden, InvalidValue, Unauthenticated
from arena.oidc.provider import WRONG, Colleague, Provider
from arena.services import identity
from arena.services.fair_shares import FairShares
from arena.services.memberships import Memberships
from arena.services.permitting import refuse_old
from arena.services.signing_in import SignedIn, SigningIn, Visitor
from arena.settings import Settings
from arena.settings.tables import Oidc
from arena.store.instance import Instance

MINUTES = 10
"""How long somebody may take at the organisation's page."""
RANDOM_BYTES = 32
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When somebody proved who they are, of whom nobody says that they did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where a browser is sent, and what it has to bring back."""

    address: str
    cookie: str


class Organisation:
    """Sign-in with the organisation of the configuration."""

    def __init__(
        self,
        instance: Instance,
        signing_in: SigningIn,
        memberships: Memberships,
        shares: FairShares,
        settings: Oidc,
        provider: Provider,
        secret: bytes,
        workspace: str,
    ) -> None:
        """`workspace` is where the organisation's people are members, by their role there."""
        self._instance = instance
        self._signing_in = signing_in
        self._memberships = memberships
        self._shares = shares
        self._settings = settings
        self._provider = provider
        self._secret = secret
        self._workspace = workspace
        self._taken: dict[str, datetime] = {}
        """States that came back, until their cookies are worth nothing."""

    async def begin(self, back: str, now: datetime, *, anew: bool = False) -> Way:
        """Where to go, for a browser that wants to sign in and can be reached at `back`; `anew` where it is to prove
        who it is, and not only to be let through because it is signed in there."""
        state, nonce, verifier = (secrets.token_urlsafe(RANDOM_BYTES) for _ in range(3))
        kept = {"state": state, "nonce": nonce, "verifier": verifier, "back": back}
        kept |= {"until": (now + timedelta(minutes=MINUTES)).isoformat(), "anew": "yes" if anew else ""}
        address = await self._provider.address(back, state, nonce, verifier, anew=anew)
        return Way(address=address, cookie=self._signed(kept))

    async def finish(
        self, cookie: str, state: str, code: str, issuer: str, visitor: Visitor, now: datetime
    ) -> SignedIn:
        """Begin a session for whoever came back. Raises `Unauthenticated` where anything does not fit, and its kind
        `ProofTooOldError` where a proof was wanted and the organisation does not say that it just asked for one.

        `issuer` is what the answer says of itself (RFC 9207), empty where it says nothing.
        """
        async with self._shares.sign_ins_of_address.turn(visitor.address):
            kept = self._kept(cookie, now)
            if kept is None or not hmac.compare_digest(kept["state"].encode(), state.encode()):
                raise Unauthenticated(WRONG)
            if state in self._taken or (issuer and issuer != self._settings.issuer) or not code:
                raise Unauthenticated(WRONG)
            self._taken = {one: until for one, until in self._taken.items() if until > now}
            self._taken[state] = now + timedelta(minutes=MINUTES)
            person = await self._provider.person(code, kept["back"], kept["nonce"], kept["verifier"])
            if kept.get("anew"):
                refuse_old(person.asked_at or NEVER, now)
            account_id = await asyncio.to_thread(self._account, person, self._role(person), visitor, now)
        return await asyncio.to_thread(
            self._signing_in.begin, account_id, visitor, now, _proved_at(person, account_id, visitor)
        )

    def _role(self, person: Colleague) -> Role | None:
        """What somebody is to be in the workspace, None where the organisation does not say; `Forbidden` for whoever is
        to be nothing."""
        try:
            domain = accounts.spelled_email(person.email).rpartition("@")[2]
        except InvalidValue:
            raise Unauthenticated(WRONG) from None
        if self._settings.allowed_domains and domain not in self._settings.allowed_domains:
            raise Forbidden("E-mails of this domain are not let in here. Ask the admin of this arena.")
        if self._settings.role_claim is None:
            return None
        said = person.claims.get(self._settings.role_claim)
        given = [one for one in (said if isinstance(said, list) else [said]) if isinstance(one, str)]
        found = [Role(role) for claim, role in self._settings.roles.items() if claim in given]
        if not found:
            raise Forbidden("Your organisation gives you no role in this arena. Ask its admin.")
        return found[0]

    def _account(self, person: Colleague, claimed: Role | None, visitor: Visitor, now: datetime) -> AccountId:
        """The account of a person, made on their first visit; where the organisation says roles, with that of now."""
        account_id = self._instance.subjects.find(person.issuer, person.subject)
        with self._instance.transaction():
            if account_id is None:
                account_id = self._enter(person, visitor, now)
            account = self._instance.accounts.get(account_id)
            if not account.usable:
                raise Unauthenticated("This account is closed. Ask the admin of this arena.")
            was = self._instance.accounts.member(account_id, self._workspace)
            role = claimed or (Role.RATER if was is None else was.role)
            if was is None or was.role is not role:
                self._memberships.join(account_id, self._workspace, role, visitor.raters, now)
                self._signing_in.auditing.add(
                    self._workspace, account_id, f"joined as {role}", "by the organisation", now, visitor.address
                )
        return account_id

    def _enter(self, person: Colleague, visitor: Visitor, now: datetime) -> AccountId:
        """Connect a person with an account: a new one, or the one that their browser is signed in to.

        An e-mail alone connects nobody: whoever was invited chose theirs, and nothing was ever sent to it.
        """
        email = accounts.spelled_email(person.email)
        there = self._instance.accounts.find(email)
        if there is None:
            made = Account(
                account_id=AccountId(ids.mint(ids.PREFIXES[AccountId], now, secrets.SystemRandom())),
                email=email,
                name=_name(person.name),
                password="",
                created_at=now,
            )
            self._instance.accounts.add(made)
            there = made
        elif visitor.session is None or visitor.session.account_id != there.account_id:
            raise Conflict(
                "This e-mail has an account with a password here. Sign in with that first, then with the organisation."
            )
        self._instance.subjects.add(person.issuer, person.subject, there.account_id, now)
        return there.account_id

    def _signed(self, kept: Mapping[str, Any]) -> str:
        text = base64.urlsafe_b64encode(json.dumps(kept).encode()).decode()
        return f"{text}.{self._signature(text)}"

    def _kept(self, cookie: str, now: datetime) -> dict[str, str] | None:
        text, _, signature = cookie.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(text).encode()):
            return None
        kept: dict[str, str] = json.loads(base64.urlsafe_b64decode(text))
        return kept if now < datetime.fromisoformat(kept["until"]) else None

    def _signature(self, text: str) -> str:
        return hmac.digest(self._secret, f"organisation:{text}".encode(), hashlib.sha256).hex()


def _proved_at(person: Colleague, account_id: AccountId, visitor: Visitor) -> datetime:
    """When somebody proved who they are: when the organisation asked them, which may be long ago. Where it does not
    say, the proof of the session that this browser has stays as old as it was, and any other session has none."""
    if person.asked_at is not None:
        return person.asked_at
    before = visitor.session
    return before.proved_at if before is not None and before.account_id == account_id else NEVER


def _name(given: str) -> str:
    """A name as accounts have it; none, where the organisation says what cannot be one."""
    try:
        return accounts.spelled_name(given)
    except InvalidValue:
        return ""


def configured(
    settings: Settings, instance: Instance, signing_in: SigningIn, memberships: Memberships, shares: FairShares
) -> Organisation | None:
    """The organisation of a configuration, if it names one."""
    asked = settings.oidc
    if asked.issuer is None:
        return None
    secret = None if asked.client_secret_env is None else configuration.secret(asked.client_secret_env)
    return Organisation(
        instance,
        signing_in,
        memberships,
        shares,
        asked,
        Provider(asked.issuer, asked.client_id, secret),
        identity.signing_secret(settings.data_dir),
        settings.workspace,
    )
