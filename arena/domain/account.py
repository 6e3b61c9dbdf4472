"""People who sign in: accounts, what they are in each workspace, their sessions, and invitations."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from arena.domain.ids import AccountId, RaterId
from arena.domain.principal import Role
from arena.errors import InvalidValue

EMAIL_LIMIT = 254
NAME_LIMIT = 100
INVITED = "inv_"
"""What ids of invitations begin with."""
DECOMPOSED = 4
"""Characters at most that one may be typed as. Longer texts are refused before they are normalised: that takes the
square of the length of a run of combining marks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person, of the whole installation."""

    account_id: AccountId
    email: str
    """The name they sign in with; nothing is ever sent to it. Empty once the account is closed."""
    name: str
    password: str
    """Its argon2id hash; empty where there is none."""
    created_at: datetime
    disabled_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def usable(self) -> bool:
        """Whether anybody can sign in with it."""
        return self.disabled_at is None and self.closed_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What an account is in one workspace."""

    account_id: AccountId
    workspace: str
    role: Role
    rater_id: RaterId
    """As it is stored there; another one in each workspace."""
    others: tuple[RaterId, ...] = ()
    """Whom its browsers rated as before they signed in."""
    campaigns: tuple[str, ...] = ()
    """Those it was invited to."""
    former: tuple[str, ...] = ()
    """Whom it was there and erased, by SHA-256 of the id: what they had begun is not begun anew."""
    since: datetime

    @property
    def raters(self) -> tuple[RaterId, ...]:
        """Everybody it is in the workspace, itself last."""
        return (*self.others, self.rater_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser or program that signed in."""

    session_id: str
    account_id: AccountId
    hash: str
    """SHA-256 of its token."""
    client: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    proved_at: datetime
    """When whoever has it proved who they are: with a password, an organisation or a link that was given to them. A
    session of another device has that of the one that made its link."""

    def valid(self, now: datetime) -> bool:
        """Whether it is worth anything at this moment."""
        return self.ended_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A link that makes whoever follows it a member of a workspace."""

    invitation_id: str
    hash: str
    """SHA-256 of its token."""
    workspace: str
    role: Role
    campaign: str | None
    uses: int
    used: int
    made_by: str
    created_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordLink:
    """A link that sets a new password once."""

    hash: str
    """SHA-256 of its token."""
    account_id: AccountId
    created_at: datetime
    ends_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who did what to whom or what, from where, and why."""

    noted_at: datetime
    workspace: str | None
    """None: it concerns the installation."""
    who: str
    """The id of an account or of a token, or the command line; whoever reads is told the e-mail of the account."""
    did: str
    subject: str
    reason: str | None
    sent_from: str | None
    """An address; empty for a command on the arena's machine. None: it was not kept, or was dropped when whoever acted
    closed their account."""


def spelled_email(given: str) -> str:
    """An e-mail as accounts are found by it, whatever its case. `InvalidValue` for what is none."""
    fits = len(given) <= DECOMPOSED * EMAIL_LIMIT
    email = unicodedata.normalize("NFKC", given).strip().casefold() if fits else ""
    local, at, domain = email.rpartition("@")
    odd = any(unicodedata.category(letter).startswith(("C", "Z")) for letter in email)
    if not (local and at and domain) or "@" in local or odd or len(email) > EMAIL_LIMIT:
        raise InvalidValue(f"email is no e-mail address of at most {EMAIL_LIMIT} characters, such as ada@lab.example.")
    return email


def spelled_name(given: str) -> str:
    """A person's name in one line."""
    fits = len(given) <= DECOMPOSED * NAME_LIMIT
    name = " ".join(unicodedata.normalize("NFC", given).split()) if fits else ""
    if not fits or len(name) > NAME_LIMIT or any(unicodedata.category(letter).startswith("C") for letter in name):
        raise InvalidValue(f"name is a line of at most {NAME_LIMIT} characters.")
    return name
