"""What is written to a workspace comes back as it was, to one process at a time."""

import os
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from arena import errors
from arena.domain import ids
from arena.domain import ledger as domain_ledger
from arena.domain.battle import BattleState, Side
from arena.domain.ids import BattleId, RaterId, ReleaseId
from arena.store import battles, database, ledger, releases, selection, tally, votes
from arena.store.connections import Connection
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.store import making


def test_a_battle_comes_back_as_it_was_given(workspace: Workspace) -> None:
    opened = making.opened(workspace)
    assert opened.state is BattleState.OPEN

    made = making.battle(history=(), continues=None, continued_side=None, prompt="quote ', \N{SNOWMAN}")
    workspace.submit(commands.OpenBattle(battle=made))
    workspace.submit(making.completing(made.battle_id)).result()
    record = making.loaded(workspace, made.battle_id)
    assert record.battle == made
    assert record.response(Side.A) == making.response("Left.")
    assert record.response(Side.B) == making.response("Right.")
    assert record.completed_at == making.NOW
    assert record.state is BattleState.READY


@pytest.mark.parametrize("late", [timedelta(seconds=3), timedelta(days=2), timedelta(days=-2)])
def test_the_answers_of_a_battle_are_found_whenever_they_came(workspace: Workspace, late: timedelta) -> None:
    made = making.battle()
    workspace.submit(commands.OpenBattle(battle=made))
    workspace.submit(replace(making.completing(made.battle_id), completed_at=making.NOW + late)).result()
    record = making.loaded(workspace, made.battle_id)
    assert (record.response_a, record.response_b) == (making.response("Left."), making.response("Right."))
    assert record.completed_at == making.NOW + late


@pytest.mark.parametrize(
    "battle_id",
    [ids.derived("b", "of an import"), ids.spelled("b", 2**128 - 1), ids.spelled("b", 0), "of another program"],
)
def test_a_battle_is_found_whatever_time_its_id_says(workspace: Workspace, battle_id: str) -> None:
    made = making.battle(battle_id=BattleId(battle_id))
    workspace.submit(commands.OpenBattle(battle=made)).result()
    assert making.loaded(workspace, made.battle_id).battle == made


@pytest.mark.usefixtures("path")  # a file keeps it, and PostgreSQL cannot
def test_a_nul_comes_back(workspace: Workspace) -> None:
    made = making.battle(prompt="nul \0")
    workspace.submit(commands.OpenBattle(battle=made)).result()
    assert making.loaded(workspace, made.battle_id).battle == made


def test_a_vote_comes_back_with_a_receipt_that_opens_its_commitment(workspace: Workspace) -> None:
    result = making.cast(workspace)

    with workspace.reading() as connection:
        assert votes.result(connection, result.vote.vote_id) == result
        record = battles.load(connection, result.vote.battle_id)
        assert ledger.head(connection) == result.line
    assert record is not None
    assert record.votes == (result.vote,)
    assert domain_ledger.commitment(result.salt, result.vote, record) == result.line.commitment


