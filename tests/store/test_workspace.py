"""What each command does, refuses and leaves alone."""

import os
import subprocess
import sys
import threading
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import pytest

from arena import errors
from arena.domain import ledger as domain_ledger
from arena.domain.battle import BattleState, Side
from arena.domain.ids import BattleId, RaterId, ReleaseId
from arena.store import battles, commands, ledger, models, releases, selection, tally, votes, writer
from arena.store.workspace import Workspace

from . import making


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "workspaces" / "default.duckdb"


@pytest.fixture
def workspace(path: Path):
    with Workspace.open(path) as opened:
        yield opened


def test_a_battle_comes_back_as_it_was_given(workspace: Workspace) -> None:
    opened = making.opened(workspace)
    assert opened.state is BattleState.OPEN

    made = making.battle(history=(), continues=None, continued_side=None, prompt="nul \0, quote ', \N{SNOWMAN}")
    workspace.submit(commands.OpenBattle(battle=made))
    workspace.submit(making.completing(made.battle_id)).result()
    record = making.loaded(workspace, made.battle_id)
    assert record.battle == made
    assert record.response(Side.A) == making.response("Left.")
    assert record.response(Side.B) == making.response("Right.")
    assert record.completed_at == making.NOW
    assert record.state is BattleState.READY


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


def test_a_time_without_a_zone_is_a_bug_that_stops_nobody_else(workspace: Workspace) -> None:
    record = making.completed(workspace)
    vote = making.vote(record.battle.battle_id, cast_at=datetime(2026, 1, 1))

    with pytest.raises(ValueError, match="has no zone"):
        workspace.submit(commands.CastVote(vote=vote, record=record)).result()
    assert making.cast(workspace).line.sequence == 1


def test_the_same_key_and_body_give_the_first_answer(workspace: Workspace) -> None:
    record = making.completed(workspace)
    first = making.vote(record.battle.battle_id)
    again = replace(first, vote_id=making.vote(record.battle.battle_id).vote_id, cast_at=making.NOW)

    told = workspace.submit(commands.CastVote(vote=first, record=record)).result()
    repeated = workspace.submit(commands.CastVote(vote=again, record=record)).result()
    assert repeated == replace(told, replayed=True)
    with workspace.reading() as connection:
        assert tally.counts(connection).column("count").to_pylist() == [1]


def test_a_key_with_another_body_is_refused_and_records_nothing(workspace: Workspace) -> None:
    first = making.cast(workspace, idempotency_key="one key")
    record = making.completed(workspace)
    other = making.vote(record.battle.battle_id, idempotency_key="one key")

    with pytest.raises(errors.Conflict, match="used before with another request"):
        workspace.submit(commands.CastVote(vote=other, record=record)).result()
    assert making.loaded(workspace, record.battle.battle_id).votes == ()
    assert first.line.sequence == 1


def test_a_second_vote_on_a_battle_is_refused_and_another_rater_s_is_taken(workspace: Workspace) -> None:
    first = making.cast(workspace)
    record = making.loaded(workspace, first.vote.battle_id)

    with pytest.raises(errors.Conflict, match="already voted"):
        workspace.submit(commands.CastVote(vote=making.vote(first.vote.battle_id), record=record)).result()
    second = workspace.submit(
        commands.CastVote(vote=making.vote(first.vote.battle_id, "r_other"), record=record)
    ).result()
    assert second.line.previous == first.line.hash
    assert making.loaded(workspace, first.vote.battle_id).votes == (first.vote, second.vote)


def test_two_raters_may_use_the_same_key(workspace: Workspace) -> None:
    making.cast(workspace, "r_1", idempotency_key="same")
    assert not making.cast(workspace, "r_2", idempotency_key="same").replayed


