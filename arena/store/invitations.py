"""Invitations. Their tokens are stored as their SHA-256."""

from dataclasses import replace
from datetime import datetime

from arena.domain.account import Invitation
from arena.domain.principal import Role
from arena.store.instance_file import InstanceFile, hashed

INVITATIONS = {
    "invitation_id": "VARCHAR",
    "hash": "VARCHAR",
    "workspace": "VARCHAR",
    "role": "VARCHAR",
    "campaign": "VARCHAR",
    "uses": "INTEGER",
    "used": "INTEGER",
    "made_by": "VARCHAR",
    "created_at": "TIMESTAMP",
    "ends_at": "TIMESTAMP",
}


class Invitations:
    """Every invitation, whatever the workspace."""

    def __init__(self, file: InstanceFile) -> None:
        self._file = file
        file.on_change.append(self._read)
        self._read()

    def _read(self) -> None:
        found = self._file.fetched(f"SELECT {', '.join(INVITATIONS)} FROM invitations ORDER BY created_at, hash")
        self._by_hash = {
            row[1]: Invitation(
                invitation_id=row[0],
                hash=row[1],
                workspace=row[2],
                role=Role(row[3]),
                campaign=row[4],
                uses=row[5],
                used=row[6],
                made_by=row[7],
                created_at=row[8],
                ends_at=row[9],
            )
            for row in found
        }

    def add(self, invitation: Invitation) -> None:
        """Store a new invitation."""
        self._file.append("invitations", INVITATIONS, [getattr(invitation, name) for name in INVITATIONS])
        self._by_hash[invitation.hash] = invitation

    def find(self, token: str) -> Invitation | None:
        """The invitation of a token, used up or ended though it may be."""
        return self._by_hash.get(hashed(token))

    def of(self, workspace: str) -> list[Invitation]:
        """Every invitation to a workspace, oldest first."""
        return [one for one in self._by_hash.values() if one.workspace == workspace]

    def use(self, invitation: Invitation) -> None:
        """Note one use more."""
        used = invitation.used + 1
        self._file.change("UPDATE invitations SET used = ? WHERE invitation_id = ?", [used, invitation.invitation_id])
        self._by_hash[invitation.hash] = replace(invitation, used=used)

    def forget(self, workspace: str) -> None:
        """Drop every invitation to a workspace that is removed."""
        self._file.change("DELETE FROM invitations WHERE workspace = ?", [workspace])
        self._by_hash = {key: one for key, one in self._by_hash.items() if one.workspace != workspace}

    def end(self, invitation: Invitation, now: datetime) -> None:
        """Let nobody use an invitation from now on."""
        self._file.change("UPDATE invitations SET ends_at = ? WHERE invitation_id = ?", [now, invitation.invitation_id])
        self._by_hash[invitation.hash] = replace(invitation, ends_at=now)
