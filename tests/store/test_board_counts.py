"""Counts that are kept up are the counts of everything, whatever happened in between."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from arena.domain.ids import BattleId
from arena.domain.removal import RemovalKind
from arena.store import board_counts, tally
from arena.store.board_counts import BoardCounts
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.lengths import at_length
from tests.store import making
from tests.store.writing import test_recent


def now(workspace: Workspace, before: BoardCounts | None) -> BoardCounts:
    with workspace.reading() as connection:
        return board_counts.read(connection, before)


def counted(found: BoardCounts) -> tuple[object, ...]:
    """What a reading says, however it came about."""
    return found.sequence, found.hash, found.voids, dict(found.counted), dict(found.held), dict(found.rates)


@pytest.mark.parametrize("seed", [0, *at_length(1)])
def test_kept_up_and_counted_anew_are_the_same(tmp_path: Path, seed: int) -> None:
    chance, made, kept_up, moved = random.Random(seed), list[BattleId](), None, 0
    with Workspace.open(tmp_path / "ours.duckdb") as workspace:
        for number in range(80):
            done = test_recent.happen(workspace, chance, made, number)
            if done is not None:
                done.exception()
            if number % 3 == 0:
                kept_up = now(workspace, kept_up)
                moved += bool(kept_up.added)
                assert counted(kept_up) == counted(now(workspace, None))
    assert moved > 3


def test_votes_on_answers_that_name_their_model_are_held(workspace: Workspace) -> None:
    before = now(workspace, None)
    opened = making.opened(workspace).battle.battle_id
    answers = replace(making.completing(opened), response_a=making.response("I am smol.", leak=True))
    workspace.submit(answers).result()
    record = making.loaded(workspace, opened)
    workspace.submit(commands.CastVote(vote=making.vote(record.battle.battle_id), record=record)).result()
    found = now(workspace, before)
    assert (sum(found.counted.values()), sum(found.held.values())) == (0, 1)
    assert counted(found) == counted(now(workspace, None))


def test_after_a_withdrawal_everything_is_counted_anew(workspace: Workspace) -> None:
    cast = making.cast(workspace)
    before = now(workspace, None)
    workspace.submit(test_recent.removal(1, cast.vote.rater_id, RemovalKind.WITHDRAWN)).result()
    found = now(workspace, before)
    assert found.added is None
    assert (sum(before.counted.values()), sum(found.counted.values())) == (1, 0)


def test_one_vote_reads_no_more_than_itself(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    making.cast(workspace)
    before = now(workspace, None)
    making.cast(workspace)
    monkeypatch.delattr(tally, "void_rates")  # the whole count of which this is a part
    assert now(workspace, before).added is not None
    with pytest.raises(AttributeError):
        now(workspace, None)  # the control
