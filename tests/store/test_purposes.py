"""Votes for the record of raters count nowhere else: each outlet of the store is asked with them and without."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arena.domain import purpose as purposes
from arena.domain.assignment import Assignment
from arena.domain.battle import Answers, BattleRecord, Side
from arena.domain.ids import ModelName, RaterId
from arena.domain.purpose import Purpose
from arena.domain.vote import Counting, Winner
from arena.store import (
    battle_groups,
    board_counts,
    board_votes,
    database,
    holding,
    items,
    ledger,
    model_facts,
    rows,
    selection,
    tally,
)
from arena.store.connections import Analytical
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.store import making

RATER = RaterId("r_marked")


def ahead(connection: Analytical) -> list[list[str]]:
    with selection.Ahead(connection) as reading:
        return [[vote.vote_id for vote in one.votes] for one in reading.records()]


OUTLETS = {
    "counts": lambda at: tally.counts(at).to_pylist(),
    "counts of all": lambda at: tally.counts(at, Counting.ALL).to_pylist(),
    "votes": lambda at: board_votes.one_by_one(at, board_votes.MEASURES).to_pylist(),
    "votes of all": lambda at: board_votes.one_by_one(at, (), Counting.ALL).to_pylist(),
    "votes by columns": lambda at: board_votes.table(at, tuple(board_votes.COLUMNS)).to_pylist(),
    "votes measured": lambda at: board_votes.table(at, (), board_votes.MEASURES).to_pylist(),
    "by holding": lambda at: sorted(tally.by_holding(at)),
    "board": lambda at: board_counts.read(at, None).counted,
    "pairs": tally.pairs,
    "void rates": tally.void_rates,
    "models": lambda at: [(one.model.name, one.battles, one.votes, one.exposure) for one in model_facts.read(at)],
    "releases": lambda at: [[vote.vote_id for vote in one.votes] for one in selection.voted(at)],
    "battles of releases": selection.battle_ids,
    "groups of releases": lambda at: battle_groups.groups(at, battle_groups.Asked(raters=True)),
    "battles without a language": lambda at: sorted(battle_groups.untold(at)),
    "agreement": selection.agreements,
    "releases read ahead": ahead,
    "votes that are held": lambda at: rows.fetched(at, holding.votes(at)),
    "withdrawn votes": selection.withdrawn_votes,
    "votes of the campaign": lambda at: items.votes_of_campaign(at, "open"),
}
"""Every figure and text that is made of votes."""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(tmp_path / "a.duckdb") as opened:
        yield opened


def cast(workspace: Workspace, record: BattleRecord, purpose: Purpose | None, **changes: Any) -> None:
    """A vote of one rater in a turn of this purpose."""
    assignment_id, nonce = purposes.mint(purpose, making.NOW, making.CHANCE)
    given = Assignment(
        assignment_id=assignment_id,
        battle_id=record.battle.battle_id,
        rater_id=RATER,
        since=making.NOW,
        shown_first=Side.B,
        purpose=purpose,
        nonce=nonce,
    )
    workspace.submit(commands.Assign(assignment=given)).result()
    vote = making.vote(given.battle_id, RATER, assignment_id=assignment_id, purpose=purpose, **changes)
    workspace.submit(commands.CastVote(vote=vote, record=record)).result()


def item(workspace: Workspace, purpose: Purpose) -> BattleRecord:
    """The battle of an item whose outcome is known."""
    battle = making.battle(answers=Answers.STORED, rater_id=RaterId("r_set"))
    assignment_id, nonce = purposes.mint(purpose, making.NOW, making.CHANCE)
    given = Assignment(
        assignment_id=assignment_id,
        battle_id=battle.battle_id,
        rater_id=RaterId(f"r_{next(making.COUNT)}"),
        since=making.NOW,
        purpose=purpose,
        nonce=nonce,
    )
    answers = commands.StoredAnswers(
        response_a=making.response("Left."), response_b=making.response("Right."), completed_at=making.NOW
    )
    opening = commands.OpenBattle(battle=battle, answers=answers)
    candidate = commands.Candidate(assignment=given, opening=opening, set_name="gold", prompt_id="p")
    workspace.submit(commands.TakeTask(campaign="open", overlap=1, candidates=(candidate,))).result()
    return making.loaded(workspace, battle.battle_id)


def told(workspace: Workspace) -> dict[str, Any]:
    with workspace.reading() as connection:
        return {name: outlet(connection) for name, outlet in OUTLETS.items()}


def mark(workspace: Workspace, purpose: Purpose | None) -> None:
    """Gold, practice and test, and a repeat of the first battle; or ordinary votes in their place."""
    with workspace.reading() as connection:
        first = selection.battle_ids(connection)[0]
    for kind in (Purpose.GOLD, Purpose.PRACTICE, Purpose.TEST):
        cast(workspace, item(workspace, kind), purpose and kind, reason="marked", winner=Winner.MODEL_B)
    cast(workspace, making.loaded(workspace, first), purpose and Purpose.REPEAT, reason="marked", winner=Winner.TIE)


def begun(workspace: Workspace) -> None:
    models = (making.model("smol-terse"), making.model("smol-plain"))
    workspace.submit(commands.AddModels(models=models)).result()
    for _ in range(3):
        making.cast(workspace)
    making.cast(workspace, RATER)


def test_votes_for_the_record_of_raters_are_in_no_count_board_or_release(workspace: Workspace) -> None:
    begun(workspace)
    before = told(workspace)
    with workspace.reading() as connection:
        board = board_counts.read(connection, None)
    mark(workspace, Purpose.GOLD)
    assert told(workspace) == before
    with workspace.reading() as connection:
        after = board_counts.read(connection, board)
    assert (after.counted, after.held, after.rates, after.added) == (board.counted, board.held, board.rates, ())
    assert workspace.verify().problems == ()


def test_the_control_ordinary_votes_are_in_all_of_them(workspace: Workspace) -> None:
    begun(workspace)
    before = told(workspace)
    mark(workspace, None)
    unchanged = {name for name, now in told(workspace).items() if now == before[name]}
    assert unchanged == {"withdrawn votes", "pairs"}  # items with a known outcome are no pairs, whoever votes on them


def test_a_rater_is_told_the_same_numbers_as_if_all_of_theirs_counted(tmp_path: Path) -> None:
    models = ModelName("smol-plain"), ModelName("smol-terse")

    def of_pair(workspace: Workspace, rater_id: RaterId) -> list[int]:
        return [workspace.counts.of_pair(*models, up_to, rater_id) for up_to in range(4, 9)]

    with Workspace.open(tmp_path / "a.duckdb") as workspace:
        begun(workspace)
        mark(workspace, Purpose.GOLD)
        assert of_pair(workspace, RATER) == [4, 5, 6, 7, 8]
        assert of_pair(workspace, RaterId("r_other")) == [4] * 5
        assert workspace.counts.of_rater(RATER) == 5
    with Workspace.open(tmp_path / "a.duckdb") as again:
        assert of_pair(again, RATER) == [4, 5, 6, 7, 8]
        assert again.counts.of_rater(RATER) == 5


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE votes SET purpose = 'gold' WHERE purpose IS NULL AND assignment_id IS NULL", "counts otherwise"),
        ("UPDATE votes SET purpose = NULL", "counts otherwise"),
        ("UPDATE votes SET purpose = 'test' WHERE purpose = 'gold'", "counts otherwise"),
        (
            "UPDATE votes SET purpose = NULL WHERE purpose = 'gold';"
            "UPDATE assignments SET purpose = NULL WHERE purpose = 'gold'",
            "another purpose",
        ),
        ("UPDATE assignments SET nonce = 'no hex' WHERE purpose = 'gold'", "another purpose"),
    ],
)
def test_a_vote_that_was_moved_is_found(tmp_path: Path, change: str, found: str) -> None:
    path = tmp_path / "a.duckdb"
    with Workspace.open(path) as workspace:
        begun(workspace)
        mark(workspace, Purpose.GOLD)
    assert ledger.verify(path).problems == ()
    with database.connect(path) as connection:
        for statement in change.split(";"):
            connection.execute(statement)
    assert any(found in problem for problem in ledger.verify(path).problems)


def test_the_id_of_a_turn_opens_for_one_purpose_and_with_its_nonce_alone() -> None:
    for purpose in (None, *Purpose):
        assignment_id, nonce = purposes.mint(purpose, making.NOW, making.CHANCE)
        assert [one for one in (None, *Purpose) if purposes.opens(assignment_id, nonce, one)] == [purpose]
        assert not purposes.opens(assignment_id, "0" * 32, purpose)


def test_a_place_for_the_record_of_a_rater_is_none_of_the_item_and_comes_once(workspace: Workspace) -> None:
    record = item(workspace, Purpose.GOLD)
    assert workspace.turns.items_of("open", "gold") == []
    (gold,) = workspace.turns.items_of("open", "gold", gold=True)
    assert gold.battle_id == record.battle.battle_id
    with workspace.reading() as connection:
        assert items.running(connection, "open", making.NOW) == 0
    given_ids = set()
    for _ in range(2):
        assignment_id, nonce = purposes.mint(Purpose.GOLD, making.NOW, making.CHANCE)
        given = Assignment(
            assignment_id=assignment_id,
            battle_id=record.battle.battle_id,
            rater_id=RATER,
            since=making.NOW,
            purpose=Purpose.GOLD,
            nonce=nonce,
        )
        command = commands.TakeTask(campaign="open", overlap=1, candidates=(commands.Candidate(assignment=given),))
        taken = workspace.submit(command).result()
        assert taken is not None
        given_ids.add(taken.assignment_id)
    assert len(given_ids) == 1


def test_the_control_of_the_view_finds_a_view_that_counts_everything(workspace: Workspace) -> None:
    """Without its condition the view lets them through."""
    begun(workspace)
    before = told(workspace)["counts"]
    mark(workspace, Purpose.GOLD)
    seen = "REPLACE(sql, 'votes.purpose IS NULL', 'true')"
    with workspace.scanning() as connection:
        query = f"SELECT {seen} FROM duckdb_views() WHERE view_name = 'counted_votes'"
        ((sql,),) = rows.fetched(connection, query)
        connection.execute(sql.replace("CREATE VIEW counted_votes", "CREATE TEMP VIEW counted_votes"))
        assert tally.counts(connection).to_pylist() != before
        connection.execute("DROP VIEW temp.counted_votes")
