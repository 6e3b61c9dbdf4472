"""Gold, repeats and ordinary tasks over HTTP: every byte is the same but for ids, times, texts and what was drawn."""

import itertools
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import pytest

from arena.domain.purpose import Purpose
from arena.services import record_candidates
from tests import arenas
from tests.services import qualifying_made, tasking

TASKS = "/api/v1/campaigns/default/tasks"
BOARD = "/api/v1/leaderboards/overall"
EARLIER = 11
"""Ordinary tasks before the first that may be a repeat."""
CHANCE = {"id", "battle_id", "conversation_id", "vote_id", "expires_at", "cast_at", "prompt", "text_a", "text_b"} | {
    *("opens_first", "model_a", "model_b", "receipt", "answer_a", "answer_b", "shown_left", "assignment", "rater"),
    *("time", "cast", "winner", "reading_seconds"),
}
"""Ids, times, texts, sides and hashes."""


def masked(document: Any) -> Any:
    """A document with the type of what differs from task to task in place of its value."""
    if isinstance(document, dict):
        return {key: type(value).__name__ if key in CHANCE else masked(value) for key, value in document.items()}
    return [masked(one) for one in document] if isinstance(document, list) else document


def spelled(answer: httpx.Response) -> str:
    """Status, names of headers and the body, in their order."""
    names = [name for name, _ in answer.headers.multi_items()]
    return json.dumps([answer.status_code, names, masked(answer.json())])


def told(folder: Path, *purposes: Purpose | None) -> list[str]:
    """Everything that a rater's program is told about the tasks after the first ones."""
    settings = tasking.settings(
        folder, overlap=2, gold=0.2, repeats=0.2, gold_set=qualifying_made.GOLD_SET, criteria=["tone"]
    )
    found: list[str] = []
    coming = itertools.chain([None] * EARLIER, purposes, itertools.repeat(None))
    with (
        arenas.running(settings, pages=False) as running,
        mock.patch.object(record_candidates.record_tasks, "draw", side_effect=coming),
        running.rater() as rater,
    ):
        tasking.fill(running.services.workspace, 30)
        qualifying_made.fill(running.services.workspace, 5)
        for number in range(EARLIER + len(purposes)):
            task = rater.post(TASKS)
            path = f"/api/v1/battles/{task.json()['battle_id']}"
            events = [name for name, _ in arenas.events(rater, task.json()["battle_id"])]
            before, me = rater.get(path), rater.get("/api/v1/me")
            vote = arenas.vote(rater, task.json()["battle_id"], "model_a", criteria={"tone": "tie"})
            after, later = rater.get(path), rater.get("/api/v1/me")
            receipt = rater.get(f"/api/v1/me/receipts/{vote.json()['vote_id']}")
            skipped = rater.post(f"{path}/skips", json={"reason": "late"})
            board, standing = rater.get("/api/v1/me/board").json(), rater.get("/api/v1/me/standing").json()
            if number >= EARLIER:
                found += [str(board["votes"]), json.dumps([one["votes"] for one in standing["fields"]])]
                asked = receipt.json()["content"]["fields"]["asked"]["by"]
                answers = (task, before, me, vote, after, later, receipt, skipped)
                found += [*events, asked, *map(spelled, answers)]
        given = rater.get("/api/v1/me/contributions").json()["votes"][: len(purposes)]
        found += [json.dumps(masked(one)) for one in given]
        with running.services.workspace.reading() as connection:
            query = "SELECT purpose FROM votes ORDER BY sequence"
            assert [row[0] for row in connection.execute(query).fetchall()][EARLIER:] == list(purposes)
    return found


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return told(tmp_path_factory.mktemp("ordinary"), None, None, None)


@pytest.mark.slow
@pytest.mark.parametrize(
    "purposes",
    [(Purpose.GOLD, Purpose.GOLD, None), (Purpose.REPEAT, None, Purpose.GOLD)],
    ids=["gold", "repeat"],
)
def test_no_byte_of_an_answer_says_what_a_task_is_for(
    tmp_path: Path, ordinary: list[str], purposes: tuple[Purpose | None, ...]
) -> None:
    assert told(tmp_path, *purposes) == ordinary


@pytest.mark.slow
def test_the_control_a_word_more_is_seen(tmp_path: Path, ordinary: list[str]) -> None:
    """Were gold not counted for its own rater, the number of votes would stand still."""
    with mock.patch("arena.store.writing.vote_counts.VoteCounts._keep_apart"):
        assert told(tmp_path, Purpose.GOLD, Purpose.GOLD, None) != ordinary


def test_the_board_of_a_moment_would_tell_and_is_not_for_raters(tmp_path: Path) -> None:
    settings = tasking.settings(tmp_path, gold=0.2, gold_set=qualifying_made.GOLD_SET)
    purposes = [None, Purpose.GOLD, None]
    with (
        arenas.running(settings, pages=False) as running,
        mock.patch.object(record_candidates.record_tasks, "draw", side_effect=purposes),
        running.rater() as rater,
        running.admin() as admin,
    ):
        tasking.fill(running.services.workspace, 5)
        qualifying_made.fill(running.services.workspace, 5)
        for _ in purposes:
            arenas.vote(rater, rater.post(TASKS).json()["battle_id"]).raise_for_status()
        cast = [datetime.fromisoformat(one["at"]) for one in rater.get("/api/v1/me/history").json()["votes"]]
        moment = timedelta(milliseconds=2)
        windows = [{"since": (at - moment).isoformat(), "until": (at + moment).isoformat()} for at in cast]
        control = [admin.get(BOARD, params=window).raise_for_status().json()["votes"] for window in windows]
        assert control == [1, 0, 1], "it would tell"
        for window in windows:
            assert [rater.get(BOARD, params={key: window[key]}).status_code for key in window] == [403, 403]
            assert rater.get(BOARD, params=window).status_code == 403
        assert rater.get(BOARD, params={"since": cast[0].date().isoformat()}).json()["votes"] == 2
