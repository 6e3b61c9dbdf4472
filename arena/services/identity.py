"""Who is asking: anonymous raters by a signed value, programs of labs and others by a token stored as its hash.
Accounts and their sessions are in `signing_in`.

A rater's value is `SEED.SIGNATURE`, HMAC-SHA256 over the workspace and the seed with a secret of this installation. A
browser keeps it in a cookie, a program sends it as a bearer token; it says who, never what they may do. The stored id
is derived from the seed with the same secret, so that it is in no answer. Values made earlier are signed over the
stored id itself, and stay valid.
"""

import dataclasses
import hashlib
import hmac
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from arena.domain import ids
from arena.domain.ids import RaterId
from arena.domain.model import SLUG
from arena.domain.name_key import SECRET_BYTES, NameKey
from arena.domain.permission import Permission
from arena.domain.principal import HELD, Principal, Role
from arena.domain.vote import RaterKind
from arena.errors import DoesNotFit, InvalidValue, NotFound
from arena.exports.proofs import signing
from arena.exports.proofs.signing import Signer
from arena.services import acting_for, made_by, paths, secret_files
from arena.services.auditing import Auditing, noted
from arena.services.permitting import demand, demand_fresh
from arena.services.pseudonyms import Pseudonyms
from arena.store import database, heads
from arena.store.instance import Instance
from arena.store.tokens import Token

SECRET_FILE = "signing-secret"  # noqa: S105 - a file name
ADMIN_TOKEN_FILE = "admin-token"  # noqa: S105 - a file name
OF_TOKENS = tuple(role for role in HELD if role is not Role.RATER)
"""Roles of tokens: raters make theirs themselves."""
OF_ONE_CAMPAIGN = (Role.READER, Role.TRAINER)
"""Roles that a token for one campaign may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRater:
    """A rater just made, and the value that proves it later."""

    name: RaterId
    """What answers call them."""
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token just made; its text is shown once and stored hashed."""

    id: str
    text: str


class Identity:
    """Issues and recognises identities."""

    def __init__(
        self,
        instance: Instance,
        secret: bytes,
        workspace: str,
        chance: random.Random,
        gone: Callable[[str], bool] = lambda _: False,
        names: NameKey | None = None,
    ) -> None:
        """`gone` says which raters were erased: their signed values are worth nothing any more. `names` is what the
        names hang on; the secret, where they have no key of their own."""
        self._gone = gone
        self._instance = instance
        self._secret = secret
        self._workspace = workspace
        self._chance = chance
        self._pseudonyms = Pseudonyms(names or NameKey(workspace=workspace, secret=secret))

    @property
    def instance(self) -> Instance:
        """The file that tokens and accounts are kept in."""
        return self._instance

    def new_rater(self, now: datetime) -> NewRater:
        """Make a rater. Nothing is stored until they ask something."""
        seed = ids.mint("r", now, self._chance)
        return NewRater(
            name=self._pseudonyms.name(self._stored(seed)), token=f"{seed}.{self._keyed('rater seed', seed).hex()}"
        )

    def unsigned_rater(self, now: datetime) -> RaterId:
        """The stored id of a new rater who signs in, and so needs no value of their own."""
        return self._stored(ids.mint("r", now, self._chance))

    def rater(self, value: str) -> Principal | None:
        """The rater a signed value belongs to; None when it was not signed here, and for who was erased or has an
        account now, whose sessions alone speak for them."""
        signed, _, signature = value.partition(".")
        if hmac.compare_digest(signature.encode(), self._keyed("rater seed", signed).hex().encode()):
            rater_id = self._stored(signed)
        elif hmac.compare_digest(signature.encode(), self._keyed("rater", signed).hex().encode()):
            rater_id = RaterId(signed)
        else:
            return None
        if self._gone(rater_id) or self._instance.accounts.owns(self._workspace, rater_id):
            return None
        return Principal(id=rater_id, role=Role.RATER, workspace=self._workspace)

    def name_of(self, rater_id: RaterId) -> str:
        """What answers call a rater."""
        return self._pseudonyms.name(rater_id)

    def shown(self, principal: Principal) -> str:
        """What answers call this principal as a rater, which whoever votes with the token of a role is, too."""
        return self._pseudonyms.name(principal.rater_id)

    def bearer(self, value: str) -> Principal | None:
        """Whoever a bearer token belongs to: a rater, or the holder of an issued token."""
        holder = self.rater(value) if value.startswith("r_") else self._instance.find_token(value)
        if holder is None or holder.workspace != self._workspace:
            return None
        return dataclasses.replace(holder, kind=RaterKind.PROGRAM)

    def create_token(self, principal: Principal, role: str, now: datetime, campaign: str | None = None) -> NewToken:
        """Issue a token of a role; with a campaign, of that one alone. Whether there is such a campaign is not looked
        at: until then it opens nothing."""
        demand(principal, Permission.ADMINISTER)
        if role not in OF_TOKENS:
            raise InvalidValue(f"role is {role!r}; accepted: {', '.join(OF_TOKENS)}.")
        if campaign is not None and role not in OF_ONE_CAMPAIGN:
            raise DoesNotFit(f"A token for one campaign is of a {' or '.join(OF_ONE_CAMPAIGN)}; {role} may change all.")
        if campaign is not None and SLUG.fullmatch(campaign) is None:
            raise InvalidValue(f"{campaign!r} names no campaign.")
        if role == Role.ADMIN:
            demand_fresh(principal, now)
        auditing = Auditing(self._instance)
        with self._instance.transaction():
            acting_for.refuse_ended(self._instance, principal)
            token_id, text = self._instance.add_token(
                Role(role), self._workspace, now, made_by=noted(principal), campaign=campaign
            )
            auditing.note(principal, f"made token as {role}", token_id, now, campaign and f"for campaign {campaign}")
        return NewToken(id=token_id, text=text)

    def tokens(self, principal: Principal) -> list[Token]:
        """Every token issued for this workspace, without its text."""
        demand(principal, Permission.ADMINISTER)
        return [token for token in self._instance.tokens() if token.workspace == self._workspace]

    def revoke_token(self, principal: Principal, token_id: str, now: datetime) -> None:
        """Make a token worthless from now on."""
        demand(principal, Permission.ADMINISTER)
        if token_id not in {token.token_id for token in self.tokens(principal)}:
            raise NotFound(f"There is no token {token_id}; `arena tokens list` shows those issued.")
        with self._instance.transaction():
            self._instance.revoke(token_id, now)
            Auditing(self._instance).note(principal, "revoked token", token_id, now)
            made_by.end(self._instance, self._workspace, token_id, now)

    def _stored(self, seed: str) -> RaterId:
        number = int.from_bytes(self._keyed("rater id", seed)[:16], "big")
        return RaterId(ids.spelled(ids.PREFIXES[RaterId], number))

    def _keyed(self, purpose: str, text: str) -> bytes:
        return hmac.digest(self._secret, f"{purpose}:{self._workspace}:{text}".encode(), hashlib.sha256)


