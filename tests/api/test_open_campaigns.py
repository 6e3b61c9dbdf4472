"""Campaigns of raters' own prompts: each draws among its models by its rules, and a conversation stays in it."""

import contextlib
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import arenas
from tests.arenas import Arena
from tests.inference import misbehaving

CAMPAIGNS = "/api/v1/campaigns"
MODELS = ("echo", "say:No.", "say:Rivers bend.", "say:Lanterns glow.")


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    folder: Path = tmp_path_factory.mktemp("open-campaigns")
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(folder, server.endpoint, MODELS)
        with arenas.hurried(), arenas.running(settings, pages=False) as running:
            yield running


@pytest.fixture
def lab(arena: Arena) -> Iterator[httpx.Client]:
    with arena.admin() as client:
        yield client


@pytest.fixture
def rater(arena: Arena) -> Iterator[httpx.Client]:
    with arena.rater() as client:
        yield client


def names(lab: httpx.Client) -> list[str]:
    return [one["name"] for one in lab.get("/api/v1/models").json()["models"]]


def made(lab: httpx.Client, name: str, **keys: Any) -> None:
    answer = lab.post(CAMPAIGNS, json={"name": name, "kind": "open", **keys})
    assert answer.status_code == 201, answer.text
    assert lab.patch(f"{CAMPAIGNS}/{name}", json={"state": "running"}).status_code == 200


def opened(rater: httpx.Client, campaign: str | None, **more: Any) -> str:
    given = {} if campaign is None else {"campaign": campaign}
    answer = rater.post("/api/v1/battles", json={"prompt": "Why do rivers bend?", **given, **more})
    assert answer.status_code == 201, answer.text
    battle_id = str(answer.json()["battle_id"])
    arenas.events(rater, battle_id)
    return battle_id


def voted(rater: httpx.Client, battle_id: str) -> dict[str, Any]:
    path, headers = f"/api/v1/battles/{battle_id}/votes", {"Idempotency-Key": battle_id}
    answer = rater.post(path, json={"winner": "model_a"}, headers=headers)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def refused(rater: httpx.Client, status: int, code: str | None = None, **body: Any) -> None:
    answer = rater.post("/api/v1/battles", json={"prompt": "Why?", **body})
    assert answer.status_code == status, answer.text
    assert answer.json()["code"] in arenas.codes(status, code)


def drawn(arena: Arena, battle_id: str) -> tuple[set[str], float, str, int | None]:
    with arena.services.workspace.reading() as connection:
        (row,) = connection.execute(
            "SELECT model_a, model_b, draw_probability, campaign, campaign_version FROM battles WHERE battle_id = ?",
            [battle_id],
        ).fetchall()
    return {row[0], row[1]}, row[2], row[3], row[4]


def test_a_campaign_draws_among_its_models_and_the_battle_keeps_the_chance(
    arena: Arena, lab: httpx.Client, rater: httpx.Client
) -> None:
    first, second, third, _ = names(lab)
    made(lab, "weighted", models=[first, second, third], pairs=[[first, second, 3], [first, third]])
    seen = {}
    for _ in range(12):
        battle_id = opened(rater, "weighted")
        models, chance, campaign, version = drawn(arena, battle_id)
        seen[frozenset(models)] = chance
        assert (campaign, version) == ("weighted", 1)
        assert set(map(voted(rater, battle_id).get, ("model_a", "model_b"))) == models
    assert seen.items() <= {frozenset((first, second)): 0.75, frozenset((first, third)): 0.25}.items()


def test_a_model_in_focus_has_half_of_the_chances(arena: Arena, lab: httpx.Client, rater: httpx.Client) -> None:
    focus = names(lab)[0]
    made(lab, "focused", focus=focus, pairing="coverage")
    for _ in range(6):
        models, chance, _, _ = drawn(arena, opened(rater, "focused"))
        assert chance == pytest.approx(1 / 6)
        assert len(models) == 2


