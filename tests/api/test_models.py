"""Models over HTTP: what is public, and adding, pausing and retiring them while the arena runs."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from arena.domain.principal import Role
from arena.services import clock
from tests import arenas
from tests.inference import misbehaving

MODELS = ("echo", "say:No.")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Here:
    arena: arenas.Arena
    server: misbehaving.Server
    lab: httpx.Client
    rater: httpx.Client

    def table(self, name: str, served_name: str = "say:Rivers bend.", **more: Any) -> dict[str, Any]:
        return {"name": name, "served_name": served_name, "endpoint": self.server.endpoint, **more}

    def model(self, name: str, who: httpx.Client | None = None) -> dict[str, Any] | None:
        found = (who or self.lab).get("/api/v1/models").raise_for_status().json()["models"]
        return next((one for one in found if one["name"] == name), None)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    data_dir: Path = tmp_path_factory.mktemp("arena")
    with misbehaving.serve(listed=(*MODELS, "say:Rivers bend.")) as server:
        settings = arenas.settings_for(data_dir, server.endpoint, MODELS)
        with arenas.hurried(), arenas.running(settings, pages=False) as arena:
            admin = arena.installation.instance.find_token(arena.admin_token)
            assert admin is not None
            lab = arena.client(arena.services.identity.create_token(admin, Role.LAB, clock.now()).text)
            with lab, arena.rater() as rater:
                yield Here(arena=arena, server=server, lab=lab, rater=rater)


def problem(response: httpx.Response, status: int, *words: str) -> None:
    assert response.status_code == status, response.text
    for word in words:
        assert word in response.json()["detail"]


def test_what_is_public_of_a_model_is_told_to_everybody_and_how_busy_it_is_to_labs(here: Here) -> None:
    battle_id = arenas.battle(here.rater)
    mine = {"canary-0-echo", "canary-1-say-no"}
    before = {name: here.model(name, here.rater) for name in mine}
    assert arenas.vote(here.rater, battle_id).status_code == 201
    for name in mine:
        was, now = before[name], here.model(name, here.rater)
        assert was is not None
        assert now is not None
        assert set(now) == {
            *("name", "state", "since", "battles", "votes", "void_rate", "voids", "exposure", "fingerprint")
        }
        assert (now["state"], now["battles"], now["votes"]) == ("active", was["battles"] + 1, was["votes"] + 1)
        assert set(now["voids"]) == {"model", "prompt", "rater", "arena", "expired"}
        assert now["void_rate"] == 0.0
        battles = sum(one["battles"] for one in here.rater.get("/api/v1/models").json()["models"]) / 2
        assert now["exposure"] == pytest.approx(now["battles"] / battles), "it takes part since the first"
        assert now["since"].endswith("Z")
        seen = here.model(name)
        assert seen is not None
        busy = {"queue", "kv_use", "tokens_per_second", "first_text_seconds"}
        assert set(seen) - set(now) == {*busy, "answers", "problem"}
        assert (seen["answers"], seen["problem"]) == (True, None)


def test_a_battle_that_waits_for_its_vote_moves_no_figure(here: Here) -> None:
    before = here.rater.get("/api/v1/models").json()
    arenas.battle(here.rater)
    assert here.rater.get("/api/v1/models").json() == before


def test_a_model_is_added_drawn_paused_resumed_and_retired(here: Here) -> None:
    added = here.lab.post("/api/v1/models", json=here.table("river-1", reason="A new checkpoint."))
    assert added.status_code == 201
    first = added.json()["line"]
    assert (added.json()["name"], added.json()["state"]) == ("river-1", "active")
    drawn = set()
    for _ in range(12):
        body = arenas.vote(here.rater, arenas.battle(here.rater), "tie").json()
        drawn |= {body["model_a"], body["model_b"]}
    assert "river-1" in drawn

    def become(state: str) -> httpx.Response:
        return here.lab.patch("/api/v1/models/river-1", json={"state": state, "reason": f"To be {state}."})

    paused = become("paused")
    assert (paused.status_code, paused.json()["state"]) == (200, "paused")
    for _ in range(4):
        body = arenas.vote(here.rater, arenas.battle(here.rater), "tie").json()
        assert "river-1" not in {body["model_a"], body["model_b"]}
    assert become("paused").json()["line"] is None
    assert become("active").status_code == 200
    assert become("retired").status_code == 200
    problem(become("active"), 409, "river-1 is retired and cannot become active", "new name")
    asked_by_nobody = here.model("river-1")
    assert asked_by_nobody is not None
    assert asked_by_nobody["answers"] is None
    told = here.model("river-1", here.rater)
    assert told is not None
    assert told["state"] == "retired"
    assert told["votes"] > 0

    log = [one for one in here.rater.get("/api/v1/changes").json()["changes"] if one["subject"] == "river-1"]
    assert [one["text"] for one in log] == [
        "river-1 was added. A new checkpoint.",
        "river-1 is paused: it is drawn for no new battle, and its votes stay. To be paused.",
        "river-1 takes part. To be active.",
        "river-1 is retired: it is drawn no more, and its votes stay. To be retired.",
    ]
    assert [(one["model"]["added"], one["model"]["state"], one["model"]["reason"]) for one in log] == [
        (True, "active", "A new checkpoint."),
        (False, "paused", "To be paused."),
        (False, "active", "To be active."),
        (False, "retired", "To be retired."),
    ]
    assert log[0]["line"] == first
    assert [one["what"] for one in log] == ["model"] * 4
    assert here.arena.services.workspace.verify().problems == ()


def test_a_name_is_never_given_twice(here: Here) -> None:
    here.lab.post("/api/v1/models", json=here.table("lantern-1", state="announced")).raise_for_status()
    for table in (here.table("lantern-1"), here.table("lantern-1", "say:Else."), here.table("canary-0-echo")):
        problem(here.lab.post("/api/v1/models", json=table), 409, "was given before, and is never given twice")


def test_a_reason_of_blanks_is_one_that_was_left_out(here: Here) -> None:
    here.lab.post("/api/v1/models", json=here.table("meadow-2", reason=" ", state="announced")).raise_for_status()
    (added,) = [one for one in here.lab.get("/api/v1/changes").json()["changes"] if one["subject"] == "meadow-2"]
    assert added["model"]["reason"] == ""


def test_what_is_announced_is_for_labs_alone_and_never_drawn(here: Here) -> None:
    here.lab.post("/api/v1/models", json=here.table("orchard-1", state="announced")).raise_for_status()
    assert here.model("orchard-1", here.rater) is None
    seen = here.model("orchard-1")
    assert seen is not None
    assert seen["state"] == "announced"
    subjects = [one["subject"] for one in here.rater.get("/api/v1/changes").json()["changes"]]
    assert "orchard-1" not in subjects
    assert "orchard-1" in [one["subject"] for one in here.lab.get("/api/v1/changes").json()["changes"]]
    for _ in range(6):
        body = arenas.vote(here.rater, arenas.battle(here.rater), "tie").json()
        assert "orchard-1" not in {body["model_a"], body["model_b"]}
    problem(here.lab.patch("/api/v1/models/orchard-1", json={"state": "paused", "reason": "x"}), 409, "announced")
    here.lab.patch("/api/v1/models/orchard-1", json={"state": "active", "reason": "Ready."}).raise_for_status()
    assert "orchard-1" in [one["subject"] for one in here.rater.get("/api/v1/changes").json()["changes"]]
    here.lab.patch("/api/v1/models/orchard-1", json={"state": "retired", "reason": "Over."}).raise_for_status()


def test_a_try_asks_one_real_question_and_keeps_nothing(here: Here) -> None:
    asked = len(here.server.requests)
    tried = here.lab.post("/api/v1/models", json=here.table("meadow-1", **{"try": True}))
    assert tried.status_code == 200
    body = tried.json()
    assert (body["answers"], body["problem"], body["text"]) == (True, None, "Rivers bend.")
    assert (body["finish_reason"], body["signed"], body["context"]) == ("stop", "say:Rivers bend.", 2048)
    assert [one.body.get("stream") for one in here.server.requests[asked:]] == [None, True]
    assert here.model("meadow-1") is None

    gone = here.lab.post("/api/v1/models", json=here.table("meadow-1", "unauthorized", **{"try": True})).json()
    assert not gone["answers"]
    assert "status 401: Incorrect API key: nothing" in gone["problem"]


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"temperature": 1}, 400, ["temperature"]),
        ({"served_name": 3}, 400, ["served_name"]),
        ({"sampling": {"max_tokens": "7"}}, 400, ["sampling.max_tokens"]),
        ({"sampling": {"temperature": 7}}, 422, ["sampling.temperature"]),
        ({"name": "Not A Slug"}, 422, ["name"]),
        ({"name": "ok-1", "system_prompt": "half \ud800"}, 422, ["half a character"]),
        ({"name": "ok-1", "system_prompt": "nul \0"}, 422, ["NUL"]),
        ({"state": "paused"}, 422, ["state is 'paused'"]),
        ({"endpoint": None}, 422, ["no endpoint"]),
        (
            {"endpoint": "http://169.254.169.254/v1"},
            422,
            ["169.254.169.254/v1 is not on this arena's list", "[endpoints]"],
        ),
        ({"endpoints": ["http://localhost:22/v1"]}, 422, ["localhost:22/v1 is not on this arena's list"]),
        ({"api_key_env": "HOME"}, 422, ["'HOME'", "no model of the configuration has this key"]),
        ({"extra_body": {"messages": []}}, 422, ["extra_body holds messages"]),
        ({"serve": {"model": "/weights"}}, 422, ["for the configuration"]),
        ({"reason": "two\nlines"}, 422, ["reason is one line"]),
    ],
)
def test_what_cannot_be_a_model_is_refused_and_leaves_nothing(
    here: Here, changes: dict[str, Any], status: int, words: list[str]
) -> None:
    before = here.lab.get("/api/v1/changes").json()
    body = json.dumps(here.table("harbour-1") | changes)
    problem(here.lab.post("/api/v1/models", content=body, headers={"Content-Type": "application/json"}), status, *words)
    assert here.lab.get("/api/v1/changes").json() == before


def test_a_model_whose_server_does_not_list_it_says_so(here: Here) -> None:
    here.lab.post(
        "/api/v1/models", json=here.table("quay-1", "nobody-serves-this", state="announced")
    ).raise_for_status()
    seen = here.model("quay-1")
    assert seen is not None
    assert seen["answers"] is False
    assert "nobody-serves-this" in seen["problem"]


def test_who_may_do_what(here: Here) -> None:
    problem(here.rater.post("/api/v1/models", json=here.table("violin-1")), 403, "role lab or admin")
    problem(here.rater.patch("/api/v1/models/canary-0-echo", json={"state": "paused", "reason": "x"}), 403, "role")
    with here.arena.client() as nobody:
        assert nobody.get("/api/v1/models").status_code == 401
    problem(
        here.lab.patch("/api/v1/models/nobody-1", json={"state": "paused", "reason": "x"}), 404, "no model nobody-1"
    )
    problem(here.lab.patch("/api/v1/models/canary-0-echo", json={"state": "up", "reason": "x"}), 422, "accepted:")
    problem(here.lab.patch("/api/v1/models/canary-0-echo", json={"state": "paused", "reason": " "}), 422, "reason")


def test_long_lists_come_in_pages(here: Here) -> None:
    for name in ("page-1", "page-2"):
        here.lab.post("/api/v1/models", json=here.table(name, state="announced")).raise_for_status()
    first = here.lab.get("/api/v1/models?limit=1").json()
    assert len(first["models"]) == 1
    second = here.lab.get(f"/api/v1/models?limit=500&after={first['next']}").json()
    assert second["next"] is None
    names = [one["name"] for one in (*first["models"], *second["models"])]
    assert names == sorted(names)
    assert len(names) == len(set(names))
    changes = here.lab.get("/api/v1/changes?limit=1").json()
    assert changes["next"] == changes["changes"][0]["line"]
