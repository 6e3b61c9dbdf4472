"""Everything about somebody as one document: every table that names a person is told, or left out with a reason."""

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from arena.api.cookies import RATER
from tests import arenas
from tests.api.people import GOOD, accept, browser, invited
from tests.inference import misbehaving
from tests.services import qualifying_made

MODELS = ("echo", "say:Rivers bend.")
EMAIL = "whole@lab.example"
NAMES_SOMEBODY = re.compile(r"rater|account|email|person|member|user|author|contributor|^who$|_by$|^subject$")
"""Columns that say who somebody is."""

TOLD = {
    "accounts": "account.email",
    "agreements": "stored.agreements",
    "appeals": "stored.appeals",
    "assignment_ends": "stored.assignment_ends",
    "assignments": "stored.assignments",
    "audit_entries": "stored.audit_entries",
    "battles": "prompts",
    "campaign_payments": "credits",
    "credit_decisions": "credits",
    "holds": "stored.holds",
    "invitations": "stored.invitations",
    "kept_credits": "credits",
    "members": "stored.members",
    "password_links": "stored.password_links",
    "qualification_results": "stored.qualification_results",
    "removals": "stored.removals",
    "reports": "stored.reports",
    "scopes": "stored.scopes",
    "second_steps": "stored.second_steps",
    "sessions": "stored.sessions",
    "standing_decisions": "stored.standing_decisions",
    "subjects": "stored.subjects",
    "tokens": "stored.tokens",
    "trials": "trials",
    "votes": "contributions.votes",
    "webhooks": "stored.webhooks",
}
"""Tables with rows about a person, and where the document tells them."""

EMPTY = {"removals", "second_steps", "subjects"}
"""Of these, what the person of this test has none of: who withdrew, has a device, comes from an organisation."""

LEFT_OUT = {
    "campaigns.changed_by": "an act for the lab; its audit log and history of campaigns name who did it",
    "credit_decisions.decided_by": "an act of another person",
    "finding_raters.rater_id": "what holds votes is told in standing with its reason; the rest would tell a farm what "
    "of it was found",
    "finding_raters.rater_sha256": "as above",
    "ledger.subject": "the id of a vote, a decision or a release; no person",
    "model_changes.changed_by": "an act for the lab",
    "qualifications.created_by": "an act for the lab",
    "report_answers.answered_by": "an act of another person",
    "settlements.contributor": "a pseudonym of one release, which nobody can lead back to a person",
    "settlements.subject": "the id of a part; no person",
}
"""Columns that name somebody and are not told, each with its reason."""


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    data: Path = tmp_path_factory.mktemp("everything")
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(data, server.endpoint, MODELS)
        with arenas.hurried(), arenas.running(settings, pages=False) as running:
            yield running


@pytest.fixture(scope="module")
def whole(arena: arenas.Arena) -> Iterator[httpx.Client]:
    """An admin with an account of whom everything is stored that can be."""
    with arena.admin() as admin, browser(arena) as client:
        value = client.post("/api/v1/raters").json()["token"]
        client.cookies.set(RATER, value, domain="127.0.0.1", path="/")
        arenas.vote(client, arenas.battle(client, "canary-before")).raise_for_status()
        accept(client, invited(admin, "admin"), EMAIL).raise_for_status()
        fill(arena, admin, client)
        yield client


def fill(arena: arenas.Arena, admin: httpx.Client, client: httpx.Client) -> None:
    campaign = {"name": "asked", "criteria": ["clarity"], "consent": "You agree.", "reward": 1}
    started(client, campaign)
    client.put("/api/v1/campaigns/asked/consent", json={"consent": "You agree."}).raise_for_status()
    voted = arenas.battle(client, "canary-asked", campaign="asked")
    arenas.vote(client, voted, criteria={"clarity": "model_b"}, reason="canary-why").raise_for_status()
    qualifying_made.fill(arena.services.workspace, 3)
    body = {"field": "rivers", "gold_set": qualifying_made.GOLD_SET, "items": 1, "needed": 1, "tries": 1}
    client.post("/api/v1/qualifications", json=body).raise_for_status()
    test = client.post("/api/v1/qualifications/rivers/tasks").raise_for_status().json()["battle_id"]
    arenas.vote(client, test, "tie").raise_for_status()
    started(client, {"name": "stored", "kind": "tasks", "answers": "stored", "prompt_set": qualifying_made.GOLD_SET})
    task = client.post("/api/v1/campaigns/stored/tasks").raise_for_status().json()["battle_id"]
    client.post(f"/api/v1/battles/{task}/skips", json={"reason": "canary-skip"}).raise_for_status()
    waiting = arenas.battle(client, "canary-reported")
    client.post(f"/api/v1/battles/{waiting}/reports", json={"reason": "canary-report"}).raise_for_status()
    name = client.get("/api/v1/me").json()["id"]
    decided = {"standing": "probation", "reason": "canary-decided"}
    admin.patch(f"/api/v1/raters/{name}/standing", json=decided).raise_for_status()
    client.post("/api/v1/me/appeals", json={"text": "canary-appeal"}).raise_for_status()
    client.put("/api/v1/me/consent", json={"scope": "private"}).raise_for_status()
    model = client.get("/api/v1/models").json()["models"][0]["name"]
    client.post("/api/v1/trials", json={"prompt": "canary-trial", "models": [model]}).raise_for_status()
    client.post("/api/v1/invitations", json={"role": "reader"}).raise_for_status()
    client.post("/api/v1/tokens", json={"role": "reader"}).raise_for_status()
    client.post("/api/v1/webhooks", json={"url": "http://127.0.0.1:9/", "events": ["votes"]}).raise_for_status()
    admin.post("/api/v1/password-links", json={"email": EMAIL}).raise_for_status()
    with browser(arena) as second:
        begun = second.post("/api/v1/sessions", json={"email": EMAIL, "password": GOOD}).raise_for_status().json()
        second.delete(f"/api/v1/sessions/{begun['session_id']}").raise_for_status()


