"""The raters that an account is: what its browsers gave before joins it, and leaves with it."""

import secrets
from collections.abc import Iterator

import httpx
import pytest

from arena.api.cookies import RATER
from arena.domain.removal import RemovalKind
from arena.services import withdrawing
from tests import arenas
from tests.api import people
from tests.api.people import accept, browser, invited, refused, sign_in


@pytest.fixture(autouse=True)
def unlimited(arena: arenas.Arena) -> None:
    """Each test with its own tries: all of them have one address."""
    people.forget_tries(arena)


def test_votes_of_the_browser_follow_into_the_account_and_its_cookie_is_worth_nothing_more(
    arena: arenas.Arena, admin: httpx.Client
) -> None:
    token = invited(admin, uses=9)
    values = []
    with browser(arena) as client, browser(arena) as second:
        for one in (client, second):
            values.append(one.post("/api/v1/raters").json()["token"])
            one.cookies.set(RATER, values[-1], domain="127.0.0.1", path="/")
            assert arenas.vote(one, arenas.battle(one)).status_code == 201
        rater_id = client.get("/api/v1/me").json()["id"]
        assert accept(client, token, "votes@rater.example").json()["rater_id"] == rater_id
        assert RATER not in client.cookies
        assert len(client.get("/api/v1/me/contributions").json()["votes"]) == 1
        late = arenas.battle(second)
        assert sign_in(second, "votes@rater.example").json()["rater_id"] == rater_id
        assert arenas.vote(second, late).status_code == 201, "what the browser began is finished by the account"
        assert len(client.get("/api/v1/me/contributions").json()["votes"]) == 3
        assert client.get("/api/v1/me").json()["votes"] == 3
    for value in values:
        with arena.client(value) as before:
            assert before.get("/api/v1/me").status_code == 401


def test_an_account_that_erases_itself_erases_what_its_browsers_gave(arena: arenas.Arena, admin: httpx.Client) -> None:
    token = invited(admin, uses=2)
    with browser(arena) as client, browser(arena) as second:
        assert accept(client, token, "erase@rater.example").status_code == 201
        assert arenas.vote(client, arenas.battle(client)).status_code == 201
        value = second.post("/api/v1/raters").json()["token"]
        second.cookies.set(RATER, value, domain="127.0.0.1", path="/")
        assert arenas.vote(second, arenas.battle(second)).status_code == 201
        assert sign_in(second, "erase@rater.example").status_code == 201
        before = client.get("/api/v1/me").json()["id"]
        assert client.delete("/api/v1/me").status_code == 200
        after = client.get("/api/v1/me").json()
        assert (after["votes"], after["id"] == before) == (0, False)
        assert client.get("/api/v1/me/contributions").json()["votes"] == []


@pytest.fixture
def two_raters(arena: arenas.Arena, admin: httpx.Client) -> Iterator[tuple[httpx.Client, str, str]]:
    """Somebody who rated as their account and, in a browser of before, as another rater; and the names of both."""
    email = f"two-{secrets.token_hex(4)}@rater.example"
    with browser(arena) as client, browser(arena) as second:
        name = accept(client, invited(admin), email).json()["rater_id"]
        assert arenas.vote(client, arenas.battle(client)).status_code == 201
        value = second.post("/api/v1/raters").json()["token"]
        second.cookies.set(RATER, value, domain="127.0.0.1", path="/")
        assert arenas.vote(second, arenas.battle(second)).status_code == 201
        other = second.get("/api/v1/me").json()["id"]
        assert sign_in(second, email).status_code == 201
        yield client, name, other


@pytest.mark.parametrize("asked", [0, 1])
def test_an_admin_who_erases_a_rater_erases_all_that_their_account_is(
    admin: httpx.Client, two_raters: tuple[httpx.Client, str, str], asked: int
) -> None:
    client, *names = two_raters
    assert len(client.get("/api/v1/me/contributions").json()["votes"]) == 2
    left = admin.delete(f"/api/v1/raters/{names[asked]}").raise_for_status().json()
    assert len(left["votes"]) == 2
    assert client.get("/api/v1/me/contributions").json()["votes"] == []
    for name in names:
        refused(admin.delete(f"/api/v1/raters/{name}"), 409)


def test_a_new_rater_after_an_erasure_keeps_what_was_not_erased(
    arena: arenas.Arena, two_raters: tuple[httpx.Client, str, str]
) -> None:
    client, name, _ = two_raters
    services = arena.installation.default
    here = services.withdrawing._here
    withdrawing.remove_once(here, withdrawing.find(here, name), RemovalKind.ERASED)
    assert client.get("/api/v1/me").json()["id"] != name
    assert len(client.get("/api/v1/me/contributions").json()["votes"]) == 1


@pytest.mark.parametrize("withdraws", [True, False])
def test_who_withdrew_withdraws_what_they_bring_along(
    arena: arenas.Arena, admin: httpx.Client, *, withdraws: bool
) -> None:
    email = f"brings-{withdraws}@rater.example"
    with browser(arena) as client, browser(arena) as second:
        assert accept(client, invited(admin), email).status_code == 201
        if withdraws:
            assert client.post("/api/v1/me/withdrawal").status_code == 201
        value = second.post("/api/v1/raters").json()["token"]
        second.cookies.set(RATER, value, domain="127.0.0.1", path="/")
        cast = arenas.vote(second, arenas.battle(second)).json()["vote_id"]
        assert sign_in(second, email).status_code == 201
        with arena.installation.default.workspace.reading() as connection:
            left = connection.execute("SELECT count(*) FROM removed_votes WHERE vote_id = ?", [cast]).fetchall()
        assert left == [(int(withdraws),)]
