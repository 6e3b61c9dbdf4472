"""Closing an account and erasing a rater need a fresh proof of who asks, and so does making an admin; what can be
undone does not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pyotp
import pytest

from arena.services.permitting import FRESH
from tests import arenas
from tests.api.people import GOOD, OTHER, accept, browser, change, invited, refused, sign_in
from tests.inference import misbehaving

MODELS = ("echo", "say:Rivers bend.")
API = "/api/v1"


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    with misbehaving.serve(listed=MODELS) as server, arenas.hurried():
        settings = arenas.settings_for(tmp_path_factory.mktemp("proofs"), server.endpoint, MODELS)
        with arenas.running(settings, pages=False) as running:
            yield running


@pytest.fixture
def admin(arena: arenas.Arena) -> Iterator[httpx.Client]:
    with arena.admin() as client:
        yield client


def age(arena: arenas.Arena, begun: httpx.Response) -> None:
    """Let a session be one whose owner proved who they are a moment too long ago."""
    sessions = arena.installation.instance.sessions
    ours = begun.raise_for_status().json()["session_id"]
    (session,) = (one for one in sessions._by_hash.values() if one.session_id == ours)
    sessions._by_hash[session.hash] = replace(session, proved_at=session.proved_at - FRESH - timedelta(seconds=1))


def test_each_step_that_needs_the_password_needs_the_code_as_well(arena: arenas.Arena, admin: httpx.Client) -> None:
    with browser(arena) as client:
        accept(client, invited(admin), "step@lab.example").raise_for_status()
        secret = client.post(f"{API}/account/second-step/offers").raise_for_status().json()["secret"]
        body = {"password": GOOD, "code": pyotp.TOTP(secret).now()}
        kept = client.put(f"{API}/account/second-step", json=body).raise_for_status().json()["recovery_codes"]
        for code in ({}, {"code": "000000"}):
            refused(client.put(f"{API}/account/password", json={"old": GOOD, "new": OTHER, **code}), 401, "second_step")
            refused(client.post(f"{API}/account/closure", json={"password": GOOD, **code}), 401, "second_step")
        no = {"password": GOOD, "code": "000000"}
        refused(client.post(f"{API}/account/second-step/removal", json=no), 401, "second_step")
        weak = {"old": GOOD, "new": "password1234", "code": kept[0]}
        refused(client.put(f"{API}/account/password", json=weak), 422)
        changed = client.put(f"{API}/account/password", json={"old": GOOD, "new": OTHER, "code": kept[0]})
        assert changed.status_code == 204, "a refused password used no code up"
        refused(client.post(f"{API}/account/closure", json={"password": OTHER, "code": kept[0]}), 401, "second_step")
        refused(client.post(f"{API}/account/closure", json={"password": GOOD, "code": kept[1]}), 401, "unauthenticated")
        closed = client.post(f"{API}/account/closure", json={"password": OTHER, "code": kept[1]})
        assert closed.status_code == 204


def test_who_signed_in_long_ago_erases_nothing_and_makes_no_admin(arena: arenas.Arena, admin: httpx.Client) -> None:
    with browser(arena) as client, arena.rater() as other, browser(arena) as guest:
        begun = accept(client, invited(admin, "admin"), "old@lab.example")
        accept(guest, invited(admin), "guest@lab.example").raise_for_status()
        arenas.vote(client, arenas.battle(client)).raise_for_status()
        arenas.vote(other, arenas.battle(other)).raise_for_status()
        rater = f"{API}/raters/{other.get(f'{API}/me').json()['id']}"
        age(arena, begun)
        device = client.post(f"{API}/sessions/devices").raise_for_status().json()["token"]
        with arena.client(guest.post(f"{API}/device-links/{device}").raise_for_status().json()["token"]) as further:
            refused(further.delete(f"{API}/me"), 401, "sign_in_again")
        for refusal in (
            client.delete(f"{API}/me"),
            client.delete(rater),
            client.post(f"{API}/tokens", json={"role": "admin"}),
            client.post(f"{API}/invitations", json={"role": "admin"}),
            change(client, "guest@lab.example", "admin"),
        ):
            refused(refusal, 401, "sign_in_again")
            assert "Sign in again" in refusal.json()["detail"]
        assert other.get(f"{API}/me").json()["votes"] == client.get(f"{API}/me").json()["votes"] == 1
        for role in ("lab", "reader"):
            made = client.post(f"{API}/tokens", json={"role": role})
            assert made.status_code == 201, "what can be undone needs no proof"
            assert client.delete(f"{API}/tokens/{made.json()['id']}").status_code == 204
            assert client.post(f"{API}/invitations", json={"role": role}).status_code == 201
            assert change(client, "guest@lab.example", role).status_code == 204
        sign_in(client, "old@lab.example").raise_for_status()
        assert client.delete(rater).status_code == 200
        made = client.post(f"{API}/tokens", json={"role": "admin"}).raise_for_status().json()["token"]
        assert change(client, "guest@lab.example", "admin").status_code == 204
        assert client.delete(f"{API}/me").status_code == 200
        with arena.client(made) as program:
            assert program.post(f"{API}/invitations", json={"role": "admin"}).status_code == 201, "a token needs none"


def test_to_withdraw_is_as_easy_as_to_agree(arena: arenas.Arena, admin: httpx.Client) -> None:
    with browser(arena) as client:
        begun = accept(client, invited(admin), "withdraws@lab.example")
        arenas.vote(client, arenas.battle(client)).raise_for_status()
        age(arena, begun)
        assert client.post(f"{API}/me/withdrawal").status_code == 201
