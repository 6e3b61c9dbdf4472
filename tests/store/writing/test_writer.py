"""The writer: batches, threads, a full queue, and the end."""

import threading
import time
from datetime import datetime
from pathlib import Path

import pytest

from arena import errors
from arena.store import battles, ledger
from arena.store.workspace import Workspace
from arena.store.writing import commands, writer
from tests.store import making


def test_a_time_without_a_zone_is_a_bug_that_stops_nobody_else(workspace: Workspace) -> None:
    record = making.completed(workspace)
    vote = making.vote(record.battle.battle_id, cast_at=datetime(2026, 1, 1))

    with pytest.raises(ValueError, match="has no zone"):
        workspace.submit(commands.CastVote(vote=vote, record=record)).result()
    assert making.cast(workspace).line.sequence == 1


def test_a_double_click_in_one_batch_is_one_vote(workspace: Workspace) -> None:
    record = making.completed(workspace)
    vote = making.vote(record.battle.battle_id)
    with making.holding(workspace):
        clicks = [workspace.submit(commands.CastVote(vote=vote, record=record)) for _ in range(3)]

    assert [click.result().replayed for click in clicks] == [False, True, True]
    assert len({click.result().line.hash for click in clicks}) == 1


def test_many_threads_make_one_chain(workspace: Workspace) -> None:
    def client(number: int) -> None:
        for _ in range(5):
            making.cast(workspace, f"r_{number}")

    threads = [threading.Thread(target=client, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert workspace.verify() == ledger.VerifyReport(lines=80, problems=())


def test_a_full_queue_refuses_at_once_and_keeps_what_waits(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "WAITING_LIMIT", 3)
    with making.holding(workspace):
        waiting = [workspace.submit(commands.OpenBattle(battle=making.battle())) for _ in range(3)]
        with pytest.raises(errors.Overloaded, match="try again in a second"):
            workspace.submit(commands.OpenBattle(battle=making.battle()))
    for one in waiting:
        assert one.result() is True


def test_a_command_given_up_while_it_waits_is_not_done(workspace: Workspace) -> None:
    made = making.battle()
    with making.holding(workspace):
        future = workspace.submit(commands.OpenBattle(battle=made))
        assert future.cancel()
    workspace.submit(commands.OpenBattle(battle=making.battle())).result()
    with workspace.reading() as connection:
        assert battles.load(connection, made.battle_id) is None


def test_closing_writes_what_waits_and_then_accepts_nothing(path: Path) -> None:
    workspace = Workspace.open(path)
    futures = [workspace.submit(commands.OpenBattle(battle=making.battle())) for _ in range(50)]
    workspace.close()

    assert [future.exception() for future in futures] == [None] * 50
    with pytest.raises(errors.StoreStopped, match="being closed"):
        workspace.submit(commands.OpenBattle(battle=making.battle()))


def test_what_can_wait_shares_the_transaction_of_what_comes(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "COMPANY_SECONDS", 60.0)
    made = making.battle()
    workspace.submit(commands.OpenBattle(battle=made)).result()
    before = workspace._writer.commits.cumulative()[-1][1]
    ended = workspace.submit(making.completing(made.battle_id), can_wait=True)
    with pytest.raises(TimeoutError):
        ended.result(0.05)
    workspace.submit(commands.OpenBattle(battle=making.battle())).result()
    assert ended.done()
    assert workspace._writer.commits.cumulative()[-1][1] == before + 1


def test_what_cannot_wait_is_done_at_once_whatever_follows_it(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "COMPANY_SECONDS", 60.0)
    made = making.battle()
    workspace.submit(commands.OpenBattle(battle=made)).result()
    with making.holding(workspace):
        opened = workspace.submit(commands.OpenBattle(battle=making.battle()))
        ended = workspace.submit(making.completing(made.battle_id), can_wait=True)
    assert opened.result(30) is True
    assert ended.result(30) is None


def test_what_can_wait_is_done_without_others_too(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "COMPANY_SECONDS", 0.02)
    made = making.battle()
    workspace.submit(commands.OpenBattle(battle=made)).result()
    assert workspace.submit(making.completing(made.battle_id), can_wait=True).result(30) is None


def test_what_can_wait_is_done_before_a_workspace_closes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "COMPANY_SECONDS", 60.0)
    made, started = making.battle(), time.monotonic()
    with Workspace.open(tmp_path / "workspace.duckdb") as closing:
        closing.submit(commands.OpenBattle(battle=made)).result()
        ended = closing.submit(making.completing(made.battle_id), can_wait=True)
    assert ended.result(0) is None
    assert time.monotonic() - started < writer.COMPANY_SECONDS / 2
