"""Tasks over HTTP: one item, several raters, each of whom sees a battle of their own."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from arena.domain.ids import PREFIXES, AssignmentId
from tests import arenas
from tests.arenas import Arena
from tests.services import tasking

TASKS = "/api/v1/campaigns/default/tasks"
CRITERIA = ["tone", {"name": "truth", "question": "Which is more accurate?"}]


@pytest.fixture
def arena(tmp_path: Path) -> Iterator[Arena]:
    settings = tasking.settings(tmp_path, overlap=2, criteria=CRITERIA, daily_limit=5)
    with arenas.running(settings, pages=False) as running:
        tasking.fill(running.services.workspace, 1, category="science")
        yield running


def take(rater: httpx.Client) -> str:
    given = rater.post(TASKS)
    assert given.status_code == 201, given.text
    return str(given.json()["battle_id"])


def refused(answer: httpx.Response, status: int, code: str | None = None) -> str:
    assert answer.status_code == status, answer.text
    assert answer.json()["code"] in arenas.codes(status, code)
    return str(answer.json()["detail"])


def test_a_task_is_a_battle_like_any_other_and_another_s_is_absent(arena: Arena) -> None:
    with arena.rater() as one, arena.rater() as two, arena.rater() as late, arena.admin() as admin:
        assert one.get("/api/v1/me").json()["tasks"] == 1
        given = one.post(TASKS).json()
        battle_id = given.pop("battle_id")
        assert battle_id.startswith(f"{PREFIXES[AssignmentId]}_")
        assert one.post(TASKS).json()["battle_id"] == battle_id
        found = one.get(f"/api/v1/battles/{battle_id}").json()
        assert (found["state"], found["campaign"], found["continues"]) == ("ready", "default", None)
        assert {key: found[key] for key in given} == given == {**given, "number": 1, "of": 5}
        assert found["criteria"] == [
            {"name": "tone", "question": None},
            {"name": "truth", "question": "Which is more accurate?"},
        ]
        assert not {"first", "second", "science"} & set(str(found).replace("'", " ").split())
        events = arenas.events(one, battle_id)
        assert [name for name, _ in events] == ["start", "delta", "done"]
        assert events[1][1] == {"a": found["text_a"], "b": found["text_b"]}

        other = take(two)
        assert other != battle_id
        for stranger in (two, late):
            for path in ("", "/stream"):
                refused(stranger.get(f"/api/v1/battles/{battle_id}{path}"), 404)
            refused(arenas.vote(stranger, battle_id), 404)
        refused(late.post(TASKS), 409, "done")

        bad = arenas.vote(one, battle_id, criteria={"style": "tie"})
        assert "'style'" in refused(bad, 422)
        assert "both_bad" in refused(arenas.vote(one, battle_id, criteria={"tone": "both_bad"}), 422)
        told = arenas.vote(one, battle_id, "model_b", key="k", criteria={"truth": "model_a"})
        assert told.status_code == 201
        assert arenas.vote(one, battle_id, "model_b", key="k", criteria={"truth": "model_a"}).json() == told.json()
        refused(arenas.vote(one, battle_id, "model_b", key="k", criteria={"truth": "tie"}), 409)
        refused(arenas.vote(one, battle_id), 409)
        seen = one.get(f"/api/v1/battles/{battle_id}").json()
        assert (seen["state"], seen["winner"], seen["ballot"]["criteria"]) == ("voted", "model_b", {"truth": "model_a"})
        assert {seen["model_a"], seen["model_b"]} == {"first", "second"}
        assert two.get(f"/api/v1/battles/{other}").json()["state"] == "ready"
        arenas.vote(two, other, "tie")
        refused(one.post(TASKS), 409, "done")
        board = admin.get("/api/v1/leaderboards/overall").json()
        assert board["votes"] == 2
        assert one.get("/api/v1/me").json()["tasks"] == 0


def test_what_stored_answers_do_not_allow_is_refused(arena: Arena) -> None:
    with arena.rater() as rater:
        battle_id = take(rater)
        refused(rater.post(f"/api/v1/battles/{battle_id}/stop"), 409)
        refused(rater.post("/api/v1/battles", json={"prompt": "Why?"}), 409)
        refused(rater.post("/api/v1/battles", json={"prompt": "Why?", "continues": battle_id}), 409)
        refused(rater.post("/api/v1/campaigns/other/tasks"), 404)
        refused(rater.post(f"/api/v1/battles/{battle_id}/skips", json={"reason": " "}), 422)
        assert rater.post(f"/api/v1/battles/{battle_id}/skips", json={"reason": "Not mine."}).status_code == 204
        assert rater.get(f"/api/v1/battles/{battle_id}").json()["state"] == "void"
        refused(arenas.vote(rater, battle_id), 409)


def test_a_report_is_a_person_s_to_answer(arena: Arena) -> None:
    with arena.rater() as rater, arena.rater() as other, arena.admin() as admin:
        battle_id = take(rater)
        path = f"/api/v1/battles/{battle_id}/reports"
        refused(rater.post(path, json={"reason": "Bad.", "kind": "banana"}), 422)
        made = rater.post(path, json={"reason": "It names a person.", "kind": "personal"})
        assert made.status_code == 201
        report_id = made.json()["report_id"]
        refused(other.post(TASKS), 409, "done")
        refused(other.get("/api/v1/reports"), 403)
        (report,) = admin.get("/api/v1/reports").json()["reports"]
        assert (report["report_id"], report["kind"], report["answer"]) == (report_id, "personal", None)
        assert all(report[name] for name in ("prompt", "response_a", "response_b"))
        assert not {"model_a", "model_b", "rater_id"} & report.keys()
        answer = {"keep": True, "reason": "A figure in a novel."}
        refused(rater.post(f"/api/v1/reports/{report_id}/answer", json=answer), 403)
        refused(admin.post("/api/v1/reports/rep_none/answer", json=answer), 404)
        assert admin.post(f"/api/v1/reports/{report_id}/answer", json=answer).status_code == 204
        decided = admin.get("/api/v1/reports").json()["reports"][0]["answer"]
        assert (decided["keep"], decided["reason"], bool(decided["answered_by"])) == (True, answer["reason"], True)
        take(other)


def test_an_open_campaign_gives_out_no_tasks(tmp_path: Path) -> None:
    settings = arenas.settings_for(tmp_path, "http://127.0.0.1:9/v1", ())
    with arenas.running(settings, pages=False) as running, running.rater() as rater:
        refused(rater.post(TASKS), 409)
        assert rater.get("/api/v1/me").json()["tasks"] is None


def test_an_arena_over_stored_answers_is_ready_without_models(arena: Arena) -> None:
    with arena.admin() as admin:
        found = admin.get("/readyz")
        assert (found.status_code, found.json()["status"], found.json()["models"]) == (200, "ready", 0)


def test_contributions_tell_a_task_as_it_was_shown(arena: Arena) -> None:
    """Each of several tasks, so that the sides of one at least are not those of its battle."""
    tasking.fill(arena.services.workspace, 6)
    with arena.rater() as rater:
        told = [(one := take(rater), arenas.vote(rater, one, "model_a").json()) for _ in range(5)]
        given = rater.get("/api/v1/me/contributions").json()["votes"]
    shown = [(battle_id, vote["model_a"], vote["model_b"], "model_a") for battle_id, vote in reversed(told)]
    assert [(one["battle_id"], one["model_a"], one["model_b"], one["winner"]) for one in given] == shown
