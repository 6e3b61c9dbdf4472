"""Void battles: what follows one, what only its rater may stop, and what counts in a model's void rate."""

from dataclasses import replace
from pathlib import Path

import pytest

from arena import errors
from arena.domain.battle import BattleState, VoidCause
from arena.store import battles, tally
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.store import making

STOPPED = making.void(cause=VoidCause.RATER, failed_side=None)


def state(workspace: Workspace, battle_id: str) -> BattleState | None:
    with workspace.reading() as connection:
        record = battles.load(connection, battle_id)  # type: ignore[arg-type]
    return None if record is None else record.state


def test_the_battle_in_its_place_is_opened_with_the_void_or_not_at_all(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "a.duckdb") as workspace:
        failed, following, too_late = making.battle(), making.battle(), making.battle()
        workspace.submit(commands.OpenBattle(battle=failed)).result()
        void = making.void(next=following.battle_id)
        told = commands.VoidBattle(battle_id=failed.battle_id, void=void, following=following)
        assert workspace.submit(told).result() is True
        again = replace(told, following=too_late, void=making.void(next=too_late.battle_id))
        assert workspace.submit(again).result() is False
        assert state(workspace, following.battle_id) is BattleState.OPEN
        assert state(workspace, too_late.battle_id) is None
        with workspace.reading() as connection:
            record = battles.load(connection, failed.battle_id)
        assert record is not None
        assert record.void == void


def test_only_its_rater_stops_a_complete_battle_and_then_it_takes_no_vote(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "a.duckdb") as workspace:
        record = making.completed(workspace)
        battle_id = record.battle.battle_id
        with pytest.raises(errors.Conflict, match="complete and stays valid"):
            workspace.submit(commands.VoidBattle(battle_id=battle_id, void=making.void())).result()
        assert workspace.submit(commands.VoidBattle(battle_id=battle_id, void=STOPPED)).result() is True
        late = commands.CastVote(vote=making.vote(battle_id), record=record)  # read before it was stopped
        with pytest.raises(errors.Conflict, match="was stopped and takes no vote"):
            workspace.submit(late).result()
        assert state(workspace, battle_id) is BattleState.VOID
        assert workspace.verify().problems == ()


def test_a_vote_stays_whoever_would_stop_its_battle(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "a.duckdb") as workspace:
        record = making.completed(workspace)
        vote = workspace.submit(commands.CastVote(vote=making.vote(record.battle.battle_id), record=record))
        stop = workspace.submit(commands.VoidBattle(battle_id=record.battle.battle_id, void=STOPPED))
        vote.result()  # both may be of one batch
        with pytest.raises(errors.Conflict, match="stays valid"):
            stop.result()
        with pytest.raises(errors.Conflict, match="stays valid"):
            workspace.submit(commands.VoidBattle(battle_id=record.battle.battle_id, void=STOPPED)).result()
        assert state(workspace, record.battle.battle_id) is BattleState.VOTED


def test_only_voids_that_a_model_caused_count_in_a_void_rate(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "a.duckdb") as workspace:
        making.cast(workspace)

        def rates() -> list[tuple[str, int, int]]:
            with workspace.reading() as connection:
                return [(rate.model, rate.battles, rate.failed) for rate in tally.void_rates(connection)]

        before = rates()
        for cause in set(VoidCause) - {VoidCause.MODEL}:
            opened = making.battle()
            workspace.submit(commands.OpenBattle(battle=opened))
            void = making.void(cause=cause, failed_side=None)
            workspace.submit(commands.VoidBattle(battle_id=opened.battle_id, void=void)).result()
        assert rates() == before
        opened = making.battle()
        workspace.submit(commands.OpenBattle(battle=opened))
        workspace.submit(commands.VoidBattle(battle_id=opened.battle_id, void=making.void())).result()
        assert rates() != before  # the control
        assert max(failed for _, _, failed in rates()) == 1
