"""Trials over HTTP: models asked by name, side by side or one in a chat; counted nowhere, and gone after 30 days."""

import asyncio
import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from arena import errors
from arena.domain.trial import KEPT_FOR
from arena.services import clock, trials
from arena.store import trials as stored
from arena.store.writing.commands import KeepTrial
from tests import arenas
from tests.inference import misbehaving
from tests.store import making

SERVED = ("echo", "say:No.", "unauthorized")
NAMES = ("canary-0-echo", "canary-1-say-no", "canary-2-unauthorized")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Here:
    arena: arenas.Arena
    server: misbehaving.Server
    lab: httpx.Client

    def ask(self, *models: str, prompt: str = "Why do rivers bend?", **more: Any) -> httpx.Response:
        return self.lab.post("/api/v1/trials", json={"prompt": prompt, "models": list(models), **more})


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    folder: Path = tmp_path_factory.mktemp("trials")
    with misbehaving.serve(listed=SERVED) as server:
        settings = arenas.settings_for(folder, server.endpoint, SERVED)
        with arenas.hurried(), arenas.running(settings, pages=False) as arena, arena.admin() as lab:
            paused = {"state": "paused", "reason": "It would make battles void."}
            lab.patch(f"/api/v1/models/{NAMES[2]}", json=paused).raise_for_status()
            yield Here(arena=arena, server=server, lab=lab)


def test_models_are_asked_by_name_side_by_side(here: Here) -> None:
    asked = here.ask(*NAMES)
    assert asked.status_code == 201, asked.text
    body = asked.json()
    assert [answer["model"] for answer in body["answers"]] == list(NAMES)
    assert [answer["text"] for answer in body["answers"]] == ["Why do rivers bend?", "No.", None]
    assert "Incorrect API key" in body["answers"][2]["problem"]
    assert [answer["finish_reason"] for answer in body["answers"]] == ["stop", "stop", None]
    told = here.lab.get(f"/api/v1/trials/{body['trial_id']}").json()
    assert told == {**body, "before": []}
    assert body in here.lab.get("/api/v1/trials").json()["trials"]


def test_a_chat_goes_on_with_the_same_models_and_what_each_said(here: Here) -> None:
    first = here.ask(*NAMES[:2]).json()
    before = len(here.server.requests)
    second = here.ask(prompt="And then?", continues=first["trial_id"])
    assert second.status_code == 201, second.text
    assert [answer["model"] for answer in second.json()["answers"]] == list(NAMES[:2])
    sent = {one.served_name: one.body["messages"] for one in here.server.requests[before:] if "messages" in one.body}
    assert [(message["role"], message["content"]) for message in sent["say:No."]] == [
        ("user", "Why do rivers bend?"),
        ("assistant", "No."),
        ("user", "And then?"),
    ]
    alone = here.ask(NAMES[1], prompt="Alone?", continues=second.json()["trial_id"]).json()
    told = here.lab.get(f"/api/v1/trials/{alone['trial_id']}").json()
    assert [one["prompt"] for one in told["before"]] == ["Why do rivers bend?", "And then?"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"models": []}, 422, "does_not_fit"),
        ({"models": [NAMES[0], NAMES[0]]}, 422, "does_not_fit"),
        ({"models": ["nobody-1"]}, 422, "unknown_name"),
        ({"models": [NAMES[0]], "continues": "tr_none"}, 422, "unknown_name"),
        ({"models": [NAMES[0]], "prompt": " "}, 422, None),
        ({"models": [NAMES[0]], "temperature": 1}, 400, None),
    ],
)
def test_what_is_no_trial_is_refused(here: Here, body: dict[str, Any], status: int, code: str | None) -> None:
    refused = here.lab.post("/api/v1/trials", json={"prompt": "Why?", **body})
    assert refused.status_code == status, refused.text
    assert code is None or refused.json()["code"] == code


def test_a_model_that_failed_has_nothing_to_go_on_from(here: Here) -> None:
    failed = here.ask(NAMES[2]).json()
    refused = here.ask(prompt="And then?", continues=failed["trial_id"])
    assert refused.status_code == 409
    assert "gave no answer" in refused.json()["detail"]


