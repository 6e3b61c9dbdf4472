"""A connection that goes, a server that crashes, a process that stands still: no vote is lost, none is there twice."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from arena import errors
from arena.domain.ids import RaterId
from arena.domain.removal import RemovalKind
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests import postgres
from tests.store import making
from tests.store.conftest import Opener

pytestmark = pytest.mark.postgres

PATIENCE = 120.0
"""Seconds until a test gives up."""


def stored_votes(workspace: Workspace) -> list[str]:
    with workspace.reading() as connection:
        return [row[0] for row in connection.execute("SELECT vote_id FROM votes ORDER BY sequence").fetchall()]


def losing(statement: str, *, done: bool) -> Callable[[pytest.MonkeyPatch], None]:
    """Let the connection go once at a statement: behind it, or before it reached the database."""
    import psycopg  # noqa: PLC0415 - of an extra

    from arena.store.postgres import sessions  # noqa: PLC0415 - of an extra

    execute, left = sessions.DatabaseSession.execute, [True]

    def lose(self: Any, query: str, parameters: object = (), /) -> Any:
        if query.startswith(statement) and left and threading.current_thread().name.startswith("writer"):
            left.clear()
            if done:
                execute(self, query, parameters)
            self.close()
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        return execute(self, query, parameters)

    return lambda patch: patch.setattr(sessions.DatabaseSession, "execute", lose)


@pytest.mark.parametrize("done", [True, False], ids=["behind it", "before it"])
@pytest.mark.parametrize(
    "statement", ["BEGIN", "SELECT change", "INSERT INTO votes", "INSERT INTO ledger", "UPDATE shared_head", "COMMIT"]
)
def test_a_vote_is_there_once_wherever_its_connection_goes(shared: Workspace, statement: str, done: bool) -> None:
    making.cast(shared)
    record = making.completed(shared)
    vote = making.vote(record.battle.battle_id)
    with pytest.MonkeyPatch.context() as patch:
        losing(statement, done=done)(patch)
        told = shared.submit(commands.CastVote(vote=vote, record=record)).result(PATIENCE)
    assert not told.replayed
    assert stored_votes(shared).count(vote.vote_id) == 1
    assert making.cast(shared).line.sequence == 3
    report = shared.verify()
    assert (report.lines, report.problems) == (3, ())


def test_a_commit_that_is_taken_for_lost_would_be_there_twice_without_the_row_of_its_process(
    shared: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The positive control: what is done again although it is there is refused by the database."""
    from arena.store.postgres.shared_transactions import SharedTransactions  # noqa: PLC0415 - of an extra

    monkeypatch.setattr(SharedTransactions, "_was_committed", lambda self, lost: self._hang_up())
    with pytest.MonkeyPatch.context() as patch:
        losing("COMMIT", done=True)(patch)
        record = making.battle()
        future = shared.submit(commands.OpenBattle(battle=record))
        assert isinstance(future.exception(PATIENCE), errors.Conflict)


def psycopg_error(said: str) -> Exception:
    import psycopg  # noqa: PLC0415 - of an extra

    return psycopg.OperationalError(said)


