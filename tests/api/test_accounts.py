"""Accounts over HTTP: invitations, sessions, and what is refused."""

import asyncio
import statistics
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from arena.api.cookies import RATER, SESSION
from arena.services.passwords import Passwords
from tests import arenas
from tests.api import people
from tests.api.people import GOOD, LONG, OTHER, accept, browser, change, invited, program, refused, sign_in
from tests.conftest import COSTLY
from tests.inference import misbehaving

MODELS = ("echo", "say:Rivers bend.")


@pytest.fixture(scope="module")
def server() -> Iterator[misbehaving.Server]:
    with misbehaving.serve(listed=MODELS) as running:
        yield running


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory, server: misbehaving.Server) -> Iterator[arenas.Arena]:
    """An arena for people; its default workspace lets anonymous raters in."""
    data_dir: Path = tmp_path_factory.mktemp("people")
    settings = arenas.settings_for(data_dir, server.endpoint, MODELS)
    with arenas.hurried(), arenas.running(settings, pages=False) as running:
        yield running


@pytest.fixture
def admin(arena: arenas.Arena) -> Iterator[httpx.Client]:
    """The admin."""
    with arena.admin() as client:
        yield client


@pytest.fixture(autouse=True)
def unlimited(arena: arenas.Arena) -> None:
    """Each test with its own tries: all of them have one address."""
    people.forget_tries(arena)


def test_an_invitation_makes_an_account_that_signs_in_lists_and_ends_its_sessions(
    arena: arenas.Arena, admin: httpx.Client
) -> None:
    token = invited(admin, "lab")
    with browser(arena) as first, browser(arena) as second:
        made = accept(first, token, "Ada@Lab.example")
        assert made.status_code == 201
        begun = made.json()
        assert (begun["role"], begun["workspace"]) == ("lab", "default")
        cookie = made.headers["set-cookie"]
        assert cookie.startswith(f"{SESSION}=session_")
        assert "HttpOnly" in cookie
        assert "samesite=lax" in cookie.lower()
        me = first.get("/api/v1/me").json()
        assert (me["id"], me["role"]) == (begun["rater_id"], "lab")
        assert me["workspaces"] == [{"name": "default", "role": "lab"}]
        assert sign_in(second, " ada@lab.EXAMPLE").json()["rater_id"] == begun["rater_id"]
        listed = second.get("/api/v1/sessions").json()["sessions"]
        assert [one["current"] for one in listed] == [False, True]
        assert second.delete(f"/api/v1/sessions/{begun['session_id']}").status_code == 204
        assert first.get("/api/v1/me").status_code == 401
        assert sign_in(first, "ada@lab.example").status_code == 201
        assert second.delete("/api/v1/sessions").status_code == 204
        assert first.get("/api/v1/me").status_code == 401
        (left,) = second.get("/api/v1/sessions").json()["sessions"]
        assert left["current"]
    with arena.client(begun["token"]) as ended:
        assert ended.get("/api/v1/me").status_code == 401, "an ended session opens nothing, as a bearer token either"


def test_a_session_is_a_bearer_token_too(arena: arenas.Arena, admin: httpx.Client) -> None:
    with program(arena) as client:
        token = accept(client, invited(admin, "trainer"), "train@lab.example").json()["token"]
    with arena.client(token) as trainer:
        assert trainer.get("/api/v1/me").json()["role"] == "trainer"
        assert trainer.get("/api/v1/exports").status_code == 200
        refused(trainer.get("/api/v1/invitations"), 403)
        refused(trainer.post("/api/v1/battles", json={"prompt": "Why?"}), 403)


