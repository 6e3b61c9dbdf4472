"""Releases over HTTP: built, fetched, and each vote proved to its rater."""

import hashlib
import json
import time
from typing import Any

import httpx

from arena.domain import vote_tree
from arena.exports.proofs import receipts
from tests import arenas
from tests.api.test_refusals import refused


def export(client: httpx.Client, **body: Any) -> dict[str, Any]:
    """Build a release and wait for it."""
    status: dict[str, Any] = client.post("/api/v1/exports", json=body).raise_for_status().json()
    limit = time.monotonic() + 60
    while status["state"] == "building":
        assert time.monotonic() < limit
        time.sleep(0.05)
        status = client.get(f"/api/v1/exports/{status['release_id']}").json()
    assert status["state"] == "done", status
    return status


def trainer(arena: arenas.Arena, admin: httpx.Client) -> httpx.Client:
    return arena.client(admin.post("/api/v1/tokens", json={"role": "trainer"}).json()["token"])


def test_a_rater_is_proved_their_vote_and_told_what_opens_it(
    arena: arenas.Arena, rater: httpx.Client, admin: httpx.Client
) -> None:
    vote = arenas.vote(rater, arenas.battle(rater, "Prove it."), "model_a", reason="better").json()
    status = export(admin, format="trl-dpo")
    key = admin.get("/api/v1/exports/key").json()
    assert key["algorithm"] == "Ed25519"
    answer = rater.get(f"/api/v1/exports/{status['release_id']}/proofs/{vote['vote_id']}").raise_for_status().json()
    checked = receipts.check(receipts.read(answer["proof"]), key["key"], vote["receipt"])
    assert checked.proven
    assert not checked.problems
    assert answer["content"]["fields"]["reason"] == "better"
    told = vote_tree.of_content(answer["content"])
    assert vote_tree.commitment(vote["receipt"]["salt"], told) == vote["receipt"]["commitment"]
    shares = status["manifest"]["credit"]["shares"]
    assert [share["weight"] for share in shares if share["contributor"] == answer["contributor"]] == [1]
    path = f"/api/v1/exports/{status['release_id']}/proofs/{vote['vote_id']}"
    assert rater.get(path, params={"contributor": "false"}).json() == {**answer, "contributor": None}


def test_a_trainer_gets_the_proof_alone_and_a_stranger_nothing(
    arena: arenas.Arena, rater: httpx.Client, admin: httpx.Client
) -> None:
    vote = arenas.vote(rater, arenas.battle(rater, "Mine."), "model_b").json()
    status = export(admin, format="battles")
    path = f"/api/v1/exports/{status['release_id']}/proofs/{vote['vote_id']}"
    with trainer(arena, admin) as client:
        answer = client.get(path).raise_for_status().json()
        assert answer["proof"]["vote_id"] == vote["vote_id"]
        assert answer["contributor"] is answer["salt"] is answer["content"] is None
        refused(client.get(f"/api/v1/exports/{status['release_id']}/proofs/v_none"), 404, "v_none")
        refused(client.get(f"/api/v1/exports/rel_none/proofs/{vote['vote_id']}"), 404, "rel_none")
    with arena.rater() as stranger:
        refused(stranger.get(path), 404, vote["vote_id"])


def test_a_vote_after_the_release_is_not_in_it(rater: httpx.Client, admin: httpx.Client) -> None:
    arenas.vote(rater, arenas.battle(rater, "Before."), "model_a")
    status = export(admin, format="trl-dpo")
    later = arenas.vote(rater, arenas.battle(rater, "After."), "model_a").json()
    refused(rater.get(f"/api/v1/exports/{status['release_id']}/proofs/{later['vote_id']}"), 404, "is not in")


def test_the_ledger_is_for_everybody_here_and_holds_no_text(rater: httpx.Client) -> None:
    arenas.vote(rater, arenas.battle(rater, "canary prompt"), "model_a")
    answer = rater.get("/api/v1/ledger").raise_for_status()
    assert len(answer.text.splitlines()) >= 2
    assert "canary" not in answer.text


def test_a_release_says_how_many_of_its_votes_left_since(rater: httpx.Client, admin: httpx.Client) -> None:
    arenas.vote(rater, arenas.battle(rater, "I will leave."), "model_a")
    address = f"/api/v1/exports/{export(admin, format='trl-dpo')['release_id']}"
    assert admin.get(address).json()["left_since"] == 0
    rater.post("/api/v1/me/withdrawal").raise_for_status()
    assert admin.get(address).json()["left_since"] == 1
    assert admin.get(f"{address}/archive").headers["X-Arena-Votes-Left"] == "1"


def test_a_release_is_settled_once_by_the_admin_and_told_what_is_new(
    arena: arenas.Arena, rater: httpx.Client, admin: httpx.Client
) -> None:
    arenas.vote(rater, arenas.battle(rater, "Pay me."), "model_a")
    manifest = export(admin, format="trl-dpo")["manifest"]
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    body = {"release": hashlib.sha256(text.encode()).hexdigest(), "amount": 1001}
    with trainer(arena, admin) as buyer:
        for outsider in (rater, buyer):
            refused(outsider.post("/api/v1/settlements", json=body), 403)
    first = admin.post("/api/v1/settlements", json=body)
    assert first.status_code == 201
    assert sum(part["amount"] for part in first.json()["parts"]) == 1001
    assert len({part["line"] for part in first.json()["parts"]}) == len(manifest["credit"]["shares"])
    assert admin.post("/api/v1/settlements", json=body).json() == {"parts": []}
    less = admin.post("/api/v1/settlements", json={**body, "amount": 1000}).json()["parts"]
    assert sum(part["amount"] for part in less) == -1
    refused(admin.post("/api/v1/settlements", json={**body, "unit": "points"}), 409, "EUR-cent")
    refused(admin.post("/api/v1/settlements", json={**body, "unit": "=1+1"}), 422, "unit")
    refused(admin.post("/api/v1/settlements", json={**body, "amount": -1}), 422, "whole number")
    refused(admin.post("/api/v1/settlements", json={**body, "release": "0" * 64}), 404, "recorded no release")
    assert admin.get("/api/v1/verification").json()["problems"] == []