def signing_secret(data_dir: Path) -> bytes:
    """The installation's secret, made on first start."""
    return bytes.fromhex(secret_files.kept(data_dir / SECRET_FILE, secrets.token_hex(32)))


def workspace_secret(data_dir: Path, workspace: str) -> bytes:
    """The secret of a workspace: its own, or the installation's where it was made before it had one."""
    own = paths.workspace_path(data_dir, workspace).with_name(paths.SECRET)
    return bytes.fromhex(own.read_text(encoding="ascii").strip()) if own.exists() else signing_secret(data_dir)


def name_key(data_dir: Path, workspace: str) -> NameKey:
    """What the names of a workspace's raters hang on: a key of its own, made just before the workspace is. One that was
    made earlier has none, and goes on with its secret."""
    database_path = paths.workspace_path(data_dir, workspace)
    own = database_path.with_name(paths.NAMES)
    if not own.exists():
        if database_path.exists() or heads.beside(database_path).exists():
            return NameKey(workspace=workspace, secret=workspace_secret(data_dir, workspace))
        database.make_folder(own.parent)
        made = NameKey(workspace=workspace, secret=secrets.token_bytes(SECRET_BYTES))
        return NameKey.from_json(secret_files.kept(own, made.to_json().strip()))
    return NameKey.from_json(own.read_text(encoding="ascii"))


def release_signer(data_dir: Path, workspace: str) -> Signer:
    """Signs the releases of a workspace, with a key made on first use."""
    path = paths.release_key_path(data_dir, workspace)
    database.make_folder(path.parent)
    return Signer(secret_files.kept(path, signing.new_key().strip()))


def admin_token_path(data_dir: Path, workspace: str) -> Path:
    """Where the admin token of a workspace was written."""
    return data_dir / (ADMIN_TOKEN_FILE if workspace == paths.DEFAULT_WORKSPACE else f"{ADMIN_TOKEN_FILE}-{workspace}")


def first_admin_token(data_dir: Path, instance: Instance, workspace: str, now: datetime) -> Path | None:
    """Write the workspace's admin token on its first start and return its file; None when there was one before."""
    if _had_admin_token(instance, workspace):
        return None
    with instance.transaction():
        if _had_admin_token(instance, workspace):  # another process was sooner
            return None
        path = admin_token_path(data_dir, workspace)
        _, text = instance.add_token(Role.ADMIN, workspace, now)
        secret_files.write(path, f"{text}\n".encode("ascii"))
    return path


def _had_admin_token(instance: Instance, workspace: str) -> bool:
    return any(token.role is Role.ADMIN and token.workspace == workspace for token in instance.tokens())


def written_token(data_dir: Path, instance: Instance, workspace: str) -> str | None:
    """The id of the admin token that lies in the data folder, or in that of another process, which told of it: where
    both are worth something, of the one that was made later."""
    path = admin_token_path(data_dir, workspace)
    lying = instance.find_token(path.read_text().strip()) if path.exists() else None
    found = [instance.token(one) for one in (lying and lying.id, _told_token(instance, workspace)) if one]
    valid = [one for one in found if one and one.workspace == workspace and one.revoked_at is None]
    return max(valid, key=lambda one: one.created_at).token_id if valid else None


def tell_written_token(data_dir: Path, instance: Instance, workspace: str) -> None:
    """Let other processes know which admin token lies in this data folder, if one does."""
    found = written_token(data_dir, instance, workspace)
    if instance.shared is not None and found not in (None, _told_token(instance, workspace)):
        instance.shared.change_secret(f"{workspace}/{ADMIN_TOKEN_FILE}", str(found))


def _told_token(instance: Instance, workspace: str) -> str | None:
    return None if instance.shared is None else instance.shared.told_secret(f"{workspace}/{ADMIN_TOKEN_FILE}")