def test_votes_with_nothing_optional_come_back_alike(workspace: Workspace) -> None:
    result = making.cast(workspace, strength=None, tags=(), reason=None, edit=None, reading_seconds=None)

    with workspace.reading() as connection:
        assert votes.result(connection, result.vote.vote_id).vote == result.vote


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "Europe/Berlin"])
def test_times_survive_whatever_zone_the_machine_and_the_session_are_in(
    path: Path, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the hour that a change to summer time skips, and with all six digits of the second."""
    monkeypatch.setenv("TZ", zone)
    moment = datetime(2026, 3, 29, 3, 30, 0, 123457, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    with Workspace.open(path) as workspace:
        with workspace.connection() as connection:
            connection.execute(f"SET GLOBAL TimeZone = '{zone}'")
        result = making.cast(workspace, cast_at=moment)
        with workspace.reading() as connection:
            stored = votes.result(connection, result.vote.vote_id).vote.cast_at
        assert stored == moment
        assert stored.tzinfo is UTC
        assert workspace.verify().problems == ()


def test_releases_come_back(workspace: Workspace) -> None:
    release = commands.RecordRelease(
        release_id=ReleaseId("rel_1"), format="trl-dpo", manifest={"rows": 3}, created_at=making.NOW
    )
    workspace.submit(release).result()
    with workspace.reading() as connection:
        assert releases.recorded(connection) == [release]
        assert releases.load(connection, ReleaseId("rel_1")) == release
        assert releases.load(connection, ReleaseId("rel_2")) is None


def test_the_latest_battle_of_a_rater_is_the_one_opened_last_whatever_the_clock_said(workspace: Workspace) -> None:
    making.opened(workspace, rater_id=RaterId("r_1"))
    last = making.opened(workspace, rater_id=RaterId("r_1"), created_at=making.NOW - timedelta(days=1))
    making.opened(workspace, rater_id=RaterId("r_2"))
    assert workspace.latest_of(RaterId("r_1")) == last.battle.battle_id
    assert workspace.latest_of(RaterId("r_3")) is None
    with workspace.reading() as connection:
        assert battles.latest_of(connection, RaterId("r_1")) == last.battle.battle_id
        assert battles.latest_of(connection, RaterId("r_3")) is None
        assert len(battles.unfinished(connection)) == 3


def test_a_selection_streams_voted_battles_in_the_order_of_their_first_vote(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "PAGE", 2)
    records = [making.completed(workspace) for _ in range(5)]
    for record in reversed(records):
        workspace.submit(commands.CastVote(vote=making.vote(record.battle.battle_id), record=record)).result()
    again = making.vote(records[-1].battle.battle_id, "r_second")
    workspace.submit(commands.CastVote(vote=again, record=records[-1])).result()
    making.completed(workspace)

    with workspace.reading() as connection:
        found = list(selection.voted(connection))
    assert [one.battle for one in found] == [record.battle for record in reversed(records)]
    assert [len(one.votes) for one in found] == [2, 1, 1, 1, 1]


def test_counts_are_of_votes_and_pairs_of_battles(workspace: Workspace) -> None:
    first = making.cast(workspace)
    record = making.loaded(workspace, first.vote.battle_id)
    workspace.submit(commands.CastVote(vote=making.vote(first.vote.battle_id, "r_2"), record=record)).result()
    void = making.opened(workspace)
    workspace.submit(commands.VoidBattle(battle_id=void.battle.battle_id, void=making.void())).result()

    with workspace.reading() as connection:
        left, right = record.battle.model_a, record.battle.model_b
        assert tally.counts(connection).to_pylist() == [
            {"model_a": left, "model_b": right, "winner": "model_a", "count": 2}
        ]
        assert tally.pairs(connection) == {frozenset((left, right)): 1}
        rates = {rate.model: (rate.battles, rate.failed) for rate in tally.void_rates(connection)}
    assert rates == {left: (2, 1), right: (2, 0)}
    assert [workspace.counts.of_pair(right, left, line, RaterId("r_asker")) for line in range(4)] == [0, 1, 2, 2]


def test_a_reader_sees_one_moment(workspace: Workspace) -> None:
    making.cast(workspace)
    with workspace.reading() as connection:
        before = tally.counts(connection)
        making.cast(workspace)
        assert tally.counts(connection) == before


def test_a_second_process_is_refused_with_the_first_one_s_pid(workspace: Workspace, path: Path) -> None:
    open_it = (
        f"from pathlib import Path\nfrom arena.store.workspace import Workspace\nWorkspace.open(Path({str(path)!r}))"
    )
    ended = subprocess.run([sys.executable, "-c", open_it], capture_output=True, text=True, check=False)

    assert f"StoreHeld: {path} is open in process {os.getpid()} (" in ended.stderr
    assert "Stop that process" in ended.stderr


def test_a_process_opens_a_workspace_once(workspace: Workspace, path: Path) -> None:
    with pytest.raises(errors.StoreHeld, match="already open in this process"):
        Workspace.open(path)
    assert making.cast(workspace).line.sequence == 1


def test_everything_is_there_after_reopening(path: Path) -> None:
    with Workspace.open(path) as workspace:
        first = making.cast(workspace)
    with Workspace.open(path) as workspace:
        record = making.loaded(workspace, first.vote.battle_id)
        told = workspace.submit(commands.CastVote(vote=first.vote, record=record)).result()
        second = making.cast(workspace)
    assert told == replace(first, replayed=True)
    assert second.line.previous == first.line.hash


def test_a_query_has_one_thread_but_where_much_is_read(tmp_path: Path) -> None:
    def threads(connection: Connection) -> tuple[Any, ...] | None:
        return connection.execute("SELECT current_setting('threads')").fetchone()

    with database.connect(tmp_path / "other.duckdb") as connection:
        all_cores = threads(connection)
    with Workspace.open(tmp_path / "a.duckdb") as workspace:
        making.cast(workspace)
        with workspace.reading() as connection:
            assert threads(connection) == (1,)
        with workspace.scanning() as connection:
            assert threads(connection) == all_cores
        with workspace.reading() as connection:
            assert threads(connection) == (1,)


def test_it_closes_while_others_begin_to_read(path: Path) -> None:
    """Who reads at that moment is told that it is closed; nobody keeps it from closing."""
    workspace = Workspace.open(path)
    begun, told = threading.Barrier(5), list[str]()

    def read() -> None:
        begun.wait()
        try:
            while True:
                with workspace.reading():
                    pass
        except errors.StoreError as refused:
            told.append(str(refused))

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    begun.wait()
    workspace.close()
    for reader in readers:
        reader.join()
    assert len(told) == 4
