"""Attacks on signing in, invitations, the organisation's sign-in, sessions and across sites: none is accepted.

Each row has its positive control: the same steps without the lie, which are accepted.
"""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import pyotp
import pytest
from joserfc import jwk

from arena.api.cookies import ORGANISATION, SESSION
from tests import arenas
from tests.api.people import GOOD, accept, browser, invited, program, refused, sign_in
from tests.server import lying_provider
from tests.server.lying_provider import CLIENT, SECRET, Provider

NOWHERE = "http://127.0.0.1:9/v1"
VICTIM = "victim@lab.example"
START, ANSWER = "/api/v1/organisation/start", "/api/v1/organisation/answer"


class World:
    """A running arena with its organisation, an admin, and somebody to be attacked."""

    def __init__(self, arena: arenas.Arena, provider: Provider) -> None:
        self.arena, self.provider = arena, provider
        self.admin = arena.admin()
        with browser(arena) as client:
            assert accept(client, invited(self.admin), VICTIM).status_code == 201

    def fresh(self) -> None:
        """The provider is honest again, and everybody has their tries."""
        url, key = self.provider.url, self.provider.key
        granted, asked = self.provider.granted, self.provider.asked
        honest = Provider(url=url, key=key, granted=granted, asked=asked)
        for name in ("person", "claims", "sign", "described", "token_answer", "redirects"):
            setattr(self.provider, name, getattr(honest, name))
        organisation = self.arena.installation.organisation
        organisation._provider._found = organisation._provider._keys = None
        shares = self.arena.installation.shares
        for rate in (shares.sign_ins_of_address, shares.sign_ins_of_email, shares.failed_tokens):
            rate._since.clear()
            rate._count.clear()

    def begun(self, client: httpx.Client, **asked: bool) -> tuple[str, str]:
        """A browser goes to the organisation and is given code and state."""
        return self.provider.visit(client.get(START, params=asked).headers["location"])

    def back(self, client: httpx.Client, code: str, state: str, **more: str) -> bool:
        """Whether a browser that comes back is signed in."""
        answered = client.get(ANSWER, params={"code": code, "state": state, **more})
        assert answered.status_code == 303
        entered = answered.headers["location"] in ("/", "/account")
        assert entered == (SESSION in client.cookies) == (client.get("/api/v1/account").status_code == 200)
        return entered

    def through(self, **lies: Any) -> bool:
        """Whether somebody gets in while the provider lies so."""
        for name, value in lies.items():
            setattr(self.provider, name, value)
        with browser(self.arena) as client:
            started = client.get(START)
            if not started.headers["location"].startswith(f"{self.provider.url}/authorize"):
                return False
            return self.back(client, *self.provider.visit(started.headers["location"]))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    data: Path = tmp_path_factory.mktemp("attacked")
    with lying_provider.serve() as provider, mock.patch.dict(os.environ, {"ARENA_OIDC_SECRET": SECRET}):
        oidc = {
            "issuer": provider.url,
            "client_id": CLIENT,
            "client_secret_env": "ARENA_OIDC_SECRET",
            "allowed_domains": ["lab.example"],
        }
        settings = arenas.settings_for(data, NOWHERE, (), oidc=oidc)
        with arenas.running(settings, pages=False) as arena:
            made = World(arena, provider)
            yield made
            made.admin.close()


@pytest.fixture(autouse=True)
def honest(world: World) -> None:
    world.fresh()


def told(**lies: Any) -> Callable[[World], bool]:
    """A lie of the provider; without one, it is its own control."""
    return lambda world: world.through(**lies)


def old() -> dict[str, int]:
    return {"iat": int(time.time()) - 7200, "exp": int(time.time()) - 3600}


def anew(world: World) -> bool:
    """A key that came since the keys were fetched, under the old name, signs."""
    assert world.through()
    return world.through(sign=lying_provider.by_another_key)


