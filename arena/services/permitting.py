"""Refuses what a role does not permit: the one question that services ask of a role."""

from arena.domain import permission as permissions
from arena.domain.permission import PERMISSIONS, Permission
from arena.domain.principal import Principal
from arena.errors import Forbidden


def demand(principal: Principal, permission: Permission) -> None:
    """Raise `Forbidden` where the role of a principal does not permit this."""
    if not permissions.may(principal, permission):
        roles = " or ".join(role for role, permitted in PERMISSIONS.items() if permission in permitted)
        raise Forbidden(f"This needs the role {roles}; you are a {principal.role}. Ask the admin of this workspace.")