def test_who_joins_one_workspace_stays_the_rater_they_are_in_another_until_they_join_it_too(
    arena: arenas.Arena, admin: httpx.Client
) -> None:
    made = admin.post("/api/v1/workspaces", json={"name": "lab-elsewhere", "anonymous": True}).raise_for_status()
    elsewhere = Path(made.json()["admin_token_file"]).read_text().strip()
    with browser(arena) as client, arena.client(elsewhere) as lab:
        values = {}
        for prefix, cookie in (("", RATER), ("/w/lab-elsewhere", f"{RATER}_lab-elsewhere")):
            values[prefix] = client.post(f"{prefix}/api/v1/raters").raise_for_status().json()
            client.cookies.set(cookie, values[prefix]["token"], domain="127.0.0.1", path="/")
        assert arenas.vote(client, arenas.battle(client)).status_code == 201
        link = lab.post("/w/lab-elsewhere/api/v1/invitations", json={"role": "rater"}).raise_for_status().json()
        assert accept(client, link["token"], "two@rater.example").json()["workspace"] == "lab-elsewhere"
        assert {RATER, f"{RATER}_lab-elsewhere"} & set(client.cookies) == {RATER}
        there = client.get("/w/lab-elsewhere/api/v1/me").json()
        assert (there["id"], there["role"]) == (values["/w/lab-elsewhere"]["rater_id"], "rater")
        here = client.get("/api/v1/me").raise_for_status().json()
        assert (here["id"], here["votes"], here["workspaces"]) == (values[""]["rater_id"], 1, None)
        assert arenas.vote(client, arenas.battle(client)).status_code == 201, "and goes on rating there"
        assert client.get("/api/v1/account").json()["email"] == "two@rater.example"
        assert accept(client, invited(admin), "two@rater.example").status_code == 201
        assert RATER not in client.cookies
        joined = client.get("/api/v1/me").json()
        assert (joined["id"], joined["votes"], joined["role"]) == (values[""]["rater_id"], 2, "rater")
        assert len(joined["workspaces"]) == 2
    with browser(arena) as without:
        sign_in(without, "two@rater.example")
        body = {"email": "two@rater.example"}
        assert admin.post("/api/v1/accounts/removal", json=body).status_code == 204
        refused(without.get("/api/v1/me"), 404)


def test_an_invitation_is_used_as_often_as_it_says_and_a_weak_password_uses_nothing_up(
    arena: arenas.Arena, admin: httpx.Client
) -> None:
    token = invited(admin)
    with program(arena) as client:
        for weak in ("short", "password1234", "qwertyuiop123", "once@rater.example", "\U0001f600" * 9):
            refused(accept(client, token, "once@rater.example", weak), 422)
        assert client.get(f"/api/v1/invitations/{token}").json()["role"] == "rater"
        assert accept(client, token, "once@rater.example").status_code == 201
        refused(accept(client, token, "twice@rater.example"), 410, "used")
        refused(client.get(f"/api/v1/invitations/{token}"), 410, "used")
        refused(accept(client, "invite_none", "twice@rater.example"), 404)
        made = admin.post("/api/v1/invitations", json={"role": "reader"}).json()
        assert admin.delete(f"/api/v1/invitations/{made['id']}").status_code == 204
        refused(accept(client, made["token"], "twice@rater.example"), 410, "expired")
        refused(admin.delete("/api/v1/invitations/inv_none"), 404)
        text = admin.get("/api/v1/invitations").text
        assert made["id"] in text
        assert made["token"] not in text


def test_an_account_joins_with_its_own_password_alone(arena: arenas.Arena, admin: httpx.Client) -> None:
    token = invited(admin, "reviewer", uses=5)
    with program(arena) as client:
        assert accept(client, invited(admin, "rater"), "joins@lab.example").json()["role"] == "rater"
        refused(accept(client, token, "joins@lab.example", OTHER), 401)
        assert accept(client, token, "joins@lab.example").json()["role"] == "reviewer"
        assert accept(client, invited(admin, "rater"), "joins@lab.example").json()["role"] == "reviewer", "never less"


def test_wrong_and_unknown_are_told_the_same_and_counted_the_same(arena: arenas.Arena, admin: httpx.Client) -> None:
    with program(arena) as client:
        accept(client, invited(admin), "known@lab.example")
        for email in ("known@lab.example", "unknown@lab.example"):
            answers = [sign_in(client, email, OTHER) for _ in range(6)]
            assert [one.status_code for one in answers] == [401] * 5 + [429]
            assert {one.content for one in answers[:5]} == {answers[0].content}
            assert 0 < int(answers[5].headers["retry-after"]) <= 900
            assert answers[5].json()["code"] == "limit"
        refused(sign_in(client, "known@lab.example"), 429, "limit")


