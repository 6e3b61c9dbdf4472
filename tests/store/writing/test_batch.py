"""`store.writing.batch`: what the commands of one transaction see of each other, before any of it is in the file."""

from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest

from arena import errors
from arena.domain.battle import BattleRecord, BattleState, VoidCause
from arena.domain.consent import Choice, Scope
from arena.domain.ids import BattleId, RaterId
from arena.domain.origin import Origin
from arena.domain.removal import RemovalKind
from arena.domain.vote import Vote
from arena.store import battles
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.store import making

NOW = making.NOW
UNSEEN = making.response("Left.", finish_reason=None, prompt_tokens=None, first_token_seconds=None, total_seconds=None)
"""An answer that nobody here saw being written."""


def together(workspace: Workspace, *sent: commands.Command[Any]) -> list[Any]:
    """What each of these commands in one transaction is told: its result, or the error that refuses it."""
    with making.holding(workspace):
        futures: list[Future[Any]] = [workspace.submit(command) for command in sent]
    return [future.exception(30) or future.result() for future in futures]


def imported(number: int, rater: str = "r_asker") -> tuple[BattleRecord, Vote]:
    """A battle from elsewhere with a vote on it."""
    battle = making.battle(rater_id=RaterId(rater), model_a="theirs", model_b=f"theirs-{number}", turn=1)
    origin = Origin(source="log", item=f"q{number}", language=None, category=None, timed=True, digest=f"{number:064x}")
    record = BattleRecord(
        battle=battle,
        response_a=UNSEEN,
        response_b=replace(UNSEEN, text="Right."),
        completed_at=NOW,
        void=None,
        votes=(),
        origin=origin,
    )
    return record, making.vote(battle.battle_id, rater)


def page(*entries: tuple[BattleRecord, Vote]) -> commands.EnterBattles:
    return commands.EnterBattles(
        battles=tuple(record for record, _ in entries), votes=tuple((vote, record) for record, vote in entries)
    )


def leaving(rater: str = "r_asker", kind: RemovalKind = RemovalKind.ERASED) -> commands.Remove:
    return commands.Remove(removal_id=f"x_{rater}_{kind}", rater_id=RaterId(rater), kind=kind, removed_at=NOW)


def choosing(number: int, scope: Scope, rater: str = "r_asker") -> commands.Choose:
    return commands.Choose(choice=Choice(choice_id=f"s_{number}", rater_id=RaterId(rater), scope=scope, chosen_at=NOW))


def casting(record: BattleRecord, rater: str = "r_asker", **changes: Any) -> commands.CastVote:
    return commands.CastVote(vote=making.vote(record.battle.battle_id, rater, **changes), record=record)


def stopping(battle_id: BattleId, cause: VoidCause = VoidCause.RATER) -> commands.VoidBattle:
    return commands.VoidBattle(battle_id=battle_id, void=making.void(cause=cause, failed_side=None))


def stored(workspace: Workspace, battle_id: BattleId) -> BattleRecord | None:
    with workspace.reading() as connection:
        return battles.load(connection, battle_id)


# -- pages of imports -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(RemovalKind))
def test_a_page_is_not_accepted_beside_a_removal(workspace: Workspace, kind: RemovalKind) -> None:
    """Who leaves may be among its raters; the file is imported again, and then the removal is known."""
    record, vote = imported(1)
    left, refused = together(workspace, leaving("r_gone", kind), page((record, vote)))
    assert isinstance(left, commands.DurableRemoval)
    assert isinstance(refused, errors.Conflict)
    assert str(refused) == "Some of this page was imported, or a rater left, meanwhile; import the file again."
    assert stored(workspace, record.battle.battle_id) is None
    assert workspace.submit(page((record, vote))).result() == 1
    assert workspace.verify().problems == ()


def test_a_page_before_a_removal_is_taken_and_leaves_with_its_rater(workspace: Workspace) -> None:
    record, vote = imported(1)
    entered, left = together(workspace, page((record, vote)), leaving())
    assert entered == 1
    assert left.removal.votes == ((record.battle.battle_id, vote.vote_id),)
    assert workspace.verify().problems == ()
    assert workspace.counts.of_rater(RaterId("r_asker")) == 0


