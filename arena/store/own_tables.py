"""Rows about one person, by table: what their export has beside what is told of them one by one.

Not in it: what would let somebody sign in (hashes, secrets), what opens commitments, what only tells requests apart,
and what would tell gold, repeats or findings before they are told (`tests/api/test_everything.py` names each with its
reason).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from arena.domain.ids import AccountId, RaterId
from arena.store import database, rows
from arena.store.connections import Connection
from arena.store.instance_file import InstanceFile

Value = str | int | float | bool | None
Row = dict[str, Value]


@dataclass(frozen=True, slots=True)
class OwnTable:
    """Which rows of a table are somebody's, and what is told of each."""

    columns: tuple[str, ...]
    theirs: str
    """A condition on the ids of a person."""
    order: str


THEIRS = "rater_id IN (SELECT unnest(CAST(? AS VARCHAR[])))"
OF_WORKSPACE: Mapping[str, OwnTable] = {
    "agreements": OwnTable(("campaign", "text_sha256", "agreed_at"), THEIRS, "agreed_at, campaign"),
    "appeals": OwnTable(("appeal_id", "field", "text", "asked_at", "sequence"), THEIRS, "appeal_id"),
    "assignments": OwnTable(("assignment_id", "since", "deadline", "shown_first"), THEIRS, "assignment_id"),
    "assignment_ends": OwnTable(
        ("assignment_id", "cause", "reason", "ended_at"),
        f"assignment_id IN (SELECT assignment_id FROM assignments WHERE {THEIRS})",
        "ended_at, assignment_id",
    ),
    "holds": OwnTable(("field", "held_for", "since", "until", "model"), THEIRS, "sequence"),
    "qualification_results": OwnTable(
        ("field", "correct", "answered", "needed", "passed", "decided_at", "valid_until"), THEIRS, "sequence"
    ),
    "removals": OwnTable(("kind", "removed_at"), THEIRS.replace("rater_id", "rater"), "sequence"),
    "reports": OwnTable(("kind", "reason", "reported_at"), THEIRS, "report_id"),
    "scopes": OwnTable(("scope", "chosen_at"), THEIRS, "sequence"),
    "standing_decisions": OwnTable(
        ("field", "standing", "reason", "decided_at", "ends_at", "answers"), THEIRS, "sequence"
    ),
}
"""Tables of a workspace, for the ids of a rater."""

OF_ACCOUNT: Mapping[str, OwnTable] = {
    "password_links": OwnTable(("created_at", "ends_at", "used_at"), "account_id = ?", "created_at"),
    "second_steps": OwnTable(("since",), "account_id = ?", "since"),
    "sessions": OwnTable(
        ("session_id", "client", "created_at", "last_used_at", "expires_at", "ended_at", "proved_at"),
        "account_id = ?",
        "created_at, session_id",
    ),
    "subjects": OwnTable(("issuer", "subject", "since"), "account_id = ?", "since"),
}
"""Tables of the installation, for an account."""

OF_MEMBER: Mapping[str, OwnTable] = {
    "members": OwnTable(("role", "campaigns", "since"), "workspace = ? AND account_id = ?", "since"),
    "audit_entries": OwnTable(
        ("noted_at", "did", "subject", "reason", "sent_from"), "workspace = ? AND who = ?", "noted_at, did, subject"
    ),
    "invitations": OwnTable(
        ("invitation_id", "role", "campaign", "uses", "used", "created_at", "ends_at"),
        "workspace = ? AND made_by = ?",
        "created_at, invitation_id",
    ),
    "tokens": OwnTable(
        ("token_id", "role", "campaign", "created_at"), "workspace = ? AND made_by = ?", "created_at, token_id"
    ),
    "webhooks": OwnTable(
        ("webhook_id", "url", "events", "created_at"), "workspace = ? AND made_by = ?", "created_at, webhook_id"
    ),
}
"""Tables of the installation, for an account in one workspace."""


def of_workspace(connection: Connection, raters: Sequence[RaterId]) -> dict[str, list[Row]]:
    """Rows of a workspace about these raters, all of them one person."""
    return {
        name: [_told(table, row) for row in rows.fetched(connection, _query(name, table), [list(raters)])]
        for name, table in OF_WORKSPACE.items()
    }


def of_account(file: InstanceFile, account_id: AccountId, workspace: str) -> dict[str, list[Row]]:
    """Rows of the installation about an account, and about what it is in a workspace."""
    found = {}
    for name, table in OF_ACCOUNT.items():
        found[name] = [_told(table, row) for row in file.fetched(_query(name, table), [account_id])]
    for name, table in OF_MEMBER.items():
        found[name] = [_told(table, row) for row in file.fetched(_query(name, table), [workspace, account_id])]
    return found


def _query(name: str, table: OwnTable) -> str:
    return f"SELECT {', '.join(table.columns)} FROM {name} WHERE {table.theirs} ORDER BY {table.order}"


def _told(table: OwnTable, row: Sequence[Any]) -> Row:
    return {
        name: database.read_time(value).isoformat() if isinstance(value, datetime) else value
        for name, value in zip(table.columns, row, strict=True)
    }