def test_one_address_has_fifty_tries(arena: arenas.Arena, admin: httpx.Client) -> None:
    shares = arena.installation.shares
    with program(arena) as client:
        accept(client, invited(admin), "fifty@lab.example")
        for _ in range(49):
            shares.sign_ins_of_address.take("127.0.0.1")
        assert sign_in(client, "fifty@lab.example").status_code == 201, "who gets in takes nobody's try"
        refused(sign_in(client, "nobody@lab.example"), 401)
        refused(sign_in(client, "fifty@lab.example"), 429, "limit")


def test_a_class_signs_in_at_once_from_one_address(arena: arenas.Arena, admin: httpx.Client) -> None:
    with program(arena) as client:
        emails = [f"pupil-{number}@class.example" for number in range(3)]
        for email in emails:
            assert accept(client, invited(admin), email).status_code == 201

    async def at_once(password: str) -> list[int]:
        async with httpx.AsyncClient(base_url=arena.url, timeout=60, verify=arenas.PLAIN) as many:
            bodies = [{"email": email, "password": password} for email in emails for _ in range(30)]
            answers = await asyncio.gather(*(many.post("/api/v1/sessions", json=body) for body in bodies))
        return [one.status_code for one in answers]

    assert asyncio.run(at_once(GOOD)) == [201] * 90, "90 right ones, 30 of one e-mail: the limits are 50 and 5"
    wrong = asyncio.run(at_once(OTHER))
    assert (wrong.count(401), wrong.count(429)) == (15, 75), "five guesses an e-mail, however many come at once"


@pytest.mark.slow
def test_an_unknown_account_takes_as_long_as_a_known_one(
    arena: arenas.Arena, admin: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arena.installation.signing_in, "_passwords", Passwords(COSTLY()))
    took: dict[str, list[float]] = {"clock@lab.example": [], "nobody@lab.example": []}
    shares = arena.installation.shares
    with program(arena) as client:
        accept(client, invited(admin), "clock@lab.example")
        for _ in range(12):
            for email, seconds in took.items():
                begun = time.perf_counter()
                refused(sign_in(client, email, OTHER), 401)
                seconds.append(time.perf_counter() - begun)
            shares.sign_ins_of_email._count.clear()
            shares.sign_ins_of_email._since.clear()
            shares.sign_ins_of_address._count.clear()
            shares.sign_ins_of_address._since.clear()
    known, unknown = (statistics.median(seconds) for seconds in took.values())
    assert max(known, unknown) / min(known, unknown) < 1.5, (known, unknown)


def test_an_invitation_is_for_a_role_that_is_not_above_ones_own(arena: arenas.Arena, admin: httpx.Client) -> None:
    with arena.client(admin.post("/api/v1/tokens", json={"role": "lab"}).json()["token"]) as lab:
        refused(lab.post("/api/v1/invitations", json={"role": "rater"}), 403)
    for body in ({"role": "king"}, {"role": "operator"}, {"role": "rater", "uses": 0}, {"role": "rater", "days": 9999}):
        refused(admin.post("/api/v1/invitations", json=body), 422)
    refused(admin.post("/api/v1/invitations", json={"role": "rater", "hours": 1}), 400)


def test_the_operator_makes_a_link_for_a_new_password_that_works_once(arena: arenas.Arena, admin: httpx.Client) -> None:
    with browser(arena) as client, program(arena) as stranger:
        accept(client, invited(admin), "forgot@lab.example")
        link = admin.post("/api/v1/password-links", json={"email": "forgot@lab.example"}).json()["token"]
        refused(stranger.post(f"/api/v1/password-links/{link}", json={"password": "short"}), 422)
        assert stranger.post(f"/api/v1/password-links/{link}", json={"password": OTHER}).status_code == 201
        assert client.get("/api/v1/me").status_code == 401, "every session ends"
        refused(stranger.post(f"/api/v1/password-links/{link}", json={"password": GOOD}), 410, "used")
        refused(stranger.post("/api/v1/password-links/link_none", json={"password": GOOD}), 404)
        refused(sign_in(stranger, "forgot@lab.example", GOOD), 401)
        assert sign_in(stranger, "forgot@lab.example", OTHER).status_code == 201
    other = admin.post("/api/v1/tokens", json={"role": "admin"}).json()["token"]
    with arena.client(other) as no_operator:
        refused(no_operator.post("/api/v1/password-links", json={"email": "forgot@lab.example"}), 403)
        refused(no_operator.post("/api/v1/accounts/disabling", json={"email": "forgot@lab.example"}), 403)


