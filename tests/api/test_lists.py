"""Lists: pages of up to 500 entries under one name, each with where the next begins."""

import json
from typing import Any

import httpx
import pytest

from tests import arenas
from tests.api.people import GOOD, accept, browser, invited
from tests.api.test_refusals import refused
from tests.api.test_walls import routes

PAGED = {
    "/api/v1/accounts": "accounts",
    "/api/v1/appeals": "appeals",
    "/api/v1/audit-log": "entries",
    "/api/v1/campaigns": "campaigns",
    "/api/v1/campaigns/{name}/settlements": "payments",
    "/api/v1/changes": "changes",
    "/api/v1/exports": "exports",
    "/api/v1/findings": "findings",
    "/api/v1/invitations": "invitations",
    "/api/v1/leaderboards/{board}/doubts": "neighbours",
    "/api/v1/leaderboards/{board}/held": "models",
    "/api/v1/leaderboards/{board}/history": "moments",
    "/api/v1/leaderboards/{board}/matches": "matches",
    "/api/v1/leaderboards/{board}/prompts": "prompts",
    "/api/v1/me/credits": "lines",
    "/api/v1/me/history": "votes",
    "/api/v1/me/work": "work",
    "/api/v1/models": "models",
    "/api/v1/prompt-sets": "sets",
    "/api/v1/prompt-sets/{name}/agreed": "items",
    "/api/v1/prompt-sets/{name}/prompts": "prompts",
    "/api/v1/qualifications": "qualifications",
    "/api/v1/raters": "raters",
    "/api/v1/reports": "reports",
    "/api/v1/selections": "selections",
    "/api/v1/sessions": "sessions",
    "/api/v1/tokens": "tokens",
    "/api/v1/trials": "trials",
    "/api/v1/webhooks": "webhooks",
    "/api/v1/webhooks/{webhook_id}/deliveries": "deliveries",
    "/api/v1/workspaces": "workspaces",
}
WHOLE = ("/api/v1/me/contributions", "/api/v1/me/everything")
"""Documents to keep, which are read as one."""


