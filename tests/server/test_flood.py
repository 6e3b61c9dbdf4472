"""One address asks for everything: somebody at another address opens a battle and reads it to its end meanwhile."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from crowd import Address, Answer, Flood, refused

from tests import arenas
from tests.inference import misbehaving

MODELS = ("say:one two three four five six seven eight-700ms", "say:eight seven six five four three two one-700ms")
"""So slow that a battle holds its place for longer than the flood lasts."""
LIVE = 8
ANSWERED = 2 * LIVE
"""Openings of the flood that are answered before somebody else comes: it has all it can get by then."""
TIGHT = {"requests_per_address": 24, "streams_per_battle": 2, "raters_per_minute": 30, "send_seconds": 2}
OPEN = {
    "battles_per_address": 10_000,
    "requests_per_address": 10_000,
    "streams_per_battle": 10_000,
    "raters_per_minute": 10_000,
    "send_seconds": 10,
}


async def flooded(port: int) -> tuple[Flood, Answer, str]:
    """What came back to the flood, and to a rater at another address: how their battle opened, and how it ended."""
    attacker, person = Address(port=port, source="127.0.0.1"), Address(port=port, source="127.0.0.2")
    tokens = [await attacker.rater() for _ in range(4)]
    token = await person.rater()
    flood = Flood(opens=80, streams=150, raters=50, halves=40, seconds=3)

    async def rate() -> tuple[Answer, str]:
        await flood.answered("opens", ANSWERED)
        answer = await person.ask("POST", "/api/v1/battles", token, {"prompt": "Which is better?"})
        _, ended = await person.stream(answer.json()["battle_id"], token) if answer.status == 201 else (answer, "")
        return answer, ended

    async with asyncio.TaskGroup() as group:
        group.create_task(flood.attack(attacker, tokens))
        found = group.create_task(rate())
    return flood, *found.result()


def run(data_dir: Path, limits: dict[str, Any]) -> tuple[Flood, Answer, str]:
    """A flood on an arena with these limits."""
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(data_dir, server.endpoint, MODELS, limits={"live_battles": LIVE, **limits})
        with arenas.hurried(), arenas.running(settings) as arena:
            return asyncio.run(flooded(int(arena.url.rpartition(":")[2])))


@pytest.mark.slow(seconds=33)
def test_a_flood_of_one_address_is_refused_and_another_rater_notices_nothing(tmp_path: Path) -> None:
    flood, opened, ended = run(tmp_path, TIGHT)
    assert (opened.status, ended) == (201, "done")
    for kind in ("opens", "streams", "raters"):
        late = refused(flood.answers[kind])
        assert late, kind
        assert {(answer.status, answer.json()["code"]) for answer in late if answer.body} <= {(429, "limit")}
        assert all(int(answer.headers["retry-after"]) >= 1 for answer in late)
    assert {answer.status for answer in flood.answers["halves"]} <= {408, 429, None}


@pytest.mark.slow(seconds=33)
def test_without_shares_the_same_flood_keeps_the_other_rater_out(tmp_path: Path) -> None:
    """The positive control: the arena is full of one address's battles."""
    _, opened, _ = run(tmp_path, OPEN)
    assert opened.status == 503