def counted(here: Here) -> list[Any]:
    """Everything that counts what models did."""
    models = here.lab.get("/api/v1/models").json()["models"]
    figures = [
        {key: one[key] for key in ("name", "battles", "votes", "void_rate", "voids", "exposure")} for one in models
    ]
    queries = ("SELECT count(*) FROM votes", "SELECT count(*) FROM battles", "SELECT count(*) FROM answers")
    sql = [here.lab.post("/api/v1/sql", json={"query": query}).raise_for_status().json()["rows"] for query in queries]
    ledger = here.lab.get("/api/v1/ledger").text
    return [figures, sql, ledger, here.lab.get("/api/v1/changes").json()]


def test_a_trial_is_counted_nowhere(here: Here) -> None:
    with here.arena.rater() as rater:
        before = counted(here)
        assert here.ask(*NAMES[:2]).status_code == 201
        assert counted(here) == before
        arenas.vote(rater, arenas.battle(rater), "tie").raise_for_status()
        assert counted(here) != before, "positive control"
    assert here.arena.services.workspace.verify().problems == ()


def test_a_trial_is_gone_after_thirty_days(here: Here) -> None:
    for trial_id, age in (("tr_old", KEPT_FOR + timedelta(hours=1)), ("tr_young", KEPT_FOR - timedelta(hours=1))):
        trial = making.trial(trial_id, asked_at=clock.now() - age)
        here.arena.services.workspace.submit(KeepTrial(trial=trial)).result()
    assert here.lab.get("/api/v1/trials/tr_young").status_code == 200
    assert here.lab.get("/api/v1/trials/tr_old").status_code == 404
    listed = [one["trial_id"] for one in here.lab.get("/api/v1/trials").json()["trials"]]
    assert "tr_young" in listed
    assert "tr_old" not in listed


def test_what_is_old_is_deleted_by_a_running_arena_even_where_one_look_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []

    def fails_at_first(connection: Any, before: Any, look: Any = stored.any_before) -> bool:
        looks.append(before)
        if len(looks) == 1:
            raise errors.Overloaded("Too much waits.")
        return bool(look(connection, before))

    monkeypatch.setattr(stored, "any_before", fails_at_first)
    monkeypatch.setattr(trials, "LOOK_SECONDS", 0.05)
    settings = arenas.settings_for(tmp_path, "http://127.0.0.1:9/v1", ())
    old = making.trial("tr_old", asked_at=clock.now() - KEPT_FOR - timedelta(hours=1))

    async def keep_and_wait() -> int:
        async with arenas.opened(settings) as services:
            await asyncio.wrap_future(services.workspace.submit(KeepTrial(trial=old)))
            for _ in range(600):
                with services.workspace.reading() as connection:
                    (left,) = connection.execute("SELECT count(*) FROM trials").fetchone() or (0,)
                if not left:
                    break
                await asyncio.sleep(0.1)
            return int(left)

    assert asyncio.run(keep_and_wait()) == 0
    assert len(looks) > 1


def test_long_lists_come_in_pages(here: Here) -> None:
    for number in range(3):
        trial = making.trial(f"tr_page_{number}", asked_at=clock.now())
        here.arena.services.workspace.submit(KeepTrial(trial=trial)).result()
    first = here.lab.get("/api/v1/trials?limit=1&after=tr_page_0").json()
    assert [one["trial_id"] for one in first["trials"]] == ["tr_page_1"]
    second = here.lab.get(f"/api/v1/trials?after={first['next']}").json()
    assert "tr_page_2" in [one["trial_id"] for one in second["trials"]]
    assert second["next"] is None


def test_trials_are_for_labs(here: Here) -> None:
    with here.arena.rater() as rater:
        assert rater.get("/api/v1/trials").status_code == 403
        assert rater.post("/api/v1/trials", json={"prompt": "x", "models": [NAMES[0]]}).status_code == 403
