"""Accounts and what they are in which workspace. All live in memory: a request costs no query."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from arena import errors
from arena.domain.account import Account, Member
from arena.domain.ids import AccountId, RaterId
from arena.domain.principal import Role
from arena.store.instance_file import InstanceFile

ACCOUNTS = {
    "account_id": "VARCHAR",
    "email": "VARCHAR",
    "name": "VARCHAR",
    "password": "VARCHAR",
    "created_at": "TIMESTAMP",
    "disabled_at": "TIMESTAMP",
    "closed_at": "TIMESTAMP",
}
MEMBERS = {
    "account_id": "VARCHAR",
    "workspace": "VARCHAR",
    "role": "VARCHAR",
    "rater_id": "VARCHAR",
    "others": "VARCHAR",  # JSON
    "since": "TIMESTAMP",
    "campaigns": "VARCHAR",  # JSON
    "former": "VARCHAR",  # JSON
}


NOBODY_KNOWN = "a closed account"
"""What stands for accounts of which only the e-mail was noted, and which an earlier arena closed."""
UNPURGED = "SELECT count(*) FROM accounts WHERE closed_at IS NOT NULL AND purged IS NULL"
PURGED = "UPDATE anew.accounts SET purged = true WHERE closed_at IS NOT NULL"
"""Notes in a file that was written anew that nothing in it holds who a closed account was."""


class Accounts:
    """Everybody who has, or had, an account."""

    def __init__(self, file: InstanceFile) -> None:
        self._file = file
        file.on_change.append(self._read)
        self._read()

    def _read(self) -> None:
        found = self._file.fetched(f"SELECT {', '.join(ACCOUNTS)} FROM accounts ORDER BY created_at, account_id")
        self._accounts = {
            AccountId(row[0]): Account(
                account_id=AccountId(row[0]),
                email=row[1],
                name=row[2],
                password=row[3],
                created_at=row[4],
                disabled_at=row[5],
                closed_at=row[6],
            )
            for row in found
        }
        self._by_email = {one.email: one.account_id for one in self._accounts.values() if one.email}
        members = self._file.fetched(f"SELECT {', '.join(MEMBERS)} FROM members ORDER BY since, account_id")
        self._members = {
            (AccountId(row[0]), row[1]): Member(
                account_id=AccountId(row[0]),
                workspace=row[1],
                role=Role(row[2]),
                rater_id=RaterId(row[3]),
                others=tuple(map(RaterId, json.loads(row[4]))),
                since=row[5],
                campaigns=tuple(json.loads(row[6] or "[]")),
                former=tuple(json.loads(row[7] or "[]")),
            )
            for row in members
        }
        self._owned = {(one.workspace, rater_id) for one in self._members.values() for rater_id in one.raters}

    def all(self) -> list[Account]:
        """Every account, oldest first."""
        return list(self._accounts.values())

    def get(self, account_id: AccountId) -> Account:
        """An account by its id."""
        return self._accounts[account_id]

    def open(self, account_id: str) -> Account | None:
        """The account of an id, if it is one and was not closed."""
        found = self._accounts.get(AccountId(account_id))
        return None if found is None or found.closed_at is not None else found

    def is_closed(self, who: str) -> bool:
        """Whether this is the id of an account that was closed."""
        found = self._accounts.get(AccountId(who))
        return who == NOBODY_KNOWN or (found is not None and found.closed_at is not None)

    def called(self, who: str) -> str:
        """What admins know somebody by who is stored as `who`: the e-mail of an account. Anything else, and the id of
        an account that was closed, stays as it is."""
        found = self.open(who)
        return who if found is None else found.email

    def find(self, email: str) -> Account | None:
        """The account of an e-mail, spelled as `spelled_email` does."""
        account_id = self._by_email.get(email)
        return None if account_id is None else self._accounts[account_id]

    def named(self, email: str) -> Account:
        """The account of an e-mail; `NotFound` where there is none."""
        found = self.find(email)
        if found is None:
            raise errors.NotFound(f"No account has the e-mail {email}; `arena accounts list` shows those there are.")
        return found

    def members_of(self, workspace: str) -> list[Member]:
        """Everybody in a workspace, oldest first."""
        return [one for (_, name), one in self._members.items() if name == workspace]

    def memberships(self, account_id: AccountId) -> list[Member]:
        """What an account is, by workspace, in the order of their names."""
        found = [one for (owner, _), one in self._members.items() if owner == account_id]
        return sorted(found, key=lambda one: one.workspace)

    def member(self, account_id: AccountId, workspace: str) -> Member | None:
        """What an account is in a workspace, if anything."""
        return self._members.get((account_id, workspace))

    def member_of(self, workspace: str, is_called: Callable[[RaterId], bool]) -> Member | None:
        """Who in a workspace is, or was before they signed in, a rater that is called so."""
        return next((one for one in self.members_of(workspace) if any(map(is_called, one.raters))), None)

    def owns(self, workspace: str, rater_id: RaterId) -> bool:
        """Whether a rater belongs to an account: then only its sessions act as that rater."""
        return (workspace, rater_id) in self._owned

    def add(self, account: Account) -> None:
        """Store a new account."""
        self._file.append("accounts", ACCOUNTS, [getattr(account, name) for name in ACCOUNTS])
        self._keep(account)

    def set_password(self, account_id: AccountId, password: str) -> None:
        """Replace the hash of a password."""
        self._file.change("UPDATE accounts SET password = ? WHERE account_id = ?", [password, account_id])
        self._keep(replace(self.get(account_id), password=password))

    def disable(self, account_id: AccountId, now: datetime) -> None:
        """Let nobody sign in with an account any more."""
        self._file.change("UPDATE accounts SET disabled_at = ? WHERE account_id = ?", [now, account_id])
        self._keep(replace(self.get(account_id), disabled_at=now))

    def close(self, account_id: AccountId, now: datetime) -> None:
        """Forget who an account was, and which raters it was: what they gave stays under their pseudonyms."""
        with self._file.transaction():
            self._file.change(
                "UPDATE accounts SET email = '', name = '', password = '', closed_at = ? WHERE account_id = ?",
                [now, account_id],
            )
            self._file.change("DELETE FROM members WHERE account_id = ?", [account_id])
        self._read()

    def join(self, member: Member) -> None:
        """Make an account a member, or what it is there another role."""
        with self._file.transaction():
            self.leave(member.account_id, member.workspace)
            lists = {name: json.dumps(getattr(member, name)) for name in ("others", "campaigns", "former")}
            row = [lists.get(name, getattr(member, name)) for name in MEMBERS]
            self._file.append("members", MEMBERS, row)
        self._members[member.account_id, member.workspace] = member
        self._owned.update((member.workspace, rater_id) for rater_id in member.raters)

    def leave(self, account_id: AccountId, workspace: str) -> None:
        """Take an account out of a workspace."""
        member = self._members.pop((account_id, workspace), None)
        if member is not None:
            self._owned.difference_update((workspace, rater_id) for rater_id in member.raters)
            self._file.change("DELETE FROM members WHERE account_id = ? AND workspace = ?", [account_id, workspace])

    def _keep(self, account: Account) -> None:
        self._accounts[account.account_id] = account
        self._by_email[account.email] = account.account_id
