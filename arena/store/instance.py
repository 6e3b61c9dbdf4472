"""The instance file: tokens, accounts, sessions, invitations and the audit log, whatever the workspace. Where several
processes share an installation, the same is a schema of their database (`arena/store/postgres/shared_instance.py`).

Tokens are few, so all live in memory (`arena/store/tokens.py`) and a request costs no query.
"""

import secrets
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from arena import errors
from arena.domain.ids import AccountId
from arena.domain.principal import Principal, Role
from arena.store import accounts, compaction, database, failures, migrations, own_tables, rows
from arena.store.accounts import Accounts
from arena.store.audit_entries import AuditEntries
from arena.store.instance_file import InstanceFile, SharedInstallation, hashed
from arena.store.invitations import Invitations
from arena.store.own_tables import Row
from arena.store.sessions import Sessions
from arena.store.tokens import Token, Tokens
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


class Instance:
    """The instance file, open in this process. Made by `open`."""

    def __init__(self, file: InstanceFile, shared: SharedInstallation | None = None) -> None:
        self.path = file.path
        self.shared = shared
        """Where several processes have it."""
        self._file = file
        self._tokens = Tokens()
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
                if rows.number(connection, accounts.UNPURGED):
                    connection.close()
                    compaction.run(path, accounts.PURGED)
                    connection = database.connect(path)
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
        self._tokens.put(token)
        return token.token_id, plaintext

    def find_token(self, plaintext: str) -> Principal | None:
        """Who carries this token, or None when it is unknown or revoked."""
        token = self._tokens.of_hash(hashed(plaintext))
        if token is None or token.revoked_at is not None:
            return None
        return Principal(id=token.token_id, role=token.role, workspace=token.workspace, campaign=token.campaign)

    def token_holds(self, token_id: str) -> bool:
        """Whether a token is worth something still."""
        found = self.token(token_id)
        return found is not None and found.revoked_at is None

    def token(self, token_id: str) -> Token | None:
        """The token of an id, also a revoked one."""
        return self._tokens.of_id(token_id)

    def tokens(self) -> list[Token]:
        """Every token ever made, the revoked ones too, in the order made."""
        return self._tokens.all()

    def tokens_made_by(self, workspace: str, maker: str) -> list[Token]:
        """Those that an account or a token, by its id, made in a workspace, the revoked ones too."""
        return self._tokens.made_by(workspace, maker)

    def revoke(self, token_id: str, now: datetime) -> None:
        """From now on this token opens nothing. Raises `NotFound` for an unknown id; twice is as once."""
        token = self.token(token_id)
        if token is None:
            raise errors.NotFound(f"There is no token {token_id}; `arena tokens list` shows those there are.")
        if token.revoked_at is None:
            self._file.append("revocations", REVOCATIONS, [token_id, now])
            self._tokens.put(replace(token, revoked_at=now))

    def forget_tokens(self, workspace: str) -> None:
        """Drop every token of a workspace that is removed."""
        with self._file.transaction():
            self._file.change(
                "DELETE FROM revocations WHERE token_id IN (SELECT token_id FROM tokens WHERE workspace = ?)",
                [workspace],
            )
            self._file.change("DELETE FROM tokens WHERE workspace = ?", [workspace])
        self._tokens = Tokens(token for token in self.tokens() if token.workspace != workspace)

    def _read_tokens(self) -> None:
        self._tokens = Tokens(_stored(self._file))

    def own_rows(self, account_id: AccountId, workspace: str) -> dict[str, list[Row]]:
        """Rows about an account, and about what it is in a workspace, by table."""
        return own_tables.of_account(self._file, account_id, workspace)

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
