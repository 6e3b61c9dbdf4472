"""A model with an alias, or one that is announced, is called by its name to labs alone, whatever anybody else asks."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests import arenas
from tests.api.test_tokens import _until, token
from tests.api.test_walls import routes
from tests.imports import making as imported
from tests.inference import misbehaving

MODELS = ("echo", "say:Rivers bend.")
REAL, OTHER, ALIAS = "canary-0-echo", "canary-1-say-rivers-bend", "river-one"


class World:
    """A running arena in which one model has an alias and another one is announced, with votes on both."""

    def __init__(self, arena: arenas.Arena, folder: Path) -> None:
        self.arena = arena
        self.admin, self.rater = arena.admin(), arena.rater()
        rows = []
        for number, other in enumerate((REAL, OTHER)):
            row = imported.battles(model_a="canary-imported", model_b=other)
            names = ("question_id", "conversation_id", "vote_id")
            rows.append(row | {key: row[key][:-1] + str(number) for key in names})
        path = imported.write(folder / "votes.jsonl", rows)
        begun = self.admin.post("/api/v1/imports", json={"files": [str(path)]}).raise_for_status().json()["import_id"]
        _until(self.admin, f"/api/v1/imports/{begun}")
        self.battle = arenas.battle(self.rater)
        self.answered = arenas.vote(self.rater, self.battle).raise_for_status().json()
        made = self.admin.post("/api/v1/exports", json={"format": "battles"}).raise_for_status().json()
        self.release = made["release_id"]
        _until(self.admin, f"/api/v1/exports/{self.release}")
        self.before = self.texts(self.rater)
        self.admin.patch(
            f"/api/v1/models/{REAL}", json={"state": "active", "reason": "It is not out yet.", "alias": ALIAS}
        ).raise_for_status()

    def texts(self, client: httpx.Client) -> dict[str, bytes]:
        """Every GET route with what is this rater's, and what came of it; boards in each form."""
        ids: dict[str, str] = defaultdict(lambda: "none")
        ids |= {"battle_id": self.battle, "vote_id": self.answered["vote_id"], "release_id": self.release}
        ids |= {"board": "overall", "field": "general"}
        found = {}
        for route in routes():
            method, _, path = route.partition(" ")
            if method == "GET" and not path.endswith("/stream") and "/events" not in path:
                names = ["data/train.jsonl", "manifest.json"] if "{name}" in path else [""]
                for name in names:
                    address = path.format_map({**ids, "name": name} if name else ids)
                    found[address] = client.get(address).content
        for spelling in ("csv", "markdown"):
            found[spelling] = client.get("/api/v1/leaderboards/overall", params={"format": spelling}).content
        return found


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("aliases")
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(folder / "data", server.endpoint, MODELS)
        with arenas.hurried(), arenas.running(settings, pages=False) as running:
            made = World(running, folder)
            yield made
            made.admin.close()
            made.rater.close()


def holding(texts: dict[str, bytes], name: str) -> set[str]:
    return {address for address, content in texts.items() if name.encode() in content}


def test_no_route_tells_a_rater_or_a_trainer_the_name(world: World) -> None:
    shown = holding(world.before, REAL)
    assert len(shown) >= 6, f"positive control: before, a rater is told the name: {sorted(shown)}"
    with (
        world.arena.client(token(world.admin, "trainer")) as trainer,
        world.arena.client(token(world.admin, "reader")) as reader,
    ):
        for client in (world.rater, trainer, reader):
            assert holding(world.texts(client), REAL) == set()
        now = world.texts(world.rater)
        assert holding(now, ALIAS) >= shown
        own = holding(world.texts(world.admin), REAL)
        assert {"/api/v1/leaderboards/overall", "/api/v1/models", "csv", "markdown"} <= own, "the lab sees names"


def test_a_new_battle_reveals_the_alias_and_the_board_counts_under_it(world: World) -> None:
    battle = arenas.battle(world.rater, "Another one?")
    told = arenas.vote(world.rater, battle).raise_for_status().json()
    assert {told["model_a"], told["model_b"]} == {ALIAS, OTHER}
    again = world.rater.get(f"/api/v1/battles/{battle}").json()
    assert {again["model_a"], again["model_b"]} == {ALIAS, OTHER}
    board = world.rater.get("/api/v1/leaderboards/overall")
    assert int(board.headers["content-length"]) == len(board.content)
    entries = {one["model"]: one["votes"] for one in board.json()["entries"]}
    own = {one["model"]: one["votes"] for one in world.admin.get("/api/v1/leaderboards/overall").json()["entries"]}
    assert entries[ALIAS] == own[REAL]
    listed = {one["name"]: one for one in world.rater.get("/api/v1/models").json()["models"]}
    assert listed[ALIAS]["fingerprint"] == ""
    assert listed[OTHER]["fingerprint"], "positive control"


