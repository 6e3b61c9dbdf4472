"""A battle belongs to the process that writes it until that is gone, and then it is void once."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from arena.domain.battle import BattleState
from arena.domain.ids import BattleId
from arena.store.workspace import Workspace
from tests import postgres
from tests.store import making
from tests.store.conftest import Opener
from tests.store.postgres.test_others import wait_until
from tests.store.writing.test_left_battles import void_left

pytestmark = pytest.mark.postgres

WRITER = """
import sys
from pathlib import Path
from arena import errors
from arena.domain.ids import BattleId
from arena.store.postgres import shared_transactions
from arena.store.postgres.shared import open_shared
from tests.store import making
shared_transactions.UNTIL, shared_transactions.RENEWAL_SECONDS = "clock_timestamp() + INTERVAL '2 seconds'", 0.2
with open_shared(sys.argv[1], sys.argv[2], Path(sys.argv[3])) as workspace:
    battle = making.opened(workspace).battle.battle_id
    print(battle, flush=True)
    sys.stdin.readline()
    try:
        workspace.submit(making.completing(BattleId(battle))).result()
    except errors.Conflict as refused:
        print(f"refused: {refused}", flush=True)
    else:
        print("complete", flush=True)
"""
"""A process that begins to write a battle, and completes it when it is told to. Its lease is short."""


class Elsewhere:
    """A process of its own, which writes a battle."""

    def __init__(self, url: str, name: str, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", WRITER, url, name, str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).resolve().parents[3],
        )  # fmt: skip
        self.battle = BattleId(self._line())

    def send(self, sign: signal.Signals) -> None:
        os.kill(self._process.pid, sign)

    def complete(self) -> str:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._line()

    def end(self) -> None:
        for sign in (signal.SIGKILL, signal.SIGCONT):
            with contextlib.suppress(ProcessLookupError):
                self.send(sign)
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process ended"
        return line.strip()


@pytest.fixture
def elsewhere(server: postgres.Server, name: str, tmp_path: Path) -> Iterator[Elsewhere]:
    made = Elsewhere(server.url(), name, tmp_path / "elsewhere")
    yield made
    made.end()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has just come judges others at once."""
    from arena.store.postgres import shared_transactions  # noqa: PLC0415 - of an extra

    monkeypatch.setattr(shared_transactions, "RENEWAL_SECONDS", 0.2)


def state(workspace: Workspace, battle_id: BattleId) -> BattleState:
    return making.loaded(workspace, battle_id).state


def for_seconds(seconds: float) -> Iterator[None]:
    """Again and again, for so long."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        yield


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("sign", [signal.SIGSTOP, signal.SIGKILL])
def test_what_a_process_wrote_is_void_once_when_it_is_gone(
    process: Opener, elsewhere: Elsewhere, sign: signal.Signals
) -> None:
    one, other = process(), process()
    for _ in range(3):
        assert void_left(one) == 0
    elsewhere.send(sign)
    counts: list[int] = []

    def gone() -> bool:
        counts.extend((void_left(one), void_left(other)))
        return sum(counts) > 0

    wait_until(gone)
    counts.extend((void_left(one), void_left(other)))
    assert sum(counts) == 1
    assert state(one, elsewhere.battle) is BattleState.VOID
    if sign is signal.SIGSTOP:
        elsewhere.send(signal.SIGCONT)
        assert "void and takes no answers" in elsewhere.complete()
        assert state(other, elsewhere.battle) is BattleState.VOID


@pytest.mark.usefixtures("impatient")
def test_a_process_that_lives_completes_its_battle_however_often_others_look(
    process: Opener, elsewhere: Elsewhere
) -> None:
    one = process()
    for _ in for_seconds(3.0):
        assert void_left(one) == 0, "its lease of 2 s is renewed"
    assert elsewhere.complete() == "complete"
    assert state(one, elsewhere.battle) is BattleState.READY


def test_without_leases_the_battle_of_a_process_that_lives_would_be_void(
    process: Opener, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The positive control."""
    from arena.store.postgres.shared_transactions import SharedTransactions  # noqa: PLC0415 - of an extra

    monkeypatch.setattr(SharedTransactions, "left", lambda self, unfinished: unfinished)
    assert void_left(process()) == 1
    assert "refused" in elsewhere.complete()


def test_a_lease_that_ran_out_while_the_database_was_away_may_be_renewed_first(
    process: Opener, elsewhere: Elsewhere
) -> None:
    """Who has just connected judges nobody: for as long as others may take to come back."""
    one = process()
    elsewhere.send(signal.SIGSTOP)
    for _ in for_seconds(3.0):
        assert void_left(one) == 0, "though the lease of 2 s ran out"


@pytest.mark.usefixtures("impatient")
def test_what_this_process_left_itself_is_void_and_what_it_writes_is_not(process: Opener) -> None:
    one, other = process(), process()
    written, left = (making.opened(one).battle.battle_id for _ in range(2))
    assert void_left(other) == 0
    assert void_left(one, written) == 1
    assert (state(one, written), state(one, left)) == (BattleState.OPEN, BattleState.VOID)


def test_what_a_process_leaves_as_it_ends_is_void_at_once(process: Opener) -> None:
    one, other = process(), process()
    left = making.opened(one).battle.battle_id
    one._writer.close()
    assert void_left(other) == 1
    assert state(other, left) is BattleState.VOID


def test_rows_of_killed_processes_go_away_and_one_that_is_there_says_so_again(
    process: Opener, server: postgres.Server, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from arena.store.postgres import shared_transactions  # noqa: PLC0415 - of an extra

    workspace = process()
    wait_until(lambda: len(known(server, name)) == 1)
    (own,) = known(server, name)
    with server.session() as session:
        for killed, days in (("long_ago", 2), ("lately", 0)):
            session.execute(
                f'INSERT INTO "workspace_{name}".processes (process_id, batch, expires_at) '
                f"VALUES ('{killed}', '', clock_timestamp() - INTERVAL '{days} days')"
            )
        session.execute(f"DELETE FROM \"workspace_{name}\".processes WHERE process_id = '{own}'")  # it stood still
    monkeypatch.setattr(shared_transactions, "RENEWAL_SECONDS", 0.05)
    wait_until(lambda: known(server, name) == {own, "lately"})
    battle, other = making.opened(workspace).battle.battle_id, process()
    making.opened(other)  # it asks the database from now on
    assert other._writer._transactions.left([battle]) == set(), "what it writes is its own"


def known(server: postgres.Server, name: str) -> set[str]:
    """The processes that a workspace knows."""
    with server.session() as session:
        return {one for (one,) in session.execute(f'SELECT process_id FROM "workspace_{name}".processes').fetchall()}
