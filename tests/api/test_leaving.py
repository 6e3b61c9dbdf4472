"""Leaving over HTTP: gone from pages, boards, files and later releases, and everybody else's proof stays valid."""

import logging
import re
from pathlib import Path

import httpx
import pytest

from arena.exports.folder import id_tables
from arena.exports.proofs import receipts
from tests import arenas
from tests.api.test_exports import export
from tests.api.test_refusals import refused


def releases(arena: arenas.Arena) -> Path:
    return arena.installation.settings.data_dir / "workspaces" / "default" / "releases"


def texts(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.suffix in {".jsonl", ".json", ".md"})


def test_an_erased_rater_is_gone_and_others_prove_their_votes_as_before(
    arena: arenas.Arena, rater: httpx.Client, admin: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    mine = arenas.vote(rater, arenas.battle(rater, "canary-of-the-erased"), "model_a").json()
    with arena.rater() as other:
        theirs = arenas.vote(other, arenas.battle(other, "Stays."), "model_b").json()
        before = export(admin, format="trl-dpo")["release_id"]
        assert b"canary-of-the-erased" in texts(releases(arena) / before), "positive control"
        me = rater.get("/api/v1/me").json()["id"]
        caplog.set_level(logging.INFO)
        left = rater.delete("/api/v1/me")
        assert left.status_code == 200, left.text
        told = [record.getMessage() for record in caplog.records if record.name == "arena.services.withdrawing"]
        assert re.fullmatch(
            r"removal x_\w+ erased a rater; .* until the arena starts the next time: restart .*", told[0]
        )
        assert told[1] == f"took the texts out of release {before}: it held erased votes"
        assert {record.levelname for record in caplog.records if record.getMessage() in told} == {"WARNING"}
        assert not [line for line in told if me in line or "canary" in line]
        assert left.json()["votes"] == [mine["vote_id"]]
        assert "until the arena starts the next time" in left.json()["note"]
        assert left.json()["line"] > theirs["receipt"]["line"]
        refused(rater.get("/api/v1/me"), 401)
        refused(rater.post("/api/v1/battles", json={"prompt": "Again?"}), 401)

        after = export(admin, format="trl-dpo")["release_id"]
        assert b"canary-of-the-erased" not in texts(releases(arena))
        assert mine["vote_id"] in {row["vote_id"] for row in id_tables.read(releases(arena) / after, id_tables.REMOVED)}
        refused(admin.get(f"/api/v1/exports/{after}/proofs/{mine['vote_id']}"), 404, "erased or withdrawn")
        key = admin.get("/api/v1/exports/key").json()["key"]
        for release_id in (before, after):
            answer = other.get(f"/api/v1/exports/{release_id}/proofs/{theirs['vote_id']}").raise_for_status().json()
            assert not receipts.check(receipts.read(answer["proof"]), key, theirs["receipt"]).problems
    assert admin.get("/api/v1/verification").json()["problems"] == []


def test_a_withdrawn_rater_counts_no_more_and_may_go_on_reading(
    arena: arenas.Arena, rater: httpx.Client, admin: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    vote = arenas.vote(rater, arenas.battle(rater, "Withdrawn."), "model_a").json()
    counted = admin.get("/api/v1/leaderboards/overall").json()["votes"]
    assert rater.get("/api/v1/me").json()["withdrawn"] is False
    left = rater.post("/api/v1/me/withdrawal")
    assert left.status_code == 201, left.text
    assert rater.get("/api/v1/me").json()["withdrawn"] is True
    assert "erased" not in caplog.text
    assert "starts the next time" not in left.json()["note"]
    assert admin.get("/api/v1/leaderboards/overall").json()["votes"] == counted - 1
    refused(rater.post("/api/v1/me/withdrawal"), 409, "already")
    assert rater.get("/api/v1/battles/latest").json()["prompt"] == "Withdrawn."
    with arena.rater() as other:
        arenas.vote(other, arenas.battle(other, "Counts."), "model_a")
    status = export(admin, format="battles")
    folder = releases(arena) / status["release_id"]
    assert b"Withdrawn." not in texts(folder)
    assert vote["vote_id"] in {row["vote_id"] for row in id_tables.read(folder, id_tables.REMOVED)}


def test_only_the_admin_erases_somebody_else(arena: arenas.Arena, rater: httpx.Client, admin: httpx.Client) -> None:
    me = rater.get("/api/v1/me").json()["id"]
    arenas.battle(rater, "Mine.")
    with arena.rater() as stranger:
        refused(stranger.delete(f"/api/v1/raters/{me}"), 403, "admin")
    assert rater.get("/api/v1/me").status_code == 200
    assert admin.delete(f"/api/v1/raters/{me}").status_code == 200
    refused(rater.get("/api/v1/me"), 401)


def test_an_unknown_rater_is_not_erased_and_who_did_nothing_may_still_leave(
    arena: arenas.Arena, rater: httpx.Client, admin: httpx.Client
) -> None:
    lines = admin.get("/api/v1/verification").json()["lines"]
    refused(admin.delete("/api/v1/raters/nobody"), 404, "has no battle and no vote here")
    me = rater.get("/api/v1/me").json()["id"]
    refused(admin.delete(f"/api/v1/raters/{me}"), 404, "nothing was erased")
    assert admin.get("/api/v1/verification").json()["lines"] == lines
    assert rater.delete("/api/v1/me").status_code == 200
    refused(admin.delete(f"/api/v1/raters/{me}"), 409, "erased already")


@pytest.mark.parametrize("role", ["lab", "trainer", "admin"])
def test_the_token_of_a_role_does_not_leave(arena: arenas.Arena, admin: httpx.Client, role: str) -> None:
    lines = admin.get("/api/v1/verification").json()["lines"]
    token = admin.post("/api/v1/tokens", json={"role": role}).raise_for_status().json()
    with arena.client(token["token"]) as other:
        refused(other.delete("/api/v1/me"), 403, "Leaving is for raters")
        refused(other.post("/api/v1/me/withdrawal"), 403, "Leaving is for raters")
        me = other.get("/api/v1/me").json()["id"]
        refused(other.delete(f"/api/v1/raters/{me}"), 404 if role == "admin" else 403)
        assert other.get("/api/v1/me").status_code == 200
    assert admin.get("/api/v1/verification").json()["lines"] == lines