def test_the_default_campaign_draws_alike_beside_others(arena: Arena, rater: httpx.Client) -> None:
    models, chance, campaign, version = drawn(arena, opened(rater, None))
    assert (len(models), chance, campaign, version) == (2, pytest.approx(1 / 6), "default", None)


def test_what_cannot_be_opened_is_refused(lab: httpx.Client, rater: httpx.Client) -> None:
    refused(rater, 422, campaign="absent")
    assert lab.post(CAMPAIGNS, json={"name": "drafted"}).status_code == 201
    refused(rater, 422, campaign="drafted")
    assert rater.post(f"{CAMPAIGNS}/drafted/tasks").status_code == 404
    made(lab, "pausing")
    lab.patch(f"{CAMPAIGNS}/pausing", json={"state": "paused"})
    refused(rater, 409, "paused", campaign="pausing")
    made(lab, "accounted", anonymous=False)
    refused(rater, 403, "account_needed", campaign="accounted")
    assert rater.post(f"{CAMPAIGNS}/pausing/tasks").status_code == 409
    bad = lab.post(CAMPAIGNS, json={"name": "overlapping", "overlap": 2})
    assert bad.status_code == 422


def test_a_conversation_stays_in_its_campaign_and_has_so_many_turns(lab: httpx.Client, rater: httpx.Client) -> None:
    made(lab, "talking", max_turns=2)
    first = opened(rater, "talking")
    voted(rater, first)
    second = opened(rater, None, continues=first)
    assert rater.get(f"/api/v1/battles/{second}").json()["campaign"] == "talking"
    voted(rater, second)
    refused(rater, 409, continues=second)
    refused(rater, 409, continues=first, campaign="default")


def test_a_day_has_so_many_votes_of_one_rater(arena: Arena, lab: httpx.Client, rater: httpx.Client) -> None:
    made(lab, "daily", daily_limit=1)
    voted(rater, opened(rater, "daily"))
    refused(rater, 409, "limit", campaign="daily")
    with arena.rater() as other:
        opened(other, "daily")


def test_the_votes_that_were_wanted_close_it(lab: httpx.Client, rater: httpx.Client) -> None:
    made(lab, "wanting", target_votes=1)
    voted(rater, opened(rater, "wanting"))
    refused(rater, 409, "closed", campaign="wanting")
    told = lab.get(f"{CAMPAIGNS}/wanting").json()
    assert (told["state"], told["items"], told["estimate"]["votes"]) == ("closed", None, 1)


def test_no_more_battles_begin_than_votes_are_wanted(arena: Arena, lab: httpx.Client) -> None:
    """Nine raters ask at the same moment, each over a connection of their own."""
    made(lab, "three-votes", target_votes=3)
    asked = {"prompt": "Why do rivers bend?", "campaign": "three-votes"}
    with contextlib.ExitStack() as stack:
        raters = [stack.enter_context(arena.rater()) for _ in range(9)]
        pool = stack.enter_context(futures.ThreadPoolExecutor(len(raters)))
        answers = list(pool.map(lambda one: one.post("/api/v1/battles", json=asked), raters))
        begun = [(one, answer) for one, answer in zip(raters, answers, strict=True) if answer.status_code == 201]
        assert len(begun) == 3
        assert {one.json()["code"] for one in answers if one.status_code != 201} == {"done"}
        for one, answer in begun:
            arenas.events(one, answer.json()["battle_id"])
        for one, answer in begun[1:]:
            arenas.vote(one, answer.json()["battle_id"]).raise_for_status()
        first, answer = begun[0]
        assert raters[0].post("/api/v1/battles", json=asked).json()["code"] == "done"
        arenas.vote(first, answer.json()["battle_id"]).raise_for_status()
        assert raters[0].post("/api/v1/battles", json=asked).json()["code"] == "closed"
    told = lab.get(f"{CAMPAIGNS}/three-votes").json()
    assert (told["state"], told["votes"]) == ("closed", 3)
