"""`services.voting`: a vote by a rater who was given a turn at somebody else's battle."""

import asyncio
import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from unittest import mock

import pytest

from arena import errors
from arena.domain.assignment import Assignment, Turn
from arena.domain.battle import BattleRecord, Side
from arena.domain.ids import AccountId, AssignmentId, RaterId
from arena.domain.principal import Principal, Role
from arena.domain.purpose import Purpose
from arena.domain.view import Reveal
from arena.domain.vote import RaterKind, Winner
from arena.services.voting import Ballot
from arena.store import votes
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.services.test_voting import LATER, Booth
from tests.store import making

OTHER = Principal(id="r_other", role=Role.RATER, workspace="default", kind=RaterKind.PROGRAM)


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Booth]:
    with Workspace.open(tmp_path / "a.duckdb") as workspace:
        yield Booth(workspace)


def given(booth: Booth, record: BattleRecord, **changes: object) -> Assignment:
    """A turn of the other rater."""
    turn = Assignment(
        assignment_id=AssignmentId("a_1"),
        battle_id=record.battle.battle_id,
        rater_id=RaterId("r_other"),
        since=LATER - timedelta(seconds=4),
    )
    turn = dataclasses.replace(turn, **changes)  # type: ignore[arg-type]
    booth.workspace.submit(commands.Assign(assignment=turn)).result()
    return turn


def cast(booth: Booth, record: BattleRecord, turn: Assignment, winner: str = "model_a") -> Reveal:
    return asyncio.run(booth.voting.cast(OTHER, record, Ballot(winner=winner), "a key", turn))


@pytest.mark.parametrize(
    ("first", "said", "stored"),
    [
        (Side.A, "model_a", Winner.MODEL_A),
        (Side.B, "model_a", Winner.MODEL_B),
        (Side.B, "model_b", Winner.MODEL_A),
        (Side.B, "both_bad", Winner.BOTH_BAD),
    ],
)
def test_a_vote_is_stored_in_the_order_of_the_battle_and_told_in_that_of_the_turn(
    booth: Booth, first: Side, said: str, stored: Winner
) -> None:
    record = booth.battle(
        response_a=making.response("One.", finish_reason="length"), response_b=making.response("Two.")
    )
    turn = given(booth, record, shown_first=first)
    told = cast(booth, record, turn, said)
    (vote,) = booth.votes(record)
    assert (vote.winner, vote.shown_left) == (stored, first)
    assert (vote.assignment_id, vote.rater_id, vote.rater_kind) == ("a_1", "r_other", RaterKind.PROGRAM)
    models, ends = [record.battle.model_a, record.battle.model_b], ["length", "stop"]
    order = slice(None) if first is Side.A else slice(None, None, -1)
    assert [told.model_a, told.model_b] == models[order]
    assert [told.finish_reason_a, told.finish_reason_b] == ends[order]
    assert vote.reading_seconds == 4.0, "from the beginning of the turn, not from the end of the answers"


@pytest.mark.parametrize("purpose", [None, *Purpose])
def test_a_vote_keeps_what_its_turn_was_given_for(booth: Booth, purpose: Purpose | None) -> None:
    record = booth.battle()
    told = cast(booth, record, given(booth, record, purpose=purpose))
    assert told.vote.purpose is purpose
    assert [vote.purpose for vote in booth.votes(record)] == [purpose]


def test_a_turn_may_be_used_until_its_deadline(booth: Booth) -> None:
    late, in_time = booth.battle(), booth.battle()
    turn = given(booth, late, deadline=LATER - timedelta(microseconds=1))
    with pytest.raises(errors.Conflict, match=r"^The time for this turn is over, and the battle goes to others\."):
        cast(booth, late, turn)
    assert booth.votes(late) == ()
    turn = given(booth, in_time, assignment_id=AssignmentId("a_2"), deadline=LATER)
    assert cast(booth, in_time, turn).vote.winner is Winner.MODEL_A


def test_a_vote_that_comes_again_after_the_deadline_is_answered_as_the_first_time(booth: Booth) -> None:
    record = booth.battle()
    booth.cast(record)
    turn = given(booth, record, deadline=LATER)
    told = cast(booth, record, turn)
    booth.now = LATER + timedelta(hours=1)
    again = cast(booth, making.loaded(booth.workspace, record.battle.battle_id), turn)
    assert again.vote == told.vote


