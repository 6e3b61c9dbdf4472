"""What the gate makes of an address: the workspace it names, and what a session or a token for one campaign reaches."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from unittest import mock

import pytest

from arena.api import cookies
from arena.domain.account import Session
from arena.domain.principal import Role
from arena.server.recognition import is_of_accounts
from arena.services import clock
from arena.store.instance import Instance
from tests.server.lone_gate import HOME, Standing


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    with Instance.open(tmp_path / "instance.duckdb") as opened:
        yield opened


@pytest.fixture
def standing(instance: Instance) -> Standing:
    return Standing(instance, {})


@pytest.mark.parametrize(
    ("asked", "prefix", "rest"),
    [
        ("/leaderboard", "", "/leaderboard"),
        ("/w/default/leaderboard", "/w/default", "/leaderboard"),
        ("/w/default/", "/w/default", "/"),
        ("/w/default", "/w/default", "/"),
    ],
)
def test_what_is_behind_the_gate_is_told_the_workspace_apart_from_the_path(
    standing: Standing, asked: str, prefix: str, rest: str
) -> None:
    assert standing.ask("GET", asked, headers=standing.bearer()).status_code == 200
    (request,) = standing.app.requests
    assert (request["root_path"], request["path"]) == (prefix, rest)


def test_monitors_are_of_the_installation_and_open_under_no_workspace(standing: Standing) -> None:
    assert standing.ask("GET", "/healthz").status_code == 200
    assert standing.ask("GET", "/w/default/healthz").status_code == 401


@pytest.mark.parametrize(
    ("path", "is_theirs"),
    [
        ("/account", True),
        ("/api/v1/account", True),
        ("/api/v1/sessions/1", True),
        ("/signin", False),
        ("/api/v1/accounts", False),
        ("/nothing", False),
    ],
)
def test_what_is_of_whoever_signed_in_whatever_they_are_here(path: str, is_theirs: bool) -> None:
    assert is_of_accounts(path) is is_theirs


def test_only_whoever_signed_in_reaches_what_is_of_accounts(standing: Standing) -> None:
    assert standing.ask("GET", "/api/v1/account").status_code == 401
    session = cast(Session, SimpleNamespace(account_id="acc_1"))
    with mock.patch.object(standing.signing_in, "find", return_value=session):
        signed_in = {"Authorization": "Bearer session_1"}
        assert standing.ask("GET", "/api/v1/account", headers=signed_in).status_code == 200, "the positive control"


@pytest.mark.parametrize("secure", [False, True])
def test_the_cookie_of_a_session_has_the_name_that_its_scheme_gives_it(instance: Instance, secure: bool) -> None:
    standing = Standing(instance, {"secure_cookie": secure})
    session = cast(Session, SimpleNamespace(account_id="acc_1"))
    found = []
    with mock.patch.object(standing.signing_in, "find", return_value=session):
        for name in (cookies.of_session(secure=secure), cookies.of_session(secure=not secure)):
            headers = {"Cookie": f"{name}=x", "Origin": HOME}
            found.append(standing.ask("GET", "/api/v1/account", headers=headers).status_code)
    assert found == [200, 401]


def test_a_token_for_one_campaign_reaches_that_alone(standing: Standing, instance: Instance) -> None:
    _, token = instance.add_token(Role.READER, "default", clock.now(), made_by="a test", campaign="spring")
    statuses = [
        standing.ask(method, path, headers={"Authorization": f"Bearer {token}"}).status_code
        for method, path in (
            ("GET", "/api/v1/campaigns/spring"),
            ("GET", "/api/v1/campaigns/autumn"),
            ("DELETE", "/api/v1/campaigns/spring"),
            ("POST", "/api/v1/exports"),
            ("GET", "/api/v1/battles"),
        )
    ]
    assert statuses == [200, 403, 403, 200, 403]