def _lists(document: dict[str, Any], schema: dict[str, Any]) -> bool:
    """Whether the answer is a list, or an object that says where it goes on."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema.get("type") == "array" or (
        "next" in schema.get("properties", {}) and "battle_id" not in schema["properties"]
    )


def test_every_list_has_its_row_and_takes_the_same_words(arena: arenas.Arena, admin: httpx.Client) -> None:
    document = admin.get("/api/openapi.json").json()
    found = {}
    for route in routes():
        method, _, path = route.partition(" ")
        operation = document["paths"][path][method.lower()]
        answer = operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
        if method == "GET" and _lists(document, answer):
            found[path] = {one["name"]: one["schema"] for one in operation["parameters"] if one["in"] == "query"}
    assert found.keys() == PAGED.keys()
    for path, words in found.items():
        assert "after" in words, path
        limit = words["limit"]
        assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, 500, 100), path


@pytest.mark.parametrize("path", [path for path in PAGED if "{" not in path])
def test_a_list_is_read_page_by_page(arena: arenas.Arena, admin: httpx.Client, path: str) -> None:
    with browser(arena) as member:
        asking = admin
        if path in ("/api/v1/sessions", "/api/v1/me/work", "/api/v1/me/history", "/api/v1/me/credits"):
            accept(member, invited(admin), f"pages{path.replace('/', '-')}@lab.example").raise_for_status()
            asking = member
        invited(admin)
        admin.post("/api/v1/tokens", json={"role": "lab"}).raise_for_status()
        name = PAGED[path]
        whole = asking.get(path, params={"limit": 500}).raise_for_status().json()
        few = max(1, len(whole[name]) // 5)
        read, after = [], {}
        while True:
            page = asking.get(path, params={"limit": few, **after}).raise_for_status().json()
            read += page[name]
            if page["next"] is None:
                break
            assert page[name], "a page before the last one is never empty"
            after = {"after": page["next"]}
        told = [json.dumps(one, sort_keys=True) for one in read]
        if path != "/api/v1/sessions":  # when they were used last moves on
            assert told == [json.dumps(one, sort_keys=True) for one in whole[name]]
        assert whole["next"] is None
        for limit in (0, 501):
            refused(asking.get(path, params={"limit": limit}), 422, "limit")


def test_the_audit_log_tells_what_was_decided_of_raters(arena: arenas.Arena, admin: httpx.Client) -> None:
    log = "/api/v1/audit-log"
    with browser(arena) as reviewer, browser(arena) as rater, arena.client(_token(admin, "lab")) as lab:
        accept(reviewer, invited(admin, "reviewer"), "decides@lab.example").raise_for_status()
        accept(rater, invited(admin), "decided-on@lab.example").raise_for_status()
        arenas.vote(rater, arenas.battle(rater, "Of the audit."), "tie").raise_for_status()
        name = rater.get("/api/v1/me").json()["id"]
        before = admin.get(log, params={"limit": 1}).json()["entries"]
        path = f"/api/v1/raters/{name}/standing"
        held = {"standing": "suspended", "reason": "Clicks without reading."}
        reviewer.patch(path, json=held).raise_for_status()
        appeal = rater.post("/api/v1/me/appeals", json={"text": "I did read."}).json()["appeal_id"]
        answered = {"standing": "qualified", "reason": "So they did."}
        lab.post(f"/api/v1/appeals/{appeal}/answer", json=answered).raise_for_status()
        reviewer.patch(path, json={"standing": "probation", "reason": "Once more."}).raise_for_status()
        assert reviewer.delete(path).status_code == 204
        told = admin.get(log, params={"limit": 4}).json()
        entries = [one for one in told["entries"] if one["to"] == name]
        assert [(one["did"].split(",")[0], one["reason"]) for one in entries] == [
            ("undid a decision on standing in general", None),
            ("decided standing in general: probation", "Once more."),
            (f"answered appeal {appeal}; decided standing in general: qualified", "So they did."),
            ("decided standing in general: suspended", "Clicks without reading."),
        ]
        assert [one["who"] for one in entries][1::2] == ["decides@lab.example"] * 2
        assert entries[2]["who"].startswith("t_")
        assert "held votes" in entries[3]["did"]
        assert admin.get(log, params={"limit": 1, "after": told["next"]}).json()["entries"] == before
        stored = arena.installation.instance.accounts.named("decides@lab.example")
        member = arena.installation.instance.accounts.memberships(stored.account_id)[0]
        assert member.rater_id not in admin.get(log).text
        assert rater.request("DELETE", "/api/v1/me").status_code == 200
        after = admin.get(log).text
        assert "Clicks without reading." not in after, "the reason goes with the person"
        assert "decided standing in general: suspended" in after


def test_the_audit_log_tells_what_was_held_back(arena: arenas.Arena, admin: httpx.Client) -> None:
    admin.post("/api/v1/campaigns", json={"name": "audited", "reward": 3, "audit_window": 5}).raise_for_status()
    admin.patch("/api/v1/campaigns/audited", json={"state": "running"}).raise_for_status()
    with arena.rater() as rater:
        arenas.vote(rater, arenas.battle(rater, "Held back?", campaign="audited"), "tie").raise_for_status()
        name = rater.get("/api/v1/me").json()["id"]
    for amount in (1.5, -1):
        body = {"campaign": "audited", "amount": amount, "reason": "A second look."}
        admin.post(f"/api/v1/raters/{name}/credits", json=body).raise_for_status()
    entries = admin.get("/api/v1/audit-log", params={"limit": 2}).json()["entries"]
    assert [(one["did"], one["to"], one["reason"], one["from"]) for one in entries] == [
        ("gave back 1 credits in campaign audited", name, "A second look.", None),
        ("held back 1.5 credits in campaign audited", name, "A second look.", None),
    ]


def test_who_left_is_in_the_audit_log_by_the_name_of_the_rater(arena: arenas.Arena, admin: httpx.Client) -> None:
    accounts, log = arena.installation.instance.accounts, {"limit": 500}
    with browser(arena) as closing, browser(arena) as leaving, arena.rater() as rater:
        arenas.vote(rater, arenas.battle(rater, "Who held it back?"), "tie").raise_for_status()
        name = rater.get("/api/v1/me").json()["id"]
        acts, raters = {}, {}
        for client, who in ((closing, "closes"), (leaving, "leaves")):
            accept(client, invited(admin, "admin"), f"{who}@lab.example").raise_for_status()
            raters[who] = accounts.memberships(accounts.named(f"{who}@lab.example").account_id)[0].rater_id
            client.post("/api/v1/campaigns", json={"name": f"kept-{who}"}).raise_for_status()
            standing = {"standing": "qualified", "reason": f"Known to who {who}."}
            client.patch(f"/api/v1/raters/{name}/standing", json=standing).raise_for_status()
            acts[who] = client.get("/api/v1/me").json()["id"]
        entries = admin.get("/api/v1/audit-log", params=log).json()["entries"]
        assert _made(entries, "closes") == {"closes@lab.example"}, "the control: while they are here"
        closing.post("/api/v1/account/closure", json={"password": GOOD}).raise_for_status()
        body = {"email": "leaves@lab.example", "reason": "Moved on."}
        admin.post("/api/v1/accounts/removal", json=body).raise_for_status()
    told = admin.get("/api/v1/audit-log", params=log)
    for who, pseudonym in acts.items():
        assert _made(told.json()["entries"], who) == {pseudonym}
        assert raters[who] not in told.text, "the stored id is in no answer"


def _made(entries: list[dict[str, Any]], who: str) -> set[str]:
    """Who is told to have made the campaign, and the decision, of somebody."""
    return {one["who"] for one in entries if one["to"] == f"kept-{who}" or one["reason"] == f"Known to who {who}."}


def _token(admin: httpx.Client, role: str) -> str:
    made: str = admin.post("/api/v1/tokens", json={"role": role}).raise_for_status().json()["token"]
    return made
