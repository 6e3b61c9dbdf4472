"""An installation's file from before people were named by the id of their account, opened today."""

from pathlib import Path
from typing import Any

import pytest

from arena.domain.ids import AccountId
from arena.store import database, migrations, rows
from arena.store.accounts import UNPURGED
from arena.store.instance import Instance
from tests.store import making

pytestmark = pytest.mark.usefixtures("made_anew")

ADA, GONE = "ada@lab.example", "gone.quillfeather@lab.example"
MADE = (ADA, GONE, "t_token")


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
