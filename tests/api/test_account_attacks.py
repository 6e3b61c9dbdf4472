"""Attacks on accounts: a session, a link or a role that is not theirs, sent from elsewhere or in a body."""

import time
from typing import Any

import httpx
import pytest

from arena.api.cookies import SESSION
from tests import arenas
from tests.api import people
from tests.api.people import GOOD, OTHER, accept, browser, invited, program, refused, sign_in


@pytest.fixture(autouse=True)
def unlimited(arena: arenas.Arena) -> None:
    """Each test with its own tries: all of them have one address."""
    people.forget_tries(arena)


def test_a_session_that_somebody_else_chose_is_not_taken_over(arena: arenas.Arena, admin: httpx.Client) -> None:
    """Fixation: the token is new at each sign-in, whatever the browser brought, and what it brought ends."""
    with browser(arena) as client:
        planted = accept(client, invited(admin), "fixed@lab.example").json()["token"]
        again = sign_in(client, "fixed@lab.example").json()["token"]
        assert again != planted
        with arena.client(planted) as attacker:
            assert attacker.get("/api/v1/me").status_code == 401
        client.cookies.clear()
        client.cookies.set(SESSION, "session_chosen_by_somebody_else")
        taken = sign_in(client, "fixed@lab.example").json()["token"]
        assert taken != "session_chosen_by_somebody_else"


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1"])
def test_another_site_signs_nobody_in_or_out(arena: arenas.Arena, admin: httpx.Client, origin: str) -> None:
    token = invited(admin)
    with browser(arena) as client:
        accept(client, invited(admin), f"site{len(origin)}@lab.example")
        evil = {"Origin": origin}
        for method, path, body in (
            ("POST", "/api/v1/sessions", {"email": "fixed@lab.example", "password": GOOD}),
            ("POST", f"/api/v1/invitations/{token}/accept", {"email": "x@lab.example", "password": GOOD}),
            ("DELETE", "/api/v1/sessions", None),
            ("POST", "/api/v1/account/closure", {"password": GOOD}),
            ("PUT", "/api/v1/account/password", {"old": GOOD, "new": OTHER}),
        ):
            refused(client.request(method, path, json=body, headers=evil), 403)
            bare = httpx.request(
                method, arena.url + path, json=body, cookies=dict(client.cookies), headers={"Accept": "*/*"}
            )
            refused(bare, 403)
        assert client.get("/api/v1/me").status_code == 200


def test_tokens_of_one_kind_are_worth_nothing_as_another(arena: arenas.Arena, admin: httpx.Client) -> None:
    token = invited(admin, uses=3)
    with browser(arena) as client:
        session = accept(client, token, "kinds@lab.example").json()
    link = admin.post("/api/v1/password-links", json={"email": "kinds@lab.example"}).json()["token"]
    with program(arena) as stranger:
        for wrong in (token, link, session["session_id"], session["token"][:-1], session["token"].upper()):
            assert stranger.get("/api/v1/me", headers={"Authorization": f"Bearer {wrong}"}).status_code == 401
            assert stranger.get("/api/v1/me", headers={"Cookie": f"{SESSION}={wrong}"}).status_code == 401
        for wrong in (link, session["token"], arena.admin_token):
            refused(accept(stranger, wrong, "kinds2@lab.example"), 404)
        for wrong in (token, session["token"], arena.admin_token):
            refused(stranger.post(f"/api/v1/password-links/{wrong}", json={"password": GOOD}), 404)
        for wrong in (session["token"], token, "arena_x"):
            body = {"token": wrong, "email": "x@lab.example", "password": GOOD}
            refused(stranger.post("/api/v1/setup", json=body), 409)
    with arena.client(session["token"]) as right:
        assert right.get("/api/v1/me").status_code == 200, "positive control"


def test_a_body_cannot_make_a_session_or_a_role(arena: arenas.Arena, admin: httpx.Client) -> None:
    token = invited(admin)
    with program(arena) as client:
        body = {"email": "role@lab.example", "password": GOOD, "role": "admin"}
        refused(client.post(f"/api/v1/invitations/{token}/accept", json=body), 400)
        twice = b'{"email": "a@lab.example", "email": "b@lab.example", "password": "' + GOOD.encode() + b'"}'
        headers = {"Content-Type": "application/json"}
        refused(client.post(f"/api/v1/invitations/{token}/accept", content=twice, headers=headers), 400)
        for email in ("", "no-at", "a@b@c", "a @b.example", "a\x00@b.example", "x" * 300 + "@b.example"):
            refused(accept(client, token, email), 422)


def test_a_text_of_combining_marks_is_refused_like_any_other_and_costs_no_more(
    arena: arenas.Arena, admin: httpx.Client
) -> None:
    marks = "\u0301\u0316" * 20_000
    plain = "a" * len(marks)
    token = invited(admin)
    made = f"/api/v1/invitations/{token}/accept"

    def answered(path: str, **fields: str) -> tuple[int, Any, float]:
        before = time.process_time()
        with program(arena) as client:
            response = client.post(path, json={"email": "nobody@lab.example", "password": GOOD} | fields)
        return response.status_code, response.json()["detail"], time.process_time() - before

    unknown = answered("/api/v1/sessions")
    assert unknown[0] == 401
    for path, name, status in (
        ("/api/v1/sessions", "email", 401),
        ("/api/v1/sessions", "password", 401),
        (made, "email", 422),
        (made, "password", 422),
        (made, "name", 422),
    ):
        cheap, dear = answered(path, **{name: plain}), answered(path, **{name: f"{marks}@lab.example"})
        assert cheap[0] == dear[0] == status, (path, name, dear)
        assert status == 422 or cheap[1] == dear[1] == unknown[1]
        assert dear[2] < cheap[2] + 1, f"{name} took {dear[2]:.2f} s of processor time, a plain one {cheap[2]:.2f} s"
    with browser(arena) as client:
        assert accept(client, token, "marks@lab.example").status_code == 201, "none of them used the invitation up"


def test_another_password_makes_open_links_worthless(arena: arenas.Arena, admin: httpx.Client) -> None:
    with browser(arena) as client, browser(arena) as thief:
        assert accept(client, invited(admin), "links@lab.example").status_code == 201
        link = admin.post("/api/v1/password-links", json={"email": "links@lab.example"}).raise_for_status().json()
        changed = client.put("/api/v1/account/password", json={"old": GOOD, "new": OTHER})
        assert changed.status_code == 204, changed.text
        refused(thief.post(f"/api/v1/password-links/{link['token']}", json={"password": GOOD}), 410, "used")
        assert sign_in(thief, "links@lab.example", OTHER).status_code == 201