def test_a_password_is_changed_by_who_knows_it_and_an_account_closed_keeps_its_votes(
    arena: arenas.Arena, admin: httpx.Client
) -> None:
    with browser(arena) as client, browser(arena) as second:
        accept(client, invited(admin), "closes@lab.example")
        rater_id = client.get("/api/v1/me").json()["id"]
        assert arenas.vote(client, arenas.battle(client)).status_code == 201
        sign_in(second, "closes@lab.example")
        refused(client.put("/api/v1/account/password", json={"old": OTHER, "new": OTHER}), 401)
        assert client.put("/api/v1/account/password", json={"old": GOOD, "new": OTHER}).status_code == 204
        assert (client.get("/api/v1/me").status_code, second.get("/api/v1/me").status_code) == (200, 401)
        refused(client.post("/api/v1/account/closure", json={"password": GOOD}), 401)
        assert client.post("/api/v1/account/closure", json={"password": OTHER}).status_code == 204
        assert client.get("/api/v1/account").status_code == 401
        refused(sign_in(client, "closes@lab.example", OTHER), 401)
    assert admin.delete(f"/api/v1/raters/{rater_id}").status_code == 200, "the votes are there, under the pseudonym"
    assert "closes@lab.example" not in admin.get("/api/v1/accounts").text


def test_who_is_taken_out_or_disabled_has_no_way_in(arena: arenas.Arena, admin: httpx.Client) -> None:
    with browser(arena) as client:
        accept(client, invited(admin), "leaves@lab.example")
        body = {"email": "leaves@lab.example", "reason": "The project is over."}
        assert admin.post("/api/v1/accounts/removal", json=body).status_code == 204
        refused(client.get("/api/v1/me"), 404)
        assert client.get("/api/v1/account").json()["workspaces"] == []
        assert admin.post("/api/v1/accounts/disabling", json={"email": "leaves@lab.example"}).status_code == 204
        assert client.get("/api/v1/account").status_code == 401
        refused(sign_in(client, "leaves@lab.example"), 401)
    entries = admin.get("/api/v1/audit-log").json()["entries"]
    (entry,) = [one for one in entries if one["reason"] == "The project is over."]
    assert (entry["did"], entry["to"], entry["from"]) == ("took out", "leaves@lab.example", "127.0.0.1")
    assert set(entry) == {"at", "who", "did", "to", "reason", "from"}
    for secret in (GOOD, "invite_", "session_", "arena_", "link_"):
        assert secret not in admin.get("/api/v1/audit-log").text


