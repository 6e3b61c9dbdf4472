"""Findings over HTTP: a ring is found, explained and held, the board moves back, and one honest rater is restored."""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from arena.domain import holding_policy
from arena.domain.ids import RaterId
from arena.services import audited_votes, clock
from tests import arenas
from tests.api.test_refusals import refused
from tests.api.test_standing import token
from tests.arenas import Arena
from tests.inference import misbehaving
from tests.services import voting_rings

VOTES = voting_rings.ringed()
BAD = {int(number) for number in VOTES.rater[VOTES.bad].tolist()}
BOARD = "/api/v1/leaderboards/overall"


@dataclass(frozen=True, kw_only=True)
class Ringed:
    """A running arena with the votes of people and of a ring."""

    arena: Arena
    lab: httpx.Client
    values: tuple[str, ...]
    """What each rater proves who they are with."""
    names: tuple[str, ...]

    @property
    def bad(self) -> set[str]:
        return {self.names[number] for number in BAD}

    def audit(self, **body: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.lab.post("/api/v1/audits", json=body).raise_for_status().json()
        return found

    def board(self, **query: str) -> dict[str, Any]:
        found: dict[str, Any] = self.lab.get(BOARD, params=query).raise_for_status().json()
        return found

    def head(self) -> str:
        return str(self.board()["ledger_head"])


@pytest.fixture(scope="module")
def ringed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ringed]:
    folder: Path = tmp_path_factory.mktemp("findings")
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(misbehaving.serve(listed=("echo",)))
        settings = arenas.settings_for(folder, server.endpoint, ("echo",))
        arena = stack.enter_context(arenas.running(settings, pages=False))
        identity = arena.services.identity
        people = [identity.new_rater(clock.now()) for _ in range(int(VOTES.rater.max()) + 1)]
        stored = [identity.rater(one.token) for one in people]
        voting_rings.enter(
            arena.services.workspace, VOTES, names=[RaterId(one.id) for one in stored if one is not None]
        )
        admin = stack.enter_context(arena.admin())
        lab = stack.enter_context(arena.client(token(admin, "lab")))
        yield Ringed(
            arena=arena,
            lab=lab,
            values=tuple(one.token for one in people),
            names=tuple(one.name for one in people),
        )


