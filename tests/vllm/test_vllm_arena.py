"""The whole way through a real vLLM server: battle, vote, follow-up, board, export, and a battle nobody reads."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from arena.settings import Settings
from tests import arenas
from tests.vllm.conftest import VllmServer

pytestmark = pytest.mark.vllm

PROMPTS = {"terse": "Answer in one short sentence.", "warm": "You are a kind grandmother. Answer in two sentences."}
LENGTHS = {"terse": {"max_tokens": 24}, "warm": {"min_tokens": 30, "max_tokens": 40}}  # equal ones make no pair


@pytest.fixture
def arena(tmp_path: Path, vllm: VllmServer) -> Iterator[arenas.Arena]:
    """An arena with two models made from the server's one by system prompt."""
    models = [
        {
            "name": f"under-test-{name}",
            "endpoint": vllm.endpoint,
            "served_name": vllm.served_name,
            "system_prompt": system_prompt,
            "sampling": {"temperature": 0.7, "seed": 7} | LENGTHS[name],
        }
        for name, system_prompt in PROMPTS.items()
    ]
    settings = Settings.model_validate(
        {"port": 0, "data_dir": tmp_path / "data", "models": models, "deadlines": {"abandoned": 1}}
    )
    with arenas.running(settings) as running:
        yield running


def test_two_battles_of_one_conversation_become_a_board_and_two_pairs(arena: arenas.Arena) -> None:
    with arena.rater() as rater, arena.admin() as admin:
        rater.timeout = admin.timeout = httpx.Timeout(180)
        ready = rater.get("/readyz").json()
        assert (ready["status"], ready["models"]) == ("ready", 2)
        first = arenas.battle(rater, "What is a river?")
        assert arenas.vote(rater, first, "model_a").status_code == 201
        second = arenas.battle(rater, "And a lake?", continues=first)
        assert arenas.vote(rater, second, "model_b").status_code == 201
        board = rater.get("/api/v1/leaderboards/overall").json()
        assert board["votes"] == 2
        assert {entry["model"] for entry in board["entries"]} == {f"under-test-{name}" for name in PROMPTS}
        status = admin.post("/api/v1/exports", json={"format": "trl-dpo"}).json()
        while status["state"] == "building":
            time.sleep(0.1)
            status = admin.get(f"/api/v1/exports/{status['release_id']}").json()
        assert status["state"] == "done", status
        text = admin.get(f"/api/v1/exports/{status['release_id']}/files/data/train.jsonl").text
        pairs = [json.loads(line) for line in text.splitlines()]
        battles = [rater.get(f"/api/v1/battles/{battle_id}").json() for battle_id in (first, second)]
    assert [pair["chosen"][0]["content"] for pair in pairs] == [battles[0]["text_a"], battles[1]["text_b"]]
    assert [message["content"] for message in pairs[1]["prompt"]] == [
        "What is a river?",
        battles[0]["text_a"],
        "And a lake?",
    ]


def test_a_battle_nobody_reads_is_aborted_on_the_server(tmp_path: Path, vllm: VllmServer) -> None:
    """Its connections are closed, and vLLM's own metrics show that nothing runs any more and nothing finished."""
    models = [
        {
            "name": f"endless-{name}",
            "endpoint": vllm.endpoint,
            "served_name": vllm.served_name,
            "sampling": dict.fromkeys(("max_tokens", "min_tokens"), vllm.max_model_len - 200) | {"temperature": 1.0},
        }
        for name in ("one", "two")
    ]
    settings = Settings.model_validate(
        {"port": 0, "data_dir": tmp_path / "data", "models": models, "deadlines": {"abandoned": 10}}
    )
    with arenas.running(settings) as arena, arena.rater() as rater:
        battle_id = rater.post("/api/v1/battles", json={"prompt": "Count to ten thousand."}).json()["battle_id"]
        assert eventually(lambda: vllm.metric("vllm:num_requests_running") == 2)
        assert eventually(lambda: vllm.metric("vllm:num_requests_running") == 0)
        state = lambda: rater.get(f"/api/v1/battles/{battle_id}").json()["state"]  # noqa: E731
        assert eventually(lambda: state() == "void", every=4)  # whoever asks more often keeps the battle alive


def eventually(fact: Callable[[], bool], seconds: float = 60, every: float = 0.1) -> bool:
    """Whether a fact comes true in time."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if fact():
            return True
        time.sleep(every)
    return False
