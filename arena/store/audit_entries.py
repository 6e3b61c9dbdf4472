"""The audit log: who changed people, roles, tokens and settings. Only ever added to, and read by admins.

It goes with its workspace when that is removed: what is made under the same name later may be another lab's.
"""

import re

from arena.domain.account import Account, AuditEntry
from arena.store.instance_file import InstanceFile

ENTRIES = {
    "noted_at": "TIMESTAMP",
    "workspace": "VARCHAR",
    "who": "VARCHAR",
    "did": "VARCHAR",
    "subject": "VARCHAR",
    "reason": "VARCHAR",
    "sent_from": "VARCHAR",
}

REMOVED_WORKSPACE = "removed workspace"
"""What is noted, of no workspace, where one is removed; where processes share a database, the reason is what tells the
workspace from others of its name."""


class AuditEntries:
    """The entries of every workspace."""

    def __init__(self, file: InstanceFile) -> None:
        self._file = file

    def add(self, entry: AuditEntry) -> None:
        """Store one entry."""
        self._file.append("audit_entries", ENTRIES, [getattr(entry, name) for name in ENTRIES])

    def forget(self, workspace: str) -> None:
        """Drop the entries of a workspace that is removed."""
        self._file.change("DELETE FROM audit_entries WHERE workspace = ?", [workspace])

    def forget_person(self, account: Account) -> None:
        """Drop what would lead from the entries back to somebody whose account is being closed: where they acted from,
        and their e-mail where somebody wrote it into a reason. What they did stays, under the account's id."""
        with self._file.transaction():
            self._file.change("UPDATE audit_entries SET sent_from = NULL WHERE who = ?", [account.account_id])
            self._file.change(
                "UPDATE audit_entries SET reason = regexp_replace(reason, ?, ?, 'gi') "
                "WHERE position(? IN lower(reason)) > 0",
                [re.escape(account.email), account.account_id, account.email],
            )

    def of(self, workspace: str) -> list[AuditEntry]:
        """Every entry of a workspace."""
        found = self._file.fetched(
            f"SELECT {', '.join(ENTRIES)} FROM audit_entries WHERE workspace = ? ORDER BY noted_at, did, subject",
            [workspace],
        )
        return [
            AuditEntry(
                noted_at=row[0],
                workspace=row[1],
                who=row[2],
                did=row[3],
                subject=row[4],
                reason=row[5],
                sent_from=row[6],
            )
            for row in found
        ]

    def removed_workspaces(self) -> frozenset[tuple[str, str]]:
        """The names of all that were removed, whatever was made under them since, each with what told it from others
        of its name. Removals of which that was not noted are left out."""
        query = "SELECT subject, reason FROM audit_entries WHERE workspace IS NULL AND did = ? AND reason IS NOT NULL"
        return frozenset((name, told) for name, told in self._file.fetched(query, [REMOVED_WORKSPACE]))
