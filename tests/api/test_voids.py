"""A void battle over HTTP: its cause in words and as a word, the battle in its place, and stopping."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import arenas
from tests.inference import misbehaving

SENTENCES = {
    "model": "One of the two could not answer. Nothing was recorded.",
    "prompt": "The models could not take this prompt. Shorten it, or ask differently. Nothing was recorded.",
    "rater": "You stopped both answers. Nothing was recorded.",
    "arena": "The arena could not finish this battle. It is not your fault. Nothing was recorded.",
}


@pytest.fixture(scope="module")
def server() -> Iterator[misbehaving.Server]:
    with misbehaving.serve() as running:
        yield running


@pytest.fixture
def raters(tmp_path: Path, server: misbehaving.Server, served: tuple[str, ...]) -> Iterator[httpx.Client]:
    """A rater of an arena with these models."""
    settings = arenas.settings_for(tmp_path / "data", server.endpoint, served)
    with arenas.hurried(), arenas.running(settings, pages=False) as running, running.rater() as client:
        yield client


def opened(rater: httpx.Client, prompt: str = "Tell me.") -> str:
    return str(rater.post("/api/v1/battles", json={"prompt": prompt}).raise_for_status().json()["battle_id"])


def state(rater: httpx.Client, battle_id: str) -> dict[str, object]:
    return dict(rater.get(f"/api/v1/battles/{battle_id}").raise_for_status().json())


@pytest.mark.parametrize("served", [("unauthorized",) * 6])
def test_after_a_failure_the_event_and_the_battle_name_the_next_twice_at_most(raters: httpx.Client) -> None:
    battle_id: str | None = opened(raters)
    seen = []
    while battle_id is not None:
        name, told = arenas.events(raters, battle_id)[-1]
        assert name == "void"
        assert told.keys() == {"reason", "cause", "next"}
        assert (told["cause"], told["reason"]) == ("model", SENTENCES["model"])
        shown = state(raters, battle_id)
        assert (shown["state"], shown["cause"], shown["next"]) == ("void", "model", told["next"])
        assert shown["prompt"] == "Tell me."
        seen.append(battle_id)
        battle_id = told["next"]
    assert len(seen) == len(set(seen)) == 3
    assert state(raters, "latest")["battle_id"] == seen[-1]


@pytest.mark.parametrize("served", [("overflow",) * 3])
def test_a_refused_prompt_is_told_as_such_and_nothing_follows(raters: httpx.Client) -> None:
    battle_id = opened(raters)
    told = {"reason": SENTENCES["prompt"], "cause": "prompt", "next": None}
    assert arenas.events(raters, battle_id)[-1] == ("void", told)


@pytest.mark.parametrize("served", [("lines-100ms", "lines-100ms")])
def test_stopping_answers_204_and_again_and_leaves_nothing_to_vote_on(raters: httpx.Client) -> None:
    battle_id = opened(raters)
    for _ in range(2):
        assert raters.post(f"/api/v1/battles/{battle_id}/stop").status_code == 204
    told = {"reason": SENTENCES["rater"], "cause": "rater", "next": None}
    assert arenas.events(raters, battle_id)[-1] == ("void", told)
    assert arenas.vote(raters, battle_id).status_code == 409
    assert raters.post("/api/v1/battles/b_00000000000000000000000000/stop").status_code == 404


@pytest.mark.parametrize("served", [("say:One.", "length")])
def test_a_voted_battle_is_not_stopped_and_says_how_its_answers_ended(raters: httpx.Client) -> None:
    battle_id = arenas.battle(raters)
    before = state(raters, battle_id)
    assert (before["finish_reason_a"], before["finish_reason_b"], before["cause"], before["next"]) == (None,) * 4
    cast = arenas.vote(raters, battle_id).raise_for_status().json()
    assert raters.post(f"/api/v1/battles/{battle_id}/stop").status_code == 409
    for shown in (cast, state(raters, battle_id)):
        ends = {shown["model_a"]: shown["finish_reason_a"], shown["model_b"]: shown["finish_reason_b"]}
        assert ends == {"canary-0-say-one": "stop", "canary-1-length": "length"}


@pytest.mark.parametrize("served", [("say:One.", "say:Two.")])
def test_what_no_model_can_hold_is_refused_at_once(raters: httpx.Client, server: misbehaving.Server) -> None:
    """The server lists a context of 2,048 tokens for what it serves; here it lists neither, so nothing is refused."""
    assert raters.post("/api/v1/battles", json={"prompt": "word " * 5_000}).status_code == 201


@pytest.mark.parametrize("served", [("length", "parts")])
def test_what_is_surely_too_long_for_the_listed_contexts_is_refused_before_it_is_asked(raters: httpx.Client) -> None:
    refused = raters.post("/api/v1/battles", json={"prompt": "word " * 5_000})
    assert refused.status_code == 422
    assert "Shorten it, or ask differently" in refused.json()["detail"]
    assert raters.get("/api/v1/battles/latest").status_code == 204
