"""A connection that is lost while a transaction commits: whoever asked is told what is so, nothing is lost and nothing
is there twice.

The connection goes over a line of our own (`tests/faults/losing_line.py`), before the COMMIT arrives or behind it, when
the database has it and its answer is what is lost.
"""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import httpx
import pytest

from tests import arenas, postgres
from tests.arenas import MODELS, Arena
from tests.faults.lines import lines
from tests.faults.losing_line import LosingLine
from tests.inference import misbehaving

pytestmark = pytest.mark.postgres

PASSWORD = "seven quiet rivers bend"
WHEN = pytest.mark.parametrize("behind", [True, False], ids=["behind it", "before it"])


class Lossy(NamedTuple):
    """An arena, the line to its database, and its admin."""

    arena: Arena
    line: LosingLine
    admin: httpx.Client


@pytest.fixture(scope="module")
def lossy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lossy]:
    with (
        misbehaving.serve(listed=MODELS) as server,
        postgres.running(**postgres.UNSYNCED) as database,
        lines(database.port, 1, LosingLine) as (line,),
        arenas.hurried(),
    ):
        url = database.url().replace(f":{database.port}/", f":{line.port}/")
        settings = arenas.settings_for(tmp_path_factory.mktemp("lossy"), server.endpoint, MODELS, database=url)
        with arenas.running(settings, pages=False) as arena, arena.admin() as admin:
            yield Lossy(arena, line, admin)


def counted(admin: httpx.Client, path: str, name: str) -> int:
    return len(admin.get(f"/api/v1/{path}?limit=500").raise_for_status().json()[name])


def verified(lossy: Lossy) -> int:
    """The lines of a ledger that verifies."""
    found = lossy.admin.get("/api/v1/verification").raise_for_status().json()
    assert found["problems"] == []
    lines_of: int = found["lines"]
    return lines_of


@WHEN
def test_a_vote_is_answered_as_it_is_and_sent_again_it_is_the_same(lossy: Lossy, behind: bool) -> None:
    with lossy.arena.rater() as rater:
        battle_id = arenas.battle(rater)
        before = verified(lossy)
        with lossy.line.losing("INSERT INTO votes", behind=behind) as lost:
            answer = arenas.vote(rater, battle_id, key="one key")
        assert lost.is_set()
        assert answer.status_code == 201
        again = arenas.vote(rater, battle_id, key="one key")
        assert (again.is_success, again.json()["vote_id"]) == (True, answer.json()["vote_id"])
        assert arenas.vote(rater, battle_id, key="another key").status_code == 409
        assert verified(lossy) == before + 1


Ask = Callable[[Lossy], httpx.Response]


def token(lossy: Lossy) -> httpx.Response:
    return lossy.admin.post("/api/v1/tokens", json={"role": "reader"})


def invitation(lossy: Lossy) -> httpx.Response:
    return lossy.admin.post("/api/v1/invitations", json={"role": "rater"})


def accepted(lossy: Lossy) -> Ask:
    """Makes an account of an invitation that is there already."""
    made = invitation(lossy).raise_for_status().json()
    body = {"email": f"{made['token'][-8:].lower()}@example.org", "password": PASSWORD}

    def ask(lossy: Lossy) -> httpx.Response:
        with lossy.arena.client() as person:
            return person.post(f"/api/v1/invitations/{made['token']}/accept", json=body)

    return ask


def revocation(lossy: Lossy) -> Ask:
    made = token(lossy).raise_for_status().json()

    def ask(lossy: Lossy) -> httpx.Response:
        answer = lossy.admin.delete(f"/api/v1/tokens/{made['id']}")
        with lossy.arena.client(made["token"]) as holder:
            assert (holder.get("/api/v1/me").status_code == 401) is answer.is_success
        return answer

    return ask


CHANGES: dict[str, tuple[str, Callable[[Lossy], Ask], tuple[str, str]]] = {
    "tokens": ("INSERT INTO tokens", lambda _: token, ("tokens", "tokens")),
    "invitations": ("INSERT INTO invitations", lambda _: invitation, ("invitations", "invitations")),
    "accounts": ("INSERT INTO accounts", accepted, ("accounts", "accounts")),
    "revocations": ("INSERT INTO revocations", revocation, ("audit-log", "entries")),
}
"""What is changed: what stands in its transaction, who asks for it, and the list that is one longer then."""


@WHEN
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_accounts_is_answered_as_it_is_and_there_once(lossy: Lossy, change: str, behind: bool) -> None:
    of, prepared, listed = CHANGES[change]
    ask = prepared(lossy)
    before = counted(lossy.admin, *listed)
    with lossy.line.losing(of, behind=behind) as lost:
        answer = ask(lossy)
    assert lost.is_set()
    if not behind:
        assert (answer.status_code, "nothing is written" in answer.text) == (503, True)
        assert counted(lossy.admin, *listed) == before
        answer = ask(lossy)
    assert answer.is_success, answer.text
    assert counted(lossy.admin, *listed) == before + 1


def test_what_is_not_looked_for_is_told_as_not_written_though_it_is_there(lossy: Lossy) -> None:
    """The positive control."""
    from arena.store.postgres import lost_commits  # noqa: PLC0415 - of an extra

    before = counted(lossy.admin, "tokens", "tokens")
    with (
        mock.patch.object(lost_commits, "was_committed", return_value=False),
        lossy.line.losing("INSERT INTO tokens", behind=True) as lost,
    ):
        answer = token(lossy)
    assert (lost.is_set(), answer.status_code) == (True, 503)
    assert counted(lossy.admin, "tokens", "tokens") == before + 1


