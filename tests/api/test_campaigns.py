"""Campaigns over HTTP: what labs make and watch, and what raters may know of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from arena.domain.campaign_change import KEYS
from tests import arenas
from tests.arenas import Arena
from tests.services import qualifying_made, tasking
from tests.services.qualifying_made import GOLD_SET

CAMPAIGNS = "/api/v1/campaigns"
OF_RATERS = {
    *("name", "kind", "state", "guidelines", "consent", "criteria", "reward", "reward_edit", "audit_window"),
    *("daily_limit", "languages", "qualifications", "starts", "ends"),
}


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    folder: Path = tmp_path_factory.mktemp("campaigns")
    with arenas.running(tasking.settings(folder), pages=False) as running:
        tasking.fill(running.services.workspace, 3, models=tasking.MODELS, language="en")
        qualifying_made.fill(running.services.workspace, 2)
        yield running


@pytest.fixture
def lab(arena: Arena) -> Iterator[httpx.Client]:
    with arena.admin() as client:
        yield client


@pytest.fixture
def rater(arena: Arena) -> Iterator[httpx.Client]:
    with arena.rater() as client:
        yield client


def made(lab: httpx.Client, name: str, *, start: bool = True, **keys: Any) -> dict[str, Any]:
    answer = lab.post(CAMPAIGNS, json={"name": name, **tasking.campaign(), "anonymous": True, **keys})
    assert answer.status_code == 201, answer.text
    if start:
        assert lab.patch(f"{CAMPAIGNS}/{name}", json={"state": "running"}).status_code == 200
    return dict(answer.json())


def refused(answer: httpx.Response, status: int, code: str | None = None) -> str:
    assert answer.status_code == status, answer.text
    assert answer.json()["code"] in arenas.codes(status, code)
    return str(answer.json()["detail"])


def vote(rater: httpx.Client, name: str) -> dict[str, Any]:
    task = rater.post(f"{CAMPAIGNS}/{name}/tasks")
    assert task.status_code == 201, task.text
    battle_id = task.json()["battle_id"]
    answer = rater.post(
        f"/api/v1/battles/{battle_id}/votes", json={"winner": "model_a"}, headers={"Idempotency-Key": battle_id}
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_campaign_is_told_with_every_key_and_an_estimate(lab: httpx.Client) -> None:
    told = made(lab, "told", start=False, overlap=2, gold=0.1, gold_set=GOLD_SET, reward=2, target_votes=4)
    assert told.keys() >= {*KEYS, "state", "version", "items", "done", "votes", "held", "created_at"}
    assert (told["state"], told["version"], told["items"], told["votes"]) == ("draft", 1, 3, 0)
    estimate = told["estimate"]
    assert (estimate["votes"], estimate["tasks"], estimate["credits"], estimate["gpu_hours"]) == (4, 5, 10.0, 0.0)
    assert len(estimate["assumptions"]) == 5
    assert lab.get(f"{CAMPAIGNS}/told").json() == told


def test_raters_see_running_campaigns_and_of_them_what_concerns_raters(lab: httpx.Client, rater: httpx.Client) -> None:
    made(lab, "shown", guidelines="# Both", focus="first")
    made(lab, "unseen", start=False)
    told = rater.get(f"{CAMPAIGNS}/shown").json()
    assert set(told) == OF_RATERS
    listed = rater.get(CAMPAIGNS).json()["campaigns"]
    assert {"shown", "default"} <= {one["name"] for one in listed}
    assert all(set(one) == OF_RATERS and one["state"] == "running" for one in listed)
    assert rater.get(f"{CAMPAIGNS}/unseen").status_code == 404
    assert rater.get(f"{CAMPAIGNS}/absent").status_code == 404
    assert rater.post(f"{CAMPAIGNS}/unseen/tasks").status_code == 404


def test_lists_have_pages(lab: httpx.Client) -> None:
    made(lab, "page-a", start=False)
    made(lab, "page-b", start=False)
    names, after = [], ""
    while True:
        page = lab.get(CAMPAIGNS, params={"after": after, "limit": 1}).json()
        names += [one["name"] for one in page["campaigns"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert names == sorted(names)
    assert {"page-a", "page-b", "default"} <= set(names)


def test_states_follow_each_other_and_a_key_makes_a_version(lab: httpx.Client) -> None:
    made(lab, "states", start=False)
    path = f"{CAMPAIGNS}/states"
    refused(lab.patch(path, json={"state": "paused"}), 409)
    assert lab.patch(path, json={"state": "running", "overlap": 2}).json()["version"] == 2
    assert lab.patch(path, json={"state": "paused", "reason": "Lunch."}).json()["state"] == "paused"
    assert lab.patch(path, json={"state": "closed"}).json()["version"] == 2
    refused(lab.patch(path, json={"state": "running"}), 409)
    refused(lab.patch(path, json={"overlap": 3}), 409)
    refused(lab.patch(f"{CAMPAIGNS}/default", json={"state": "paused"}), 409)
    refused(lab.post(CAMPAIGNS, json={"name": "states", **tasking.campaign()}), 409)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"state": "king"}, 422),
        ({"state": 5}, 400),
        ({"surprise": True}, 400),
        ({"overlap": "two"}, 400),
        ({"overlap": 0}, 422),
        ({"gold": 0.1, "gold_set": tasking.SET}, 422),
        ({"models": ["first", "nobody"]}, 422),
        ({"name": "other"}, 422),
    ],
)
def test_what_cannot_be_is_refused(lab: httpx.Client, body: dict[str, Any], status: int) -> None:
    if lab.get(f"{CAMPAIGNS}/refusing").status_code == 404:
        made(lab, "refusing", start=False)
    refused(lab.patch(f"{CAMPAIGNS}/refusing", json=body), status)


def test_a_rater_agrees_before_the_first_item_to_the_text_as_it_is(lab: httpx.Client, rater: httpx.Client) -> None:
    made(lab, "agreeing", consent="My votes may be published.")
    path = f"{CAMPAIGNS}/agreeing"
    refused(rater.post(f"{path}/tasks"), 409, "consent")
    refused(rater.put(f"{path}/consent", json={"consent": "Something else."}), 409)
    assert rater.put(f"{path}/consent", json={"consent": "My votes may be published."}).status_code == 204
    vote(rater, "agreeing")
    lab.patch(path, json={"consent": "My votes and reasons may be published."})
    refused(rater.post(f"{path}/tasks"), 409, "consent")


def test_only_who_is_let_in_gets_items(arena: Arena, lab: httpx.Client, rater: httpx.Client) -> None:
    made(lab, "accounts", anonymous=False)
    refused(rater.post(f"{CAMPAIGNS}/accounts/tasks"), 403, "account_needed")
    made(lab, "named", raters=[rater.get("/api/v1/me").json()["id"]])
    vote(rater, "named")
    with arena.rater() as other:
        refused(other.post(f"{CAMPAIGNS}/named/tasks"), 403)
    made(lab, "english", languages=["en"])
    refused(rater.post(f"{CAMPAIGNS}/english/tasks", headers={"Accept-Language": "de"}), 409, "language")
    reads = {"Accept-Language": "de-CH, en-GB;q=0.7"}
    assert rater.post(f"{CAMPAIGNS}/english/tasks", headers=reads).status_code == 201
    made(lab, "german", languages=["de"])
    refused(rater.post(f"{CAMPAIGNS}/german/tasks", headers=reads), 409, "done")


def test_the_last_vote_that_was_wanted_closes_the_campaign(lab: httpx.Client, rater: httpx.Client) -> None:
    made(lab, "wanting", target_votes=2)
    for _ in range(2):
        vote(rater, "wanting")
    refused(rater.post(f"{CAMPAIGNS}/wanting/tasks"), 409, "closed")
    told = lab.get(f"{CAMPAIGNS}/wanting").json()
    assert (told["state"], told["votes"], told["progress"]["plan"]) == ("closed", 2, 2)
    refused(rater.post(f"{CAMPAIGNS}/wanting/tasks"), 409, "closed")


def test_one_rater_casts_no_more_than_their_share(arena: Arena, lab: httpx.Client, rater: httpx.Client) -> None:
    made(lab, "sharing", rater_share=0.5, overlap=2)
    for _ in range(3):
        vote(rater, "sharing")
    refused(rater.post(f"{CAMPAIGNS}/sharing/tasks"), 409, "limit")
    with arena.rater() as other:
        vote(other, "sharing")


def test_progress_tells_disputed_items_and_agreement(arena: Arena, lab: httpx.Client, rater: httpx.Client) -> None:
    made(lab, "disputing", overlap=2, models=["first", "second"])
    with arena.rater() as other:
        for _ in range(3):
            task = rater.post(f"{CAMPAIGNS}/disputing/tasks").json()["battle_id"]
            shown = rater.get(f"/api/v1/battles/{task}").json()
            for who, text in ((rater, shown["text_a"]), (other, shown["text_b"])):
                battle_id = who.post(f"{CAMPAIGNS}/disputing/tasks").json()["battle_id"]
                mine = who.get(f"/api/v1/battles/{battle_id}").json()
                winner = "model_a" if mine["text_a"] == text else "model_b"
                path = f"/api/v1/battles/{battle_id}/votes"
                answer = who.post(path, json={"winner": winner}, headers={"Idempotency-Key": battle_id})
                assert answer.status_code == 201, answer.text
    told = lab.get(f"{CAMPAIGNS}/disputing").json()
    assert (told["items"], told["done"], told["votes"]) == (3, 3, 6)
    progress = told["progress"]
    assert progress["pairs"] == [{"models": ["first", "second"], "votes": 6}]
    assert [one["votes"] for one in progress["by_day"]] == [6]
    assert progress["by_votes"] == [{"votes": 2, "items": 3}]
    assert {one["rater_id"] for one in progress["by_rater"]} >= {rater.get("/api/v1/me").json()["id"]}
    assert [(one["votes"], one["share"]) for one in progress["by_rater"]] == [(3, 0.5), (3, 0.5)]
    assert (progress["disputed"], progress["agreement"], progress["raters"]) == (3, 0.0, 2)
    assert progress["krippendorff"] == {"alpha": pytest.approx(1 - 6 / 3.6), "items": 3, "raters": 2, "why": None}
    assert {one["prompt"] for one in progress["disputed_items"]} == {"Question 0?", "Question 1?", "Question 2?"}
    assert progress["disputed_items"][0]["votes"] == {"model_a": 1, "model_b": 1, "tie": 0, "both_bad": 0}


@pytest.mark.parametrize("pairing", ["coverage", "informative"])
def test_items_drawn_by_a_policy_keep_the_chance_they_had(
    arena: Arena, lab: httpx.Client, rater: httpx.Client, pairing: str
) -> None:
    name = f"drawn-{pairing}"
    made(lab, name, pairing=pairing, pairs_per_prompt=2)
    for _ in range(6):
        vote(rater, name)
    refused(rater.post(f"{CAMPAIGNS}/{name}/tasks"), 409, "done")
    with arena.services.workspace.reading() as connection:
        found = connection.execute(
            "SELECT items.prompt_id, battles.model_a, battles.model_b, battles.draw_probability FROM battles "
            "JOIN items ON items.battle_id = battles.battle_id WHERE battles.campaign = ?",
            [name],
        ).fetchall()
    assert len({(prompt_id, frozenset((model_a, model_b))) for prompt_id, model_a, model_b, _ in found}) == 6
    assert all(0 < probability < 1 for *_, probability in found)  # what votes are known by then, the clock decides