def test_an_unfinished_and_a_void_battle_take_no_vote(workspace: Workspace) -> None:
    unfinished = making.opened(workspace)
    with pytest.raises(errors.Conflict, match="no complete answers yet"):
        workspace.submit(commands.CastVote(vote=making.vote(unfinished.battle.battle_id), record=unfinished))

    workspace.submit(commands.VoidBattle(battle_id=unfinished.battle.battle_id, void=making.void())).result()
    void = making.loaded(workspace, unfinished.battle.battle_id)
    with pytest.raises(errors.Conflict, match="is void"):
        workspace.submit(commands.CastVote(vote=making.vote(void.battle.battle_id), record=void))


def test_void_and_complete_exclude_each_other(workspace: Workspace) -> None:
    complete, void = making.completed(workspace), making.opened(workspace)
    workspace.submit(commands.VoidBattle(battle_id=void.battle.battle_id, void=making.void())).result()

    with pytest.raises(errors.Conflict, match="complete and stays valid"):
        workspace.submit(commands.VoidBattle(battle_id=complete.battle.battle_id, void=making.void())).result()
    with pytest.raises(errors.Conflict, match="void and takes no answers"):
        workspace.submit(making.completing(void.battle.battle_id)).result()
    with pytest.raises(errors.Conflict, match="complete and takes no answers"):
        workspace.submit(making.completing(complete.battle.battle_id)).result()
    workspace.submit(commands.VoidBattle(battle_id=void.battle.battle_id, void=making.void(detail="again"))).result()
    assert making.loaded(workspace, void.battle.battle_id).void == making.void()


def test_an_unknown_battle_is_not_found(workspace: Workspace) -> None:
    with pytest.raises(errors.NotFound, match="no battle b_unknown"):
        workspace.submit(making.completing(BattleId("b_unknown"))).result()
    with workspace.reading() as connection:
        assert battles.load(connection, BattleId("b_unknown")) is None


def test_an_id_is_opened_once(path: Path) -> None:
    made = making.battle()
    with Workspace.open(path) as workspace:
        workspace.submit(commands.OpenBattle(battle=made)).result()
        with pytest.raises(errors.Conflict, match="opened before"):
            workspace.submit(commands.OpenBattle(battle=made)).result()
    with Workspace.open(path) as workspace, pytest.raises(errors.Conflict, match="opened before"):
        workspace.submit(commands.OpenBattle(battle=made)).result()


def test_a_refused_command_disturbs_no_other_of_its_batch(workspace: Workspace) -> None:
    """All are queued while the writer is held, so that one transaction carries them."""
    record, other = making.completed(workspace), making.completed(workspace)
    poison = making.battle(turn=2**40)
    good = making.battle()
    futures: list[Future[object]] = []
    with holding(workspace):
        for command in (
            commands.CastVote(vote=making.vote(record.battle.battle_id), record=record),
            commands.CastVote(vote=making.vote(record.battle.battle_id), record=record),
            making.completing(BattleId("b_unknown")),
            commands.OpenBattle(battle=poison),
            commands.OpenBattle(battle=good),
            commands.CastVote(vote=making.vote(other.battle.battle_id), record=other),
        ):
            futures.append(workspace.submit(command))  # type: ignore[arg-type]

    failures = [type(future.exception()) for future in futures]
    assert failures[:3] == [type(None), errors.Conflict, errors.NotFound]
    assert issubclass(failures[3], duckdb.Error)
    assert failures[4:] == [type(None), type(None)]
    assert making.loaded(workspace, good.battle_id).battle == good
    assert workspace.verify() == ledger.VerifyReport(lines=2, problems=())


def test_half_a_surrogate_pair_is_refused_with_a_sentence(workspace: Workspace) -> None:
    """Model servers do send them, as JSON escapes."""
    record, unfinished = making.completed(workspace), making.opened(workspace)
    half = "half a pair: \ud800"
    for command in (
        commands.OpenBattle(battle=making.battle(prompt=half)),
        replace(making.completing(unfinished.battle.battle_id), response_b=making.response(half)),
        commands.CastVote(vote=making.vote(record.battle.battle_id, reason=half), record=record),
    ):
        with pytest.raises(errors.InvalidValue, match="surrogate pair at character 14"):
            workspace.submit(command)
    told = commands.VoidBattle(battle_id=unfinished.battle.battle_id, void=making.void(detail=half))
    workspace.submit(told).result()
    stored = making.loaded(workspace, unfinished.battle.battle_id).void
    assert stored == making.void(detail="half a pair: \\ud800")


