"""Erasure and withdrawal in the store: the texts go, the chain stays, and nothing else can hide behind it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from arena import errors
from arena.domain.assignment import Assignment
from arena.domain.battle import BattleRecord, BattleState
from arena.domain.ids import AssignmentId, RaterId
from arena.domain.removal import RemovalKind
from arena.store import ledger, ledger_rows, removals, selection, tally
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.store import making


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "default.duckdb"


@pytest.fixture
def workspace(path: Path) -> Iterator[Workspace]:
    with Workspace.open(path) as opened:
        yield opened


def voted(workspace: Workspace, rater: str, text: str) -> commands.CastResult:
    """A battle with texts of its own, and its rater's vote."""
    battle = making.battle(rater_id=RaterId(rater), prompt=f"prompt {text}", history=())
    workspace.submit(commands.OpenBattle(battle=battle))
    answers = {side: making.response(f"{side} {text}") for side in ("response_a", "response_b")}
    workspace.submit(commands.CompleteBattle(battle_id=battle.battle_id, completed_at=making.NOW, **answers)).result()
    record = making.loaded(workspace, battle.battle_id)
    vote = making.vote(battle.battle_id, rater, reason=f"reason {text}", edit=f"edit {text}")
    return workspace.submit(commands.CastVote(vote=vote, record=record)).result()


def remove(workspace: Workspace, rater: str, kind: RemovalKind = RemovalKind.ERASED) -> commands.DurableRemoval:
    command = commands.Remove(removal_id=f"x_{rater}_{kind}", rater_id=RaterId(rater), kind=kind, removed_at=making.NOW)
    return workspace.submit(command).result()


def stored_bytes(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()) if file.is_file())


def everything(path: Path) -> str:
    """Every value of every table."""
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = [row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        return repr([connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables])


@pytest.mark.slow
def test_fifty_erased_raters_leave_no_text_in_any_table_or_byte_and_a_valid_chain(path: Path) -> None:
    with Workspace.open(path) as workspace:
        kept = [voted(workspace, f"r_kept{number}", f"stays-{number}") for number in range(20)]
        for number in range(50):
            voted(workspace, f"r_gone{number}", f"canary-{number}-leaves")
    assert "canary" in everything(path)
    assert b"canary" in stored_bytes(path), "positive control: the bytes can be found"
    with Workspace.open(path) as workspace:
        for number in range(50):
            assert len(remove(workspace, f"r_gone{number}").removal.votes) == 1
        report = workspace.verify()
        assert (report.lines, report.problems) == (170, ()), "a removal, and what is kept of its credit"
    assert "canary" not in everything(path)
    assert "r_gone" not in everything(path).replace("x_r_gone", "")
    with Workspace.open(path) as workspace, workspace.reading() as connection:
        assert [record.battle.prompt for record in selection.voted(connection)] == [
            f"prompt stays-{number}" for number in range(20)
        ]
        assert len(ledger_rows.of_votes(connection, [one.vote.vote_id for one in kept])) == 20
        assert tally.totals(connection)["battles"] == 70
    assert b"canary" not in stored_bytes(path)
    assert ledger.verify(path).problems == ()


def test_an_erased_vote_without_its_line_is_a_problem(path: Path) -> None:
    """Nobody can let a vote go past the writer and call it an erasure."""
    with Workspace.open(path) as workspace:
        cast = [voted(workspace, f"r_{number}", f"{number}") for number in range(3)]
        removed = remove(workspace, "r_0")
    assert ledger.verify(path).problems == ()
    with duckdb.connect(str(path)) as connection:
        connection.execute("DELETE FROM votes WHERE vote_id = ?", [cast[1].vote.vote_id])
    assert "is not stored as that line" in ledger.verify(path).problems[0]
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "INSERT INTO removed_votes VALUES (?, ?, ?)",
            [removed.removal.removal_id, cast[1].vote.battle_id, cast[1].vote.vote_id],
        )
    assert any("is not what line 4 of the ledger commits to" in problem for problem in ledger.verify(path).problems)
    with duckdb.connect(str(path)) as connection:
        connection.execute("DELETE FROM removed_votes WHERE vote_id = ?", [cast[1].vote.vote_id])
        connection.execute(
            "INSERT INTO removals SELECT sequence, 'x_forged', kind, rater, removed_at, purged FROM removals"
        )
        connection.execute(
            "INSERT INTO removed_votes VALUES ('x_forged', ?, ?)", [cast[1].vote.battle_id, cast[1].vote.vote_id]
        )
    assert any("was added past the writer" in problem for problem in ledger.verify(path).problems)