class Crowd:
    """Raters who vote in several processes and send again what was not acknowledged, until they are told to stop."""

    def __init__(self, *workspaces: Workspace) -> None:
        self.acknowledged: list[str] = []
        self.failures: list[BaseException] = []
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._rater, args=(workspace, f"r_{place}_{number}"))
            for place, workspace in enumerate(workspaces)
            for number in range(3)
        ]
        for thread in self._threads:
            thread.start()

    def wait_for(self, more: int) -> None:
        """Until so many votes more were acknowledged."""
        wanted, ends = len(self.acknowledged) + more, time.monotonic() + PATIENCE
        while len(self.acknowledged) < wanted:
            assert not self.failures, self.failures
            assert time.monotonic() < ends, f"{len(self.acknowledged)} of {wanted} votes"
            time.sleep(0.05)

    def end(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        assert not self.failures, self.failures

    def _rater(self, workspace: Workspace, rater: str) -> None:
        try:
            while not self._over.is_set():
                battle = making.battle(rater_id=rater)
                _insist(workspace, commands.OpenBattle(battle=battle), again=errors.Conflict)
                _insist(workspace, making.completing(battle.battle_id), again=errors.Conflict)
                recent = workspace.battle(battle.battle_id)
                assert recent is not None
                vote = making.vote(battle.battle_id, rater)
                _insist(workspace, commands.CastVote(vote=vote, record=recent.record))
                self.acknowledged.append(vote.vote_id)
        except BaseException as error:
            self.failures.append(error)


def _insist(workspace: Workspace, command: commands.Command[Any], *, again: type[Exception] | None = None) -> None:
    """Have a command done, sent again while the database is away. `again` says that it was done the first time."""
    tries = 0
    while True:
        try:
            workspace.submit(command).result(PATIENCE)
        except errors.Overloaded:
            tries += 1
            time.sleep(0.05)
        except errors.Conflict as error:
            if again is None or not tries or not isinstance(error, again):
                raise
            return
        else:
            return


@pytest.mark.parametrize("how", ["immediate", "fast"])
def test_a_server_that_goes_and_comes_back_loses_no_vote(server: postgres.Server, process: Opener, how: str) -> None:
    one, other = process(), process()
    crowd = Crowd(one, other)
    try:
        crowd.wait_for(10)
        server.stop(how)
        server.start()
        crowd.wait_for(10)
    finally:
        crowd.end()
    assert sorted(stored_votes(one)) == sorted(crowd.acknowledged)
    for workspace in (one, other):
        report = workspace.verify()
        assert (report.lines, report.problems) == (len(crowd.acknowledged), ())


def test_while_the_server_is_away_what_is_there_is_read_and_nothing_is_acknowledged(
    server: postgres.Server, shared: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from arena.store.postgres import shared_transactions  # noqa: PLC0415 - of an extra

    monkeypatch.setattr(shared_transactions, "RECONNECT_SECONDS", 0.2)
    vote = making.cast(shared).vote
    assert stored_votes(shared) == [vote.vote_id]
    server.stop()
    try:
        assert stored_votes(shared) == [vote.vote_id]
        with pytest.raises(errors.Overloaded, match="cannot be reached"):
            shared.submit(commands.OpenBattle(battle=making.battle())).result(PATIENCE)
    finally:
        server.start()
    assert making.cast(shared).line.sequence == 2


def test_a_process_that_stands_still_inside_a_transaction_keeps_the_others_no_longer_than_said(
    server: postgres.Server, process: Opener, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg  # noqa: PLC0415 - of an extra

    from arena.store.postgres import schema, sessions  # noqa: PLC0415 - of an extra

    other = process()
    monkeypatch.setattr(sessions, "IDLE_SECONDS", 1)
    with contextlib.closing(sessions.connect(server.url(), schema.name_of(name))) as still:
        still.execute("BEGIN TRANSACTION")
        still.execute("SELECT change FROM shared_head FOR UPDATE")
        assert making.cast(other).line.sequence == 1
        with pytest.raises(psycopg.Error):  # its late write is refused
            still.execute("UPDATE shared_head SET change = change + 1")


def test_a_commit_of_which_nobody_can_say_for_long_whether_it_is_there_is_answered_when_it_is_sent_again(
    shared: Workspace,
) -> None:
    from arena.store.postgres import shared_transactions  # noqa: PLC0415 - of an extra

    record = making.completed(shared)
    vote = commands.CastVote(vote=making.vote(record.battle.battle_id), record=record)
    with pytest.MonkeyPatch.context() as patch:
        losing("COMMIT", done=True)(patch)
        patch.setattr(shared_transactions, "RECONNECT_SECONDS", 0.0)
        patch.setattr(
            shared_transactions.sessions, "connect", mock.Mock(side_effect=psycopg_error("it does not answer"))
        )
        with pytest.raises(errors.Overloaded, match="nobody can say yet"):
            shared.submit(vote).result(PATIENCE)
    again = shared.submit(vote).result(PATIENCE)
    assert (again.replayed, again.line.sequence) == (True, 1)
    assert making.cast(shared).line.sequence == 2
    assert shared.verify().problems == ()


def test_a_refusal_of_the_database_is_told_by_its_message_and_not_by_its_hint(server: postgres.Server) -> None:
    import psycopg  # noqa: PLC0415 - of an extra

    from arena.store.postgres import failures  # noqa: PLC0415 - of an extra

    raised = "DO $$ BEGIN RAISE EXCEPTION USING MESSAGE = 'No room.', ERRCODE = '53100', HINT = 'Look there'; END $$"
    with server.session() as session, pytest.raises(psycopg.OperationalError) as full:
        session.execute(raised)
    told = failures.meant(full.value)
    assert isinstance(told, errors.Overloaded)
    assert "The database takes no more (No room)" in str(told)


@pytest.mark.parametrize("seconds", [1, 3600])
def test_a_mirror_may_take_a_large_table_in_for_longer_than_a_transaction_that_writes_may_stand_still(
    process: Opener, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    """With 1 it may not: the positive control."""
    from arena.store.postgres import schema, sessions  # noqa: PLC0415 - of an extra

    vote = making.cast(process()).vote
    monkeypatch.setattr(sessions, "IDLE_SECONDS", 1)
    monkeypatch.setattr(sessions, "READING_SECONDS", seconds)
    columns = schema.columns

    def slow(connection: Any) -> dict[str, list[str]]:
        time.sleep(2)
        return columns(connection)

    monkeypatch.setattr(schema, "columns", slow)
    with contextlib.nullcontext() if seconds > 1 else pytest.raises(errors.Overloaded, match="reached"):
        assert stored_votes(process()) == [vote.vote_id]


def test_a_mirror_whose_database_is_lost_while_rows_come_stays_as_it_was(
    process: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    from adbc_driver_manager import AdbcStatusCode  # noqa: PLC0415 - of an extra
    from adbc_driver_postgresql import dbapi  # noqa: PLC0415 - of an extra

    one, other = process(), process()
    votes = [making.cast(one).vote.vote_id]
    assert stored_votes(other) == votes
    fetch, lost = dbapi.Cursor.fetch_record_batch, []

    class Lost:
        def __init__(self, reader: Any) -> None:
            self.reader, self.schema = reader, reader.schema

        def __iter__(self) -> Iterator[Any]:
            yield next(iter(self.reader))
            lost.append(self)
            raise dbapi.OperationalError("the connection is gone", status_code=AdbcStatusCode.IO)

    votes.append(making.cast(one).vote.vote_id)
    with monkeypatch.context() as patch:
        patch.setattr(dbapi.Cursor, "fetch_record_batch", lambda cursor: Lost(fetch(cursor)))
        assert stored_votes(other) == votes[:1]
    assert len(lost) == 2, "it is tried once more"
    assert sorted(stored_votes(other)) == sorted(votes)


@pytest.mark.parametrize("how", ["lost", "full"])
def test_a_mirror_whose_database_is_lost_while_it_is_made_anew_is_read_as_it_was(
    process: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """`full` is an error of this machine instead, which the reader is told."""
    from adbc_driver_manager import AdbcStatusCode  # noqa: PLC0415 - of an extra
    from adbc_driver_postgresql import dbapi  # noqa: PLC0415 - of an extra

    from arena.store.postgres import shared_transactions  # noqa: PLC0415 - of an extra

    monkeypatch.setattr(shared_transactions, "FOLLOWING_SECONDS", 600.0)  # only a reader makes the mirror anew

    def mirrors() -> list[Path]:
        return list(tmp_path.glob("process-2/mirror-*.duckdb"))

    one, other = process(), process()
    votes = [making.cast(one, rater).vote.vote_id for rater in ("r_stayer", "r_leaver")]
    assert stored_votes(other) == votes
    (before,) = mirrors()
    removal = commands.Remove(
        removal_id="x_1", rater_id=RaterId("r_leaver"), kind=RemovalKind.ERASED, removed_at=making.NOW
    )
    one.submit(removal).result()
    lost = dbapi.OperationalError("the connection is gone", status_code=AdbcStatusCode.IO)
    with monkeypatch.context() as patch:
        fails = mock.Mock(side_effect=lost if how == "lost" else OSError("no space left"))
        patch.setattr(dbapi.Cursor, "fetch_record_batch", fails)
        if how == "full":
            with pytest.raises(OSError, match="no space"):
                stored_votes(other)
        else:
            assert stored_votes(other) == votes
        assert fails.called
        assert mirrors() == [before]
    assert stored_votes(other) == votes[:1]
    (after,) = mirrors()
    assert after != before


def test_a_database_that_takes_no_reader_when_a_workspace_is_opened_is_told_in_a_sentence(
    process: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    from arena.store.postgres import sessions  # noqa: PLC0415 - of an extra

    described = sessions.described

    def elsewhere(url: str, schema: str, *, reads: bool = False) -> str:
        return described(url, schema, reads=reads) + (" port=1" if reads else "")

    monkeypatch.setattr(sessions, "described", elsewhere)
    with pytest.raises(errors.Overloaded, match="cannot be reached") as told:
        process()
    assert told.value.__cause__ is None
    assert "secret" not in str(told.value)
    assert "\n" not in str(told.value)
