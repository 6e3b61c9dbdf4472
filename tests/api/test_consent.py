"""Agreeing to publication over HTTP: what was narrowed is in no release that may be published, until it is widened."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from arena.exports.folder import id_tables
from arena.exports.proofs import verification
from tests import arenas
from tests.api.test_exports import export
from tests.api.test_refusals import refused


def choose(client: httpx.Client, scope: str) -> dict[str, Any]:
    chosen: dict[str, Any] = client.put("/api/v1/me/consent", json={"scope": scope}).raise_for_status().json()
    return chosen


def released(arena: arenas.Arena, admin: httpx.Client, **select: Any) -> tuple[Path, dict[str, Any]]:
    status = export(admin, format="battles", select=select)
    folder = arena.installation.settings.data_dir / "workspaces" / "default" / "releases" / status["release_id"]
    assert verification.release(folder, arena.services.exporting.public_key).problems == ()
    return folder, json.loads((folder / "manifest.json").read_text())


def texts(folder: Path) -> str:
    return (folder / "data" / "train.jsonl").read_text()


def test_what_a_rater_keeps_private_is_in_no_release_that_may_be_published(
    arena: arenas.Arena, rater: httpx.Client, admin: httpx.Client
) -> None:
    mine = arenas.vote(rater, arenas.battle(rater, "Mine alone."), "model_a").json()
    assert rater.get("/api/v1/me/consent").json() == {"scope": "public"}
    chosen = choose(rater, "private")
    assert chosen["line"] == mine["receipt"]["line"] + 1
    later = arenas.vote(rater, arenas.battle(rater, "Mine later."), "model_b").json()
    with arena.rater() as other:
        arenas.vote(other, arenas.battle(other, "Anybody's."), "model_a")
    assert rater.get("/api/v1/me/contributions").json()["scope"] == "private"

    public, said = released(arena, admin, consent="public")
    assert "Mine alone." not in texts(public)
    assert "Mine later." not in texts(public)
    assert "Anybody's." in texts(public), "positive control"
    assert "private" not in said
    left = {row["vote_id"] for row in id_tables.read(public, id_tables.LEFT_OUT) if row["reason"] == "consent"}
    assert left == {mine["vote_id"], later["vote_id"]}
    card = (public / "README.md").read_text()
    assert "Only votes were taken of which both who voted and who wrote the prompt agree to publication." in card
    assert "Keep this release to yourselves" not in card

    everything, said = released(arena, admin)
    assert "Mine alone." in texts(everything)
    assert "Mine later." in texts(everything)
    assert said["private"] == 2
    card = (everything / "README.md").read_text()
    assert "**Keep this release to yourselves.** It includes 2 votes whose raters do not agree to publication." in card

    assert choose(rater, "private") == {"scope": "private", "line": None, "hash": None}
    choose(rater, "public")
    public, _ = released(arena, admin, consent="public")
    assert "Mine alone." in texts(public)
    assert admin.get("/api/v1/verification").json()["problems"] == []


def test_counts_say_how_many_are_private_and_how_many_leave(
    arena: arenas.Arena, rater: httpx.Client, admin: httpx.Client
) -> None:
    def counted(**select: Any) -> dict[str, Any]:
        answer = admin.post("/api/v1/selections/counts", json={"select": select, "format": "trl-dpo"})
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    arenas.vote(rater, arenas.battle(rater, "Counted."), "model_a")
    with arena.rater() as other:
        arenas.vote(other, arenas.battle(other, "Counted too."), "model_a")
    before = counted()
    choose(rater, "private")
    after, public = counted(), counted(consent="public")
    assert after["private"] - before["private"] == 1
    assert after["votes"] == before["votes"]
    (asked,) = public["filters"]
    assert (asked["key"], asked["reason"], asked["votes"]) == ("consent", "consent", after["private"])
    assert (public["votes"], public["private"]) == (after["votes"] - after["private"], 0)
    assert public["format"]["rows"]["train"] == after["format"]["rows"]["train"] - asked["battles"]
    choose(rater, "public")


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [({"scope": "secret"}, 422, "public, private"), ({"scope": 1}, 400, "scope"), ({}, 400, "scope")],
)
def test_a_scope_that_there_is_not_is_refused_and_records_nothing(
    rater: httpx.Client, admin: httpx.Client, body: dict[str, Any], status: int, word: str
) -> None:
    lines = admin.get("/api/v1/verification").json()["lines"]
    refused(rater.put("/api/v1/me/consent", json=body), status, word)
    assert rater.get("/api/v1/me/consent").json() == {"scope": "public"}
    assert admin.get("/api/v1/verification").json()["lines"] == lines


def test_who_withdrew_has_nothing_to_choose(arena: arenas.Arena) -> None:
    with arena.rater() as leaver:
        arenas.vote(leaver, arenas.battle(leaver, "Left."), "model_a")
        leaver.post("/api/v1/me/withdrawal").raise_for_status()
        refused(leaver.put("/api/v1/me/consent", json={"scope": "private"}), 409, "has left")