def test_an_erased_vote_that_is_put_back_is_a_problem(path: Path) -> None:
    with Workspace.open(path) as workspace:
        cast = voted(workspace, "r_0", "0")
        voted(workspace, "r_1", "1")
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE aside AS SELECT * FROM votes WHERE vote_id = ?", [cast.vote.vote_id])
    with Workspace.open(path) as workspace:
        remove(workspace, "r_0")
    with duckdb.connect(str(path)) as connection:
        connection.execute("INSERT INTO votes SELECT * FROM aside")
        connection.execute("DROP TABLE aside")
    assert any("was erased and is stored" in problem for problem in ledger.verify(path).problems)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE removals SET rater = 'r_nobody' WHERE kind = 'withdrawn'",
        "UPDATE removed_votes SET battle_id = 'b_none' WHERE removal_id = 'x_r_gone_erased'",
        "UPDATE removed_votes SET battle_id = (SELECT max(battle_id) FROM battles WHERE rater_id = 'r_stays') "
        "WHERE removal_id = 'x_r_leaves_withdrawn'",
    ],
)
def test_a_removal_of_somebody_else_or_of_another_battle_is_a_problem(path: Path, change: str) -> None:
    """Or a withdrawn vote would count again, and the removal list would name the wrong battle, without a word."""
    with Workspace.open(path) as workspace:
        for rater in ("r_stays", "r_leaves", "r_gone", "r_both"):
            voted(workspace, rater, rater)
        remove(workspace, "r_leaves", RemovalKind.WITHDRAWN)
        remove(workspace, "r_both", RemovalKind.WITHDRAWN)
        remove(workspace, "r_both")
        remove(workspace, "r_gone")
        assert workspace.verify().problems == (), "positive control"
    with duckdb.connect(str(path)) as connection:
        connection.execute(change)
    (problem,) = ledger.verify(path).problems
    assert "is of another rater or battle than the votes that left with it" in problem


def test_a_withdrawn_rater_counts_no_more_and_nothing_is_deleted(workspace: Workspace, path: Path) -> None:
    voted(workspace, "r_stays", "stays")
    first = voted(workspace, "r_leaves", "leaves")
    removed = remove(workspace, "r_leaves", RemovalKind.WITHDRAWN)
    later = voted(workspace, "r_leaves", "later")
    assert removed.removal.votes == ((first.vote.battle_id, first.vote.vote_id),)
    with workspace.reading() as connection:
        assert [record.battle.rater_id for record in selection.voted(connection)] == ["r_stays"]
        assert sum(tally.counts(connection)["count"].to_pylist()) == 1
        assert {vote for _, vote in removals.published(connection)} == {first.vote.vote_id, later.vote.vote_id}
    assert workspace.verify().problems == ()
    assert making.loaded(workspace, first.vote.battle_id).battle.prompt == "prompt leaves"


def test_votes_by_others_on_an_erased_prompt_leave_with_it_and_one_on_anothers_prompt_leaves_alone(
    workspace: Workspace,
) -> None:
    mine, other = voted(workspace, "r_me", "mine"), voted(workspace, "r_other", "other")
    on_mine = workspace.submit(
        commands.CastVote(
            vote=making.vote(mine.vote.battle_id, "r_third"), record=making.loaded(workspace, mine.vote.battle_id)
        )
    ).result()
    on_other = workspace.submit(
        commands.CastVote(
            vote=making.vote(other.vote.battle_id, "r_me"), record=making.loaded(workspace, other.vote.battle_id)
        )
    ).result()
    removed = remove(workspace, "r_me")
    assert {vote_id for _, vote_id in removed.removal.votes} == {one.vote.vote_id for one in (mine, on_mine, on_other)}
    record = making.loaded(workspace, other.vote.battle_id)
    assert [vote.vote_id for vote in record.votes] == [other.vote.vote_id]
    assert record.battle.prompt == "prompt other"
    assert workspace.verify().problems == ()


def test_answers_that_are_being_written_are_not_stored_after_an_erasure(workspace: Workspace) -> None:
    battle = making.battle(rater_id=RaterId("r_me"))
    workspace.submit(commands.OpenBattle(battle=battle)).result()
    remove(workspace, "r_me")
    with pytest.raises(errors.Conflict):
        workspace.submit(making.completing(battle.battle_id)).result()
    assert making.loaded(workspace, battle.battle_id).state is BattleState.VOID
    assert making.loaded(workspace, battle.battle_id).battle.prompt == ""


