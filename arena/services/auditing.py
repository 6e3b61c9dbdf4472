"""The audit log: every change of people, roles, tokens and settings, with who made it, from where and why."""

from datetime import datetime

from arena.domain.account import AuditEntry
from arena.domain.principal import Principal
from arena.store.instance import Instance


class Auditing:
    """Writes the log of one installation; `audit_log` reads it."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def note(self, principal: Principal, did: str, subject: str, now: datetime, reason: str | None = None) -> None:
        """Add what a principal did in their workspace."""
        self.add(principal.workspace, noted(principal), did, subject, now, principal.address, reason)

    def add(
        self,
        workspace: str | None,
        who: str,
        did: str,
        subject: str,
        now: datetime,
        address: str,
        reason: str | None = None,
    ) -> None:
        """Add what somebody did. Nothing in it may be a secret, nor where somebody acts from whose account was closed
        meanwhile."""
        with self._instance.transaction():
            self._instance.audit.add(
                AuditEntry(
                    noted_at=now,
                    workspace=workspace,
                    who=who,
                    did=did,
                    subject=_whole(subject),
                    reason=None if reason is None else _whole(reason),
                    sent_from=None if self._is_closed(who) else address,
                )
            )

    def _is_closed(self, who: str) -> bool:
        """Whether the account of this id, or the one behind a token of this id, was closed."""
        while (token := self._instance.token(who)) is not None:
            who = token.made_by or ""
        return self._instance.accounts.is_closed(who)


def noted(principal: Principal) -> str:
    """What is stored of who acts: the id of their account, or of their token. Never an e-mail, which goes with its
    account; `Accounts.called` says it to whoever reads."""
    return principal.id if principal.account is None else principal.account


def _whole(text: str) -> str:
    """A text without half characters, which names of files may hold and no database keeps."""
    return text.encode("utf-8", "replace").decode()