@pytest.mark.slow
def test_a_ring_is_found_held_and_explained_and_an_honest_rater_restored(
    ringed: Ringed, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, head = ringed.board(), ringed.head()
    tried = ringed.audit(dry_run=True)
    assert tried["dry_run"]
    assert (ringed.head(), ringed.board()) == (head, before), "a dry run writes nothing"
    assert before["counting"]["policy"] is None

    done = ringed.audit()
    (ring,) = done["findings"]
    assert (ring["kind"], ring["then"], ring["new"]) == ("ring", "probation", True)
    assert ringed.bad <= set(done["held_raters"])
    counting = ringed.board()["counting"]
    assert (counting["why"]["finding"], counting["policy"]) == (done["held_votes"], "2")
    counted = {one["model"]: one["votes"] for one in ringed.board()["entries"]}
    assert counting["counted"] == len(VOTES.rater) - done["held_votes"]
    assert ringed.board(votes="all")["entries"] == before["entries"], "all votes are where they were"

    listed = ringed.lab.get("/api/v1/findings").json()["findings"]
    whole_page = ringed.lab.get("/api/v1/findings", params={"limit": len(listed)}).json()
    assert (whole_page["findings"], whole_page["next"]) == (listed, None)
    assert [(one["finding_id"], one["sentence"]) for one in listed] == [(ring["finding_id"], ring["sentence"])]
    assert [one["waits"] for one in listed] == [True]
    assert ringed.lab.get("/api/v1/waiting").json()["findings"] == 1
    whole = ringed.lab.get(f"/api/v1/findings/{ring['finding_id']}", params={"limit": 500}).json()
    assert {one["rater_id"] for one in whole["of_raters"]} == set(ring["raters"])
    assert {one["rater_id"] for one in whole["spoken"]} <= set(ring["raters"])
    assert all(one["held"] for one in whole["spoken"])

    with ringed.arena.rater() as anybody:
        held = anybody.get(f"{BOARD}/held?limit=500").raise_for_status()
        told = held.json()
        assert told["reasons"] == [{"why": "finding", "kind": "ring", "votes": done["held_votes"]}]
        assert (told["held"], told["ledger_head"]) == (done["held_votes"], ringed.head())
        assert {one["model"]: one["votes"] for one in told["models"]} == {
            one["model"]: one["votes"] - counted[one["model"]] for one in before["entries"]
        }
        assert not any(name in held.text for name in done["held_raters"]), "no rater is named"
        refused(anybody.get(f"{BOARD}/held?by=category"), 422, "by")
        (policy,) = [one for one in anybody.get("/api/v1/changes").json()["changes"] if one["what"] == "policy"]
    assert (policy["subject"], "probation for careless" in policy["text"], policy["model"]) == ("2", True, None)
    step = policy["policy"]
    assert (step["before"], step["looks"], step["looks_before"]) == (None, 20, None)
    assert {rule["kind"]: rule["then"] for rule in step["rules"]} == {
        kind: rule.then for kind, rule in holding_policy.DEFAULT.rules.items()
    }
    assert {rule["then_before"] for rule in step["rules"]} == {"note"}

    (honest,) = set(done["held_raters"]) - ringed.bad
    raters = {one["rater_id"]: one for one in ringed.lab.get("/api/v1/raters?limit=500").json()["raters"]}
    (told,) = raters[honest]["findings"]
    assert told["sentence"] == ring["sentence"]
    assert (told["kind"], told["policy"], raters[honest]["standing"]) == ("ring", "2", "probation")
    assert 0 < told["votes"] <= raters[honest]["votes"]
    assert not any(one["findings"] for name, one in raters.items() if name not in ring["raters"])

    with ringed.arena.client(ringed.values[ringed.names.index(honest)]) as client:
        mine = client.get("/api/v1/me/standing").json()
        assert (mine["standing"], mine["reason"]) == ("probation", ring["sentence"])
        assert mine["fields"][0]["hold"]["policy"] == "policy 2"
        assert client.get("/api/v1/findings").status_code == 403
        client.post("/api/v1/me/appeals", json={"text": "I read every answer."}).raise_for_status()
        (appeal,) = ringed.lab.get("/api/v1/appeals").json()["appeals"]
        assert (appeal["decided_by"], appeal["standing"], appeal["mine"]) == ("policy 2", "probation", False)
        answer = {"standing": "qualified", "reason": "You differ from them."}
        ringed.lab.post(f"/api/v1/appeals/{appeal['appeal_id']}/answer", json=answer).raise_for_status()
        assert client.get("/api/v1/me/standing").json()["fields"][0]["held"] == 0
    monkeypatch.setattr(ringed.arena.services.audits, "_auditor", audited_votes.audited)  # the process beside did two
    again = ringed.audit()
    assert set(again["held_raters"]) == ringed.bad
    head = ringed.head()
    assert ringed.audit()["steps"] == []
    assert ringed.head() == head, "the same votes once more change nothing"
    with ringed.arena.admin() as admin:
        assert admin.get("/api/v1/verification").json()["problems"] == []

    assert ringed.lab.get("/api/v1/waiting").json()["findings"] == 1, "nobody has decided on the others"
    (ring,) = again["findings"]
    decided = {"standing": "suspended", "reason": "They vote together."}
    ringed.lab.post(f"/api/v1/findings/{ring['finding_id']}/decisions", json=decided).raise_for_status()
    assert ringed.lab.get("/api/v1/waiting").json()["findings"] == 0
    assert [one["waits"] for one in ringed.lab.get("/api/v1/findings").json()["findings"]] == [False]


@pytest.mark.slow
def test_while_an_audit_runs_the_arena_answers(ringed: Ringed) -> None:
    done = threading.Event()

    def audit() -> None:
        ringed.audit(dry_run=True)
        done.set()

    thread = threading.Thread(target=audit)
    thread.start()
    answered = 0
    with ringed.arena.client(ringed.values[0]) as client:
        while not done.is_set():
            client.get("/api/v1/me").raise_for_status()
            answered += 1
            time.sleep(0.01)
    thread.join()
    assert answered > 10


def test_what_an_audit_could_not_have_found_stands_beside_its_findings(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(misbehaving.serve(listed=("echo",)))
        settings = arenas.settings_for(tmp_path, server.endpoint, ("echo",))
        arena = stack.enter_context(arenas.running(settings, pages=False))
        voting_rings.enter(arena.services.workspace, voting_rings.by(VOTES, (0, 1)))
        arena.services.audits._auditor = audited_votes.audited
        admin = stack.enter_context(arena.admin())
        (limit,) = admin.post("/api/v1/audits", json={"dry_run": True}).raise_for_status().json()["limits"]
        assert (limit["kind"], limit["deviation"]) == ("uncompared", None)
        assert "three raters" in limit["sentence"]
        assert admin.get("/api/v1/findings").json()["limits"] == [], "a dry run writes nothing"
        assert admin.post("/api/v1/audits", json={}).raise_for_status().json()["limits"] == [limit]
        assert admin.get("/api/v1/findings").json() == {"findings": [], "limits": [limit], "next": None}


def test_nobody_but_a_lab_asks_for_an_audit(ringed: Ringed) -> None:
    with ringed.arena.admin() as admin:
        reviewer = token(admin, "reviewer")
    with ringed.arena.client(reviewer) as client:
        assert client.post("/api/v1/audits", json={}).status_code == 403
        assert client.get("/api/v1/findings").status_code == 200
        assert client.get("/api/v1/findings/f_none").status_code == 404
        assert client.get("/api/v1/findings?limit=0").status_code == 422