def test_an_erasure_in_the_same_batch_as_the_vote_takes_it_along(workspace: Workspace) -> None:
    record = making.completed(workspace, rater_id=RaterId("r_me"))
    vote = making.vote(record.battle.battle_id, "r_me")
    cast = workspace.submit(commands.CastVote(vote=vote, record=record))
    command = commands.Remove(
        removal_id="x_1", rater_id=RaterId("r_me"), kind=RemovalKind.ERASED, removed_at=making.NOW
    )
    removed = workspace.submit(command).result()
    assert [vote_id for _, vote_id in removed.removal.votes] == [cast.result().vote.vote_id]
    assert making.loaded(workspace, record.battle.battle_id).votes == ()
    assert workspace.verify().problems == ()


def turn(record: BattleRecord, rater: str) -> Assignment:
    """A turn of a rater at a battle."""
    return Assignment(
        assignment_id=AssignmentId(f"a_{rater}"),
        battle_id=record.battle.battle_id,
        rater_id=RaterId(rater),
        since=making.NOW,
    )


@pytest.mark.parametrize("waits", [True, False], ids=["durable", "same batch"])
def test_what_an_erased_rater_had_under_way_is_not_stored(path: Path, waits: bool) -> None:
    """Votes by them and on their prompt, a battle, a turn, asked for before the erasure; another rater's are taken."""
    with Workspace.open(path) as workspace:
        mine = making.completed(workspace, rater_id=RaterId("r_me"))
        open_one = making.completed(workspace, rater_id=RaterId("r_other"))
        removal = commands.Remove(
            removal_id="x_1", rater_id=RaterId("r_me"), kind=RemovalKind.ERASED, removed_at=making.NOW
        )
        leaving = workspace.submit(removal)
        if waits:
            leaving.result()
        late = [
            commands.CastVote(vote=making.vote(mine.battle.battle_id, "r_me"), record=mine),
            commands.CastVote(vote=making.vote(mine.battle.battle_id, "r_other"), record=mine),
            commands.OpenBattle(battle=making.battle(rater_id=RaterId("r_me"))),
            commands.Assign(assignment=turn(open_one, "r_me")),
        ]
        for answer in [workspace.submit(command) for command in late]:
            with pytest.raises(errors.Conflict, match="was erased"):
                answer.result()
        vote = making.vote(open_one.battle.battle_id, "r_other")
        workspace.submit(commands.CastVote(vote=vote, record=open_one)).result()
        workspace.submit(commands.OpenBattle(battle=making.battle(rater_id=RaterId("r_other")))).result()
        workspace.submit(commands.Assign(assignment=turn(open_one, "r_third"))).result()
        blank = making.loaded(workspace, mine.battle.battle_id)
        with pytest.raises(errors.Conflict, match="was erased"):
            workspace.submit(
                commands.CastVote(vote=making.vote(blank.battle.battle_id, "r_other"), record=blank)
            ).result()
        assert workspace.verify().problems == ()
    with Workspace.open(path) as workspace, pytest.raises(errors.Conflict, match="was erased"):
        workspace.submit(late[0]).result()


def test_who_left_cannot_leave_the_same_way_again(workspace: Workspace) -> None:
    voted(workspace, "r_me", "mine")
    remove(workspace, "r_me", RemovalKind.WITHDRAWN)
    with pytest.raises(errors.Conflict, match="withdrawn already"):
        remove(workspace, "r_me", RemovalKind.WITHDRAWN)
    remove(workspace, "r_me")
    with pytest.raises(errors.Conflict, match="erased already"):
        remove(workspace, "r_me")
    assert workspace.verify().problems == ()


def test_the_writer_goes_on_after_a_removal_and_so_does_the_next_start(path: Path) -> None:
    with Workspace.open(path) as workspace:
        voted(workspace, "r_1", "one")
        remove(workspace, "r_1")
        assert voted(workspace, "r_2", "two").line.sequence == 4
    with Workspace.open(path) as workspace:
        assert voted(workspace, "r_3", "three").line.sequence == 5
        assert workspace.verify().problems == ()
    assert not list(path.parent.glob(".default*"))


KILLED = """
import os, signal, sys
from pathlib import Path
from arena.store import database
from arena.store.workspace import Workspace

database.settle = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
Workspace.open(Path(sys.argv[1]))
"""


def test_what_a_killed_start_left_of_the_new_file_goes_with_the_next(path: Path) -> None:
    with Workspace.open(path) as workspace:
        voted(workspace, "r_1", "one")
        voted(workspace, "r_2", "canary")
        remove(workspace, "r_1")
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    (left,) = path.parent.glob(".default.duckdb.*")
    assert b"canary" in left.read_bytes(), "positive control"
    with Workspace.open(path) as workspace:
        assert workspace.verify().problems == ()
    assert not list(path.parent.glob(".default*"))