def test_a_double_click_in_one_batch_is_one_vote(workspace: Workspace) -> None:
    record = making.completed(workspace)
    vote = making.vote(record.battle.battle_id)
    with holding(workspace):
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
    with holding(workspace):
        waiting = [workspace.submit(commands.OpenBattle(battle=making.battle())) for _ in range(3)]
        with pytest.raises(errors.Overloaded, match="try again in a second"):
            workspace.submit(commands.OpenBattle(battle=making.battle()))
    for one in waiting:
        assert one.result() is None


def test_a_command_given_up_while_it_waits_is_not_done(workspace: Workspace) -> None:
    made = making.battle()
    with holding(workspace):
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


def test_models_keep_their_settings_and_may_move(workspace: Workspace) -> None:
    terse, plain = making.model("smol-terse"), making.model("smol-plain", api_key_env="KEY")
    workspace.submit(commands.AddModels(models=(terse, plain))).result()
    moved = replace(terse, endpoint="http://elsewhere/v1")
    workspace.submit(commands.AddModels(models=(moved,))).result()
    workspace.submit(commands.AddModels(models=(moved, plain))).result()

    with pytest.raises(errors.Conflict, match="a changed setting is a new model"):
        workspace.submit(commands.AddModels(models=(making.model("new"), replace(terse, system_prompt=None)))).result()
    with workspace.reading() as connection:
        assert models.all(connection) == [plain, moved]
        assert connection.execute("SELECT count(*) FROM models").fetchall() == [(3,)]


def test_releases_come_back(workspace: Workspace) -> None:
    release = commands.RecordRelease(
        release_id=ReleaseId("rel_1"), format="trl-dpo", manifest={"rows": 3}, created_at=making.NOW
    )
    workspace.submit(release).result()
    with workspace.reading() as connection:
        assert releases.all(connection) == [release]
        assert releases.load(connection, ReleaseId("rel_1")) == release
        assert releases.load(connection, ReleaseId("rel_2")) is None


def test_the_latest_battle_of_a_rater_is_the_one_opened_last_whatever_the_clock_said(workspace: Workspace) -> None:
    making.opened(workspace, rater_id=RaterId("r_1"))
    last = making.opened(workspace, rater_id=RaterId("r_1"), created_at=making.NOW - timedelta(days=1))
    making.opened(workspace, rater_id=RaterId("r_2"))
    with workspace.reading() as connection:
        assert battles.latest_of(connection, RaterId("r_1")) == last
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
        assert votes.pair_count(connection, right, left, 2) == 2
        rates = {rate.model: (rate.battles, rate.failed) for rate in tally.void_rates(connection)}
    assert rates == {left: (2, 1), right: (2, 0)}


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


class holding:  # noqa: N801 - reads as a verb
    """Hold the writer, so that what is submitted inside the block makes one batch."""

    def __init__(self, workspace: Workspace) -> None:
        self._writer = workspace._writer

    def __enter__(self) -> None:
        self._next = self._writer._next
        self._gate = threading.Event()
        entered = threading.Event()

        def held_next() -> object:
            entered.set()
            self._gate.wait(30)
            self._writer._next = self._next  # type: ignore[method-assign]
            return self._next()

        self._writer._next = held_next  # type: ignore[method-assign, assignment]
        # Let the writer come round to the gate: one empty wake-up.
        with self._writer._changed:
            self._writer._changed.notify()
        assert entered.wait(10)

    def __exit__(self, *_: object) -> None:
        self._gate.set()
