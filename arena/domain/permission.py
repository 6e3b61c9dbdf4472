"""What each role may do: one table, asked by every service.

A role is held in one workspace. `anonymous` is a rater without an account; `operator` is held beside another role, and
opens no workspace by itself.
"""

from collections.abc import Mapping
from enum import StrEnum

from arena.domain.principal import Principal, Role


class Permission(StrEnum):
    """One thing that some may do and others not."""

    TAKE_PART = "take part"
    """Battles, tasks, votes, and what is one's own."""
    READ_BOARDS = "read boards"
    """Boards and models, also where they are not public."""
    REVIEW = "review"
    """Raters with their evidence, their standing and their appeals."""
    CONDUCT = "conduct"
    """Campaigns, prompt sets, qualifications, models; votes as a table."""
    EXPORT = "export"
    """Selections and releases."""
    ADMINISTER = "administer"
    """People, tokens, settings, the audit log, imports, backups and erasures of one workspace."""
    OPERATE = "operate"
    """Workspaces as such, and all of the installation at once."""


_TAKING_PART = frozenset({Permission.TAKE_PART})
_READING = frozenset({Permission.READ_BOARDS})
_LAB = _TAKING_PART | _READING | {Permission.REVIEW, Permission.CONDUCT, Permission.EXPORT}

PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.ANONYMOUS: _TAKING_PART,
    Role.RATER: _TAKING_PART,
    Role.READER: _READING,
    Role.REVIEWER: _TAKING_PART | _READING | {Permission.REVIEW},
    Role.TRAINER: _READING | {Permission.EXPORT},
    Role.LAB: _LAB,
    Role.ADMIN: _LAB | {Permission.ADMINISTER},
    Role.OPERATOR: frozenset({Permission.OPERATE}),
}


def may(principal: Principal, permission: Permission) -> bool:
    """Whether a principal may do this in their workspace."""
    return permission in PERMISSIONS[principal.held]


def above(role: Role, other: Role) -> bool:
    """Whether a role may do something that another may not: nobody hands on more than they have."""
    return not PERMISSIONS[role] <= PERMISSIONS[other]
