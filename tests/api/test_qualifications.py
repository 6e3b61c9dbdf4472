"""Qualifications over HTTP: a lab makes one, a rater practises and takes the test, and others see nothing of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import arenas
from tests.arenas import Arena
from tests.services import qualifying_made, tasking

QUALIFICATIONS = "/api/v1/qualifications"
BODY = {"field": "law", "gold_set": qualifying_made.GOLD_SET, "practice": 1, "items": 2, "needed": 2, "tries": 1}


@pytest.fixture
def arena(tmp_path: Path) -> Iterator[Arena]:
    with qualifying_made.AS_GIVEN, arenas.running(tasking.settings(tmp_path), pages=False) as running:
        tasking.fill(running.services.workspace, 1)
        qualifying_made.fill(running.services.workspace, 4)
        yield running


def take(rater: httpx.Client) -> dict[str, Any]:
    given = rater.post(f"{QUALIFICATIONS}/law/tasks")
    assert given.status_code == 201, given.text
    return dict(given.json())


def test_a_rater_qualifies_and_is_told_why_along_the_way(arena: Arena) -> None:
    with arena.admin() as admin, arena.rater() as rater, arena.rater() as other:
        assert rater.post(QUALIFICATIONS, json=BODY).status_code == 403
        made = admin.post(QUALIFICATIONS, json=BODY)
        assert (made.status_code, made.json()["gold_set"], made.json()["wait_days"]) == (201, "known", 7)
        assert admin.post(QUALIFICATIONS, json=BODY).status_code == 409
        assert admin.post(QUALIFICATIONS, json={**BODY, "field": "code", "gold_set": "none"}).status_code == 422
        assert admin.post(QUALIFICATIONS, json={**BODY, "field": "code", "items": "2"}).status_code == 400
        (listed,) = rater.get(QUALIFICATIONS).json()["qualifications"]
        assert (listed["gold_set"], listed["mine"]["state"]) == (None, "open")

        practice = take(rater)
        assert practice == {**practice, "number": 1, "of": 1, "part": "practice"}
        shown = rater.get(f"/api/v1/battles/{practice['battle_id']}").json()
        assert (shown["state"], shown["number"], shown["of"], shown["qualification"]) == ("ready", 1, 1, None)
        assert other.get(f"/api/v1/battles/{practice['battle_id']}").status_code == 404
        told = arenas.vote(rater, practice["battle_id"], "tie").json()["qualification"]
        assert told == {"part": "practice", "right": False, "known": "model_b", "explanation": "Because of 0."}
        assert rater.get(f"/api/v1/battles/{practice['battle_id']}").json()["qualification"] == told

        first, (listed,) = take(rater), rater.get(QUALIFICATIONS).json()["qualifications"]
        assert (first["part"], first["of"], listed["mine"]["state"]) == ("test", 2, "test")
        assert arenas.vote(rater, first["battle_id"], "model_b").json()["qualification"] is None
        last = take(rater)
        answer = arenas.vote(rater, last["battle_id"], "model_a", key="k")
        told = answer.json()["qualification"]
        assert arenas.vote(rater, last["battle_id"], "model_a", key="k").json() == answer.json()
        assert (told["passed"], told["right"], told["needed"], told["until"]) == (False, 1, 2, None)
        assert told["again_at"] is not None
        (miss,) = told["misses"]
        assert (miss["number"], miss["yours"], miss["known"]) == (2, "model_a", "model_b")
        refused = rater.post(f"{QUALIFICATIONS}/law/tasks")
        assert (refused.status_code, refused.json()["code"]) == (409, "waiting")
        (listed,) = rater.get(QUALIFICATIONS).json()["qualifications"]
        assert (listed["mine"]["state"], listed["mine"]["again_at"]) == ("failed", told["again_at"])

        for winner in ("tie", "model_b", "model_b"):
            told = arenas.vote(other, take(other)["battle_id"], winner).json()["qualification"]
        assert (told["passed"], told["misses"], told["again_at"]) == (True, [], None)
        assert other.post(f"{QUALIFICATIONS}/law/tasks").json()["code"] == "passed"
        assert rater.post(f"{QUALIFICATIONS}/medicine/tasks").status_code == 404

        assert rater.get("/api/v1/me").json()["votes"] == 3
        assert admin.get("/api/v1/leaderboards/overall").json()["votes"] == 0
        assert len(admin.get("/api/v1/votes").content) > 0
        assert all(one["battles"] == one["votes"] == 0 for one in admin.get("/api/v1/models").json()["models"])
        problems = admin.get("/api/v1/verification").json()["problems"]
        assert problems == []
