"""An appeal is a line of the ledger from the moment it is asked: nobody can drop or change one unseen."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from arena import errors
from arena.domain.ids import RaterId
from arena.domain.removal import RemovalKind
from arena.domain.standing import Standing, StandingDecision
from arena.store import appeals, ledger, ledger_rows, rows
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.store import making

LAST = 29
"""The migration with which appeals became lines."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ours.duckdb"


@pytest.fixture
def opened(path: Path) -> Iterator[Workspace]:
    with Workspace.open(path) as workspace:
        yield workspace


def decided(workspace: Workspace, rater: str = "r_asker") -> StandingDecision:
    decision = making.decision(rater)
    workspace.submit(commands.DecideStanding(decisions=(decision,))).result()
    return decision


def problems(path: Path) -> tuple[str, ...]:
    return tuple(ledger.verify(path).problems)


def test_its_line_commits_to_what_was_asked_as_the_documentation_says(opened: Workspace) -> None:
    decision = decided(opened)
    asked = making.appeal(decision.decision_id)
    line = opened.submit(commands.AddAppeal(appeal=asked)).result()
    with opened.reading() as connection:
        assert ledger_rows.about(connection, [asked.appeal_id]) == {asked.appeal_id: line}
        assert appeals.find(connection, asked.appeal_id) == replace(asked, line=line.sequence)
        ((salt,),) = rows.fetched(connection, "SELECT salt FROM appeals")
    told = {
        "appeal_id": asked.appeal_id,
        "asked_at": round(asked.asked_at.timestamp() * 1_000_000),
        "decision_id": decision.decision_id,
        "field": "general",
        "rater_sha256": hashlib.sha256(b"r_asker").hexdigest(),
        "text": asked.text,
    }
    spelled = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert line.commitment == hashlib.sha256(bytes.fromhex(salt) + spelled).hexdigest()
    assert opened.verify().problems == ()


def test_one_that_is_refused_leaves_no_line(opened: Workspace) -> None:
    decision = decided(opened)
    first = opened.submit(commands.AddAppeal(appeal=making.appeal(decision.decision_id))).result()
    with pytest.raises(errors.Conflict, match="once"):
        opened.submit(commands.AddAppeal(appeal=making.appeal(decision.decision_id))).result()
    with opened.reading() as connection:
        assert ledger_rows.last(connection) == first


@pytest.mark.parametrize(
    ("tampering", "told"),
    [
        ("DELETE FROM appeals", "is not stored as that line"),
        ("UPDATE appeals SET text = 'I did not read.'", "is not what ledger line"),
        ("UPDATE appeals SET asked_at = asked_at + INTERVAL 1 DAY", "is not what ledger line"),
        ("UPDATE appeals SET rater_id = 'r_other'", "is not what ledger line"),
        ("UPDATE appeals SET rater_id = '', text = '', salt = ''", "is not what ledger line"),
        ("UPDATE appeals SET sequence = NULL", "is not stored as that line"),
        ("UPDATE appeals SET decision_id = 'sd_none'", "is on a decision that is not stored"),
        ("UPDATE appeals SET appeal_id = 'ap_other'", "has no line in the ledger"),
        (
            "INSERT INTO appeals SELECT 'ap_late', (SELECT max_by(decision_id, sequence) FROM standing_decisions), "
            "'r_later', 'general', 'Slipped in.', asked_at, NULL, NULL, NULL FROM appeals",
            "Appeal ap_late has no line in the ledger",
        ),
    ],
)
def test_what_was_changed_past_the_writer_is_found(path: Path, tampering: str, told: str) -> None:
    with Workspace.open(path) as workspace:
        workspace.submit(commands.AddAppeal(appeal=making.appeal(decided(workspace).decision_id))).result()
        decided(workspace, "r_later")
    assert problems(path) == (), "the control"
    with duckdb.connect(str(path)) as connection:
        connection.execute(tampering)
    assert any(told in one for one in problems(path)), problems(path)


def test_of_an_erased_rater_the_line_stays_and_neither_words_nor_salt(path: Path) -> None:
    with Workspace.open(path) as workspace:
        asked = making.appeal(decided(workspace).decision_id)
        line = workspace.submit(commands.AddAppeal(appeal=asked)).result()
        other = making.appeal(decided(workspace, "r_other").decision_id, "r_other")
        workspace.submit(commands.AddAppeal(appeal=other)).result()
        erasing = commands.Remove(
            removal_id="x_1", rater_id=RaterId("r_asker"), kind=RemovalKind.ERASED, removed_at=making.NOW
        )
        workspace.submit(erasing).result()
        with workspace.reading() as connection:
            assert appeals.find(connection, asked.appeal_id) == replace(
                asked, rater_id=RaterId(""), text="", line=line.sequence
            )
            assert [one.appeal_id for one in appeals.every(connection)] == [other.appeal_id]
            salts = dict(rows.fetched(connection, "SELECT appeal_id, length(salt) FROM appeals"))
            assert salts == {asked.appeal_id: 0, other.appeal_id: 32}
            assert asked.appeal_id in ledger_rows.about(connection, [asked.appeal_id])
    assert problems(path) == ()


def test_one_of_before_there_were_lines_stays_as_it_is(path: Path) -> None:
    with Workspace.open(path) as workspace:
        before = making.appeal(decided(workspace).decision_id)
    with duckdb.connect(str(path)) as connection:
        for column in ("sequence", "rater_sha256", "salt"):
            connection.execute(f"ALTER TABLE appeals DROP COLUMN {column}")
        connection.execute("DELETE FROM schema_version WHERE number = ?", [LAST])
        columns = "appeal_id, decision_id, rater_id, field, text, asked_at"
        connection.execute(
            f"INSERT INTO appeals ({columns}) VALUES (?, ?, ?, 'general', ?, ?)",
            [before.appeal_id, before.decision_id, before.rater_id, before.text, making.NOW.replace(tzinfo=None)],
        )
    assert problems(path) == (), "a file of before is verified by a copy"
    with Workspace.open(path) as workspace:
        with workspace.reading() as connection:
            assert appeals.every(connection) == [before]
        with pytest.raises(errors.Conflict, match="once"):
            workspace.submit(commands.AddAppeal(appeal=making.appeal(before.decision_id))).result()
        later = decided(workspace, "r_later")
        workspace.submit(commands.AddAppeal(appeal=making.appeal(later.decision_id, "r_later"))).result()
        answer = making.decision(standing=Standing.QUALIFIED, answers=before.appeal_id)
        workspace.submit(commands.DecideStanding(decisions=(answer,))).result()
    assert problems(path) == ()
