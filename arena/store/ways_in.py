"""Organisations' ids of people, and second steps of signing in. All live in memory, as accounts do."""

import json
from dataclasses import dataclass, replace
from datetime import datetime

from arena.domain.ids import AccountId
from arena.store.instance_file import InstanceFile

SUBJECTS = {"issuer": "VARCHAR", "subject": "VARCHAR", "account_id": "VARCHAR", "since": "TIMESTAMP"}
STEPS = {
    "account_id": "VARCHAR",
    "secret": "VARCHAR",
    "recovery": "VARCHAR",
    "last_step": "BIGINT",
    "since": "TIMESTAMP",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondStep:
    """What an account needs beside its password."""

    account_id: AccountId
    secret: str
    recovery: tuple[str, ...]
    """SHA-256 of each code that was not used."""
    last_step: int
    since: datetime


class Subjects:
    """Accounts by what an organisation's server calls their people."""

    def __init__(self, file: InstanceFile) -> None:
        self._file = file
        file.on_change.append(self._read)
        self._read()

    def _read(self) -> None:
        found = self._file.fetched("SELECT issuer, subject, account_id FROM subjects ORDER BY since")
        self._accounts = {(row[0], row[1]): AccountId(row[2]) for row in found}

    def find(self, issuer: str, subject: str) -> AccountId | None:
        """The account of a person of an organisation, if they have one."""
        return self._accounts.get((issuer, subject))

    def of(self, account_id: AccountId) -> list[tuple[str, str]]:
        """Issuer and subject of everybody who signs in to an account so."""
        return [key for key, found in self._accounts.items() if found == account_id]

    def add(self, issuer: str, subject: str, account_id: AccountId, now: datetime) -> None:
        """Let a person of an organisation sign in to an account."""
        self._file.append("subjects", SUBJECTS, [issuer, subject, account_id, now])
        self._accounts[issuer, subject] = account_id

    def forget(self, account_id: AccountId) -> None:
        """Let nobody of an organisation sign in to an account any more."""
        self._file.change("DELETE FROM subjects WHERE account_id = ?", [account_id])
        self._accounts = {key: found for key, found in self._accounts.items() if found != account_id}


class SecondSteps:
    """The second steps that accounts have."""

    def __init__(self, file: InstanceFile) -> None:
        self._file = file
        file.on_change.append(self._read)
        self._read()

    def _read(self) -> None:
        found = self._file.fetched(f"SELECT {', '.join(STEPS)} FROM second_steps ORDER BY since")
        self._steps = {
            AccountId(row[0]): SecondStep(
                account_id=AccountId(row[0]),
                secret=row[1],
                recovery=tuple(json.loads(row[2])),
                last_step=row[3],
                since=row[4],
            )
            for row in found
        }

    def of(self, account_id: AccountId) -> SecondStep | None:
        """The second step of an account, if it has one."""
        return self._steps.get(account_id)

    def add(self, step: SecondStep) -> None:
        """Let an account need a second step."""
        row = (step.account_id, step.secret, json.dumps(step.recovery), step.last_step, step.since)
        self._file.append("second_steps", STEPS, row)
        self._steps[step.account_id] = step

    def take_code(self, account_id: AccountId, last_step: int) -> None:
        """Note that a code was taken: neither it nor an earlier one is taken again."""
        self._file.change("UPDATE second_steps SET last_step = ? WHERE account_id = ?", [last_step, account_id])
        self._steps[account_id] = replace(self._steps[account_id], last_step=last_step)

    def take_recovery(self, account_id: AccountId, used: str) -> None:
        """Note that a recovery code was used, by its hash."""
        left = tuple(one for one in self._steps[account_id].recovery if one != used)
        self._file.change("UPDATE second_steps SET recovery = ? WHERE account_id = ?", [json.dumps(left), account_id])
        self._steps[account_id] = replace(self._steps[account_id], recovery=left)

    def forget(self, account_id: AccountId) -> None:
        """Let an account need no second step any more."""
        self._file.change("DELETE FROM second_steps WHERE account_id = ?", [account_id])
        self._steps.pop(account_id, None)
