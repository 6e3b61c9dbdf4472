"""Tokens: they end with who made them, a stream ends with its token, and one for a campaign opens that alone."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from arena.domain.principal import Role
from tests import arenas
from tests.api.people import GOOD, LONG, accept, browser, invited
from tests.api.test_refusals import refused
from tests.api.test_walls import routes
from tests.imports import making as imported
from tests.inference import misbehaving

MODELS = ("echo", "say:Rivers bend.")


@pytest.fixture(scope="module")
def server() -> Iterator[misbehaving.Server]:
    with misbehaving.serve(listed=MODELS) as running:
        yield running


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory, server: misbehaving.Server) -> Iterator[arenas.Arena]:
    settings = arenas.settings_for(tmp_path_factory.mktemp("tokens"), server.endpoint, MODELS)
    with arenas.hurried(), arenas.running(settings, pages=False) as running:
        yield running


@pytest.fixture
def admin(arena: arenas.Arena) -> Iterator[httpx.Client]:
    with arena.admin() as client:
        yield client


def token(of: httpx.Client, role: str, **more: Any) -> str:
    made: str = of.post("/api/v1/tokens", json={"role": role, **more}).raise_for_status().json()["token"]
    return made


def status(arena: arenas.Arena, held: str, path: str = "/api/v1/me") -> int:
    with arena.client(held) as client:
        return client.get(path).status_code


def is_open(client: httpx.Client, link: str) -> bool:
    return client.get(f"/api/v1/invitations/{link}").status_code == 200


@pytest.mark.parametrize("how", ["taken out", "disabled", "closed", "made a reader"])
def test_what_an_admin_made_ends_when_they_are_none_any_more(
    arena: arenas.Arena, admin: httpx.Client, how: str
) -> None:
    email = f"second-{how.replace(' ', '-')}@lab.example"
    with browser(arena) as second, browser(arena) as other:
        assert accept(second, invited(admin, "admin"), email).status_code == 201
        mine, link = token(second, "admin"), invited(second)
        with arena.client(mine) as program:
            by_the_token, further = token(program, "lab"), invited(program)
        kept, kept_link = token(admin, "lab"), invited(admin)
        assert {status(arena, one) for one in (mine, by_the_token, kept)} == {200}
        if how == "taken out":
            admin.post("/api/v1/accounts/removal", json={"email": email}).raise_for_status()
        elif how == "disabled":
            admin.post("/api/v1/accounts/disabling", json={"email": email}).raise_for_status()
        elif how == "closed":
            second.post("/api/v1/account/closure", json={"password": GOOD}).raise_for_status()
        else:
            account = arena.installation.instance.accounts.named(email)
            join = arena.installation.memberships.join
            join(account.account_id, "default", Role.READER, {}, account.created_at)
        assert [status(arena, one) for one in (mine, by_the_token)] == [401, 401]
        assert [is_open(other, one) for one in (link, further)] == [False, False]
        assert status(arena, kept) == 200, "positive control: what others made goes on"
        assert is_open(other, kept_link)


def test_a_stream_goes_no_further_than_its_token(
    arena: arenas.Arena, admin: httpx.Client, server: misbehaving.Server
) -> None:
    made = admin.post("/api/v1/tokens", json={"role": "lab"}).json()
    with arena.client(made["token"]) as ended, arena.client(token(admin, "lab")) as kept, server.holding(1):
        paths = [
            f"/api/v1/battles/{one.post('/api/v1/battles', json={'prompt': LONG}).json()['battle_id']}/stream"
            for one in (ended, kept)
        ]
        with ended.stream("GET", paths[0]) as cut, kept.stream("GET", paths[1]) as whole:
            told, control = cut.iter_lines(), whole.iter_lines()
            assert (next(told), next(control)) == ("event: start", "event: start")
            assert admin.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
            server.most = None
            assert "event: done" not in list(told)
            assert "event: done" in list(control), "positive control"


def test_who_has_a_battle_written_is_not_told_how_busy_which_model_is(
    arena: arenas.Arena, admin: httpx.Client, server: misbehaving.Server
) -> None:
    with arena.client(token(admin, "lab")) as lab, arena.client(token(admin, "lab")) as other:
        assert "queue" in lab.get("/api/v1/models").json()["models"][0], "positive control"
        with server.holding(1):
            battle = lab.post("/api/v1/battles", json={"prompt": LONG}).json()["battle_id"]
            assert "queue" not in lab.get("/api/v1/models").json()["models"][0]
            assert "queue" in other.get("/api/v1/models").json()["models"][0]
            server.most = None
        arenas.events(lab, battle)


@pytest.fixture(scope="module")
def exported(arena: arenas.Arena, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A release of each of two campaigns, and one of both."""
    folder: Path = tmp_path_factory.mktemp("votes")
    rows = []
    for number, campaign in enumerate(("first-one", "second-one")):
        row = imported.battles(campaign=campaign, reason=f"canary-{campaign}")
        rows.append(row | {key: row[key][:-1] + str(number) for key in ("question_id", "conversation_id", "vote_id")})
    path = imported.write(folder / "votes.jsonl", rows)
    releases = {}
    with arena.admin() as admin:
        body = {"files": [str(path)]}
        begun = admin.post("/api/v1/imports", json=body).raise_for_status().json()["import_id"]
        _until(admin, f"/api/v1/imports/{begun}")
        for name, select in {
            "first-one": {"campaigns": ["first-one"]},
            "second-one": {"campaigns": ["second-one"]},
            "both": {},
        }.items():
            made = admin.post("/api/v1/exports", json={"format": "battles", "select": select}).raise_for_status()
            releases[name] = made.json()["release_id"]
            _until(admin, f"/api/v1/exports/{releases[name]}")
    return releases


