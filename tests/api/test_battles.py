"""Battles and votes over HTTP, as design.md fixes them."""

import dataclasses
from typing import Any

import httpx
import pytest

from arena.api import bodies
from arena.domain import ledger
from arena.domain.ids import BattleId
from arena.errors import InvalidValue
from arena.services.voting import Ballot, Voting
from arena.store import battles
from tests import arenas


def test_a_battle_streams_is_voted_on_and_reveals(arena: arenas.Arena, rater: httpx.Client) -> None:
    """start, deltas that add up to the stored answers, done; names only in the answer to the vote."""
    opened = rater.post("/api/v1/battles", json={"prompt": "Tell me of rivers."})
    assert opened.status_code == 201
    battle_id = opened.json()["battle_id"]
    seen = arenas.events(rater, battle_id)
    assert seen[0] == ("start", {})
    assert seen[-1] == ("done", {})
    deltas = [data for name, data in seen if name == "delta"]
    battle = rater.get(f"/api/v1/battles/{battle_id}").json()
    assert battle["state"] == "ready"
    for side in "ab":
        assert battle[f"text_{side}"] == "".join(delta[side] for delta in deltas) != ""
    assert battle["model_a"] is None

    voted = arenas.vote(rater, battle_id, "model_b", strength="clearly", tags=["clear", "correct"], reason="It flows.")
    assert voted.status_code == 201
    body = voted.json()
    assert {body["model_a"], body["model_b"]} <= {model.name for model in arena.installation.settings.models}
    after = rater.get(f"/api/v1/battles/{battle_id}").json()
    assert (after["state"], after["model_a"], after["winner"]) == ("voted", body["model_a"], "model_b")
    assert after["ballot"] == {"tags": ["clear", "correct"], "reason": "It flows.", "edit": None, "criteria": {}}
    assert after["receipt"] == body["receipt"]


def test_the_receipt_opens_the_commitment_of_its_ledger_line(arena: arenas.Arena, rater: httpx.Client) -> None:
    battle_id = arenas.battle(rater)
    receipt = arenas.vote(rater, battle_id).json()["receipt"]
    with arena.services.workspace.reading() as connection:
        record = battles.load(connection, BattleId(battle_id))
    assert record is not None
    assert ledger.commitment(receipt["salt"], record.votes[0], record) == receipt["commitment"]


def test_a_stream_opened_again_replays_from_the_start(rater: httpx.Client) -> None:
    battle_id = arenas.battle(rater)
    again = arenas.events(rater, battle_id)
    battle = rater.get(f"/api/v1/battles/{battle_id}").json()
    assert again[0][0] == "start"
    assert again[-1][0] == "done"
    assert "".join(data["a"] for name, data in again if name == "delta") == battle["text_a"]


