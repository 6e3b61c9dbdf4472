"""What is kept of recent battles and counts is what the file holds, whatever happened, and stays within its bounds."""

import random
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from arena.domain.battle import BattleRecord, BattleState
from arena.domain.ids import BattleId, RaterId
from arena.domain.removal import RemovalKind
from arena.store import battles, votes
from arena.store.workspace import Workspace
from arena.store.writing import commands
from arena.store.writing.recent import Recent, RecentBattle
from arena.store.writing.vote_counts import VoteCounts
from tests.lengths import at_length
from tests.store import making

RATERS = [RaterId(f"r_{number}") for number in range(4)] + [RaterId("r_never")]


def stored(workspace: Workspace, battle_id: BattleId) -> BattleRecord | None:
    with workspace.reading() as connection:
        return battles.load(connection, battle_id)


def removal(number: int, rater: str, kind: RemovalKind) -> commands.Remove:
    return commands.Remove(removal_id=f"x_{number}", rater_id=RaterId(rater), kind=kind, removed_at=making.NOW)


def happen(workspace: Workspace, chance: random.Random, made: list[BattleId], number: int) -> Future[Any] | None:
    """One thing, drawn at random, on a new battle or one of those made."""
    if not made or chance.random() < 0.3:
        battle = making.battle(rater_id=RaterId(f"r_{chance.randrange(4)}"), model_a=f"model-{chance.randrange(3)}")
        opening = workspace.submit(commands.OpenBattle(battle=battle))
        if opening.exception() is None:  # who was erased opens no more
            made.append(battle.battle_id)
        return opening
    battle_id = chance.choice(made)
    record = stored(workspace, battle_id)
    assert record is not None
    if record.state is BattleState.OPEN and chance.random() < 0.7:
        return workspace.submit(
            commands.CompleteBattle(
                battle_id=battle_id,
                response_a=making.response("Left."),
                response_b=making.response("Right."),
                completed_at=making.NOW,
            )
        )
    if record.state is BattleState.OPEN or (record.state is BattleState.READY and chance.random() < 0.3):
        return workspace.submit(commands.VoidBattle(battle_id=battle_id, void=making.void()))
    if record.state is not BattleState.VOID and len(record.votes) < 2 and record.battle.rater_id:
        rater = record.battle.rater_id if not record.votes else f"r_{number}"
        return workspace.submit(commands.CastVote(vote=making.vote(battle_id, rater), record=record))
    if chance.random() < 0.1:
        kind = chance.choice(list(RemovalKind))
        return workspace.submit(removal(number, f"r_{chance.randrange(4)}", kind))
    return None


@pytest.mark.parametrize("seed", [0, *at_length(1)])
def test_memory_and_file_agree_after_anything(tmp_path: Path, seed: int) -> None:
    chance, made = random.Random(seed), list[BattleId]()
    with Workspace.open(tmp_path / "ours.duckdb") as workspace:
        for number in range(80):
            done = happen(workspace, chance, made, number)
            if done is not None:
                done.exception()  # a refusal is an outcome like any other
            check(workspace, chance.sample(made, min(3, len(made))))
        check(workspace, made)
    with Workspace.open(tmp_path / "ours.duckdb") as again:
        check(again, made)


def check(workspace: Workspace, battle_ids: list[BattleId]) -> None:
    """These battles, the newest of each rater and all counts are what the file says."""
    for battle_id in battle_ids:
        kept = workspace.battle(battle_id)
        assert kept is not None
        assert kept.record == stored(workspace, battle_id)
        with workspace.reading() as connection:
            told = votes.results(connection, "battle_id = ?", [battle_id])
        assert list(kept.receipts.values()) == told
    with workspace.reading() as connection:
        fresh = VoteCounts.of(connection)
        newest = {rater: battles.latest_of(connection, rater) for rater in RATERS}
    assert workspace.counts._pairs == fresh._pairs
    assert workspace.counts._raters == fresh._raters
    assert {rater: workspace.latest_of(rater) for rater in RATERS} == newest


def test_what_was_read_before_a_change_is_not_kept() -> None:
    recent = Recent()
    record = BattleRecord(
        battle=making.battle(),
        response_a=making.response(),
        response_b=making.response(),
        completed_at=making.NOW,
        void=None,
        votes=(),
    )
    battle_id = record.battle.battle_id
    token = recent.begin(battle_id)
    recent.voided(battle_id, making.void())
    recent.offer(token, battle_id, RecentBattle(record=record))
    assert recent.find(battle_id) is None
    recent.offer(recent.begin(battle_id), battle_id, RecentBattle(record=record))  # the control: nothing came between
    assert recent.find(battle_id) == RecentBattle(record=record)


def test_the_oldest_go_beyond_either_bound() -> None:
    made = [making.battle(prompt="x" * 100, history=()) for _ in range(10)]
    by_number = Recent(battles=4)
    by_number.opened(made)
    assert [by_number.find(one.battle_id) is not None for one in made] == [False] * 6 + [True] * 4
    by_characters = Recent(characters=250)
    by_characters.opened(made)
    assert [by_characters.find(one.battle_id) is not None for one in made] == [False] * 8 + [True] * 2
