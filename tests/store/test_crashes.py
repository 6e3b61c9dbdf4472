"""Killed at any moment, the store keeps what it acknowledged, once."""

import contextlib
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from arena.domain.credit import CreditTerms
from arena.domain.ids import RaterId
from arena.store import credit_lines, ledger
from arena.store.workspace import Workspace
from tests.nursery import NURSERY
from tests.store import voting_child

CLIENTS = 8
DEEPEST_BYTES = 10_000
"""Of the clients' log between opening and the kill: some 80 votes."""


def run(path: Path, log: Path, early: bool) -> None:
    """The killed process."""
    sys.argv = ["voting_child.py", str(path), str(log), str(CLIENTS), *(["--early"] if early else [])]
    voting_child.main()


@contextlib.contextmanager
def voting(path: Path, log: Path, early: bool = False) -> Iterator[None]:
    """Eight clients vote in a process of their own, which is killed when the block ends."""
    process = NURSERY.Process(target=run, args=(path, log, early))
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()
        process.close()


def kill_again_and_again(folder: Path, kills: int, seed: int, early: bool = False) -> tuple[Path, Path]:
    """Vote and kill, so many times, at moments from the first instruction of opening to deep inside voting.

    How deep is counted in what the clients wrote down, not in seconds: a busy machine must not make it shallow.
    """
    path, log = folder / "a.duckdb", folder / "log"
    log.touch()
    chance = random.Random(seed)
    for number in range(kills):
        ready = log.read_text().count("ready")
        with voting(path, log, early):
            if number % 4:
                deadline = time.monotonic() + 20
                while log.read_text().count("ready") == ready and time.monotonic() < deadline:
                    time.sleep(0.005)
                written = log.stat().st_size + DEEPEST_BYTES * chance.random() ** 4  # most are killed soon, some deep
                while log.stat().st_size < written and time.monotonic() < deadline:
                    time.sleep(0.001)
                time.sleep(chance.uniform(0, 0.02))
            else:
                time.sleep(chance.uniform(0, 0.4))
    return path, log


def told_votes(log: Path) -> set[tuple[str, str, str]]:
    """(rater, key, vote) of everything acknowledged."""
    lines = (line.split() for line in log.read_text().splitlines())
    return {(line[1], line[3], line[4]) for line in lines if line[0] == "done"}


def stored_votes(path: Path) -> list[tuple[str, str, str]]:
    with Workspace.open(path) as workspace, workspace.reading() as connection:
        return connection.execute(
            "SELECT rater_id, idempotency_key, vote_id FROM votes JOIN counted_votes USING (vote_id, rater_id)"
        ).fetchall()


def earning_votes(path: Path) -> set[tuple[str, str, str]]:
    """The same of votes that earn."""
    found = {one[2]: one for one in stored_votes(path)}
    with Workspace.open(path) as workspace, workspace.reading() as connection:
        earning = credit_lines.votes_of(connection, [RaterId(rater) for rater, _, _ in found.values()])
        counted = credit_lines.counted(connection, earning[0].campaign, (CreditTerms(),))
    assert sum(votes.total() for votes in counted.values()) == len(earning)
    return {found[one.vote_id] for one in earning}


def lost_and_doubled(path: Path, log: Path) -> tuple[int, int]:
    """Votes acknowledged and not counted; votes counted more than once for one request."""
    stored = stored_votes(path)
    lost = told_votes(log) - set(stored)
    doubled = [key for key, count in Counter((rater, key) for rater, key, _ in stored).items() if count > 1]
    return len(lost), len(doubled)


@pytest.mark.slow(seconds=45)
def test_a_hundred_kills_lose_no_acknowledged_vote_and_double_none(tmp_path: Path) -> None:
    path, log = kill_again_and_again(tmp_path, kills=100, seed=4)

    assert len(told_votes(log)) > 500
    assert lost_and_doubled(path, log) == (0, 0)
    report = ledger.verify(path)
    assert report.problems == ()
    assert report.lines >= len(told_votes(log))


@pytest.mark.slow
def test_a_few_kills_lose_no_acknowledged_vote_and_double_none(tmp_path: Path) -> None:
    path, log = kill_again_and_again(tmp_path, kills=5, seed=5)

    assert len(told_votes(log)) > 20
    assert lost_and_doubled(path, log) == (0, 0)
    assert ledger.verify(path).problems == ()
    assert told_votes(log) <= (earned := earning_votes(path)) == set(stored_votes(path)), "credits are accepted votes"
    assert len(earned) == len(stored_votes(path))


@pytest.mark.slow
def test_the_control_that_acknowledges_before_the_commit_is_caught(tmp_path: Path) -> None:
    path, log = kill_again_and_again(tmp_path, kills=8, seed=6, early=True)

    lost, _ = lost_and_doubled(path, log)
    assert lost > 0


@pytest.mark.slow
def test_a_request_cut_off_by_a_kill_is_counted_once_when_it_is_sent_again(tmp_path: Path) -> None:
    path, log = kill_again_and_again(tmp_path, kills=6, seed=7)
    tried = {tuple(line.split()[1:]) for line in log.read_text().splitlines() if line.startswith("try")}
    told = {tuple(line.split()[1:4]) for line in log.read_text().splitlines() if line.startswith("done")}

    # Only the last process' requests may be without an answer; all before them were sent again and answered.
    assert len(tried - told) <= CLIENTS
    assert len(told) > 0
    assert lost_and_doubled(path, log)[1] == 0