def state_of_another_browser(world: World, *, own: bool = False) -> bool:
    """The victim's browser is sent back with the attacker's code and state."""
    with browser(world.arena) as attacker, browser(world.arena) as victim:
        code, state = world.begun(attacker)
        world.begun(victim)
        return world.back(attacker if own else victim, code, state)


def cookie_changed(world: World, *, own: bool = False) -> bool:
    """The cookie is edited so that it takes the attacker's state."""
    with browser(world.arena) as client:
        code, state = world.begun(client)
        if not own:
            text, _, signature = client.cookies[ORGANISATION].partition(".")
            client.cookies.set(ORGANISATION, f"{text[:-4]}AAAA.{signature}", domain="127.0.0.1", path="/")
        return world.back(client, code, state)


def replayed(world: World, *, own: bool = False) -> bool:
    """The same answer again, by who kept cookie and address; the provider gives out tokens twice."""
    with browser(world.arena) as client, browser(world.arena) as thief:
        code, state = world.begun(client)
        thief.cookies.set(ORGANISATION, client.cookies[ORGANISATION], domain="127.0.0.1", path="/")
        if not own:
            assert world.back(client, code, state)
            world.provider.granted[code].used = False
        return world.back(thief, code, state)


def code_of_somebody_else(world: World, *, own: bool = False) -> bool:
    """A stolen code in the attacker's own flow: PKCE does not fit."""
    with browser(world.arena) as victim, browser(world.arena) as attacker:
        stolen, _ = world.begun(victim)
        code, state = world.begun(attacker)
        return world.back(attacker, code if own else stolen, state)


def mixed_up(world: World, *, own: bool = False) -> bool:
    """The answer says that it is another provider's."""
    with browser(world.arena) as client:
        code, state = world.begun(client)
        return world.back(client, code, state, iss=world.provider.url if own else "https://evil.example")


def an_account_by_its_email(world: World, *, own: bool = False) -> bool:
    """The organisation says the e-mail of an account that has a password."""
    world.provider.person = {"email": VICTIM, "sub": "subject-victim"}
    with browser(world.arena) as client:
        if own:
            assert sign_in(client, VICTIM).status_code == 201
        return world.back(client, *world.begun(client))


def guessed(world: World, *, own: bool = False) -> bool:
    """The right password, after as many wrong ones as are allowed."""
    with browser(world.arena) as client:
        for number in range(0 if own else 5):
            assert sign_in(client, VICTIM, f"wrong number {number}").status_code == 401
        return sign_in(client, VICTIM).status_code == 201


def empty_password(world: World, *, own: bool = False) -> bool:
    """An account of the organisation has no password; none signs in with it."""
    assert world.through(person={"email": "nopass@lab.example", "sub": "subject-nopass"})
    with browser(world.arena) as client:
        if own:
            return sign_in(client, VICTIM).status_code == 201
        return any(sign_in(client, "nopass@lab.example", word).status_code == 201 for word in ("", " ", "\0"))


