"""A field is granted to whoever is invited and has no account yet: it arrives with the account."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import pytest

from arena.errors import Overloaded
from tests import arenas
from tests.api.people import accept, browser, invited, sign_in
from tests.api.test_campaigns import CAMPAIGNS, made, refused, vote
from tests.arenas import Arena
from tests.services import tasking

INVITATIONS = "/api/v1/invitations"
GRANT = {"qualifications": ["law"], "reason": "She has judged contracts for ten years."}


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    folder: Path = tmp_path_factory.mktemp("granted")
    with arenas.running(tasking.settings(folder), pages=False) as running:
        tasking.fill(running.services.workspace, 3)
        with running.admin() as admin:
            made(admin, "contracts", anonymous=False, qualifications=["law"], overlap=20)
        yield running


@pytest.fixture
def admin(arena: Arena) -> Iterator[httpx.Client]:
    with arena.admin() as client:
        yield client


def invitation(of: httpx.Client, **more: Any) -> dict[str, Any]:
    return dict(of.post(INVITATIONS, json={"role": "rater", **more}).raise_for_status().json())


@contextlib.contextmanager
def person(arena: Arena, token: str, email: str) -> Iterator[httpx.Client]:
    with browser(arena) as client:
        accept(client, token, email).raise_for_status()
        yield client


def law(client: httpx.Client) -> tuple[str, str | None]:
    (found,) = [one for one in client.get("/api/v1/me/standing").json()["fields"] if one["field"] == "law"]
    return found["standing"], found["reason"]


def test_a_field_arrives_with_the_account(arena: Arena, admin: httpx.Client) -> None:
    before = admin.get("/api/v1/raters").json()["raters"]
    link = invitation(admin, uses=3, **GRANT)
    assert admin.get("/api/v1/raters").json()["raters"] == before, "nobody is listed who is not here"
    with (
        person(arena, link["token"], "law@lab.example") as first,
        person(arena, link["token"], "two@lab.example") as two,
    ):
        for client in (first, two):
            assert law(client) == ("qualified", GRANT["reason"])
            vote(client, "contracts")
    with person(arena, invited(admin), "other@lab.example") as other:
        refused(other.post(f"{CAMPAIGNS}/contracts/tasks"), 409, "not_qualified")
    noted = [one for one in admin.get("/api/v1/audit-log").json()["entries"] if one["to"] == link["id"]]
    assert [one["did"] for one in noted].count("decided standing in law: qualified") == 1
    assert admin.get("/api/v1/verification").json()["problems"] == []


def test_a_field_is_granted_and_taken_back_by_the_id_of_an_invitation(arena: Arena, admin: httpx.Client) -> None:
    link = invitation(admin)
    path = f"/api/v1/raters/{link['id']}/standing"
    told = admin.patch(path, json={"standing": "qualified", "field": "law", "reason": "Known."}).raise_for_status()
    assert told.json()["standing"] == "qualified"
    admin.delete(f"{path}?field=law").raise_for_status()
    with person(arena, link["token"], "late@lab.example") as client:
        assert client.get("/api/v1/me/standing").json()["fields"][-1]["standing"] != "qualified"
    refused(admin.patch(path, json={"standing": "qualified", "field": "law", "reason": "Known."}), 404)


def test_what_was_granted_to_all_who_follow_an_invitation_is_not_undone_of_one(
    arena: Arena, admin: httpx.Client
) -> None:
    link = invitation(admin, uses=3, **GRANT)
    with (
        person(arena, link["token"], "undone@lab.example") as client,
        person(arena, link["token"], "beside@lab.example") as beside,
    ):
        path = f"/api/v1/raters/{client.get('/api/v1/me').json()['id']}/standing"
        refused(admin.delete(f"{path}?field=law"), 409)
        body = {"standing": "new", "field": "law", "reason": "Not she."}
        told = admin.patch(path, json=body).raise_for_status().json()
        assert told["undone_until"] is not None
        assert (law(client)[0], law(beside)[0]) == ("new", "qualified")
        admin.delete(f"{path}?field=law").raise_for_status()
        assert law(client)[0] == "qualified"
        admin.delete(f"/api/v1/raters/{link['id']}/standing?field=law").raise_for_status()
        assert (law(client)[0], law(beside)[0]) == ("new", "new"), "of the invitation it is"


def test_what_is_refused_makes_no_invitation(arena: Arena, admin: httpx.Client) -> None:
    before = len(admin.get(INVITATIONS).json()["invitations"])
    for wrong in ({**GRANT, "qualifications": ["alchemy"]}, {**GRANT, "reason": " "}, {"qualifications": ["law"]}):
        assert admin.post(INVITATIONS, json={"role": "rater", **wrong}).status_code == 422
    assert len(admin.get(INVITATIONS).json()["invitations"]) == before
    link = invitation(admin)
    body = {"standing": "suspended", "field": "law", "reason": "Early."}
    refused(admin.patch(f"/api/v1/raters/{link['id']}/standing", json=body), 422)
    with arena.client(admin.post("/api/v1/tokens", json={"role": "reviewer"}).json()["token"]) as reviewer:
        body = {"standing": "qualified", "field": "law", "reason": "Known."}
        refused(reviewer.patch(f"/api/v1/raters/{link['id']}/standing", json=body), 404)


def test_an_invitation_to_which_nothing_can_be_granted_is_ended(arena: Arena, admin: httpx.Client) -> None:
    """Nobody was told its link."""
    decide = mock.AsyncMock(side_effect=Overloaded("The database is away."))
    with mock.patch.object(arena.services.standing, "decide", decide):
        refused(admin.post(INVITATIONS, json={"role": "rater", **GRANT}), 503)
    decide.assert_awaited_once()
    *_, last = admin.get(INVITATIONS).json()["invitations"]
    assert last["id"] == decide.await_args.args[1]  # type: ignore[union-attr]
    assert datetime.fromisoformat(last["ends_at"]) <= datetime.now(UTC)


def test_who_is_here_stays_as_was_decided_and_nobody_grants_themselves(arena: Arena, admin: httpx.Client) -> None:
    with person(arena, invited(admin), "held@lab.example") as client:
        name = client.get("/api/v1/me").json()["id"]
        body = {"standing": "suspended", "field": "law", "reason": "No."}
        admin.patch(f"/api/v1/raters/{name}/standing", json=body).raise_for_status()
        accept(client, invitation(admin, **GRANT)["token"], "held@lab.example").raise_for_status()
        assert law(client) == ("suspended", "No.")
    with person(arena, invited(admin, "admin"), "boss@lab.example") as boss:
        link = invitation(boss, uses=2, **GRANT)
        accept(boss, link["token"], "boss@lab.example").raise_for_status()
        assert law(boss)[0] == "new"
        with person(arena, link["token"], "friend@lab.example") as friend:
            assert law(friend)[0] == "qualified", "positive control"


def test_a_field_follows_its_account_everywhere(arena: Arena, admin: httpx.Client) -> None:
    link = invitation(admin, **GRANT)
    with person(arena, link["token"], "again@lab.example") as client:
        assert client.delete("/api/v1/me").status_code == 200
        assert law(client)[0] == "qualified"
        with browser(arena) as second:
            sign_in(second, "again@lab.example").raise_for_status()
            assert law(second)[0] == "qualified"
