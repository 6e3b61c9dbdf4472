"""Installations from before people were named by the id of their account, and from before their addresses went with
it, opened today."""

from pathlib import Path
from typing import Any

import pytest

from arena.domain.ids import AccountId
from arena.services.auditing import Auditing
from arena.store import database, migrations, rows
from arena.store.accounts import UNPURGED
from arena.store.instance import Instance
from tests.store import making

pytestmark = pytest.mark.usefixtures("made_anew")

ADA, GONE = "ada@lab.example", "gone.quillfeather@lab.example"
MADE = (ADA, GONE, "t_token")
OTHERS = ("acc_ada", "t_1", "t_5", "t_6")
"""Whose account is open, or who has none that is known."""
MAKERS = {
    "t_1": None, "t_2": "acc_gone", "t_3": "t_2", "t_4": "a closed account", "t_5": "acc_ada", "t_6": "t_5",
}  # fmt: skip
"""Who made which token."""
FROM = {True: "192.0.2.1", False: "198.51.100.77"}
"""Where others act from, and where those whose account was closed did."""


def old(path: Path) -> None:
    """A file as it was left then: one account of two was closed, after it was noted for this and that."""
    with database.connect(path) as connection:
        steps = [step for step in migrations.known("instance") if step.number < 10]
        migrations.migrate(connection, steps, path)
        put(connection, "accounts", "acc_ada", ADA, "Ada", "hash", making.NOW, None, None)
        put(connection, "accounts", "acc_gone", "", "", "", making.NOW, None, making.NOW)
        for number, maker in enumerate(MADE):
            put(connection, "tokens", f"t_{number}", "reader", "default", f"hash{number}", making.NOW, maker, None)
            put(connection, "invitations", f"inv_{number}", f"hash{number}", "default", "lab", None, 1, 0, maker,
                making.NOW, making.NOW)  # fmt: skip
            put(connection, "webhooks", f"wh_{number}", "default", "http://hook.example/a@b", "[]", "secret", maker,
                making.NOW, "")  # fmt: skip
            put(
                connection, "audit_entries", making.NOW, "default", maker, "took out", MADE[number - 1], None, "1.2.3.4"
            )
        put(connection, "audit_entries", making.NOW, "default", "command line", "imported", "/votes@home.csv", None, "")


def put(connection: Any, table: str, *row: object) -> None:
    values = [database.stored_time(one) if one is making.NOW else one for one in row]
    connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", values)


def put_acts(connection: Any) -> None:
    """Accounts that were closed when their tokens were nobody's matter: what they, their tokens and others did."""
    put_account(connection, "acc_ada", None)
    put_account(connection, "acc_gone", making.NOW)
    for token, maker in MAKERS.items():
        put(connection, "tokens", token, "admin", "default", f"hash of {token}", making.NOW, maker, None)
    for who in ("acc_ada", "acc_gone", "a closed account", *MAKERS):
        put(connection, "audit_entries", making.NOW, "default", who, "did", "acc_gone", None, FROM[who in OTHERS])
    for subject in ("acc_gone", "a closed account", "acc_ada"):
        place = FROM[subject in OTHERS]
        put(connection, "audit_entries", making.NOW, "default", "t_1", "set up", subject, None, place)
    for account in ("acc_gone", "acc_ada"):
        put(connection, "sessions", f"s_{account}", account, f"hash of {account}", "Firefox", making.NOW, making.NOW,
            making.NOW, None, making.NOW)  # fmt: skip
        put(connection, "password_links", f"link of {account}", account, making.NOW, making.NOW, None)


def put_account(connection: Any, account_id: str, closed_at: Any) -> None:
    email = ADA if closed_at is None else ""
    put(connection, "accounts", account_id, email, "", "", making.NOW, None, closed_at, closed_at and True)


def check_acts(instance: Instance) -> None:
    left = {(one.who, one.did, one.subject) for one in instance.audit.of("default") if one.sent_from is not None}
    assert left == {(who, "did", "acc_gone") for who in OTHERS} | {("t_1", "set up", "acc_ada")}
    assert len(instance.audit.of("default")) == 12, "what was done stays"
    for table in ("sessions", "password_links"):
        assert instance._file.fetched(f"SELECT account_id FROM {table}") == [("acc_ada",)]
    for who in ("acc_ada", "acc_gone", "a closed account", *MAKERS):
        Auditing(instance).add("default", who, "did later", "", making.NOW, "192.0.2.2")
    later = [one for one in instance.audit.of("default") if one.did == "did later"]
    assert {one.who for one in later if one.sent_from is not None} == set(OTHERS)


def test_e_mails_of_an_earlier_file_become_ids_and_those_of_closed_accounts_go(tmp_path: Path) -> None:
    path = tmp_path / "instance.duckdb"
    old(path)
    assert GONE.encode() in path.read_bytes(), "positive control"
    with Instance.open(path) as instance:
        told = ["acc_ada", "a closed account", "t_token"]
        assert [one.made_by for one in instance.tokens()] == told
        assert [one.made_by for one in instance.invitations.of("default")] == told
        assert [one.made_by for one in instance.webhooks.of("default")] == told
        found = {(one.who, one.subject) for one in instance.audit.of("default")}
        assert found == {
            ("acc_ada", "t_token"),
            ("a closed account", "acc_ada"),
            ("t_token", "a closed account"),
            ("command line", "/votes@home.csv"),
        }
        assert instance.accounts.called("acc_ada") == ADA
        assert instance.accounts.called("acc_gone") == "acc_gone"
        assert instance.accounts.open("t_token") is None
        assert [one.token_id for one in instance.tokens_made_by("default", "acc_ada")] == ["t_0"]
    assert GONE.encode() not in path.read_bytes(), "the file was written anew"


def test_the_file_is_written_anew_once_after_an_account_was_closed(tmp_path: Path) -> None:
    path = tmp_path / "instance.duckdb"
    old(path)
    Instance.open(path).close()
    with Instance.open(path) as instance:
        instance.accounts.close(AccountId("acc_ada"), making.NOW)
    with database.connect(path, read_only=True) as connection:
        assert rows.number(connection, UNPURGED) == 1
    written = path.stat().st_ino
    Instance.open(path).close()
    assert path.stat().st_ino != written
    assert ADA.encode() not in path.read_bytes()
    written = path.stat().st_ino
    Instance.open(path).close()
    assert path.stat().st_ino == written


def test_where_closed_accounts_acted_from_goes_with_accounts_that_were_closed_before(tmp_path: Path) -> None:
    path = tmp_path / "instance.duckdb"
    with database.connect(path) as connection:
        migrations.migrate(connection, [step for step in migrations.known("instance") if step.number < 11], path)
        put_acts(connection)
    assert FROM[False].encode() in path.read_bytes(), "positive control"
    with Instance.open(path) as instance:
        check_acts(instance)
    left = path.read_bytes()
    assert FROM[True].encode() in left
    assert FROM[False].encode() not in left, "the file was written anew"