def test_the_last_admin_of_a_workspace_stays_until_there_is_another(arena: arenas.Arena, admin: httpx.Client) -> None:
    made = admin.post("/api/v1/workspaces", json={"name": "lone"}).raise_for_status().json()
    operator = {"Authorization": f"Bearer {Path(made['admin_token_file']).read_text().strip()}"}
    address = f"{arena.url}/w/lone/api/v1"

    def invitation(by: httpx.Client, headers: dict[str, str]) -> str:
        made = by.post(f"{address}/invitations", json={"role": "admin"}, headers=headers).raise_for_status()
        return str(made.json()["token"])

    with browser(arena) as last, browser(arena) as other, program(arena) as by:
        accept(last, invitation(by, operator), "last@lone.example")
        leaving = {"email": "last@lone.example"}
        refusing = last.post(f"{address}/accounts/removal", json=leaving)
        refused(refusing, 409)
        assert "last admin of workspace lone" in refusing.json()["detail"]
        assert last.get(f"{address}/accounts").status_code == 200
        accept(other, invitation(last, {}), "other@lone.example")
        assert admin.post("/api/v1/accounts/disabling", json={"email": "other@lone.example"}).status_code == 204
        refused(last.post(f"{address}/accounts/removal", json=leaving), 409)
        accept(other, invitation(last, {}), "third@lone.example")
        assert last.post(f"{address}/accounts/removal", json=leaving).status_code == 204
        refused(other.post(f"{address}/accounts/removal", json={"email": "third@lone.example"}), 409)
        refused(change(other, "third@lone.example", "lab", workspace="lone"), 409)
        assert change(other, "third@lone.example", "admin", workspace="lone").status_code == 204, "nothing changes"
        assert other.post("/api/v1/account/closure", json={"password": GOOD}).status_code == 204, "the way out is open"
        accept(last, invitation(by, operator), "fourth@lone.example")
        gone = by.post(f"{address}/accounts/removal", json={"email": "fourth@lone.example"}, headers=operator)
        assert gone.status_code == 204, "whoever holds that token can let people in"


def test_a_role_is_changed_and_what_hung_on_it_follows_at_once(arena: arenas.Arena, admin: httpx.Client) -> None:
    with browser(arena) as client, browser(arena) as guest:
        accept(client, invited(admin, "admin"), "lowered@lab.example")
        rater_id = client.get("/api/v1/me").json()["id"]
        made = client.post("/api/v1/tokens", json={"role": "admin"}).raise_for_status().json()["token"]
        link = client.post("/api/v1/invitations", json={"role": "rater"}).raise_for_status().json()["token"]
        with arena.client(made) as token:
            assert token.get("/api/v1/accounts").status_code == 200, "positive control"
            change(admin, "lowered@lab.example", "reviewer", reason="Labels no more.").raise_for_status()
            assert token.get("/api/v1/accounts").status_code == 401
        refused(accept(guest, link, "late@lab.example"), 410, "expired")
        refused(client.get("/api/v1/accounts"), 403)
        assert client.get("/api/v1/raters").status_code == 200, "what a reviewer may"
        me = client.get("/api/v1/me").json()
        assert (me["id"], me["role"]) == (rater_id, "reviewer"), "the same rater, with the votes it has"
        refused(change(client, "lowered@lab.example", "admin"), 403)
        change(admin, "lowered@lab.example", "admin").raise_for_status()
        assert client.get("/api/v1/accounts").status_code == 200, "and up again"
        for email, role, status in (("lowered@lab.example", "operator", 422), ("nobody@lab.example", "lab", 404)):
            refused(change(admin, email, role), status)
    found = [one for one in admin.get("/api/v1/audit-log").json()["entries"] if one["to"] == "lowered@lab.example"]
    assert [(one["did"], one["reason"]) for one in found[:2]] == [
        ("changed role from reviewer to admin", None),
        ("changed role from admin to reviewer", "Labels no more."),
    ]


def test_no_file_of_the_installation_holds_a_secret_of_a_person(arena: arenas.Arena, admin: httpx.Client) -> None:
    token = invited(admin)
    with program(arena) as client:
        session = accept(client, token, "canary@lab.example", "canary unheard velvet oxen").json()["token"]
    instance = arena.installation.instance.path
    held = b"".join(path.read_bytes() for path in instance.parent.glob("instance*"))
    assert b"canary@lab.example" in held
    for secret in (token, session, "canary unheard velvet oxen"):
        assert secret.encode() not in held


def test_a_stream_goes_no_further_than_its_session(
    arena: arenas.Arena, admin: httpx.Client, server: misbehaving.Server
) -> None:
    token = invited(admin)
    with browser(arena) as ended, browser(arena) as kept:
        begun = accept(ended, token, "stream@lab.example").json()
        assert sign_in(kept, "stream@lab.example").status_code == 201
        with server.holding(1):
            path = f"/api/v1/battles/{ended.post('/api/v1/battles', json={'prompt': LONG}).json()['battle_id']}/stream"
            with ended.stream("GET", path) as cut, kept.stream("GET", path) as whole:
                told, control = cut.iter_lines(), whole.iter_lines()
                assert (next(told), next(control)) == ("event: start", "event: start")
                assert kept.delete(f"/api/v1/sessions/{begun['session_id']}").status_code == 204
                server.most = None
                assert "event: done" not in list(told)
                assert "event: done" in list(control), "positive control"
        assert ended.get(path).status_code == 401