def test_releases_with_the_name_are_the_labs_own(world: World) -> None:
    with world.arena.client(token(world.admin, "trainer")) as trainer:
        assert trainer.get(f"/api/v1/exports/{world.release}").status_code == 404
        assert trainer.get(f"/api/v1/exports/{world.release}/archive").status_code == 404
        made = trainer.post("/api/v1/exports", json={"format": "battles"}).json()["release_id"]
        _until(trainer, f"/api/v1/exports/{made}")
        for name in ("data/train.jsonl", "manifest.json", "README.md"):
            assert REAL.encode() not in trainer.get(f"/api/v1/exports/{made}/files/{name}").content
        assert REAL.encode() not in trainer.get(f"/api/v1/exports/{made}/archive").content
    whole = world.admin.get(f"/api/v1/exports/{world.release}/files/data/train.jsonl").text
    assert REAL in whole, "positive control"


def test_an_announced_model_without_an_alias_has_one_made_up(world: World) -> None:
    added = {"name": "canary-new-one", "served_name": "echo", "state": "announced"}
    endpoint = str(world.arena.installation.settings.models[0].endpoint)
    world.admin.post("/api/v1/models", json={**added, "endpoint": endpoint}).raise_for_status()
    hidden = world.arena.services.aliases.hidden
    assert re.fullmatch(r"unannounced-[0-9a-f]{8}", hidden["canary-new-one"])
    assert holding(world.texts(world.rater), "canary-new-one") == set()
    assert holding(world.texts(world.admin), "canary-new-one"), "positive control"


def test_a_name_is_found_whole_and_nothing_that_only_begins_like_it(world: World) -> None:
    aliases = world.arena.services.aliases
    pattern = aliases.pattern_for(None)
    assert pattern is not None
    text = f'"{REAL}", {REAL}-2, x{REAL}, {REAL}.1, {REAL}. <b>{REAL}</b>'
    told = pattern.sub(aliases.told, text.encode()).decode()
    assert told == f'"{ALIAS}", {REAL}-2, x{REAL}, {REAL}.1, {ALIAS}. <b>{ALIAS}</b>'


@pytest.mark.parametrize("before", ["\n", "\t", "\b", '"', "\\", "\u00e9", "\u2028"])
def test_a_name_is_found_however_json_and_addresses_spell_what_stands_before_it(world: World, before: str) -> None:
    aliases = world.arena.services.aliases
    pattern = aliases.pattern_for(None)
    assert pattern is not None
    for written in (json.dumps, lambda text: json.dumps(text, ensure_ascii=False), quote):
        assert pattern.sub(aliases.told, written(f"I am:{before}{REAL}").encode()).decode() == written(
            f"I am:{before}{ALIAS}"
        )


@pytest.mark.parametrize(("alias", "status"), [(OTHER, 409), ("No Slug", 422), ("", 422)])
def test_an_alias_is_nobody_elses_name(world: World, alias: str, status: int) -> None:
    body = {"state": "active", "reason": "x", "alias": alias}
    assert world.admin.patch(f"/api/v1/models/{REAL}", json=body).status_code == status
    other = world.admin.patch(f"/api/v1/models/{OTHER}", json={**body, "alias": ALIAS})
    assert other.status_code == 409


def test_without_its_alias_a_model_is_called_by_its_name_again(world: World) -> None:
    body: dict[str, Any] = {"state": "active", "reason": "It is out."}
    assert world.admin.patch(f"/api/v1/models/{REAL}", json=body).json()["line"] is None, "the alias stays"
    told = world.admin.patch(f"/api/v1/models/{REAL}", json={**body, "alias": None})
    assert told.json()["line"] is not None
    assert holding(world.texts(world.rater), REAL) >= holding(world.before, REAL) - {"/api/v1/me"}
    verified = world.admin.get("/api/v1/verification").json()
    assert verified["problems"] == []
    assert json.loads(world.rater.get("/api/v1/leaderboards/overall").content)["entries"]
    world.admin.patch(f"/api/v1/models/{REAL}", json={**body, "alias": ALIAS}).raise_for_status()
    assert holding(world.texts(world.rater), REAL) == set(), "and again by its alias"
