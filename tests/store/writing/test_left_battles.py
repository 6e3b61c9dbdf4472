"""Battles that nobody writes any more, where one process alone writes."""

from arena.domain.battle import BattleState, VoidCause
from arena.domain.ids import BattleId
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.store import making


def void_left(workspace: Workspace, *written: BattleId) -> int:
    void = making.void(cause=VoidCause.ARENA, failed_side=None, detail="its process is gone")
    return workspace.submit(commands.VoidLeft(void=void, written=frozenset(written))).result(60)


def test_what_this_process_does_not_write_is_void(workspace: Workspace) -> None:
    written, left, complete = (making.opened(workspace).battle.battle_id for _ in range(3))
    workspace.submit(making.completing(complete)).result()
    assert void_left(workspace, written) == 1
    states = [making.loaded(workspace, battle_id).state for battle_id in (written, left, complete)]
    assert states == [BattleState.OPEN, BattleState.VOID, BattleState.READY]
    assert void_left(workspace, written) == 0
