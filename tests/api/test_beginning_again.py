"""An account that erases itself goes on, and begins nothing anew that it had begun."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from arena.domain.removal import hashed
from tests import arenas
from tests.api.people import accept, browser, invited, sign_in
from tests.api.test_campaigns import CAMPAIGNS, made, refused, vote
from tests.arenas import Arena
from tests.services import qualifying_made, tasking

QUALIFICATIONS = "/api/v1/qualifications"
TEST = {"field": "law", "gold_set": qualifying_made.GOLD_SET, "practice": 0, "items": 2, "needed": 2, "tries": 1}
REASON = "canary-reason: these came within 2 seconds."


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    folder: Path = tmp_path_factory.mktemp("again")
    with qualifying_made.AS_GIVEN, arenas.running(tasking.settings(folder), pages=False) as running:
        tasking.fill(running.services.workspace, 6, models=tasking.MODELS)
        qualifying_made.fill(running.services.workspace, 4)
        with running.admin() as admin:
            admin.post(QUALIFICATIONS, json=TEST).raise_for_status()
        yield running


@pytest.fixture
def lab(arena: Arena) -> Iterator[httpx.Client]:
    with arena.admin() as client:
        yield client


@contextlib.contextmanager
def person(arena: Arena, lab: httpx.Client, email: str, **more: Any) -> Iterator[httpx.Client]:
    with browser(arena) as client:
        accept(client, invited(lab, **more), email).raise_for_status()
        yield client


def erase(client: httpx.Client) -> None:
    assert client.delete("/api/v1/me").status_code == 200


def name(client: httpx.Client) -> str:
    return str(client.get("/api/v1/me").raise_for_status().json()["id"])


def test_an_invitation_outlives_the_erasure_and_no_item_is_paid_twice(arena: Arena, lab: httpx.Client) -> None:
    made(lab, "tariffs", anonymous=False, raters=["r_nobody"])
    made(lab, "treaties", anonymous=False, raters=["r_nobody"])
    link = {"campaign": "tariffs", "uses": 1}
    with (
        person(arena, lab, "again@lab.example", **link) as client,
        person(arena, lab, "o@lab.example", **link) as other,
    ):
        for _ in range(2):
            vote(client, "tariffs")
        before = name(client)
        erase(client)
        assert name(client) != before
        detail = refused(client.post(f"{CAMPAIGNS}/tariffs/tasks"), 409, "done")
        assert "erased" in detail
        erase_twice = client.delete("/api/v1/me")
        assert erase_twice.status_code == 200
        refused(client.post(f"{CAMPAIGNS}/tariffs/tasks"), 409, "done")
        client.delete("/api/v1/sessions")
        with browser(arena) as second:
            sign_in(second, "again@lab.example").raise_for_status()
            refused(second.post(f"{CAMPAIGNS}/tariffs/tasks"), 409, "done")
        vote(other, "tariffs")
        refused(other.post(f"{CAMPAIGNS}/treaties/tasks"), 403)
        refused(client.post(f"{CAMPAIGNS}/treaties/tasks"), 403)
        lab.patch(f"{CAMPAIGNS}/treaties", json={"raters": []}).raise_for_status()
        vote(client, "treaties")
        paid = lab.post(f"{CAMPAIGNS}/tariffs/settlements", json={"amount": 300, "unit": "EUR-cent"})
        assert sum(one["credits"] for one in paid.raise_for_status().json()["parts"]) == 3
    with arena.services.workspace.reading() as connection:
        assert connection.execute("SELECT count(*) FROM votes WHERE rater_id = ?", [before]).fetchall() == [(0,)]


def test_an_invitation_to_a_campaign_that_was_not_begun_stays(arena: Arena, lab: httpx.Client) -> None:
    made(lab, "charters", anonymous=False, raters=["r_nobody"])
    with person(arena, lab, "invited@lab.example", campaign="charters") as client:
        erase(client)
        vote(client, "charters")


def test_standing_outlives_the_erasure_without_its_reason(arena: Arena, lab: httpx.Client) -> None:
    made(lab, "statutes", anonymous=False)
    made(lab, "rulings", anonymous=False)
    with person(arena, lab, "held@lab.example") as client:
        vote(client, "statutes")
        path = f"/api/v1/raters/{name(client)}/standing"
        lab.patch(path, json={"standing": "suspended", "reason": REASON}).raise_for_status()
        refused(client.post(f"{CAMPAIGNS}/rulings/tasks"), 409, "suspended")
        erase(client)
        refused(client.post(f"{CAMPAIGNS}/rulings/tasks"), 409, "suspended")
        told = client.get("/api/v1/me/standing").json()
        assert (told["standing"], "before you erased" in told["reason"]) == ("suspended", True)
        assert REASON not in str(told)
        erase(client)
        refused(client.post(f"{CAMPAIGNS}/rulings/tasks"), 409, "suspended")
        client.post("/api/v1/me/appeals", json={"text": "I read them."}).raise_for_status()
        path = f"/api/v1/raters/{name(client)}/standing"
        lab.patch(path, json={"standing": "probation", "reason": "One more chance."}).raise_for_status()
        vote(client, "rulings")
        erase(client)
        assert client.get("/api/v1/me/standing").json()["standing"] == "probation"
        path = f"/api/v1/raters/{name(client)}/standing"
        lab.patch(path, json={"standing": "qualified", "reason": "Fine."}).raise_for_status()
        erase(client)
        assert client.get("/api/v1/me/standing").json()["standing"] == "qualified"
    assert lab.get("/api/v1/verification").json()["problems"] == []


def test_a_test_waits_after_an_erasure_as_after_the_last_try(arena: Arena, lab: httpx.Client) -> None:
    with person(arena, lab, "tested@lab.example") as client, person(arena, lab, "fresh@lab.example") as fresh:
        assert client.post(f"{QUALIFICATIONS}/law/tasks").status_code == 201
        erase(client)
        refused(client.post(f"{QUALIFICATIONS}/law/tasks"), 409, "waiting")
        (mine,) = [one["mine"] for one in client.get(QUALIFICATIONS).json()["qualifications"]]
        assert (mine["state"], mine["tries_left"], mine["again_at"] is not None) == ("failed", 0, True)
        assert fresh.post(f"{QUALIFICATIONS}/law/tasks").status_code == 201


def test_what_is_kept_of_an_erased_account_is_a_hash(arena: Arena, lab: httpx.Client) -> None:
    made(lab, "edicts", anonymous=False)
    with person(arena, lab, "hash@lab.example") as client:
        vote(client, "edicts")
        accounts = arena.installation.instance.accounts
        found = accounts.find("hash@lab.example")
        assert found is not None
        before = accounts.member(found.account_id, "default")
        erase(client)
        client.get("/api/v1/me").raise_for_status()
        member = accounts.member(found.account_id, "default")
        assert before is not None
        assert member is not None
        assert (member.former, member.others) == ((hashed(before.rater_id),), ())
        assert member.rater_id != before.rater_id


def test_nobody_decides_on_the_credits_of_whom_they_were(arena: Arena, lab: httpx.Client) -> None:
    made(lab, "decrees", anonymous=False, audit_window=7)
    with person(arena, lab, "owner@lab.example", role="lab") as client:
        vote(client, "decrees")
        before = name(client)
        erase(client)
        body = {"campaign": "decrees", "amount": 1, "reason": "Me."}
        refused(client.post(f"/api/v1/raters/{before}/credits", json=body), 409)
        assert lab.post(f"/api/v1/raters/{before}/credits", json=body).status_code == 201
