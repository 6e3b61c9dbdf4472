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

SET_UP = "set up"
"""What is noted where the first account is made, by whoever has a token and is that account from then on."""

FORGET_ADDRESSES = """
    WITH RECURSIVE makers (maker) AS (
        SELECT CAST(? AS VARCHAR) UNION SELECT token_id FROM tokens JOIN makers ON tokens.made_by = makers.maker
    )
    UPDATE audit_entries SET sent_from = NULL
    WHERE who IN (SELECT maker FROM makers) OR (did = ? AND subject = ?)
"""
REASONS = """
    SELECT DISTINCT workspace, reason FROM audit_entries
    WHERE position('@' IN reason) > 0
        AND (workspace IS NULL OR workspace IN (SELECT workspace FROM audit_entries WHERE who = ? OR subject = ?))
"""
"""Reasons that may hold the e-mail of an account: those of the installation, and of the workspaces that the account was
in, each of which noted that it joined. What other workspaces wrote is not about it."""


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
        with a session, with a token of theirs or setting the arena up, and their e-mail where somebody wrote it into a
        reason. What they did stays, under the account's id."""
        with self._file.transaction():
            self._file.change(FORGET_ADDRESSES, [account.account_id, SET_UP, account.account_id])
            address = _whole(account.email)
            for workspace, reason in self._file.fetched(REASONS, [account.account_id, account.account_id]):
                left = address.sub(lambda _: account.account_id, reason)
                if left != reason:
                    self._file.change(
                        "UPDATE audit_entries SET reason = ? WHERE reason = ? AND workspace IS NOT DISTINCT FROM ?",
                        [left, reason, workspace],
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


def _whole(email: str) -> re.Pattern[str]:
    """Finds an address where it stands by itself, and not as a part of a longer one. An apostrophe before it belongs to
    an address after a letter, and is a quotation mark otherwise."""
    return re.compile(rf"(?<![\w.+-])(?<!\w'){re.escape(email)}(?![\w-]|\.\w)", re.IGNORECASE)