def test_a_stream_of_who_is_taken_out_is_cut(
    arena: arenas.Arena, admin: httpx.Client, server: misbehaving.Server
) -> None:
    token = invited(admin, uses=2)
    with browser(arena) as out, browser(arena) as kept:
        accept(out, token, "out@lab.example").raise_for_status()
        accept(kept, token, "kept@lab.example").raise_for_status()
        with server.holding(1):
            paths = [
                f"/api/v1/battles/{one.post('/api/v1/battles', json={'prompt': LONG}).json()['battle_id']}/stream"
                for one in (out, kept)
            ]
            with out.stream("GET", paths[0]) as cut, kept.stream("GET", paths[1]) as whole:
                told, control = cut.iter_lines(), whole.iter_lines()
                assert (next(told), next(control)) == ("event: start", "event: start")
                body = {"email": "out@lab.example", "reason": "It is over."}
                assert admin.post("/api/v1/accounts/removal", json=body).status_code == 204
                server.most = None
                assert "event: done" not in list(told)
                assert "event: done" in list(control), "positive control"


def test_tokens_and_changes_of_a_password_are_noted_without_a_secret(arena: arenas.Arena, admin: httpx.Client) -> None:
    made = admin.post("/api/v1/tokens", json={"role": "trainer"}).json()
    assert admin.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
    with browser(arena) as client:
        accept(client, invited(admin), "noted@lab.example")
        client.put("/api/v1/account/password", json={"old": OTHER, "new": OTHER})
        assert client.put("/api/v1/account/password", json={"old": GOOD, "new": OTHER}).status_code == 204
        link = admin.post("/api/v1/password-links", json={"email": "noted@lab.example"}).json()["token"]
        assert client.post(f"/api/v1/password-links/{link}", json={"password": GOOD}).status_code == 201
    told = admin.get("/api/v1/audit-log")
    entries = told.json()["entries"]
    of_token = [(one["did"], one["who"][:2], one["from"]) for one in entries if one["to"] == made["id"]]
    assert of_token == [("revoked token", "t_", "127.0.0.1"), ("made token as trainer", "t_", "127.0.0.1")]
    mine = [(one["did"], one["who"]) for one in entries if one["to"] == "noted@lab.example"]
    assert [did for did, _ in mine] == ["set a new password by a link", "made a password link", "changed the password"]
    assert mine[2][1] == "noted@lab.example"
    for secret in (made["token"], link, GOOD, OTHER):
        assert secret not in told.text


def test_a_password_that_is_typed_as_more_characters_still_fits(arena: arenas.Arena, admin: httpx.Client) -> None:
    long = "".join(f"{sign}\u0301" for sign in "aeiouy" * 110)
    assert len(long) > 1000
    with browser(arena) as client, browser(arena) as second:
        assert accept(client, invited(admin), "typed@lab.example", long).status_code == 201
        assert sign_in(second, "typed@lab.example", unicodedata.normalize("NFC", long)).status_code == 201


def test_a_link_of_the_first_device_signs_the_second_in_once(arena: arenas.Arena, admin: httpx.Client) -> None:
    with browser(arena) as first, browser(arena) as second, browser(arena) as third:
        accept(first, invited(admin), "devices@lab.example").raise_for_status()
        made = [first.post("/api/v1/sessions/devices").raise_for_status().json()["token"] for _ in range(2)]
        refused(second.post(f"/api/v1/device-links/{made[0]}"), 404)  # a newer one took its place
        assert second.post(f"/api/v1/device-links/{made[1]}").status_code == 201
        assert second.get("/api/v1/me").json()["id"] == first.get("/api/v1/me").json()["id"]
        refused(third.post(f"/api/v1/device-links/{made[1]}"), 404)
        assert len(first.get("/api/v1/sessions").json()["sessions"]) == 2
        last = first.post("/api/v1/sessions/devices").json()["token"]
        here = next(one["id"] for one in first.get("/api/v1/sessions").json()["sessions"] if one["current"])
        first.delete(f"/api/v1/sessions/{here}").raise_for_status()
        refused(third.post(f"/api/v1/device-links/{last}"), 404)  # whoever made it is signed out
        refused(third.post("/api/v1/sessions/devices"), 401)