def test_two_pages_that_share_a_battle_enter_once(workspace: Workspace) -> None:
    """The second is refused whole, whatever else is in it, and its votes leave no line."""
    one, two = imported(1), imported(2)
    entered, refused = together(workspace, page(one), page(two, one))
    assert (entered, type(refused)) == (1, errors.Conflict)
    assert stored(workspace, two[0].battle.battle_id) is None
    assert workspace.verify().lines == 1
    assert workspace.submit(page(two)).result() == 1
    assert workspace.verify().problems == ()


def test_a_page_names_its_models_and_keeps_where_it_came_from(workspace: Workspace) -> None:
    entries = [imported(1), imported(2)]
    assert workspace.submit(page(*entries)).result() == 2
    for record, vote in entries:
        assert stored(workspace, record.battle.battle_id) == replace(record, votes=(vote,))
    with workspace.reading() as connection:
        names = connection.execute("SELECT name FROM models ORDER BY name").fetchall()
    assert names == [("theirs",), ("theirs-1",), ("theirs-2",)]
    assert workspace.recent(entries[0][0].battle.battle_id) is None, "nobody waits for an imported battle"


def test_a_vote_that_is_in_an_imported_page_already_counts_once(workspace: Workspace) -> None:
    record, vote = imported(1)
    again = commands.EnterBattles(battles=(), votes=((vote, record),))
    entered, repeated = together(workspace, page((record, vote)), again)
    assert entered == 1
    assert isinstance(repeated, errors.Conflict)
    assert workspace.verify().lines == 1


# -- battles --------------------------------------------------------------------------------------------------------


def test_a_battle_can_be_opened_written_and_voted_on_in_one_transaction(workspace: Workspace) -> None:
    made = making.battle()
    record = BattleRecord(
        battle=made,
        response_a=making.response("Left."),
        response_b=making.response("Right."),
        completed_at=NOW,
        void=None,
        votes=(),
    )
    cast = casting(record)
    told = together(workspace, commands.OpenBattle(battle=made), making.completing(made.battle_id), cast)
    assert told[:2] == [True, None]
    assert told[2].line.sequence == 1
    assert making.loaded(workspace, made.battle_id) == replace(record, votes=(cast.vote,))


def test_an_id_is_opened_once_also_in_one_transaction(workspace: Workspace) -> None:
    made = making.battle()
    first, second = together(workspace, *[commands.OpenBattle(battle=made)] * 2)
    assert first is True
    assert str(second) == f"Battle {made.battle_id} was opened before; mint a new id."


def test_answers_come_once_and_not_to_a_void_battle(workspace: Workspace) -> None:
    one, other = making.opened(workspace).battle.battle_id, making.opened(workspace).battle.battle_id
    told = together(
        workspace, making.completing(one), making.completing(one), stopping(other), making.completing(other)
    )
    assert [told[0], told[2]] == [None, True]
    assert str(told[1]) == f"Battle {one} is complete and takes no answers; open a new one."
    assert str(told[3]) == f"Battle {other} is void and takes no answers; open a new one."


def test_a_battle_becomes_void_once(workspace: Workspace) -> None:
    battle_id = making.opened(workspace).battle.battle_id
    assert together(workspace, stopping(battle_id), stopping(battle_id)) == [True, False]
    assert workspace.submit(stopping(battle_id)).result() is False


@pytest.mark.parametrize("cause", list(VoidCause))
def test_a_battle_completed_in_the_same_transaction_is_void_only_for_its_rater(
    workspace: Workspace, cause: VoidCause
) -> None:
    battle_id = making.opened(workspace).battle.battle_id
    _, told = together(workspace, making.completing(battle_id), stopping(battle_id, cause))
    if cause is VoidCause.RATER:
        assert told is True
        assert making.loaded(workspace, battle_id).state is BattleState.VOID
    else:
        assert str(told) == f"Battle {battle_id} is complete and stays valid."
        assert making.loaded(workspace, battle_id).state is BattleState.READY


def test_a_vote_and_a_stop_in_one_transaction_exclude_each_other_by_their_order(workspace: Workspace) -> None:
    one, other = making.completed(workspace), making.completed(workspace)
    voted, refused = together(workspace, casting(one), stopping(one.battle.battle_id))
    assert isinstance(voted, commands.CastResult)
    assert str(refused) == f"Battle {one.battle.battle_id} is complete and stays valid."
    stopped, late = together(workspace, stopping(other.battle.battle_id), casting(other))
    assert stopped is True
    assert str(late) == "This battle was stopped and takes no vote; open a new battle."
    assert workspace.verify().problems == ()