def test_the_same_key_and_body_give_the_same_answer(rater: httpx.Client) -> None:
    battle_id = arenas.battle(rater)
    first = arenas.vote(rater, battle_id, "tie", key="k-1")
    again = arenas.vote(rater, battle_id, "tie", key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert arenas.vote(rater, arenas.battle(rater), "tie").status_code == 201
    later = arenas.vote(rater, battle_id, "tie", key="k-1")
    assert first.json() == again.json() == later.json()
    assert rater.get("/api/v1/me").json()["votes"] == 2


def test_a_key_with_another_body_is_refused(rater: httpx.Client) -> None:
    one, other = arenas.battle(rater), arenas.battle(rater)
    assert arenas.vote(rater, one, "tie", key="k-2").status_code == 201
    assert arenas.vote(rater, one, "model_a", key="k-2").status_code == 409
    assert arenas.vote(rater, other, "tie", key="k-2").status_code == 409
    assert arenas.vote(rater, other, "tie", key="k-3").status_code == 201


def test_a_refusal_does_not_use_up_the_key(rater: httpx.Client) -> None:
    battle_id = arenas.battle(rater)
    assert arenas.vote(rater, battle_id, "banana", key="k-4").status_code == 422
    assert arenas.vote(rater, battle_id, "model_a", key="k-4").status_code == 201


def test_a_follow_up_is_a_fresh_battle_on_the_preferred_answer(rater: httpx.Client) -> None:
    first = arenas.battle(rater, "What is a river?")
    arenas.vote(rater, first, "model_b")
    preferred = rater.get(f"/api/v1/battles/{first}").json()["text_b"]
    second = arenas.battle(rater, "And a lake?", continues=first)
    battle = rater.get(f"/api/v1/battles/{second}").json()
    assert battle["turn"] == 2
    assert battle["conversation_id"] == rater.get(f"/api/v1/battles/{first}").json()["conversation_id"]
    assert battle["history"] == [
        {"role": "user", "content": "What is a river?"},
        {"role": "assistant", "content": preferred},
    ]
    assert battle["model_a"] is None
    assert arenas.vote(rater, second, "model_a").status_code == 201


def test_a_follow_up_after_a_tie_continues_from_one_of_the_two(rater: httpx.Client) -> None:
    first = arenas.battle(rater, "What is a river?")
    arenas.vote(rater, first, "tie")
    texts = {rater.get(f"/api/v1/battles/{first}").json()[side] for side in ("text_a", "text_b")}
    second = arenas.battle(rater, "And a lake?", continues=first)
    assert rater.get(f"/api/v1/battles/{second}").json()["history"][1]["content"] in texts


def test_the_latest_battle_is_there_after_a_reload(rater: httpx.Client) -> None:
    first = rater.get("/api/v1/battles/latest")
    assert (first.status_code, first.content) == (204, b"")
    arenas.battle(rater)
    second = arenas.battle(rater)
    assert rater.get("/api/v1/battles/latest").json()["battle_id"] == second


def test_which_answer_a_phone_opens_is_drawn_and_stored_with_the_battle(
    arena: arenas.Arena, rater: httpx.Client
) -> None:
    told = {}
    for _ in range(16):
        battle_id = arenas.battle(rater)
        told[battle_id] = rater.get(f"/api/v1/battles/{battle_id}").json()["opens_first"]
    assert set(told.values()) == {"a", "b"}
    with arena.services.workspace.reading() as connection:
        stored = battles.records(connection, [BattleId(battle_id) for battle_id in told])
    assert {battle_id: record.battle.opens_first for battle_id, record in stored.items()} == told


@pytest.mark.parametrize("winner", ["model_a", "model_b", "tie", "both_bad"])
def test_every_outcome_is_recorded_as_itself(rater: httpx.Client, winner: str) -> None:
    battle_id = arenas.battle(rater)
    assert arenas.vote(rater, battle_id, winner).status_code == 201
    assert rater.get(f"/api/v1/battles/{battle_id}").json()["winner"] == winner


def test_every_field_that_a_vote_may_have_reaches_the_ballot(
    arena: arenas.Arena, rater: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A field that the route forgot would be accepted and lost."""
    battle_id = arenas.battle(rater, "Tell me of rivers.")
    sent: dict[str, Any] = {
        "winner": "model_a",
        "strength": "clearly",
        "tags": ["clear"],
        "reason": "It flows.",
        "edit": "Rivers bend.",
        "criteria": {"tone": "tie"},
    }
    assert sent.keys() == bodies.VoteRequest.model_fields.keys(), "send the new field, too"
    seen: list[Ballot] = []

    async def cast(voting: Voting, principal: Any, record: Any, ballot: Ballot, *rest: Any) -> None:
        seen.append(ballot)
        raise InvalidValue("That will do.")

    monkeypatch.setattr(Voting, "cast", cast)
    assert arenas.vote(rater, battle_id, **sent).status_code == 422
    (ballot,) = seen
    assert {field.name for field in dataclasses.fields(Ballot)} == sent.keys()
    assert all(getattr(ballot, field.name) not in (None, ()) for field in dataclasses.fields(Ballot))
