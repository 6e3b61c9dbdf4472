"""Killed again and again while many raters do the tasks of a campaign: every item has its votes, nobody's work is lost.

Gold and repeats are among the tasks. They count on no board and in no release, and earn as any vote does.
"""

import random
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from arena.services import paths
from arena.settings import Settings
from arena.store import ledger
from arena.store.workspace import Workspace
from tests import arenas
from tests.server.test_crashes import serving
from tests.services import qualifying_made, tasking

OVERLAP, FURTHER = 3, 2
CAMPAIGN = {
    "overlap": OVERLAP,
    "further_votes": FURTHER,
    "gold": 0.05,
    "repeats": 0.04,
    "gold_set": qualifying_made.GOLD_SET,
}
GOLD_ITEMS = 40
LIMIT_SECONDS = 1200


@dataclass
class Worker:
    """One rater's program: what it was told, and the vote it sent without an answer."""

    token: str
    votes: list[str] = field(default_factory=list)
    """Votes that were acknowledged, each once."""
    pending: tuple[str, str, str] | None = None
    """Battle, winner and key of a vote without an answer."""
    done: bool = False


@dataclass
class Work:
    """What all of them do at the arena that runs now."""

    url: str = ""
    stop: threading.Event = field(default_factory=threading.Event)
    given: int = 0


def do_tasks(work: Work, worker: Worker, chance: random.Random) -> None:
    """Take tasks and vote until there are none, or the arena dies."""
    headers = {"Authorization": f"Bearer {worker.token}"}
    with httpx.Client(base_url=work.url, headers=headers, timeout=30) as client:
        try:
            while not (work.stop.is_set() or worker.done):
                if worker.pending is None:
                    answer = client.post("/api/v1/campaigns/default/tasks")
                    if answer.status_code == 409:
                        assert answer.json()["code"] == "done", answer.text
                        worker.done = True
                        return
                    answer.raise_for_status()
                    winner = chance.choice(("model_a", "model_b", "tie"))
                    worker.pending = (answer.json()["battle_id"], winner, uuid.uuid4().hex)
                battle_id, winner, key = worker.pending
                told = arenas.vote(client, battle_id, winner, key)
                told.raise_for_status()
                worker.votes.append(told.json()["vote_id"])
                work.given += 1
                worker.pending = None
        except httpx.TransportError:
            return


def filled(data_dir: Path, prompts: int) -> Settings:
    """An arena with items to vote on and items whose outcome is known."""
    with Workspace.open(paths.workspace_path(data_dir, "default")) as store:
        tasking.fill(store, prompts)
        qualifying_made.fill(store, GOLD_ITEMS)
    return tasking.settings(data_dir, **CAMPAIGN).model_copy(update={"limits": many_raters()})


def many_raters() -> Any:
    """All of them have one address."""
    return Settings.model_validate({"limits": {"raters_per_minute": 100_000, "requests_per_address": 1_000}}).limits


def kill_while_they_work(folder: Path, raters: int, prompts: int, kills: int) -> tuple[Settings, list[Worker]]:
    settings = filled(folder / "data", prompts)
    chance = random.Random(20261129)
    workers: list[Worker] = []
    limit = time.monotonic() + LIMIT_SECONDS
    expected = OVERLAP * prompts
    for number in range(kills + 1):
        last = number == kills
        with serving(settings, folder) as address:
            while len(workers) < raters:
                workers.append(Worker(token=httpx.post(f"{address}/api/v1/raters").json()["token"]))
            work = Work(url=address)
            threads = started(work, workers)
            if last:
                finish(work, workers, threads, limit)
                seen = {one.token: told_of(address, one) for one in workers}
            else:
                wanted = expected // (kills + 1)
                while work.given < wanted and not all(one.done for one in workers):
                    assert time.monotonic() < limit
                    time.sleep(0.01)
                time.sleep(chance.uniform(0, 0.2))
        work.stop.set()
        for thread in threads:
            thread.join(60)
    for one in workers:
        assert seen[one.token]["earned"] == len(one.votes), "credits equal accepted votes"
    return settings, workers


