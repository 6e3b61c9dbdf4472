"""Limits that protect data hold at every process, decided where the lock is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from arena.domain.assignment import Assignment
from arena.domain.battle import Answers, Side
from arena.domain.ids import AssignmentId, RaterId
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.store import making
from tests.store.conftest import Opener
from tests.store.postgres.test_others import leaving

pytestmark = pytest.mark.postgres


def task(workspace: Workspace, number: int, rater: str, **more: int) -> Assignment | None:
    """A turn at a new item, as a process would ask for it."""
    item = making.battle(answers=Answers.STORED)
    opening = commands.OpenBattle(
        battle=item,
        answers=commands.StoredAnswers(
            response_a=making.response(), response_b=making.response("Other."), completed_at=making.NOW
        ),
    )
    given = Assignment(
        assignment_id=AssignmentId(f"a_{number}"),
        battle_id=item.battle_id,
        rater_id=RaterId(rater),
        since=making.NOW,
        deadline=making.NOW + timedelta(hours=1),
        shown_first=Side.A,
    )
    candidate = commands.Candidate(assignment=given, opening=opening, set_name="asked", prompt_id=f"p{number}")
    take = commands.TakeTask(campaign="default", candidates=(candidate,), **{"overlap": 1, **more})
    return workspace.submit(take).result()


def vote(workspace: Workspace, given: Assignment) -> None:
    record = making.loaded(workspace, given.battle_id)
    cast = making.vote(given.battle_id, given.rater_id, assignment_id=given.assignment_id, shown_left=Side.A)
    workspace.submit(commands.CastVote(vote=replace(cast, cast_at=making.NOW), record=record)).result()


def known_models(workspace: Workspace) -> None:
    workspace.submit(commands.AddModels(models=(making.model(), making.model("smol-formal")))).result()


def test_a_daily_limit_counts_what_another_process_took_a_moment_ago(process: Opener) -> None:
    one, other = process(), process()
    known_models(one)
    for number, workspace in enumerate((one, other)):
        given = task(workspace, number, "r_1", daily_limit=2)
        assert given is not None
        vote(workspace, given)
    assert task(one, 2, "r_1", daily_limit=2) is None
    assert task(other, 3, "r_1", daily_limit=2) is None
    assert task(one, 4, "r_1", daily_limit=3) is not None, "the control"
    assert task(other, 5, "r_2", daily_limit=2) is not None, "another rater has a day of their own"


def test_a_rater_has_one_open_task_whichever_process_is_asked(process: Opener) -> None:
    one, other = process(), process()
    known_models(one)
    given = task(one, 1, "r_1")
    again = task(other, 2, "r_1")
    assert given is not None
    assert again == given


def test_places_that_another_process_gave_away_are_not_given_again(process: Opener) -> None:
    one, other = process(), process()
    known_models(one)
    seen = {workspace: workspace.opened_in("default") for workspace in (one, other)}

    def opened(workspace: Workspace, left: int) -> bool:
        places = commands.LastPlaces(left=left, seen=seen[workspace])
        return workspace.submit(commands.OpenBattle(battle=making.battle(), places=places)).result()

    assert opened(one, 1)
    assert not opened(other, 1), "it was counted before the other took it"
    assert opened(other, 2), "the control: two were left"
    assert not opened(one, 2)
    other.submit(commands.OpenBattle(battle=making.battle(campaign="elsewhere"))).result()
    assert opened(one, 3), "another campaign has places of its own"


def test_places_are_counted_again_where_memory_was_read_anew(process: Opener) -> None:
    one, other = process(), process()
    known_models(one)
    seen = one.opened_in("default")
    making.cast(other, rater="r_gone")
    other.submit(leaving("r_gone")).result()
    places = commands.LastPlaces(left=100, seen=seen)
    assert not one.submit(commands.OpenBattle(battle=making.battle(), places=places)).result()
    places = commands.LastPlaces(left=100, seen=one.opened_in("default"))
    assert one.submit(commands.OpenBattle(battle=making.battle(), places=places)).result()