def released(lossy: Lossy) -> str:
    """A release of all votes; returns its id."""
    status = lossy.admin.post("/api/v1/exports", json={"format": "battles"}).raise_for_status().json()
    path = f"/api/v1/exports/{status['release_id']}"
    arenas.seconds_until(lambda: lossy.admin.get(path).json()["state"] != "building")
    assert lossy.admin.get(path).json()["state"] == "done"
    return str(status["release_id"])


@WHEN
def test_a_release_is_recorded_once(lossy: Lossy, behind: bool) -> None:
    with lossy.arena.rater() as rater:
        arenas.vote(rater, arenas.battle(rater)).raise_for_status()
    before = verified(lossy), counted(lossy.admin, "exports", "exports")
    with lossy.line.losing("INSERT INTO releases", behind=behind) as lost:
        release_id = released(lossy)
    assert lost.is_set()
    assert (verified(lossy), counted(lossy.admin, "exports", "exports")) == (before[0], before[1] + 1)
    assert lossy.admin.get(f"/api/v1/exports/{release_id}/archive").status_code == 200


@WHEN
def test_a_release_is_settled_once(lossy: Lossy, behind: bool) -> None:
    with lossy.arena.rater() as rater:
        arenas.vote(rater, arenas.battle(rater)).raise_for_status()
    manifest = lossy.admin.get(f"/api/v1/exports/{released(lossy)}/files/manifest.json").raise_for_status().content
    body = {"release": hashlib.sha256(manifest).hexdigest(), "amount": 100}
    before = verified(lossy)
    with lossy.line.losing("INSERT INTO settlements", behind=behind) as lost:
        answer = lossy.admin.post("/api/v1/settlements", json=body)
    assert (lost.is_set(), answer.status_code) == (True, 201)
    assert sum(part["amount"] for part in answer.json()["parts"]) == 100
    assert lossy.admin.post("/api/v1/settlements", json=body).json() == {"parts": []}
    assert verified(lossy) == before + len(answer.json()["parts"])


@WHEN
def test_a_campaign_is_settled_once(lossy: Lossy, behind: bool) -> None:
    name = f"paid-{'behind' if behind else 'before'}"
    lossy.admin.post("/api/v1/campaigns", json={"name": name, "reward": 2}).raise_for_status()
    lossy.admin.patch(f"/api/v1/campaigns/{name}", json={"state": "running"}).raise_for_status()
    with lossy.arena.rater() as rater:
        arenas.vote(rater, arenas.battle(rater, campaign=name)).raise_for_status()
    with lossy.line.losing("INSERT INTO campaign_payments", behind=behind) as lost:
        answer = lossy.admin.post(f"/api/v1/campaigns/{name}/settlements", json={"amount": 100})
    assert (lost.is_set(), answer.status_code) == (True, 201)
    assert sum(part["amount"] for part in answer.json()["parts"]) == 100
    again = lossy.admin.post(f"/api/v1/campaigns/{name}/settlements", json={"amount": 100})
    assert again.json()["parts"] == []
    verified(lossy)


@WHEN
def test_a_workspace_that_is_made_is_there_once_and_opened(lossy: Lossy, behind: bool) -> None:
    name = f"lab-{'behind' if behind else 'before'}"
    with lossy.line.losing("INSERT INTO workspaces", behind=behind) as lost:
        answer = lossy.admin.post("/api/v1/workspaces", json={"name": name})
    assert lost.is_set()
    if not behind:
        assert answer.status_code == 503
        assert lossy.admin.post("/api/v1/workspaces", json={"name": name}).status_code == 201
    else:
        assert answer.status_code == 201
    written = lossy.arena.installation.settings.data_dir / f"admin-token-{name}"
    with lossy.arena.client(written.read_text().strip()) as lab:
        assert lab.get(f"/w/{name}/api/v1/workspace").status_code == 200
    assert lossy.admin.post("/api/v1/workspaces", json={"name": name}).status_code == 409


@WHEN
def test_a_workspace_that_is_taken_in_is_there_once_and_whole(lossy: Lossy, behind: bool, tmp_path: Path) -> None:
    with lossy.arena.rater() as rater:
        arenas.vote(rater, arenas.battle(rater)).raise_for_status()
    release_id = released(lossy)
    before = verified(lossy)
    folder = str(tmp_path / "out")
    lossy.admin.post("/api/v1/workspace/exports", json={"directory": folder}).raise_for_status()
    name = f"taken-{'behind' if behind else 'before'}"
    body = {"directory": folder, "name": name}
    with lossy.line.losing("ALTER SCHEMA", behind=behind) as lost:
        answer = lossy.admin.post("/api/v1/workspaces/imports", json=body)
    assert lost.is_set()
    if not behind:
        assert answer.status_code == 503
        answer = lossy.admin.post("/api/v1/workspaces/imports", json=body)
    assert answer.status_code == 201
    with lossy.arena.client(Path(answer.json()["admin_token_file"]).read_text().strip()) as lab:
        found = lab.get(f"/w/{name}/api/v1/verification").raise_for_status().json()
        assert (found["lines"], found["problems"]) == (before, [])
        arenas.seconds_until(lambda: lab.get(f"/w/{name}/api/v1/exports/{release_id}/archive").status_code == 200)