def test_everything_about_somebody_is_one_file_and_nobody_elses(arena: arenas.Arena, admin: httpx.Client) -> None:
    with browser(arena) as client, arena.rater() as other:
        accept(client, invited(admin), "everything@lab.example").raise_for_status()
        arenas.vote(other, arenas.battle(other, "canary-other asks"), reason="canary-other says")
        arenas.vote(client, arenas.battle(client, "canary-own asks"), reason="canary-own says").raise_for_status()
        waiting = arenas.battle(client, "canary-waiting asks")
        told = client.get("/api/v1/me/everything")
        assert told.headers["content-disposition"].startswith("attachment")
        found = told.json()
        assert found["account"]["email"] == "everything@lab.example"
        assert [one["text"] for one in found["prompts"]] == ["canary-own asks", "canary-waiting asks"]
        assert [one["reason"] for one in found["contributions"]["votes"]] == ["canary-own says"]
        assert len(found["sessions"]) == 1
        assert "canary-other" not in told.text
        assert {"battle_id", "text", "written_at"} == set(found["prompts"][1]), "no model before the vote"
        client.post(f"/api/v1/battles/{waiting}/reports", json={"reason": "canary-report"}).raise_for_status()
        assert [one["text"] for one in client.get("/api/v1/me/everything").json()["reports"]] == ["canary-report"]
        own = other.get("/api/v1/me/everything").json()
        assert (own["account"], own["sessions"]) == (None, [])
        assert "canary-other asks" in str(own), "positive control"


def test_an_invitation_to_a_campaign_lets_its_account_in(arena: arenas.Arena, admin: httpx.Client) -> None:
    admin.post("/api/v1/campaigns", json={"name": "invited-only", "raters": ["r_nobody"]}).raise_for_status()
    admin.patch("/api/v1/campaigns/invited-only", json={"state": "running"}).raise_for_status()
    body = {"prompt": "A river?", "campaign": "invited-only"}
    with browser(arena) as guest, browser(arena) as other, browser(arena) as again:
        accept(guest, invited(admin, campaign="invited-only"), "guest@lab.example").raise_for_status()
        accept(other, invited(admin), "uninvited@lab.example").raise_for_status()
        refused(other.post("/api/v1/battles", json=body), 403)
        assert guest.post("/api/v1/battles", json=body).status_code == 201
        link = invited(admin, "reviewer", campaign="invited-only")
        accept(again, link, "uninvited@lab.example").raise_for_status()
        assert again.post("/api/v1/battles", json=body).status_code == 201, "an account there is let in, too"
        assert other.post("/api/v1/battles", json=body).status_code == 201, "on every device"
        noted = [one for one in admin.get("/api/v1/audit-log").json()["entries"] if one["to"] and one["reason"]]
        assert ("joined as rater", "for campaign invited-only") in [(one["did"], one["reason"]) for one in noted]
    with arena.installation.instance.transaction():  # as read by the next start
        arena.installation.instance.accounts._read()
    member = arena.installation.instance.accounts
    account = member.named("guest@lab.example")
    assert member.memberships(account.account_id)[0].campaigns == ("invited-only",)


@pytest.mark.parametrize(("role", "campaign", "word"), [("rater", "no-such", "no-such"), ("reader", "spring", "token")])
def test_an_invitation_to_a_campaign_is_refused_where_it_would_open_nothing(
    admin: httpx.Client, role: str, campaign: str, word: str
) -> None:
    refusal = admin.post("/api/v1/invitations", json={"role": role, "campaign": campaign})
    refused(refusal, 422)
    assert word in refusal.json()["detail"]
    assert invited(admin, campaign="default"), "positive control"
