"""The instance file: tokens, accounts, sessions, invitations and the audit log, whatever the workspace. Where several
processes share an installation, the same is a schema of their database (`arena/store/postgres/shared_instance.py`).

A token is `arena_` and 256 bits of chance, shown once; only its SHA-256 is stored. Tokens are few, so all live in
memory and a request costs no query.
"""

import secrets
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from arena import errors
from arena.domain.ids import AccountId
from arena.domain.principal import Principal, Role
from arena.store import database, failures, migrations, own_tables
from arena.store.accounts import Accounts
from arena.store.audit_entries import AuditEntries
from arena.store.instance_file import InstanceFile, hashed
from arena.store.invitations import Invitations
from arena.store.own_tables import Row
from arena.store.sessions import Sessions
from arena.store.ways_in import SecondSteps, Subjects
from arena.store.webhooks import WebhookRows
from arena.store.workspace_settings import WorkspaceSettings

TOKENS = {
    "token_id": "VARCHAR",
    "role": "VARCHAR",
    "workspace": "VARCHAR",
    "hash": "VARCHAR",
    "created_at": "TIMESTAMP",
    "made_by": "VARCHAR",
    "campaign": "VARCHAR",
}
REVOCATIONS = {"token_id": "VARCHAR", "revoked_at": "TIMESTAMP"}
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is known of a token. Its secret is not."""

    token_id: str
    role: Role
    workspace: str
    hash: str
    """SHA-256 of the whole plaintext."""
    created_at: datetime
    revoked_at: datetime | None
    made_by: str | None = None
    """An e-mail, or the id of a token."""
    campaign: str | None = None
    """The one campaign it is for."""


class Instance:
    """The instance file, open in this process. Made by `open`."""

    def __init__(self, file: InstanceFile) -> None:
        self.path = file.path
        self._file = file
        self._tokens: dict[str, Token] = {}
        self._read_tokens()
        self._file.on_change.append(self._read_tokens)
        self.accounts = Accounts(self._file)
        self.sessions = Sessions(self._file)
        self.invitations = Invitations(self._file)
        self.audit = AuditEntries(self._file)
        self.subjects = Subjects(self._file)
        self.second_steps = SecondSteps(self._file)
        self.workspaces = WorkspaceSettings(self._file)
        self.webhooks = WebhookRows(self._file)

    def transaction(self) -> AbstractContextManager[None]:
        """All changes made in the block, or none of them."""
        return self._file.transaction()

    @classmethod
    def open(cls, path: Path) -> "Instance":
        """Open the file, made and brought to the newest schema as needed.

        Raises `StoreHeld` naming the process that has it, `StoreCorrupt` or `StoreError`.
        """
        database.make_folder(path.parent)
        connection = database.connect(path)
        try:
            with failures.translated(path):
                migrations.migrate(connection, migrations.known("instance"), path)
                return cls(InstanceFile(path, connection))
        except BaseException:
            connection.close()
            raise

    def add_token(
        self, role: Role, workspace: str, now: datetime, *, made_by: str | None = None, campaign: str | None = None
    ) -> tuple[str, str]:
        """Make a token. Its id, and the plaintext to show once."""
        plaintext = f"arena_{secrets.token_urlsafe(SECRET_BYTES)}"
        token = Token(
            token_id=f"t_{secrets.token_hex(8)}",
            role=role,
            workspace=workspace,
            hash=hashed(plaintext),
            created_at=now,
            revoked_at=None,
            made_by=made_by,
            campaign=campaign,
        )
        self._file.append("tokens", TOKENS, [token.token_id, role, workspace, token.hash, now, made_by, campaign])
        self._tokens[token.hash] = token
        return token.token_id, plaintext

    def find_token(self, plaintext: str) -> Principal | None:
        """Who carries this token, or None when it is unknown or revoked."""
        token = self._tokens.get(hashed(plaintext))
        if token is None or token.revoked_at is not None:
            return None
        return Principal(id=token.token_id, role=token.role, workspace=token.workspace, campaign=token.campaign)

    def token_holds(self, token_id: str) -> bool:
        """Whether a token is worth something still."""
        return any(one.token_id == token_id and one.revoked_at is None for one in self._tokens.values())

    def tokens(self) -> list[Token]:
        """Every token ever made, the revoked ones too, in the order made."""
        return list(self._tokens.values())

    def revoke(self, token_id: str, now: datetime) -> None:
        """From now on this token opens nothing. Raises `NotFound` for an unknown id; twice is as once."""
        token = next((token for token in self._tokens.values() if token.token_id == token_id), None)
        if token is None:
            raise errors.NotFound(f"There is no token {token_id}; `arena tokens list` shows those there are.")
        if token.revoked_at is None:
            self._file.append("revocations", REVOCATIONS, [token_id, now])
            self._tokens[token.hash] = replace(token, revoked_at=now)

    def forget_tokens(self, workspace: str) -> None:
        """Drop every token of a workspace that is removed."""
        with self._file.transaction():
            self._file.change(
                "DELETE FROM revocations WHERE token_id IN (SELECT token_id FROM tokens WHERE workspace = ?)",
                [workspace],
            )
            self._file.change("DELETE FROM tokens WHERE workspace = ?", [workspace])
        self._tokens = {hash_: token for hash_, token in self._tokens.items() if token.workspace != workspace}

    def _read_tokens(self) -> None:
        self._tokens = {token.hash: token for token in _stored(self._file)}

    def secret(self, name: str, value: str) -> str:
        """A secret that every process of the installation knows: `value` where there was none."""
        return self._file.secret(name, value)

    def told_secret(self, name: str) -> str | None:
        """A secret that every process of the installation knows, if there is one of this name."""
        return self._file.told_secret(name)

    @property
    def shared_workspaces(self) -> tuple[str, ...] | None:
        """The workspaces there are, where several processes share the installation; else the data folder says it."""
        return self._file.workspaces

    def enter_workspace(self, name: str) -> bool:
        """Let there be a workspace for every process; whether there was none of this name."""
        return self._file.enter_workspace(name)

    def leave_workspace(self, name: str) -> bool:
        """Let there be a workspace no more, nor its secrets; whether there was one."""
        return self._file.leave_workspace(name)

    def own_rows(self, account_id: AccountId, workspace: str) -> dict[str, list[Row]]:
        """Rows about an account, and about what it is in a workspace, by table."""
        return own_tables.of_account(self._file, self.accounts.get(account_id), workspace)

    def take_in(self, other: "Instance") -> None:
        """Have everything that the file of an installation holds, in a database that has nothing. Raises `StoreError`
        where it has something else."""
        self._file.take_in(other._file)

    def copy_to(self, goal: Path) -> None:
        """Write everything as it is now to a new file."""
        self._file.copy_to(goal)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _stored(file: InstanceFile) -> list[Token]:
    found = file.fetched(
        """
        SELECT tokens.token_id, role, workspace, hash, created_at, min(revoked_at), made_by, campaign
        FROM tokens LEFT JOIN revocations ON revocations.token_id = tokens.token_id
        GROUP BY tokens.token_id, role, workspace, hash, created_at, made_by, campaign
        ORDER BY created_at, tokens.token_id
        """
    )
    return [
        Token(
            token_id=row[0],
            role=Role(row[1]),
            workspace=row[2],
            hash=row[3],
            created_at=row[4],
            revoked_at=row[5],
            made_by=row[6],
            campaign=row[7],
        )
        for row in found
    ]
