"""Requests that are sent again with the same Idempotency-Key."""

from pathlib import Path

import httpx
import pytest

from tests import arenas
from tests.api.test_refusals import refused
from tests.services import tasking

KEY = {"Idempotency-Key": "one-of-chance"}


def test_a_battle_is_opened_once(arena: arenas.Arena, rater: httpx.Client) -> None:
    body = {"prompt": "Once?"}
    first = rater.post("/api/v1/battles", json=body, headers=KEY)
    again = rater.post("/api/v1/battles", json=body, headers=KEY)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    refused(rater.post("/api/v1/battles", json={"prompt": "Twice?"}, headers=KEY), 409, "Idempotency-Key")
    assert rater.post("/api/v1/battles", json=body).json() != first.json(), "positive control"
    with arena.rater() as other:
        assert other.post("/api/v1/battles", json=body, headers=KEY).json() != first.json(), "a key is of its rater"
    refused(rater.post("/api/v1/battles", json={"prompt": ""}, headers={"Idempotency-Key": "k"}), 422)
    assert rater.post("/api/v1/battles", json=body, headers={"Idempotency-Key": "k"}).status_code == 201


def test_a_rater_is_made_once(arena: arenas.Arena) -> None:
    with arena.client() as nobody:
        first, again = (nobody.post("/api/v1/raters", headers=KEY) for _ in range(2))
        assert (first.status_code, again.json()) == (201, first.json())
        other = nobody.post("/api/v1/raters", headers={"Idempotency-Key": "another"}).json()
        assert other["rater_id"] != first.json()["rater_id"], "positive control"
        refused(nobody.post("/api/v1/raters", headers={"Idempotency-Key": "x" * 201}), 400, "200")
    with arena.client(again.json()["token"]) as made:
        assert made.get("/api/v1/me").json()["id"] == first.json()["rater_id"]


@pytest.mark.parametrize("key", [KEY, {}])
def test_a_task_is_given_once(tmp_path: Path, key: dict[str, str]) -> None:
    with arenas.running(tasking.settings(tmp_path), pages=False) as arena, arena.rater() as rater:
        tasking.fill(arena.services.workspace, 2)
        tasks = "/api/v1/campaigns/default/tasks"
        given = rater.post(tasks, headers=key).json()
        arenas.vote(rater, given["battle_id"], "tie").raise_for_status()
        again = rater.post(tasks, headers=key)
        assert again.status_code == 201
        assert (again.json() == given) is bool(key), "without a key, positive control"