def started(client: httpx.Client, campaign: dict[str, Any]) -> None:
    client.post("/api/v1/campaigns", json=campaign).raise_for_status()
    client.patch(f"/api/v1/campaigns/{campaign['name']}", json={"state": "running"}).raise_for_status()


def columns(arena: arenas.Arena) -> list[str]:
    """Every `table.column` of a workspace and of the installation."""
    query = (
        "SELECT table_name || '.' || column_name FROM duckdb_columns() JOIN duckdb_tables() USING (table_name) "
        "WHERE NOT duckdb_tables.internal ORDER BY 1"
    )
    with arena.services.workspace.reading() as connection:
        found = [str(row[0]) for row in connection.execute(query).fetchall()]
    return [*found, *(str(row[0]) for row in arena.installation.instance._file.fetched(query))]


def at(document: dict[str, Any], path: str) -> Any:
    for part in path.split("."):
        document = document[part]
    return document


def test_every_column_that_names_somebody_is_told_or_left_out_with_a_reason(arena: arenas.Arena) -> None:
    naming = {one for one in columns(arena) if NAMES_SOMEBODY.search(one.partition(".")[2])}
    assert {"votes.rater_id", "members.account_id", "audit_entries.who"} <= naming, "positive control"
    unsaid = {one for one in naming if one.partition(".")[0] not in TOLD and one not in LEFT_OUT}
    assert not unsaid, "say in everything.py what is stored there of a person, or here why not"
    assert not set(LEFT_OUT) - naming, "gone"


def test_what_is_stored_of_somebody_is_in_their_document(whole: httpx.Client) -> None:
    told = whole.get("/api/v1/me/everything").raise_for_status()
    document = told.json()
    assert {name for name, path in TOLD.items() if not at(document, path)} == EMPTY
    for canary in ("before", "asked", "why", "skip", "report", "decided", "appeal", "trial"):
        assert f"canary-{canary}" in told.text, canary
    (asked,) = [one for one in document["contributions"]["votes"] if one["prompt"] == "canary-asked"]
    assert (asked["criteria"], asked["campaign"], asked["kind"]) == ({"clarity": "model_b"}, "asked", "person")
    assert len(document["stored"]["sessions"]) == 2, "one has ended"
    assert document["names"][0] == document["me"]["id"]
    assert document["stored"]["agreements"][0]["campaign"] == "asked"


def test_no_secret_and_nobody_else_is_in_it(arena: arenas.Arena, whole: httpx.Client) -> None:
    told = whole.get("/api/v1/me/everything").text
    with arena.services.workspace.reading() as connection:
        stored = connection.execute("SELECT salt FROM standing_decisions UNION SELECT rater_id FROM votes").fetchall()
    secret = [str(row[0]) for row in stored]
    for table, column in (("accounts", "password"), ("sessions", "hash"), ("tokens", "hash"), ("webhooks", "secret")):
        secret += [str(row[0]) for row in arena.installation.instance._file.fetched(f"SELECT {column} FROM {table}")]
    assert len(secret) >= 8
    assert not [one for one in secret if one in told]
    for word in ("purpose", "repeat", "gold", "shown_left", "draw_probability"):
        assert f'"{word}"' not in told, "it would tell gold and repeats apart"
    with arena.rater() as other:
        arenas.vote(other, arenas.battle(other, "canary-other"), key=uuid.uuid4().hex).raise_for_status()
        own = other.get("/api/v1/me/everything").raise_for_status()
    assert "canary-other" in own.text, "positive control"
    assert EMAIL not in own.text
    assert "canary-other" not in whole.get("/api/v1/me/everything").text