def test_a_battle_in_place_of_a_void_one_is_opened_only_with_it(workspace: Workspace) -> None:
    ready, open_ = making.completed(workspace), making.opened(workspace)
    following, taken = making.battle(), making.battle()
    refused = replace(stopping(ready.battle.battle_id, VoidCause.MODEL), following=following)
    void = replace(stopping(open_.battle.battle_id, VoidCause.MODEL), following=taken)
    told = together(workspace, refused, void, void)
    assert isinstance(told[0], errors.Conflict)
    assert told[1:] == [True, False]
    assert stored(workspace, following.battle_id) is None
    assert making.loaded(workspace, taken.battle_id).state is BattleState.OPEN


# -- leaving and choosing -------------------------------------------------------------------------------------------


def test_who_is_leaving_leaves_once_and_chooses_no_more(workspace: Workspace) -> None:
    told = together(
        workspace, leaving(), leaving(kind=RemovalKind.WITHDRAWN), choosing(1, Scope.PRIVATE), leaving("r_2")
    )
    assert isinstance(told[0], commands.DurableRemoval)
    assert [str(one) for one in told[1:3]] == ["This rater is leaving already."] * 2
    assert isinstance(told[3], commands.DurableRemoval)
    report = workspace.verify()
    assert (report.lines, report.problems) == (2, ())


def test_an_erasure_makes_only_the_open_battles_of_its_rater_void(workspace: Workspace) -> None:
    """Also those opened in the same transaction; what others are having written goes on."""
    mine, theirs = making.opened(workspace), making.opened(workspace, rater_id=RaterId("r_other"))
    new, new_of_theirs = making.battle(), making.battle(rater_id=RaterId("r_other"))
    told = together(
        workspace,
        commands.OpenBattle(battle=new),
        commands.OpenBattle(battle=new_of_theirs),
        leaving(),
        *map(
            making.completing, (mine.battle.battle_id, theirs.battle.battle_id, new.battle_id, new_of_theirs.battle_id)
        ),
    )
    assert [isinstance(one, errors.Conflict) for one in told[3:]] == [True, False, True, False]
    assert workspace.verify().problems == ()


def test_a_withdrawal_lets_answers_be_written(workspace: Workspace) -> None:
    battle_id = making.opened(workspace).battle.battle_id
    told = together(workspace, leaving(kind=RemovalKind.WITHDRAWN), making.completing(battle_id))
    assert told[1] is None
    assert making.loaded(workspace, battle_id).state is BattleState.READY


def test_a_removal_takes_votes_of_the_file_and_of_the_same_transaction_in_order(workspace: Workspace) -> None:
    first = making.cast(workspace, "r_asker")
    record, others = making.completed(workspace), making.completed(workspace, rater_id=RaterId("r_other"))
    vote = casting(record)
    told = together(workspace, vote, casting(others, "r_other"), leaving(kind=RemovalKind.WITHDRAWN))
    ids = [first.vote.vote_id, vote.vote.vote_id]
    assert [one for _, one in told[2].removal.votes] == sorted(ids)
    assert {battle for battle, _ in told[2].removal.votes} == {first.vote.battle_id, record.battle.battle_id}
    assert told[2].line.sequence == 4


def test_the_last_choice_of_a_transaction_holds_and_the_same_again_is_no_line(workspace: Workspace) -> None:
    scopes = [Scope.PUBLIC, Scope.PRIVATE, Scope.PRIVATE, Scope.PUBLIC, Scope.PRIVATE]  # public holds until they choose
    told = together(workspace, *(choosing(number, scope) for number, scope in enumerate(scopes)))
    assert [one.scope for one in told] == scopes
    assert [one.line and one.line.sequence for one in told] == [None, 1, None, 2, 3]
    (other,) = together(workspace, choosing(9, Scope.PRIVATE, "r_other"))
    assert other.line.sequence == 4
    (same,) = together(workspace, choosing(10, Scope.PRIVATE))
    assert same == commands.Chosen(scope=Scope.PRIVATE, line=None)
