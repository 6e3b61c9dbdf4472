"""What is refused: with the right status, a sentence that says what to do, and nothing recorded."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from arena.store import tally
from tests import arenas


@pytest.fixture
def nothing_recorded(arena: arenas.Arena) -> Iterator[None]:
    """The test leaves no vote behind."""

    def votes() -> int:
        with arena.services.workspace.reading() as connection:
            return tally.totals(connection)["votes"]

    before = votes()
    yield
    assert votes() == before


def refused(response: httpx.Response, status: int, *words: str) -> None:
    """A problem+json with this status and a sentence that holds these words."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem["code"] in arenas.codes(status)
    assert problem["detail"].endswith(".")
    for word in words:
        assert word in problem["detail"]


@pytest.mark.usefixtures("nothing_recorded")
@pytest.mark.parametrize(
    ("ballot", "status", "word"),
    [
        ({"winner": "banana"}, 422, "accepted: model_a, model_b, tie, both_bad"),
        ({"winner": "tie", "strength": "clearly"}, 422, "leave it out with tie"),
        ({"winner": "both_bad", "edit": "better"}, 422, "leave it out with both_bad"),
        ({"winner": "model_a", "strength": "hugely"}, 422, "accepted: slightly, clearly"),
        ({"winner": "model_a", "tags": ["shiny"]}, 422, "accepted: correct"),
        ({"winner": "model_a", "reason": "x" * 201}, 422, "200"),
        ({"winner": "model_a", "reason": "two\nlines"}, 422, "one line"),
        ({"winner": "model_a", "edit": "nul\0"}, 422, "NUL"),
        ({"winner": "model_a", "edit": "   "}, 422, "text"),
        ({"winner": "model_a", "edit": "x" * 100_001}, 413, "100,000"),
        ({"winner": 1}, 400, "winner"),
        ({"victor": "model_a"}, 400, "winner"),
        ({"winner": "model_a", "extra": 1}, 400, "extra"),
    ],
)
def test_a_ballot_out_of_range_is_refused(rater: httpx.Client, ballot: dict[str, Any], status: int, word: str) -> None:
    battle_id = arenas.battle(rater)
    response = rater.post(f"/api/v1/battles/{battle_id}/votes", json=ballot, headers={"Idempotency-Key": "k"})
    refused(response, status, word)


@pytest.mark.usefixtures("nothing_recorded")
def test_a_vote_without_a_key_is_refused(rater: httpx.Client) -> None:
    battle_id = arenas.battle(rater)
    refused(rater.post(f"/api/v1/battles/{battle_id}/votes", json={"winner": "tie"}), 400, "Idempotency-Key")


@pytest.mark.usefixtures("nothing_recorded")
def test_a_body_that_is_not_json_is_refused(rater: httpx.Client) -> None:
    battle_id = arenas.battle(rater)
    response = rater.post(f"/api/v1/battles/{battle_id}/votes", content=b"{", headers={"Idempotency-Key": "k"})
    refused(response, 400)


@pytest.mark.usefixtures("nothing_recorded")
@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ('{"winner": "model_a", "winner": "model_b"}', 400, ["ambiguous", '"winner" twice']),
        ('{"winner": "banana"}', 422, ["banana"]),  # positive control: said once, it is read
    ],
)
def test_a_body_that_names_a_key_twice_is_refused_and_the_key_named(
    rater: httpx.Client, body: str, status: int, words: list[str]
) -> None:
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    refused(rater.post(f"/api/v1/battles/{arenas.battle(rater)}/votes", content=body, headers=headers), status, *words)


def test_a_vote_on_a_foreign_or_unknown_battle_is_refused_alike(arena: arenas.Arena, rater: httpx.Client) -> None:
    battle_id = arenas.battle(rater)
    with arena.rater() as stranger:
        refused(arenas.vote(stranger, battle_id), 404)
        refused(arenas.vote(stranger, "b_nothing"), 404)
        refused(stranger.get(f"/api/v1/battles/{battle_id}"), 404)
        refused(stranger.get(f"/api/v1/battles/{battle_id}/stream"), 404)
        refused(stranger.post("/api/v1/battles", json={"prompt": "And?", "continues": battle_id}), 404)


def test_the_admin_sees_a_battle_and_does_not_vote_on_it(rater: httpx.Client, admin: httpx.Client) -> None:
    battle_id = arenas.battle(rater)
    assert admin.get(f"/api/v1/battles/{battle_id}").status_code == 200
    refused(arenas.vote(admin, battle_id), 403)


def test_a_second_vote_is_refused(rater: httpx.Client) -> None:
    battle_id = arenas.battle(rater)
    assert arenas.vote(rater, battle_id).status_code == 201
    refused(arenas.vote(rater, battle_id), 409, "already")
    assert rater.get("/api/v1/me").json()["votes"] == 1