def _until(client: httpx.Client, path: str) -> dict[str, Any]:
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        found: dict[str, Any] = client.get(path).raise_for_status().json()
        assert found["state"] not in ("failed", "stopped"), found
        if found["state"] == "done":
            return found
        time.sleep(0.02)
    raise AssertionError(path)


def test_a_token_for_one_campaign_exports_that_and_sees_nothing_else(
    arena: arenas.Arena, admin: httpx.Client, exported: dict[str, str]
) -> None:
    with arena.client(token(admin, "trainer", campaign="first-one")) as trainer:
        listed = [one["release_id"] for one in trainer.get("/api/v1/exports").json()["exports"]]
        assert listed == [exported["first-one"]]
        for name, expected in (("first-one", 200), ("second-one", 404), ("both", 404)):
            for rest in ("", "/archive", "/files/data/train.jsonl"):
                assert trainer.get(f"/api/v1/exports/{exported[name]}{rest}").status_code == expected, (name, rest)
        for select, expected in (({}, 202), ({"campaigns": ["second-one"]}, 403), ({"campaigns": []}, 403)):
            made = trainer.post("/api/v1/exports", json={"format": "battles", "select": select})
            assert made.status_code == expected
        again = trainer.post("/api/v1/exports", json={"format": "battles"}).json()["release_id"]
        _until(trainer, f"/api/v1/exports/{again}")
        data = trainer.get(f"/api/v1/exports/{again}/files/data/train.jsonl").text
        assert "canary-first-one" in data
        assert "canary-second-one" not in data
        shown = trainer.post("/api/v1/selections/preview", json={"format": "battles"})
        assert "canary-second-one" not in shown.text
    with arena.client(token(admin, "trainer")) as whole:
        assert len(whole.get("/api/v1/exports").json()["exports"]) >= 3, "positive control"


@pytest.mark.usefixtures("exported")
@pytest.mark.parametrize("role", ["trainer", "reader"])
def test_a_token_for_one_campaign_reads_the_board_of_that_campaign(
    arena: arenas.Arena, admin: httpx.Client, role: str
) -> None:
    board = "/api/v1/leaderboards/overall"
    with arena.client(token(admin, role, campaign="first-one")) as client:
        own = client.get(board).raise_for_status()
        assert own.content == admin.get(board, params={"campaign": "first-one"}).content
        assert client.get(board, params={"campaign": "first-one"}).content == own.content
        assert client.get(board, params={"language": "xx"}).json()["votes"] == 0, "it narrows further"
        refused(client.get(board, params={"campaign": "second-one"}), 403, "first-one")
        assert client.get(f"{board}/report").status_code == 403
    assert own.json()["votes"] == 1
    assert admin.get(board).json()["votes"] >= 2, "positive control"


def test_a_campaign_that_is_closed_stays_open_to_its_token(arena: arenas.Arena, admin: httpx.Client) -> None:
    admin.post("/api/v1/campaigns", json={"name": "autumn"}).raise_for_status()
    with arena.client(token(admin, "reader", campaign="autumn")) as reader, arena.rater() as rater:
        assert reader.get("/api/v1/campaigns/autumn").status_code == 404, "a draft is its lab's"
        for state in ("running", "paused", "closed"):
            admin.patch("/api/v1/campaigns/autumn", json={"state": state}).raise_for_status()
            told = reader.get("/api/v1/campaigns/autumn").raise_for_status().json()
            assert (told["state"], "models" in told) == (state, False)
            assert reader.get("/api/v1/leaderboards/overall").json()["votes"] == 0
            assert rater.get("/api/v1/campaigns/autumn").status_code == (200 if state == "running" else 404), "control"


def test_every_other_route_is_refused_to_a_token_for_one_campaign(arena: arenas.Arena, admin: httpx.Client) -> None:
    asked = 0
    with arena.client(token(admin, "reader", campaign="first-one")) as reader:
        for route in routes():
            method, _, path = route.partition(" ")
            if path.startswith(
                ("/api/v1/exports", "/api/v1/selections/preview", "/api/v1/campaigns/{name}")
            ) or path in (
                "/api/v1/leaderboards/{board}",
                "/api/v1/me",
                "/api/v1/organisation",
            ):
                continue
            asked += 1
            answered = reader.request(method, path.replace("{", "x").replace("}", "x"))
            assert answered.status_code == 403, (route, answered.status_code)
        assert reader.get("/api/v1/campaigns/second-one").status_code == 403
        assert reader.get("/api/v1/exports").status_code == 403, "a reader exports nothing"
    assert asked > 60


@pytest.mark.parametrize("role", ["lab", "admin", "reviewer"])
def test_only_trainers_and_readers_are_of_one_campaign(admin: httpx.Client, role: str) -> None:
    assert admin.post("/api/v1/tokens", json={"role": role, "campaign": "first-one"}).status_code == 422
    assert admin.post("/api/v1/tokens", json={"role": "reader", "campaign": "/../x"}).status_code == 422
