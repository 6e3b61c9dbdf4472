"""Refuses what a role does not permit, and what needs a fresh proof of who asks: the two questions that services ask of
whoever acts.

A session lasts 30 days, and lies in a browser that others may come to. So it does not suffice for erasing a
rater, nor for making somebody who can do that without it: an admin, by token, invitation or role (docs/decisions/0082).
A token needs no proof: whoever has one was shown it, and nobody else.
"""

from datetime import datetime, timedelta

from arena.domain import permission as permissions
from arena.domain.permission import PERMISSIONS, Permission
from arena.domain.principal import Principal
from arena.errors import Forbidden, Unauthenticated

FRESH = timedelta(minutes=10)
"""For how long a proof of who somebody is counts as fresh."""


class ProofTooOldError(Unauthenticated):
    """Somebody signed in too long ago for what they ask."""

    code = "sign_in_again"


def demand_fresh(principal: Principal, now: datetime) -> None:
    """Raise `ProofTooOldError` for a session whose owner has not proved lately who they are."""
    if principal.proved_at is not None:
        refuse_old(principal.proved_at, now)


def refuse_old(proved_at: datetime, now: datetime) -> None:
    """Raise `ProofTooOldError` for a proof that is not fresh any more."""
    if now - proved_at > FRESH:
        raise ProofTooOldError(
            "This needs you to have signed in within the last 10 minutes. Sign in again, then do it."
        )


def demand(principal: Principal, permission: Permission) -> None:
    """Raise `Forbidden` where the role of a principal does not permit this."""
    if not permissions.may(principal, permission):
        roles = " or ".join(role for role, permitted in PERMISSIONS.items() if permission in permitted)
        raise Forbidden(f"This needs the role {roles}; you are a {principal.role}. Ask the admin of this workspace.")