def test_a_turn_at_another_battle_or_of_another_rater_is_none(booth: Booth) -> None:
    record, another = booth.battle(), booth.battle()
    turn = given(booth, record)
    for mine in (dataclasses.replace(turn, battle_id=another.battle.battle_id), None):
        with pytest.raises(errors.Forbidden):
            asyncio.run(booth.voting.cast(OTHER, record, Ballot(winner="tie"), "a key", mine))
    assert booth.votes(record) == ()


MEMBER = Principal(
    id="r_member",
    role=Role.RATER,
    workspace="default",
    account=AccountId("acc_1"),
    others=(RaterId("r_other"), RaterId("r_third")),
)
TOKEN = dataclasses.replace(MEMBER, id="t_1", role=Role.LAB, account=None, rates_as=RaterId("r_member"))


@pytest.mark.parametrize("who", [MEMBER, TOKEN])
@pytest.mark.parametrize(("purpose", "others"), [(None, ("r_member", "r_third")), (Purpose.REPEAT, ())])
def test_a_turn_of_whom_a_member_rated_as_before_is_theirs_and_voted_in_under_that_id(
    booth: Booth, who: Principal, purpose: Purpose | None, others: tuple[str, ...]
) -> None:
    record = booth.battle()
    turn = given(booth, record, purpose=purpose)
    with mock.patch.object(booth.workspace, "submit", wraps=booth.workspace.submit) as submitted:
        asyncio.run(booth.voting.cast(who, record, Ballot(winner="tie"), "a key", turn))
    assert submitted.call_args.args[0].others == others, "who may not have voted on the item either"
    assert [vote.rater_id for vote in booth.votes(record)] == ["r_other"]
    assert booth.voting.count(who) == booth.voting.count(OTHER) == 1


def test_an_item_is_voted_on_under_one_of_a_members_ids(booth: Booth) -> None:
    record = booth.battle()
    cast(booth, record, given(booth, record))
    record = making.loaded(booth.workspace, record.battle.battle_id)
    again = given(booth, record, assignment_id=AssignmentId("a_2"), rater_id=RaterId("r_third"))
    with pytest.raises(errors.Conflict, match="under another of your ids"):
        asyncio.run(booth.voting.cast(MEMBER, record, Ballot(winner="tie"), "another key", again))
    stranger = dataclasses.replace(MEMBER, id="r_third", others=())
    asyncio.run(booth.voting.cast(stranger, record, Ballot(winner="tie"), "another key", again))
    assert len(booth.votes(record)) == 2, "the control: it is somebody else's vote"


def test_an_item_shown_again_is_voted_on_also_under_another_of_a_members_ids(booth: Booth) -> None:
    record = booth.battle()
    cast(booth, record, given(booth, record))
    record = making.loaded(booth.workspace, record.battle.battle_id)
    again = given(booth, record, assignment_id=AssignmentId("a_2"), rater_id=RaterId("r_third"), purpose=Purpose.REPEAT)
    asyncio.run(booth.voting.cast(MEMBER, record, Ballot(winner="tie"), "another key", again))
    assert [vote.purpose for vote in booth.votes(record)] == [None, Purpose.REPEAT]


def test_a_vote_that_is_counted_apart_is_told_to_its_rater_alone(booth: Booth) -> None:
    record = booth.battle()
    told = cast(booth, record, given(booth, record, purpose=Purpose.REPEAT))
    assert booth.voting.votes_between(told) == 1
    elsewhere = dataclasses.replace(told, vote=dataclasses.replace(told.vote, rater_id=RaterId("r_third")))
    assert booth.voting.votes_between(elsewhere) == 0


def test_the_reveal_of_a_vote_just_cast_is_told_without_the_file(booth: Booth) -> None:
    record, another = booth.battle(), booth.battle()
    told = [booth.cast(one) for one in (record, another)]
    for one, reveal in zip((record, another), told, strict=True):
        turn = Turn(record=making.loaded(booth.workspace, one.battle.battle_id))
        with mock.patch.object(votes, "result", side_effect=AssertionError("the file was read")):
            assert asyncio.run(booth.voting.reveal(turn)) == reveal
