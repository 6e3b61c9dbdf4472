"""Killed with SIGKILL while eight raters vote over HTTP: what they were told is kept, once."""

import json
import random
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from arena.settings import Settings
from arena.store import ledger
from arena.store.workspace import Workspace
from tests import arenas
from tests.inference import misbehaving
from tests.nursery import MODULES, NURSERY
from tests.server import crashing_arena

CLIENTS = 8
MODELS = ("say:Yes.", "say:No.")
START_SECONDS = 240


@dataclass
class Told:
    """What a rater was told, and what it sent without an answer."""

    token: str
    votes: dict[str, str] = field(default_factory=dict)
    """Vote id by key."""
    pending: tuple[str, str] | None = None
    """Battle and key of a vote sent and not answered."""


@contextmanager
def serving(settings: Settings, folder: Path) -> Iterator[str]:
    """An arena in a process that is killed when the block ends; yields its address."""
    address = folder / f"address-{uuid.uuid4().hex}"
    process = NURSERY.Process(target=crashing_arena.serve, args=(settings.model_dump_json(), str(address)))
    process.start()
    try:
        limit = time.monotonic() + START_SECONDS
        while not (address.exists() and address.read_text()):
            assert process.is_alive(), "the arena did not start again after a kill"
            assert time.monotonic() < limit
            time.sleep(0.01)
        yield address.read_text()
    finally:
        process.kill()
        process.join()
        process.close()


def votes(url: str, told: Told, stop: threading.Event) -> None:
    """Battle and vote until the arena dies; a vote without an answer is sent again with its key, as a page does."""
    headers = {"Authorization": f"Bearer {told.token}"}
    with httpx.Client(base_url=url, headers=headers, timeout=10) as client:
        try:
            while not stop.is_set():
                if told.pending is None:
                    told.pending = (arenas.battle(client), uuid.uuid4().hex)
                battle_id, key = told.pending
                answer = arenas.vote(client, battle_id, key=key)
                if answer.status_code == 201:
                    told.votes[key] = answer.json()["vote_id"]
                    told.pending = None
        except (httpx.TransportError, httpx.HTTPStatusError, json.JSONDecodeError, IndexError, AssertionError):
            return


def told_so_far(raters: list[Told]) -> int:
    return sum(len(told.votes) for told in raters)


def kill_again_and_again(folder: Path, url: str, kills: int) -> tuple[Settings, list[Told]]:
    settings = arenas.settings_for(folder / "data", url, MODELS, port=0)
    chance = random.Random(20261122)
    raters: list[Told] = []
    for _ in range(kills):
        with serving(settings, folder) as address:
            while len(raters) < CLIENTS:
                raters.append(Told(token=httpx.post(f"{address}/api/v1/raters").json()["token"]))
            stop = threading.Event()
            threads = [threading.Thread(target=votes, args=(address, told, stop)) for told in raters]
            for thread in threads:
                thread.start()
            wanted = told_so_far(raters) + chance.randrange(2 * CLIENTS)  # counted, not timed: the machine may be busy
            limit = time.monotonic() + START_SECONDS
            while told_so_far(raters) < wanted:
                assert time.monotonic() < limit
                time.sleep(0.005)
            time.sleep(chance.uniform(0, 0.1))
        stop.set()
        for thread in threads:
            thread.join()
    return settings, raters


def check(settings: Settings, raters: list[Told]) -> tuple[int, int, int]:
    """Votes told, told and lost, and counted twice; the ledger verifies."""
    path = settings.data_dir / "workspaces" / "default" / "workspace.duckdb"
    with Workspace.open(path) as workspace, workspace.reading() as connection:
        stored = connection.execute("SELECT idempotency_key, vote_id, battle_id FROM votes").fetchall()
        assert ledger.report(connection, path).problems == ()
    told = {(key, vote_id) for rater in raters for key, vote_id in rater.votes.items()}
    doubled = sum(count > 1 for count in Counter(battle_id for _, _, battle_id in stored).values())
    return len(told), len(told - {(key, vote_id) for key, vote_id, _ in stored}), doubled


def loaded() -> None:
    """Ends with what is not imported yet."""
    sys.exit(", ".join(name for name in MODULES if name not in sys.modules) or None)


@pytest.mark.slow
def test_a_process_to_be_killed_starts_with_all_that_it_needs() -> None:
    process = NURSERY.Process(target=loaded)
    process.start()
    process.join()
    assert process.exitcode == 0


@pytest.mark.slow(seconds=30)
def test_ten_kills_lose_and_double_no_acknowledged_vote(tmp_path: Path) -> None:
    with misbehaving.serve(listed=MODELS) as server:
        told, lost, doubled = check(*kill_again_and_again(tmp_path, server.endpoint, kills=10))
    assert told > 90
    assert (lost, doubled) == (0, 0)


@pytest.mark.soak
def test_a_hundred_kills_lose_and_double_no_acknowledged_vote(tmp_path: Path) -> None:
    with misbehaving.serve(listed=MODELS) as server:
        told, lost, doubled = check(*kill_again_and_again(tmp_path, server.endpoint, kills=100))
    assert told > 700
    assert (lost, doubled) == (0, 0)


@pytest.mark.slow
def test_the_check_finds_a_vote_that_was_lost(tmp_path: Path) -> None:
    """The control: with one told vote that was never stored, the same check counts it."""
    with misbehaving.serve(listed=MODELS) as server:
        settings, raters = kill_again_and_again(tmp_path, server.endpoint, kills=1)
    raters[0].votes["never-sent"] = "v_never"
    assert check(settings, raters)[1] == 1
