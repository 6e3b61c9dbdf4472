"""A workspace in PostgreSQL: one chain whichever process writes, and the same as in a file."""

import contextlib
import itertools
import random
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from arena import errors
from arena.domain.ids import RaterId
from arena.domain.removal import RemovalKind
from arena.store import rows
from arena.store.connections import Analytical
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests import postgres
from tests.store import making
from tests.store.conftest import Opener
from tests.store.writing.test_plain_sql import sent

pytestmark = pytest.mark.postgres

SALTED = (
    "prepare", "nouns.audits", "nouns.campaigns", "nouns.model_changes", "nouns.qualifications", "nouns.settlements",
    "nouns.standing", "nouns.campaign_payments", "nouns.credit_lines",
)  # fmt: skip
"""Modules of the write path that draw salts."""


def contents(connection: Analytical) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every table, in the order in which they were written."""
    tables = rows.fetched(
        connection, "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND table_name <> 'schema_version'"
    )
    return {name: rows.fetched(connection, f"SELECT * FROM {name} ORDER BY rowid") for (name,) in tables}


@contextlib.contextmanager
def the_same_each_time() -> Iterator[None]:
    """Inside it, made-up nouns and commands have the ids and salts that they had the last time."""
    making.CHANCE.seed(1)
    drawn = random.Random(2)
    salts = mock.Mock()
    salts.token_hex = lambda size: drawn.randbytes(size).hex()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(making, "COUNT", itertools.count(1))
        for module in SALTED:
            patch.setattr(f"arena.store.writing.{module}.secrets", salts)
        yield


def replayed(workspace: Workspace) -> None:
    """Every command of the store."""
    with the_same_each_time():
        sent(workspace)


def test_the_same_commands_leave_the_same_rows_and_the_same_chain_in_both(
    shared: Workspace, process: Opener, tmp_path: Path
) -> None:
    with Workspace.open(tmp_path / "file" / "workspace.duckdb") as file:
        replayed(file)
        replayed(shared)
        assert shared.head == file.head
        assert shared.head.votes > 0
        assert shared.verify().problems == ()
        with file.reading() as ours, shared.reading() as theirs, process().reading() as anew:
            expected = contents(ours)
            assert expected["removals"], "somebody was erased, so the mirror was made anew on the way"
            assert contents(theirs) == expected
            assert contents(anew) == expected


def test_two_processes_write_one_chain(process: Opener) -> None:
    one, other = process(), process()

    def client(workspace: Workspace, rater: str) -> None:
        for _ in range(5):
            making.cast(workspace, rater)

    threads = [
        threading.Thread(target=client, args=(workspace, f"r_{name}_{number}"))
        for name, workspace in (("one", one), ("other", other))
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for workspace in (one, other):
        report = workspace.verify()
        assert (report.lines, report.problems) == (40, ())


def test_a_vote_that_another_process_took_is_answered_again_and_not_counted_twice(process: Opener) -> None:
    one, other = process(), process()
    record = making.completed(one)
    vote = making.vote(record.battle.battle_id)
    first = one.submit(commands.CastVote(vote=vote, record=record)).result()
    again = other.submit(commands.CastVote(vote=vote, record=record)).result()
    assert (first.replayed, again.replayed) == (False, True)
    assert again.line == first.line
    with pytest.raises(errors.Conflict):
        other.submit(commands.CastVote(vote=making.vote(record.battle.battle_id), record=record)).result()


def test_what_one_process_wrote_is_there_for_the_next_reader_of_another(process: Opener) -> None:
    one, other = process(), process()
    record = making.completed(one)
    assert making.loaded(other, record.battle.battle_id) == record


def test_nothing_of_who_was_erased_is_left_in_another_process_s_mirror(process: Opener, tmp_path: Path) -> None:
    one, other = process(), process()
    secret = "a secret that nobody else would ever say"
    making.opened(one, rater_id=RaterId("r_leaver"), prompt=secret)

    def traces() -> int:
        with other.connection() as connection:
            connection.execute("CHECKPOINT")
        return sum(secret.encode() in path.read_bytes() for path in tmp_path.glob("process-2/mirror-*"))

    assert traces() == 1  # the control
    removal = commands.Remove(
        removal_id="x_1", rater_id=RaterId("r_leaver"), kind=RemovalKind.ERASED, removed_at=making.NOW
    )
    one.submit(removal).result()
    assert traces() == 0


def test_a_trial_that_was_kept_for_long_enough_is_in_no_mirror(process: Opener, tmp_path: Path) -> None:
    one, other = process(), process()
    secret = "a question that nobody else would ever ask"
    for number in range(2):
        later = making.NOW + timedelta(days=number)
        trial = making.trial(f"tr_{number}", prompt=f"{secret} {number}", asked_at=later)
        one.submit(commands.KeepTrial(trial=trial)).result()

    def traces() -> list[str]:
        with other.connection() as connection:
            connection.execute("CHECKPOINT")
        (path,) = tmp_path.glob("process-2/mirror-*.duckdb")
        return [str(number) for number in range(2) if f"{secret} {number}".encode() in path.read_bytes()]

    assert traces() == ["0", "1"], "the control"
    one.submit(commands.ForgetTrials(before=making.NOW + timedelta(hours=1))).result()
    assert traces() == ["1"]


def test_a_value_that_the_database_does_not_take_fails_alone(shared: Workspace) -> None:
    with making.holding(shared):
        wrong = shared.submit(commands.OpenBattle(battle=making.battle(prompt="a NUL: \0")))
        right = shared.submit(commands.OpenBattle(battle=making.battle()))
    assert right.result()
    with pytest.raises(errors.InvalidValue, match="NUL"):
        wrong.result()
    assert shared.stopped is None


@pytest.mark.parametrize("refused", [True, False], ids=["", "without the defence"])
def test_a_workspace_that_was_removed_writes_and_reads_nothing_of_the_next_of_its_name(
    process: Opener, server: postgres.Server, name: str, refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from arena.store.postgres import failures, schema, shared_transactions  # noqa: PLC0415 - of an extra

    monkeypatch.setattr(shared_transactions, "FOLLOWING_SECONDS", 600.0)  # it does not look while the tables are absent
    former = process()
    former.submit(commands.AddModels(models=(making.model("ours"),), added_at=making.NOW)).result()
    with server.session() as session:
        session.execute(f'DROP SCHEMA "{schema.name_of(name)}" CASCADE')
    anew = process()
    anew.submit(commands.AddModels(models=(making.model("theirs"),), added_at=making.NOW)).result()
    with contextlib.ExitStack() as patched:
        if not refused:
            patched.enter_context(mock.patch.object(failures, "refuse_other"))
        late = former.submit(commands.AddModels(models=(making.model("late"),), added_at=making.NOW))
        told = late.exception()
        with anew.reading() as connection:
            found = [one for (one,) in rows.fetched(connection, "SELECT name FROM models ORDER BY name")]
        if refused:
            assert found == ["theirs"]
            assert isinstance(told, errors.StoreStopped)
            with pytest.raises(errors.NotFound, match="was removed"), former.reading():
                pass
        else:
            assert found == ["late", "theirs"], "the control: another lab's row is among them"


def test_a_data_folder_that_a_process_is_in_is_refused_and_its_mirror_stays(
    process: Opener, server: postgres.Server, name: str, tmp_path: Path
) -> None:
    from arena.store.postgres.shared import open_shared  # noqa: PLC0415 - of an extra that the fast tests do without

    one = process()
    folder = tmp_path / "process-1"
    mirrors = sorted(folder.glob("mirror-*"))
    assert mirrors, "positive control"
    with pytest.raises(errors.StoreHeld, match="is in use by another process"):
        open_shared(server.url(), name, folder)
    assert sorted(folder.glob("mirror-*")) == mirrors
    assert making.cast(one).line.sequence == 1