@pytest.mark.parametrize(
    ("prompt", "status", "word"),
    [
        ("", 422, "empty"),
        (" \n\t", 422, "empty"),
        ("\u200b\u2060", 422, "empty"),
        ("a\0b", 422, "NUL"),
        ("x" * 30_001, 413, "30,000"),
        ("x" * 1_000_000, 413, "bytes"),
        (7, 400, "prompt"),
    ],
)
def test_a_prompt_out_of_range_is_refused(rater: httpx.Client, prompt: Any, status: int, word: str) -> None:
    refused(rater.post("/api/v1/battles", json={"prompt": prompt}), status, word)
    assert rater.get("/api/v1/battles/latest").status_code == 204


def test_half_a_character_is_refused(rater: httpx.Client) -> None:
    response = rater.post(
        "/api/v1/battles", content=b'{"prompt": "\\ud800"}', headers={"Content-Type": "application/json"}
    )
    refused(response, 422, "half a character")


def test_a_follow_up_needs_a_vote_and_something_to_continue(rater: httpx.Client) -> None:
    battle_id = arenas.battle(rater)
    refused(rater.post("/api/v1/battles", json={"prompt": "And?", "continues": battle_id}), 409, "Vote on this")
    assert arenas.vote(rater, battle_id, "both_bad").status_code == 201
    refused(
        rater.post("/api/v1/battles", json={"prompt": "And?", "continues": battle_id}), 409, "Both answers were bad"
    )


def test_an_unknown_campaign_board_or_path_is_refused(rater: httpx.Client) -> None:
    refused(rater.post("/api/v1/battles", json={"prompt": "Hi", "campaign": "moon"}), 422, "moon")
    refused(rater.get("/api/v1/leaderboards/moon"), 404, "overall")
    refused(rater.get("/api/v1/leaderboards/overall?format=xml"), 422, "json, csv, markdown")
    refused(rater.get("/api/v1/nothing"), 404)


def test_roles_are_kept(rater: httpx.Client, arena: arenas.Arena, admin: httpx.Client) -> None:
    """A rater, a lab and a trainer each do only what is theirs."""
    tokens = {role: admin.post("/api/v1/tokens", json={"role": role}).json()["token"] for role in ("lab", "trainer")}
    with arena.client(tokens["lab"]) as lab, arena.client(tokens["trainer"]) as trainer:
        export = {"format": "battles"}
        refused(rater.post("/api/v1/exports", json=export), 403, "trainer")
        refused(trainer.post("/api/v1/battles", json={"prompt": "Hi"}), 403, "rater")
        refused(lab.post("/api/v1/exports", json={"format": "papyrus"}), 422, "trl-dpo")
        for outsider in (rater, trainer):
            refused(outsider.get("/api/v1/votes"), 403, "lab")
        assert lab.get("/api/v1/votes").status_code == 200
        for outsider in (rater, lab, trainer):
            refused(outsider.get("/api/v1/tokens"), 403, "admin")
            refused(outsider.get("/api/v1/verification"), 403, "admin")
            refused(outsider.post("/api/v1/backups", json={"directory": "/nowhere"}), 403, "admin")
        refused(trainer.post("/api/v1/exports", json={"format": "papyrus"}), 422, "trl-dpo")
        refused(trainer.post("/api/v1/exports", json={**export, "select": {"moon": 1}}), 422, "moon")
        refused(trainer.get("/api/v1/exports/rel_none"), 404)
    refused(admin.post("/api/v1/tokens", json={"role": "king"}), 422, "king")


@pytest.mark.parametrize("strange", ["\ud800", "b_\0", "x" * 5000, "b_01"])
def test_an_id_that_cannot_be_ours_is_unknown(rater: httpx.Client, strange: str) -> None:
    content = json.dumps({"prompt": "And?", "continues": strange}).encode()
    response = rater.post("/api/v1/battles", content=content, headers={"Content-Type": "application/json"})
    refused(response, 404)


@pytest.mark.parametrize("directory", ["", "relative/x", "/", "/usr", "a\0b", "/proc/x\0y", "\ud800"])
def test_a_backup_goes_to_a_new_folder_by_its_whole_path(admin: httpx.Client, directory: str) -> None:
    content = json.dumps({"directory": directory}).encode()
    response = admin.post("/api/v1/backups", content=content, headers={"Content-Type": "application/json"})
    refused(response, 422)


def test_a_revoked_token_is_worthless(arena: arenas.Arena, admin: httpx.Client) -> None:
    made = admin.post("/api/v1/tokens", json={"role": "lab"}).json()
    with arena.client(made["token"]) as lab:
        assert lab.get("/api/v1/votes").status_code == 200
        assert admin.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
        refused(lab.get("/api/v1/votes"), 401)
    refused(admin.delete("/api/v1/tokens/t_none"), 404)
