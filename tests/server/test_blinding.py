"""Before the vote, no byte a browser gets holds a model's name, endpoint or setting.

Every field of the models is a canary. The control switches blinding off and sees the same scan find them.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from arena.api import bodies
from arena.domain.campaign import Criterion
from arena.domain.view import BlindView
from arena.settings import Settings
from arena.store import battles
from tests import arenas
from tests.inference import misbehaving

CANARIES = (
    "canary-name",
    "canary-served",
    "canary-system",
    "CANARY_KEY",
    "127.0.0.1:{port}",
    "0.73519",
    "0.91357",
    "104729",
)
SECRET = "canary-secret-value"


@pytest.fixture
def blind_arena(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[arenas.Arena, list[bytes]]]:
    """An arena whose models are made of canaries, with the canaries to look for."""
    monkeypatch.setenv("CANARY_KEY", SECRET)
    with misbehaving.serve() as server:
        models = [
            {
                "name": f"canary-name-{word}",
                "endpoint": server.endpoint,
                "served_name": f"say:{word}",
                "system_prompt": f"canary-system {word}",
                "sampling": {"temperature": 0.73519, "top_p": 0.91357, "max_tokens": 104_729},
                "api_key_env": "CANARY_KEY",
            }
            for word in ("alpha", "omega")
        ]
        settings = Settings.model_validate({"port": 0, "data_dir": tmp_path / "data", "models": models})
        port = server.endpoint.split(":")[2].split("/")[0]
        looked_for = [canary.format(port=port).encode() for canary in (*CANARIES, SECRET)]
        with arenas.hurried(), arenas.running(settings) as running:
            yield running, looked_for


def everything_a_browser_gets(arena: arenas.Arena) -> tuple[httpx.Client, str, list[tuple[str, bytes]]]:
    """Headers and bytes of the page, its configuration, the stream and the API, up to the moment before the vote."""
    received: list[tuple[str, bytes]] = []

    def keep(response: httpx.Response) -> None:
        body = response.read()
        head = "\n".join(f"{name}: {value}" for name, value in response.headers.items() if name != "set-cookie")
        received.append((str(response.url.path), head.encode() + b"\n\n" + body))

    client = httpx.Client(
        base_url=arena.url, headers={"Origin": arena.url}, event_hooks={"response": [keep]}, timeout=30
    )
    for path in (
        "/",
        "/config",
        "/gradio_api/info",
        "/api/v1/me",
        "/api/openapi.json",
        "/healthz",
        "/readyz",
        "/metrics",
    ):
        client.get(path)
    battle_id = client.post("/api/v1/battles", json={"prompt": "Who are you?"}).json()["battle_id"]
    client.get(f"/api/v1/battles/{battle_id}")
    client.get(f"/api/v1/battles/{battle_id}/stream")
    for path in (f"/api/v1/battles/{battle_id}", "/api/v1/battles/latest", "/api/v1/leaderboards/overall"):
        client.get(path)
    client.post(f"/api/v1/battles/{battle_id}/votes", json={"winner": "banana"}, headers={"Idempotency-Key": "k"})
    client.post("/api/v1/battles", json={"prompt": "And?", "continues": battle_id})
    return client, battle_id, received


def hits(received: list[tuple[str, bytes]], canaries: list[bytes]) -> list[tuple[str, bytes]]:
    """Each canary found and where; a number counts as a whole only, as /metrics is full of digits of measured times."""
    return [
        (path, canary)
        for path, content in received
        for canary in canaries
        if re.search(rb"(?<![\d.])%b(?!\d)" % re.escape(canary), content)
    ]


def test_no_canary_is_seen_before_the_vote_and_names_are_after(blind_arena: tuple[arenas.Arena, list[bytes]]) -> None:
    arena, canaries = blind_arena
    client, battle_id, received = everything_a_browser_gets(arena)
    assert len(received) >= 15
    assert hits(received, canaries) == []
    voted = arenas.vote(client, battle_id)
    assert b"canary-name" in voted.content
    assert SECRET.encode() not in voted.content
    client.close()


def test_the_scan_finds_names_when_blinding_is_off(
    blind_arena: tuple[arenas.Arena, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    arena, canaries = blind_arena
    blinded = bodies.blind_battle

    def unblinded(view: BlindView, criteria: Sequence[Criterion] = ()) -> Any:
        with arena.services.workspace.reading() as connection:
            record = battles.load(connection, view.battle_id)
        assert record is not None
        return blinded(view, criteria).model_copy(update={"model_a": record.battle.model_a})

    monkeypatch.setattr(bodies, "blind_battle", unblinded)
    client, battle_id, received = everything_a_browser_gets(arena)
    assert {path for path, _ in hits(received, canaries)} >= {f"/api/v1/battles/{battle_id}", "/api/v1/battles/latest"}
    client.close()
