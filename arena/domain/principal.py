"""Who acts: every action of a service is done by a principal."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from arena.domain.ids import AccountId, RaterId
from arena.domain.vote import RaterKind


class Role(StrEnum):
    """What somebody is in a workspace; `arena.domain.permission` says what each may do."""

    ANONYMOUS = "anonymous"
    RATER = "rater"
    READER = "reader"
    REVIEWER = "reviewer"
    TRAINER = "trainer"
    LAB = "lab"
    ADMIN = "admin"
    OPERATOR = "operator"


BY_COMMAND = "command line"
"""Who acts where the arena's own command does, on the machine of the data."""
HELD = (Role.RATER, Role.READER, Role.REVIEWER, Role.TRAINER, Role.LAB, Role.ADMIN)
"""Roles that an account may hold in a workspace; tokens hold all but the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks, in which role, inside which workspace."""

    id: str
    """A rater's id, or the id of the token."""
    role: Role
    """A rater without an account is a rater, too; `held` tells them apart."""
    workspace: str
    kind: RaterKind = RaterKind.PERSON
    """What acts: a program where a token came instead of a cookie."""
    account: AccountId | None = None
    """Of whoever signed in; then `id` is their rater's id in this workspace."""
    rates_as: RaterId | None = None
    """The rater of the account that a token belongs to; None for whoever rates under `id`."""
    others: tuple[RaterId, ...] = ()
    """Whom their browsers rated as before they signed in, and their tokens before these rated as the account."""
    invited: tuple[str, ...] = ()
    """Campaigns that their account was invited to: they are let in to these, whomever else they name."""
    former: tuple[str, ...] = ()
    """Whom their account was here and erased, by SHA-256 of the id."""
    campaign: str | None = None
    """The one campaign that a token is for; None for the whole workspace."""
    proved_at: datetime | None = field(default=None, compare=False)
    """When whoever signed in proved who they are; None for a token, and for a rater without an account."""
    address: str = field(default="", compare=False)
    """Where the request came from, for the audit log."""
    reads: str = field(default="", compare=False)
    """The languages that they read, as Accept-Language says them; empty where the request says none."""

    @property
    def rater_id(self) -> RaterId:
        """The id under which this principal's battles and votes are recorded."""
        return self.rates_as or RaterId(self.id)

    @property
    def raters(self) -> tuple[RaterId, ...]:
        """Every id under which something of theirs is recorded."""
        return (self.rater_id, *self.others)

    @property
    def held(self) -> Role:
        """The role that permissions go by."""
        return Role.ANONYMOUS if self.role is Role.RATER and self.account is None else self.role

    @property
    def is_rater(self) -> bool:
        """Whether `id` is a rater's, and not that of a token."""
        return self.role is Role.RATER or self.account is not None
