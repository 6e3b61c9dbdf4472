"""People with accounts: their browsers and programs, how they are invited and sign in."""

from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

from tests import arenas

GOOD = "four quiet herons wade"
OTHER = "seven loud kettles rust"
"""Passwords."""
LONG = "Tell me of rivers that bend, and of lanterns that glow in the harbour."
"""A prompt."""


def browser(arena: arenas.Arena) -> httpx.Client:
    """A client that keeps cookies and acts from the arena's own page."""
    return httpx.Client(base_url=arena.url, headers={"Origin": arena.url}, timeout=30)


def program(arena: arenas.Arena) -> httpx.Client:
    """A client that keeps no cookies."""
    jar = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return httpx.Client(base_url=arena.url, cookies=jar, timeout=30)


def invited(admin: httpx.Client, role: str = "rater", **more: Any) -> str:
    token: str = admin.post("/api/v1/invitations", json={"role": role, **more}).raise_for_status().json()["token"]
    return token


def accept(client: httpx.Client, token: str, email: str, password: str = GOOD) -> httpx.Response:
    return client.post(f"/api/v1/invitations/{token}/accept", json={"email": email, "password": password})


def sign_in(client: httpx.Client, email: str, password: str = GOOD) -> httpx.Response:
    return client.post("/api/v1/sessions", json={"email": email, "password": password})


def change(client: httpx.Client, email: str, role: str, *, workspace: str = "default", **more: str) -> httpx.Response:
    return client.post(f"/w/{workspace}/api/v1/accounts/roles", json={"email": email, "role": role, **more})


def refused(response: httpx.Response, status: int, code: str | None = None) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] in arenas.codes(status, code)


def forget_tries(arena: arenas.Arena) -> None:
    """Give the address of the tests all its tries again."""
    shares = arena.installation.shares
    for rate in (shares.sign_ins_of_address, shares.sign_ins_of_email, shares.failed_tokens):
        rate._since.clear()
        rate._count.clear()
