"""Turns at battles, and battles over answers that were there before."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from arena import errors
from arena.domain import assignment as assigning
from arena.domain.assignment import Assignment, EndCause, TurnEnd
from arena.domain.battle import Answers, BattleRecord, BattleState, Message, Side
from arena.domain.ids import AssignmentId, BattleId, RaterId
from arena.domain.parts import Media, MediaKind, Text
from arena.domain.purpose import Purpose
from arena.domain.removal import RemovalKind
from arena.domain.vote import RaterKind, Vote, Winner
from arena.store import assignments
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.store import making

PICTURE = Media(kind=MediaKind.IMAGE, sha256="ab" * 32, media_type="image/png")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.duckdb"


@pytest.fixture
def workspace(path: Path) -> Iterator[Workspace]:
    with Workspace.open(path) as opened:
        yield opened


def turn(battle_id: BattleId, number: int = 1, rater: str = "r_other", **changes: Any) -> Assignment:
    plain = Assignment(
        assignment_id=AssignmentId(f"a_{number}"), battle_id=battle_id, rater_id=RaterId(rater), since=making.NOW
    )
    return replace(plain, **changes)


def give(workspace: Workspace, assignment: Assignment) -> None:
    workspace.submit(commands.Assign(assignment=assignment)).result()


def cast(workspace: Workspace, record: BattleRecord, given: Assignment | None, **changes: Any) -> Vote:
    rater = "r_asker" if given is None else given.rater_id
    vote = making.vote(
        record.battle.battle_id, rater, assignment_id=None if given is None else given.assignment_id, **changes
    )
    return workspace.submit(commands.CastVote(vote=vote, record=record)).result().vote


def ending(given: Assignment) -> commands.EndTurn:
    end = TurnEnd(
        assignment_id=given.assignment_id,
        battle_id=given.battle_id,
        cause=EndCause.SKIPPED,
        reason=None,
        ended_at=making.NOW,
    )
    return commands.EndTurn(end=end)


def test_whoever_asks_has_the_turn_that_the_battle_is(workspace: Workspace) -> None:
    record = making.completed(workspace)
    own = assigning.of_writer(record.battle)
    assert (own.assignment_id, own.rater_id) == (record.battle.battle_id, record.battle.rater_id)
    with workspace.reading() as connection:
        assert assignments.of_battle(connection, record.battle.battle_id) == []
    assert cast(workspace, record, None).turn == record.battle.battle_id


def test_another_rater_votes_in_a_turn_and_again_where_it_is_shown_again(workspace: Workspace) -> None:
    record = making.completed(workspace)
    battle_id = record.battle.battle_id
    first = turn(battle_id, deadline=making.NOW + timedelta(hours=1))
    again = turn(battle_id, 2, shown_first=Side.B, purpose=Purpose.REPEAT)
    give(workspace, first)
    give(workspace, again)
    with workspace.reading() as connection:
        assert assignments.of_battle(connection, battle_id) == [first, again]
        assert assignments.find(connection, first.assignment_id) == first
    cast(workspace, record, None)
    one = cast(workspace, record, first, criteria=(("polite", Winner.TIE),), rater_kind=RaterKind.JUDGE)
    two = cast(workspace, record, again, shown_left=Side.B, purpose=Purpose.REPEAT)
    assert making.loaded(workspace, battle_id).votes[1:] == (one, two)
    for given in (None, first, again):
        with pytest.raises(errors.Conflict, match="already voted"):
            cast(workspace, record, given, purpose=None if given is None else given.purpose)
    assert workspace.verify().problems == ()


def test_a_turn_that_was_used_is_known_after_a_restart(path: Path) -> None:
    with Workspace.open(path) as workspace:
        record = making.completed(workspace)
        give(workspace, turn(record.battle.battle_id))
        cast(workspace, record, turn(record.battle.battle_id))
    with Workspace.open(path) as reopened, pytest.raises(errors.Conflict, match="already voted"):
        cast(reopened, record, turn(record.battle.battle_id))


def test_a_turn_that_was_used_does_not_end(workspace: Workspace) -> None:
    record, another = making.completed(workspace), making.completed(workspace)
    used, unused = turn(record.battle.battle_id), turn(another.battle.battle_id, 2)
    for one in (used, unused):
        give(workspace, one)
    cast(workspace, record, used)
    with pytest.raises(errors.Conflict, match="a vote stays"):
        workspace.submit(ending(used)).result()
    assert workspace.submit(ending(unused)).result(), "the positive control"


def test_a_turn_is_given_once_and_at_a_battle_that_counts(workspace: Workspace) -> None:
    record = making.completed(workspace)
    give(workspace, turn(record.battle.battle_id))
    with pytest.raises(errors.Conflict, match="given before"):
        give(workspace, turn(record.battle.battle_id, rater="r_third"))
    with pytest.raises(errors.Conflict, match="has a turn"):
        give(workspace, turn(record.battle.battle_id, 2))
    with pytest.raises(errors.NotFound):
        give(workspace, turn(BattleId("b_00000000000000000000000009"), 3))
    void = making.opened(workspace)
    workspace.submit(commands.VoidBattle(battle_id=void.battle.battle_id, void=making.void())).result()
    with pytest.raises(errors.Conflict, match="void"):
        give(workspace, turn(void.battle.battle_id, 4))


def test_a_vote_in_somebody_elses_turn_is_refused(workspace: Workspace) -> None:
    record, other = making.completed(workspace), making.completed(workspace)
    give(workspace, turn(record.battle.battle_id))
    for lie in (
        turn(record.battle.battle_id, rater="r_third"),
        turn(record.battle.battle_id, 9),
        turn(other.battle.battle_id),
    ):
        judged = other if lie.battle_id == other.battle.battle_id else record
        with pytest.raises(errors.Conflict, match="is no turn of this rater"):
            cast(workspace, judged, lie)
    assert making.loaded(workspace, record.battle.battle_id).votes == ()


def test_an_erased_rater_leaves_turns_without_a_name(workspace: Workspace) -> None:
    record = making.completed(workspace)
    give(workspace, turn(record.battle.battle_id))
    cast(workspace, record, turn(record.battle.battle_id))
    command = commands.Remove(
        removal_id="x_1", rater_id=RaterId("r_other"), kind=RemovalKind.ERASED, removed_at=making.NOW
    )
    workspace.submit(command).result()
    with workspace.reading() as connection:
        (left,) = assignments.of_battle(connection, record.battle.battle_id)
        assert left.rater_id == ""
        assert connection.execute("SELECT count(*) FROM votes").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM ledger").fetchone() == (3,), "vote, what it is owed, erasure"
    assert workspace.verify().problems == ()


def test_a_battle_over_stored_answers_is_ready_at_once_and_then_like_any_other(path: Path) -> None:
    battle = making.battle(answers=Answers.STORED)
    stored = commands.StoredAnswers(
        response_a=making.response("Left."), response_b=making.response("Right."), completed_at=making.NOW
    )
    with Workspace.open(path) as workspace:
        workspace.submit(commands.OpenBattle(battle=battle, answers=stored)).result()
        kept = workspace.battle(battle.battle_id)
        assert kept is not None
        record = making.loaded(workspace, battle.battle_id)
        assert kept.record == record
        assert record.state is BattleState.READY
        cast(workspace, record, None)
    with Workspace.open(path) as reopened:
        assert making.loaded(reopened, battle.battle_id).battle == battle
        assert reopened.verify().problems == ()


@pytest.mark.parametrize("answers", [Answers.LIVE, Answers.STORED])
def test_a_battle_says_whether_its_answers_were_there(workspace: Workspace, answers: Answers) -> None:
    stored = commands.StoredAnswers(response_a=making.response(), response_b=making.response(), completed_at=making.NOW)
    with pytest.raises(ValueError, match="opened otherwise"):
        workspace.submit(
            commands.OpenBattle(
                battle=making.battle(answers=answers), answers=stored if answers is Answers.LIVE else None
            )
        )


def test_parts_of_messages_are_read_as_they_were_written(workspace: Workspace) -> None:
    history = (
        Message(role="user", content=(PICTURE, Text(text="What is it?"))),
        Message.of_text(role="assistant", text="A cat."),
    )
    made = making.battle(history=history, content=(Text(text="And"), PICTURE, Text(text="this?")))
    workspace.submit(commands.OpenBattle(battle=made))
    workspace.submit(making.completing(made.battle_id)).result()
    record = making.loaded(workspace, made.battle_id)
    assert record.battle == made
    cast(workspace, record, None)
    assert workspace.verify().problems == ()
    with workspace.reading() as connection:
        assert connection.execute("SELECT prompt FROM battles").fetchone() == ("And\n\nthis?",)
