"""A rater's own history and board over HTTP: searched, by pages, and nobody else's."""

import httpx

from tests import arenas
from tests.api.test_refusals import refused

HISTORY, BOARD = "/api/v1/me/history", "/api/v1/me/board"


def test_words_are_found_in_prompts_reasons_edits_and_answers(rater: httpx.Client) -> None:
    for prompt, more in (
        ("My Landlord is late.", {}),
        ("Nothing of the kind.", {"reason": "It names the landlord."}),
        ("Nor this.", {"edit": "Ask your LANDLORD."}),
        ("And not this.", {}),
    ):
        arenas.vote(rater, arenas.battle(rater, prompt), "model_a", **more).raise_for_status()
    found = rater.get(HISTORY, params={"q": "landlord"}).raise_for_status().json()
    assert [one["prompt"] for one in found["votes"]] == ["Nor this.", "Nothing of the kind.", "My Landlord is late."]
    assert (found["found"], found["of"], found["next"]) == (3, 4, None)
    assert rater.get(HISTORY, params={"q": "mortgage"}).json()["votes"] == []
    assert rater.get(HISTORY, params={"q": "100%"}).json()["found"] == 0, "signs of patterns mean themselves"
    refused(rater.get(HISTORY, params={"q": "x" * 201}), 422, "200 is the limit")


def test_votes_are_filtered_and_come_by_pages(rater: httpx.Client) -> None:
    for winner in ("model_a", "tie", "both_bad", "model_b", "tie"):
        arenas.vote(rater, arenas.battle(rater, f"It was {winner}."), winner).raise_for_status()
    decided = rater.get(HISTORY, params={"winner": "model_a,model_b"}).json()
    assert [one["winner"] for one in decided["votes"]] == ["model_b", "model_a"]
    assert rater.get(HISTORY, params={"own": "false"}).json()["found"] == 0
    assert rater.get(HISTORY, params={"own": "true", "campaign": "default"}).json()["found"] == 5
    first = rater.get(HISTORY, params={"winner": "tie", "limit": 1}).json()
    second = rater.get(HISTORY, params={"winner": "tie", "limit": 1, "after": first["next"]}).json()
    assert first["found"] == second["found"] == 2
    assert first["votes"][0]["line"] > second["votes"][0]["line"]
    assert second["next"] is None
    refused(rater.get(HISTORY, params={"winner": "banana"}), 422, "winner")


def test_nobody_searches_another_s_history(arena: arenas.Arena, rater: httpx.Client) -> None:
    arenas.vote(rater, arenas.battle(rater, "canary of history"), "tie").raise_for_status()
    assert rater.get(HISTORY, params={"q": "canary of history"}).json()["found"] == 1
    with arena.rater() as stranger, arena.admin() as admin:
        assert stranger.get(HISTORY).json()["of"] == 0
        assert admin.get(HISTORY, params={"q": "canary of history"}).json()["votes"] == []


def test_the_own_board_is_of_the_own_votes_alone(arena: arenas.Arena, rater: httpx.Client) -> None:
    empty = rater.get(BOARD).raise_for_status().json()
    assert (empty["schema"], empty["votes"], empty["entries"]) == ("leaderboard/1", 0, [])
    assert empty["reason"]
    for number in range(4):
        arenas.vote(rater, arenas.battle(rater, f"Board {number}."), "tie").raise_for_status()
    with arena.rater() as other:
        arenas.vote(other, arenas.battle(other, "Not mine."), "tie").raise_for_status()
    own = rater.get(BOARD).json()
    assert own["votes"] == 4
    assert sum(entry["votes"] for entry in own["entries"]) == 8
    rater.post("/api/v1/me/withdrawal").raise_for_status()
    assert rater.get(BOARD).json()["votes"] == 0
