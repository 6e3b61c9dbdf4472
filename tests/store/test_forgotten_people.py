"""What leads from the audit log to whoever closed their account is gone; what is about others stays as it was."""

from pathlib import Path

import pytest

from arena.domain.account import Account, AuditEntry
from arena.domain.ids import AccountId
from arena.domain.principal import Role
from arena.store.audit_entries import SET_UP
from arena.store.instance import Instance
from tests.store import making

GONE = AccountId("acc_gone")
ADDRESS = "192.0.2.7"


def with_account(instance: Instance, email: str) -> Account:
    made = Account(account_id=GONE, email=email, name="Gone", password="", created_at=making.NOW)
    instance.accounts.add(made)
    return made


def noted(
    instance: Instance, workspace: str | None, who: str, did: str, subject: str = "", reason: str | None = None
) -> None:
    instance.audit.add(
        AuditEntry(
            noted_at=making.NOW,
            workspace=workspace,
            who=who,
            did=did,
            subject=subject,
            reason=reason,
            sent_from=ADDRESS,
        )
    )


def reason_left(instance: Instance, workspace: str | None, email: str, reason: str) -> str | None:
    """What stands in a workspace of a reason, after somebody closed their account who was in `lab`."""
    account = with_account(instance, email)
    noted(instance, "lab", GONE, "joined as rater")
    noted(instance, workspace, "t_other", "did", "somebody", reason)
    instance.audit.forget_person(account)
    query = "SELECT reason FROM audit_entries WHERE workspace IS NOT DISTINCT FROM ? AND did = 'did'"
    ((left,),) = instance._file.fetched(query, [workspace])
    return None if left is None else str(left)


CASES = [
    ("ada@lab.example", "lab", "ADA@lab.example asked, 'ada@lab.example'.", "acc_gone asked, 'acc_gone'."),
    ("ada@lab.example", "lab", "Of ada@lab.example. (ada@lab.example)", "Of acc_gone. (acc_gone)"),
    ("ada@lab.example", None, "ada@lab.example asked.", "acc_gone asked."),
    ("ada@lab.example", "lab", "nada@lab.example asked.", None),
    ("ada@lab.example", "lab", "x+ada@lab.example and ada@lab.example.org", None),
    ("brien@lab.example", "lab", "o'brien@lab.example and brien@lab.example-2", None),
    ("b@l", "lab", "bob@lab.example asked.", None),
    ("b@l", "other", "bob@lab.example asked b@l.", None),
]
"""An e-mail, where a reason stands, the reason, and what is left of it; None: all of it."""


@pytest.mark.parametrize(("email", "workspace", "reason", "left"), CASES)
def test_an_e_mail_goes_where_it_stands_whole_and_where_the_account_was(
    tmp_path: Path, email: str, workspace: str | None, reason: str, left: str | None
) -> None:
    with Instance.open(tmp_path / "instance.duckdb") as instance:
        assert reason_left(instance, workspace, email, reason) == (left or reason)


def check_addresses(instance: Instance) -> None:
    """Close the account of an admin who set the arena up with a token, and made tokens that made tokens."""
    account = with_account(instance, "ada@lab.example")
    first, _ = instance.add_token(Role.ADMIN, "lab", making.NOW)
    own, _ = instance.add_token(Role.ADMIN, "lab", making.NOW, made_by=GONE)
    second, _ = instance.add_token(Role.ADMIN, "lab", making.NOW, made_by=own)
    noted(instance, "lab", first, SET_UP, GONE)
    for who in (GONE, own, second, first, "t_other"):
        noted(instance, "lab", who, "did", GONE)
    instance.audit.forget_person(account)
    left = {(one.who, one.did) for one in instance.audit.of("lab") if one.sent_from is not None}
    assert left == {(first, "did"), ("t_other", "did")}, "what others did stays as it was"


def test_where_somebody_acted_from_goes_also_where_they_acted_with_a_token(tmp_path: Path) -> None:
    with Instance.open(tmp_path / "instance.duckdb") as instance:
        check_addresses(instance)