def started(work: Work, workers: list[Worker]) -> list[threading.Thread]:
    """All of them at work."""
    threads = [threading.Thread(target=do_tasks, args=(work, one, random.Random(at))) for at, one in enumerate(workers)]
    for thread in threads:
        thread.start()
    return threads


def finish(work: Work, workers: list[Worker], threads: list[threading.Thread], limit: float) -> None:
    """Wait until none of them finds a task; an item may become disputed when some have left, so all come back."""
    before = -1
    while True:
        for thread in threads:
            thread.join(limit - time.monotonic())
        assert all(one.done for one in workers), "somebody still waits for a task"
        if work.given == before:
            return
        before = work.given
        for one in workers:
            one.done = False
        threads = started(work, workers)


def told_of(url: str, worker: Worker) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {worker.token}"}
    credits: dict[str, Any] = httpx.get(f"{url}/api/v1/me/credits", headers=headers).raise_for_status().json()
    return credits


def check(settings: Settings, workers: list[Worker], prompts: int) -> Counter[str]:
    """Whether all of it holds; votes by their purpose."""
    path = paths.workspace_path(settings.data_dir, "default")
    with Workspace.open(path) as workspace, workspace.reading() as connection:
        assert ledger.report(connection, path).problems == ()
        stored = connection.execute("SELECT vote_id, battle_id, rater_id, purpose FROM votes").fetchall()
        counted = connection.execute("SELECT vote_id, battle_id, rater_id, winner FROM counted_votes").fetchall()
        open_ones = connection.execute(
            "SELECT count(*) FROM assignments WHERE assignment_id NOT IN (SELECT assignment_id FROM votes "
            "WHERE assignment_id IS NOT NULL) AND assignment_id NOT IN (SELECT assignment_id FROM assignment_ends)"
        ).fetchone()
    told = [vote_id for one in workers for vote_id in one.votes]
    assert len(told) == len(set(told)), "a vote was told twice as new"
    assert set(told) == {vote_id for vote_id, *_ in stored}, "told and stored are the same votes"
    assert {vote_id for vote_id, _, _, purpose in stored if purpose is None} == {one[0] for one in counted}
    by_item: dict[str, list[str]] = {}
    for _, battle_id, _, winner in counted:
        by_item.setdefault(battle_id, []).append(winner)
    assert len(by_item) == prompts
    disputed = {battle_id for battle_id, winners in by_item.items() if {"model_a", "model_b"} <= set(winners)}
    assert 0 < len(disputed) < prompts
    votes = {battle_id: len(winners) for battle_id, winners in by_item.items()}
    expected = {battle_id: OVERLAP + FURTHER * (battle_id in disputed) for battle_id in by_item}
    assert votes == expected, "each item has its votes, a disputed one its further ones, and no more"
    assert len({(battle_id, rater) for _, battle_id, rater, _ in counted}) == len(counted), "each by another rater"
    assert open_ones == (0,), "no item is stuck"
    return Counter(purpose or "ordinary" for *_, purpose in stored)


@pytest.mark.slow(seconds=60)
def test_every_item_has_its_votes_whatever_is_killed(tmp_path: Path) -> None:
    settings, workers = kill_while_they_work(tmp_path, raters=12, prompts=60, kills=3)
    kinds = check(settings, workers, 60)
    assert kinds["gold"] > 0


@pytest.mark.soak
def test_fifty_raters_five_hundred_items_ten_kills(tmp_path: Path) -> None:
    settings, workers = kill_while_they_work(tmp_path, raters=50, prompts=500, kills=10)
    kinds = check(settings, workers, 500)
    print(f"votes by purpose: {dict(kinds)}")
    assert kinds["gold"] > 20
    assert kinds["repeat"] > 5