def session_chosen_before(world: World, *, own: bool = False) -> bool:
    """Fixation: the attacker plants a session in the victim's browser and uses it once the victim signed in there."""
    with browser(world.arena) as victim, program(world.arena) as attacker:
        planted = "session_planted_by_the_attacker"
        victim.cookies.set(SESSION, planted, domain="127.0.0.1", path="/")
        made = sign_in(victim, VICTIM)
        assert made.status_code == 201
        token = made.json()["token"] if own else planted
        return attacker.get("/api/v1/account", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def session_after_sign_in(world: World, *, own: bool = False) -> bool:
    """Fixation: the session that a browser had before it signs in goes on being worth something."""
    with browser(world.arena) as client, program(world.arena) as attacker:
        before = sign_in(client, VICTIM).json()["token"]
        after = sign_in(client, VICTIM).json()["token"]
        bearer = {"Authorization": f"Bearer {after if own else before}"}
        return attacker.get("/api/v1/account", headers=bearer).status_code == 200


def ended_session(world: World, *, own: bool = False) -> bool:
    """A session that was signed out."""
    with browser(world.arena) as client, program(world.arena) as attacker:
        made = sign_in(client, VICTIM).json()
        if not own:
            assert client.delete(f"/api/v1/sessions/{made['session_id']}").status_code == 204
        return attacker.get("/api/v1/account", headers={"Authorization": f"Bearer {made['token']}"}).status_code == 200


def invitation_used(world: World, *, own: bool = False) -> bool:
    """One invitation for two people."""
    link = invited(world.admin, uses=2 if own else 1)
    with browser(world.arena) as first, browser(world.arena) as second:
        assert accept(first, link, f"first{own}@lab.example").status_code == 201
        return accept(second, link, f"second{own}@lab.example").status_code == 201


def invitation_ended(world: World, *, own: bool = False) -> bool:
    """An invitation that its admin took back."""
    made = world.admin.post("/api/v1/invitations", json={"role": "rater"}).json()
    if not own:
        assert world.admin.delete(f"/api/v1/invitations/{made['id']}").status_code == 204
    with browser(world.arena) as client:
        return accept(client, made["token"], f"late{own}@lab.example").status_code == 201


def invitation_role(world: World, *, own: bool = False) -> bool:
    """The body of an acceptance asks for more than the invitation gives."""
    link = invited(world.admin, "reader")
    body: dict[str, Any] = {"email": f"more{own}@lab.example", "password": GOOD}
    with browser(world.arena) as client:
        made = client.post(f"/api/v1/invitations/{link}/accept", json=body if own else {**body, "role": "admin"})
        return made.status_code == 201


def invitation_into_an_account(world: World, *, own: bool = False) -> bool:
    """An invitation as a way to set the password of somebody who has an account."""
    with browser(world.arena) as client:
        return (
            accept(client, invited(world.admin), VICTIM, GOOD if own else "a brand new phrase here").status_code == 201
        )


def another_site(path: str, body: dict[str, Any], method: str = "POST") -> Callable[..., bool]:
    def attack(world: World, *, own: bool = False) -> bool:
        with browser(world.arena) as client:
            assert sign_in(client, VICTIM).status_code == 201
            origin = world.arena.url if own else "https://evil.example"
            return client.request(method, path, json=body, headers={"Origin": origin}).is_success

    return attack


def without_origin(world: World, *, own: bool = False) -> bool:
    """A cookie that acts without saying from where."""
    with browser(world.arena) as client:
        assert sign_in(client, VICTIM).status_code == 201
        if not own:
            del client.headers["Origin"]
        return client.delete("/api/v1/sessions").is_success


def _with_second_step(world: World, email: str) -> tuple[httpx.Client, str, list[str]]:
    client = browser(world.arena)
    assert accept(client, invited(world.admin), email).status_code == 201
    secret = client.post("/api/v1/account/second-step/offers", json={}).json()["secret"]
    body = {"password": GOOD, "code": pyotp.TOTP(secret).now()}
    codes = client.put("/api/v1/account/second-step", json=body).raise_for_status().json()["recovery_codes"]
    return client, secret, codes


def _entered(world: World, email: str, code: str | None) -> bool:
    with browser(world.arena) as client:
        body = {"email": email, "password": GOOD, "code": code}
        return client.post("/api/v1/sessions", json=body).status_code == 201


def password_alone(world: World, *, own: bool = False) -> bool:
    """The password of somebody who has a second step, without a code."""
    email = f"two{own}@lab.example"
    client, secret, _ = _with_second_step(world, email)
    client.close()
    return _entered(world, email, pyotp.TOTP(secret).at(int(time.time()) + 30) if own else None)


def code_twice(world: World, *, own: bool = False) -> bool:
    """A code that was read over somebody's shoulder, after they used it."""
    email = f"twice{own}@lab.example"
    client, secret, _ = _with_second_step(world, email)
    client.close()
    code = pyotp.TOTP(secret).at(int(time.time()) + 30)
    return _entered(world, email, code) if own else _entered(world, email, code) and _entered(world, email, code)


def recovery_twice(world: World, *, own: bool = False) -> bool:
    """A recovery code that was used before."""
    email = f"recovery{own}@lab.example"
    client, _, codes = _with_second_step(world, email)
    client.close()
    return _entered(world, email, codes[0]) and (own or _entered(world, email, codes[0]))


def codes_guessed(world: World, *, own: bool = False) -> bool:
    """The right code, after as many wrong ones as are allowed; asking without one in between gives no more tries."""
    email = f"codes{own}@lab.example"
    client, secret, _ = _with_second_step(world, email)
    client.close()
    for _ in range(0 if own else 5):
        assert not _entered(world, email, "000000")
        assert not _entered(world, email, None)
    return _entered(world, email, pyotp.TOTP(secret).at(int(time.time()) + 30))


ATTACKS: dict[str, tuple[Callable[[World], bool], Callable[[World], bool]]] = {
    name: (told(**lies), told())
    for name, lies in {
        "wrong nonce": {"claims": {"nonce": "another"}},
        "no nonce": {"claims": {"nonce": None}},
        "wrong audience": {"claims": {"aud": "another-client"}},
        "one of many audiences": {"claims": {"aud": [CLIENT, "another-client"]}},
        "for another party": {"claims": {"aud": [CLIENT, "another-client"], "azp": "another-client"}},
        "no audience": {"claims": {"aud": None}},
        "expired": {"claims": old()},
        "no end": {"claims": {"exp": None}},
        "from the future": {"claims": {"iat": int(time.time()) + 7200}},
        "wrong issuer": {"claims": {"iss": "https://evil.example"}},
        "no subject": {"claims": {"sub": None}},
        "e-mail not verified": {"claims": {"email_verified": False}},
        "e-mail verified in words": {"claims": {"email_verified": "true"}},
        "no e-mail": {"claims": {"email": None}},
        "foreign domain": {"claims": {"email": "ada@evil.example"}},
        "foreign domain behind ours": {"claims": {"email": "ada@lab.example.evil.example"}},
        "foreign domain before ours": {"claims": {"email": "ada@evil.example@lab.example"}},
        "algorithm none": {"sign": lying_provider.unsigned},
        "without its signature": {"sign": lying_provider.stripped},
        "claims changed": {"sign": lying_provider.changed},
        "another key": {"sign": lying_provider.by_another_key},
        "its own key in the header": {"sign": lying_provider.by_its_own_key},
        "the public key as a secret": {"sign": lying_provider.with_the_public_key_as_secret},
        "the client's secret": {"sign": lying_provider.with_the_client_secret},
        "no token": {"token_answer": {"access_token": "x", "token_type": "Bearer"}},
        "a token that is none": {"token_answer": {"id_token": "x.y.z", "access_token": "x", "token_type": "Bearer"}},
        "a list for an answer": {"sign": lambda *_: ["x"]},
        "a redirect for a token": {"redirects": True},
        "described as another": {"described": {"issuer": "https://evil.example"}},
        "tokens from elsewhere": {"described": {"token_endpoint": "http://evil.example/token"}},
        "keys from a file": {"described": {"jwks_uri": "file:///etc/passwd"}},
        "keys from no address": {"described": {"jwks_uri": "https://[evil.example"}},
        "tokens from no port": {"described": {"token_endpoint": "https://evil.example:99999/token"}},
        "tokens from no host": {"described": {"token_endpoint": "https://999.1.1.1/token"}},
    }.items()
}
for made in (
    state_of_another_browser,
    cookie_changed,
    replayed,
    code_of_somebody_else,
    mixed_up,
    an_account_by_its_email,
    guessed,
    empty_password,
    session_chosen_before,
    session_after_sign_in,
    ended_session,
    invitation_used,
    invitation_ended,
    invitation_role,
    invitation_into_an_account,
    without_origin,
    password_alone,
    code_twice,
    recovery_twice,
    codes_guessed,
):
    ATTACKS[made.__name__.replace("_", " ")] = (made, lambda world, made=made: made(world, own=True))
for what, attack in {
    "another site signs in": another_site("/api/v1/sessions", {"email": VICTIM, "password": GOOD}),
    "another site signs out": another_site("/api/v1/sessions", {}, "DELETE"),
    "another site offers a second step": another_site("/api/v1/account/second-step/offers", {}),
    "another site changes the password": another_site("/api/v1/account/password", {"old": GOOD, "new": GOOD}, "PUT"),
}.items():
    ATTACKS[what] = (attack, lambda world, attack=attack: attack(world, own=True))


@pytest.mark.parametrize("what", ATTACKS)
def test_no_attack_is_accepted_and_the_same_without_the_lie_is(world: World, what: str) -> None:
    attack, control = ATTACKS[what]
    assert not attack(world), f"{what} was accepted"
    world.fresh()
    assert control(world), f"positive control of {what}"


def test_there_are_many_attacks_of_each_kind() -> None:
    assert len(ATTACKS) >= 50


@pytest.mark.parametrize("age", [None, 660, -660])
def test_who_is_signed_in_at_the_organisation_proves_nothing_unless_it_asked_just_now(
    world: World, age: int | None
) -> None:
    def erased(client: httpx.Client) -> int:
        return client.delete("/api/v1/me").status_code

    def at(seconds: int | None) -> dict[str, int | None]:
        return {"auth_time": None if seconds is None else int(time.time()) - seconds}

    world.provider.person = {"sub": f"asked-{age}", "email": f"asked{age}@lab.example"}
    with browser(world.arena) as client:
        world.provider.claims = at(age)
        assert world.back(client, *world.begun(client))
        assert erased(client) == 401, "one press let them in, and asked nothing"
        assert world.back(client, *world.begun(client)), "nor does a second press"
        assert erased(client) == 401
        code, state = world.begun(client, anew=True)
        answered = client.get(ANSWER, params={"code": code, "state": state})
        assert answered.headers["location"] == "/signin?refused=not_asked"
        assert erased(client) == 401
        assert client.get("/api/v1/account").status_code == 200, "the session they had goes on"
        world.provider.claims = at(540)
        assert world.back(client, *world.begun(client))
        assert erased(client) == 200, "positive control: it asked nine minutes ago"
        world.provider.claims = {}
        assert world.back(client, *world.begun(client, anew=True))
        assert erased(client) == 200, "and it asks where a proof is wanted"
        world.provider.claims = at(None)
        assert world.back(client, *world.begun(client))
        assert erased(client) == 200, "what was proved a moment ago goes on with the same browser"
    with browser(world.arena) as other:
        assert world.back(other, *world.begun(other))
        assert erased(other) == 401, "and with no other one"
        link = world.admin.post("/api/v1/password-links", json={"email": f"asked{age}@lab.example"}).json()["token"]
        assert other.post(f"/api/v1/password-links/{link}", json={"password": GOOD}).status_code == 201
        assert erased(other) == 200, "a password of their own proves it"


def test_a_new_key_of_the_organisation_is_fetched_and_whoever_comes_back_is_the_same_account(world: World) -> None:
    with browser(world.arena) as client:
        assert world.back(client, *world.begun(client))
        first = client.get("/api/v1/me").json()["id"]
    world.provider.key = jwk.RSAKey.generate_key(2048, {"kid": "one"}, private=True)
    world.arena.installation.organisation._provider._keys = (
        0.0,
        world.arena.installation.organisation._provider._keys[1],
    )
    with browser(world.arena) as client:
        assert world.back(client, *world.begun(client))
        assert client.get("/api/v1/me").json()["id"] == first
        own = client.get("/api/v1/account").json()
        assert (own["email"], own["has_password"], own["second_step"]) == ("ada@lab.example", False, False)
        refused(client.post("/api/v1/account/closure", json={"password": ""}), 401, "sign_in_again")
        assert world.back(client, *world.begun(client, anew=True))
        assert client.post("/api/v1/account/closure", json={"password": ""}).status_code == 204
    assert all(asked["code_verifier"] and asked["basic"] == f"{CLIENT}:{SECRET}" for asked in world.provider.asked)
