"""Every route that changes something leaves a row in the audit log, or is a person's own affair and listed with its
reason."""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import pyotp
import pytest

from arena.services import exporting
from tests import arenas
from tests.api.people import GOOD, accept, browser, invited, sign_in
from tests.api.test_walls import routes
from tests.imports import making as imported
from tests.inference import misbehaving
from tests.services import qualifying_made

MODELS = ("echo", "say:Rivers bend.")
RAN = "/w/lab-trail/api/v1"

OWN = "what a rater does for themselves; the ledger and their own pages say it"
READS = "reads, and keeps nothing but what it was asked"
SELF = "a session of one's own, which the list of sessions says"
NOT_NOTED = {
    "POST /api/v1/raters": OWN,
    "DELETE /api/v1/me": OWN,
    "POST /api/v1/battles": OWN,
    "POST /api/v1/battles/{battle_id}/stop": OWN,
    "POST /api/v1/battles/{battle_id}/votes": OWN,
    "POST /api/v1/battles/{battle_id}/skips": OWN,
    "POST /api/v1/battles/{battle_id}/reports": OWN,
    "PUT /api/v1/me/consent": OWN,
    "PUT /api/v1/campaigns/{name}/consent": OWN,
    "POST /api/v1/me/appeals": OWN,
    "POST /api/v1/me/withdrawal": OWN,
    "POST /api/v1/campaigns/{name}/tasks": OWN,
    "POST /api/v1/qualifications/{field}/tasks": OWN,
    "POST /api/v1/selections/counts": READS,
    "POST /api/v1/selections/preview": READS,
    "POST /api/v1/sql": READS,
    "POST /api/v1/trials": "asks models for whoever reads the answer, and is gone after 30 days",
    "POST /api/v1/sessions": SELF,
    "DELETE /api/v1/sessions": SELF,
    "DELETE /api/v1/sessions/{session_id}": SELF,
    "POST /api/v1/sessions/devices": SELF,
    "POST /api/v1/account/second-step/offers": "nothing is kept before a code of it was confirmed",
    "POST /api/v1/findings/{finding_id}/decisions": "decisions on standing, which the log reads where they are",
    "POST /api/v1/setup": "once an installation; its row is looked for below",
}
"""Routes without a row that is looked for here."""


class Trail:
    """A running arena, and what its audit log says."""

    def __init__(self, arena: arenas.Arena, endpoint: str, folder: Path) -> None:
        self.arena, self.endpoint, self.folder = arena, endpoint, folder
        self.admin, self.rater = arena.admin(), arena.rater()
        with browser(arena) as first:
            body = {"token": arena.admin_token, "email": "first@trail.example", "password": GOOD}
            first.post("/api/v1/setup", json=body).raise_for_status()
        self.voted = arenas.battle(self.rater)
        arenas.vote(self.rater, self.voted).raise_for_status()
        made = self.admin.post("/api/v1/workspaces", json={"name": "lab-trail"}).raise_for_status().json()
        self.written = Path(made["admin_token_file"]).read_text().strip()
        qualifying_made.fill(arena.services.workspace, 3)

    def rows(self) -> Counter[str]:
        """Every row: those of the installation, and those that the default workspace keeps."""
        stored = self.arena.installation.instance._file.fetched("SELECT * FROM audit_entries")
        return Counter([*map(str, stored), *map(str, self.arena.services.audit_log._every())])

    def release(self) -> str:
        """A release that is done."""
        made = self.admin.post("/api/v1/exports", json={"format": "battles"}).raise_for_status().json()
        path = f"/api/v1/exports/{made['release_id']}"
        until = time.monotonic() + 60
        while (found := self.admin.get(path).json())["state"] not in ("done", "failed"):
            assert time.monotonic() < until
            time.sleep(0.01)
        assert found["state"] == "done"
        return str(made["release_id"])

    def table(self, name: str) -> dict[str, Any]:
        """A model as it is added."""
        return {"name": name, "endpoint": self.endpoint, "served_name": "echo", "reason": "New."}

    def member(self, email: str) -> None:
        """Somebody with an account."""
        with browser(self.arena) as client:
            accept(client, invited(self.admin), email).raise_for_status()

    def name(self) -> str:
        """A new rater who voted."""
        with self.arena.rater() as rater:
            arenas.vote(rater, arenas.battle(rater)).raise_for_status()
            return str(rater.get("/api/v1/me").json()["id"])


@pytest.fixture(scope="module")
def trail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trail]:
    data: Path = tmp_path_factory.mktemp("trail")
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(data, server.endpoint, MODELS)
        with arenas.hurried(), arenas.running(settings, pages=False) as running:
            made = Trail(running, server.endpoint, tmp_path_factory.mktemp("files"))
            yield made
            for client in (made.admin, made.rater):
                client.close()


Act = Callable[[Trail], httpx.Response]


def erase(trail: Trail) -> httpx.Response:
    return trail.admin.delete(f"/api/v1/raters/{trail.name()}")


def change_model(trail: Trail) -> httpx.Response:
    trail.admin.post("/api/v1/models", json=trail.table("trail-2")).raise_for_status()
    return trail.admin.patch("/api/v1/models/trail-2", json={"state": "paused", "reason": "Slow."})


def hook(trail: Trail) -> httpx.Response:
    return trail.admin.post("/api/v1/webhooks", json={"url": "http://127.0.0.1:9/", "events": ["votes"]})


def unhook(trail: Trail) -> httpx.Response:
    return trail.admin.delete(f"/api/v1/webhooks/{hook(trail).json()['webhook_id']}")


def rewarded(trail: Trail, name: str, **keys: Any) -> str:
    """A campaign with a vote that earned credits, and its rater's name."""
    trail.admin.post("/api/v1/campaigns", json={"name": name, "reward": 2, **keys}).raise_for_status()
    trail.admin.patch(f"/api/v1/campaigns/{name}", json={"state": "running"}).raise_for_status()
    with trail.arena.rater() as rater:
        arenas.vote(rater, arenas.battle(rater, campaign=name)).raise_for_status()
        return str(rater.get("/api/v1/me").json()["id"])


def hold_back(trail: Trail) -> httpx.Response:
    rater = rewarded(trail, "trail-credits", audit_window=7)
    body = {"campaign": "trail-credits", "amount": 1, "reason": "Careless."}
    return trail.admin.post(f"/api/v1/raters/{rater}/credits", json=body)


def settle_campaign(trail: Trail) -> httpx.Response:
    rewarded(trail, "trail-settled")
    return trail.admin.post("/api/v1/campaigns/trail-settled/settlements", json={"amount": 100})


def settle_release(trail: Trail) -> httpx.Response:
    manifest = trail.admin.get(f"/api/v1/exports/{trail.release()}/files/manifest.json").raise_for_status().content
    return trail.admin.post("/api/v1/settlements", json={"release": hashlib.sha256(manifest).hexdigest(), "amount": 5})


def stop_release(trail: Trail) -> httpx.Response:
    def never_done(_: object, __: object, read: Callable[[int], None]) -> None:
        while True:
            read(0)
            time.sleep(0.01)

    with mock.patch.object(exporting, "export_once", never_done):
        made = trail.admin.post("/api/v1/exports", json={"format": "battles"}).raise_for_status().json()
        return trail.admin.delete(f"/api/v1/exports/{made['release_id']}")


def change_campaign(trail: Trail) -> httpx.Response:
    trail.admin.post("/api/v1/campaigns", json={"name": "trail-changed"}).raise_for_status()
    return trail.admin.patch("/api/v1/campaigns/trail-changed", json={"state": "running", "reason": "Ready."})


def decide(trail: Trail) -> httpx.Response:
    body = {"standing": "probation", "reason": "To be looked at."}
    return trail.admin.patch(f"/api/v1/raters/{trail.name()}/standing", json=body)


def undo(trail: Trail) -> httpx.Response:
    path = decide(trail).request.url.path
    return trail.admin.delete(path)


def answer_appeal(trail: Trail) -> httpx.Response:
    other = trail.admin.post("/api/v1/tokens", json={"role": "reviewer"}).json()["token"]
    with trail.arena.rater() as rater, trail.arena.client(other) as reviewer:
        arenas.vote(rater, arenas.battle(rater)).raise_for_status()
        name = rater.get("/api/v1/me").json()["id"]
        body = {"standing": "probation", "reason": "To be looked at."}
        reviewer.patch(f"/api/v1/raters/{name}/standing", json=body).raise_for_status()
        appeal = rater.post("/api/v1/me/appeals", json={"text": "Please look."}).raise_for_status().json()
        return reviewer.post(
            f"/api/v1/appeals/{appeal['appeal_id']}/answer", json={"standing": "qualified", "reason": "Fine."}
        )


def answer_report(trail: Trail) -> httpx.Response:
    battle = arenas.battle(trail.rater)
    made = trail.rater.post(f"/api/v1/battles/{battle}/reports", json={"reason": "Odd."}).raise_for_status().json()
    return trail.admin.post(f"/api/v1/reports/{made['report_id']}/answer", json={"keep": True, "reason": "Fine."})


def import_votes(trail: Trail) -> httpx.Response:
    file = imported.write(trail.folder / "votes.jsonl", [imported.battles()])
    return trail.admin.post("/api/v1/imports", json={"files": [str(file)]})


def import_prompts(trail: Trail) -> httpx.Response:
    file = imported.write(trail.folder / "set.jsonl", [{"prompt_id": "p1", "prompt": "Why?"}])
    return trail.admin.post("/api/v1/prompt-sets/trail/imports", json={"kind": "prompts", "file": str(file)})


def gold(trail: Trail) -> httpx.Response:
    body = {"battle_id": trail.voted, "explanation": "Because.", "winner": "model_a"}
    return trail.admin.post("/api/v1/prompt-sets/trail-gold/gold", json=body)


def qualify(trail: Trail) -> httpx.Response:
    body = {"field": "rivers", "gold_set": qualifying_made.GOLD_SET, "items": 1, "needed": 1, "tries": 1}
    return trail.admin.post("/api/v1/qualifications", json=body)


def revoke(trail: Trail) -> httpx.Response:
    made = trail.admin.post("/api/v1/tokens", json={"role": "reader"}).json()
    return trail.admin.delete(f"/api/v1/tokens/{made['id']}")


def use_device(trail: Trail) -> httpx.Response:
    with browser(trail.arena) as first, browser(trail.arena) as second:
        accept(first, invited(trail.admin), "device@trail.example").raise_for_status()
        link = first.post("/api/v1/sessions/devices").raise_for_status().json()["token"]
        return second.post(f"/api/v1/device-links/{link}")


def new_password(trail: Trail) -> httpx.Response:
    with browser(trail.arena) as client:
        accept(client, invited(trail.admin), "password@trail.example").raise_for_status()
        return client.put("/api/v1/account/password", json={"old": GOOD, "new": "seven loud kettles rust"})


def close_account(trail: Trail) -> httpx.Response:
    with browser(trail.arena) as client:
        accept(client, invited(trail.admin), "closed@trail.example").raise_for_status()
        return client.post("/api/v1/account/closure", json={"password": GOOD})


def linked(trail: Trail, email: str) -> httpx.Response:
    trail.member(email)
    return trail.admin.post("/api/v1/password-links", json={"email": email})


def use_link(trail: Trail) -> httpx.Response:
    link = linked(trail, "link-used@trail.example").json()["token"]
    with browser(trail.arena) as client:
        return client.post(f"/api/v1/password-links/{link}", json={"password": "seven loud kettles rust"})


def end_invitation(trail: Trail) -> httpx.Response:
    made = trail.admin.post("/api/v1/invitations", json={"role": "rater"}).json()
    return trail.admin.delete(f"/api/v1/invitations/{made['id']}")


def use_invitation(trail: Trail) -> httpx.Response:
    with browser(trail.arena) as client:
        return accept(client, invited(trail.admin), "invited@trail.example")


def account(trail: Trail, act: str, **more: str) -> httpx.Response:
    trail.member(f"{act}@trail.example")
    return trail.admin.post(f"/api/v1/accounts/{act}", json={"email": f"{act}@trail.example", **more})


def take_away(trail: Trail) -> httpx.Response:
    trail.admin.post("/api/v1/workspaces", json={"name": "lab-going"}).raise_for_status()
    return trail.admin.delete("/api/v1/workspaces/lab-going")


def export(trail: Trail, folder: str = "moved") -> httpx.Response:
    with trail.arena.client(trail.written) as lab:
        return lab.post(f"{RAN}/workspace/exports", json={"directory": str(trail.folder / folder)})


def take_in(trail: Trail) -> httpx.Response:
    export(trail, "to-take-in").raise_for_status()
    body = {"directory": str(trail.folder / "to-take-in"), "name": "lab-taken-in"}
    return trail.admin.post("/api/v1/workspaces/imports", json=body)


def add_second_step(trail: Trail, email: str = "step@trail.example") -> httpx.Response:
    with browser(trail.arena) as client:
        accept(client, invited(trail.admin), email).raise_for_status()
        return offered(client)


def offered(client: httpx.Client) -> httpx.Response:
    secret = client.post("/api/v1/account/second-step/offers").raise_for_status().json()["secret"]
    return client.put("/api/v1/account/second-step", json={"password": GOOD, "code": pyotp.TOTP(secret).now()})


def drop_second_step(trail: Trail) -> httpx.Response:
    with browser(trail.arena) as client:
        accept(client, invited(trail.admin), "no-step@trail.example").raise_for_status()
        recovery = offered(client).raise_for_status().json()["recovery_codes"]
        return client.post("/api/v1/account/second-step/removal", json={"password": GOOD, "code": recovery[0]})


NOTED: dict[str, tuple[Act, str]] = {
    "POST /api/v1/models": (
        lambda trail: trail.admin.post("/api/v1/models", json=trail.table("trail-1")),
        "added a model, active",
    ),
    "PATCH /api/v1/models/{name}": (change_model, "changed a model: paused"),
    "POST /api/v1/webhooks": (hook, "added webhook"),
    "DELETE /api/v1/webhooks/{webhook_id}": (unhook, "deleted webhook"),
    "POST /api/v1/raters/{rater_id}/credits": (hold_back, "held back 1 credits"),
    "POST /api/v1/campaigns/{name}/settlements": (settle_campaign, "settled a campaign at 100 EUR-cent"),
    "POST /api/v1/settlements": (settle_release, "settled a release at 5 EUR-cent"),
    "POST /api/v1/exports": (
        lambda trail: trail.admin.post("/api/v1/exports", json={"format": "battles"}),
        "began release as battles",
    ),
    "DELETE /api/v1/exports/{release_id}": (stop_release, "stopped release"),
    "POST /api/v1/campaigns": (
        lambda trail: trail.admin.post("/api/v1/campaigns", json={"name": "trail-made"}),
        "made a campaign",
    ),
    "PATCH /api/v1/campaigns/{name}": (change_campaign, "changed a campaign: running"),
    "POST /api/v1/audits": (lambda trail: trail.admin.post("/api/v1/audits", json={}), "audited votes"),
    "PATCH /api/v1/raters/{rater_id}/standing": (decide, "decided standing in general: probation"),
    "DELETE /api/v1/raters/{rater_id}/standing": (undo, "undid a decision"),
    "POST /api/v1/appeals/{appeal_id}/answer": (answer_appeal, "answered appeal"),
    "POST /api/v1/reports/{report_id}/answer": (answer_report, "answered a report"),
    "POST /api/v1/imports": (import_votes, "began import"),
    "POST /api/v1/prompt-sets/{name}/imports": (import_prompts, "began import of prompts"),
    "POST /api/v1/prompt-sets/{name}/uploads": (
        lambda trail: trail.admin.post("/api/v1/prompt-sets/trail-sent/uploads?file=sent.jsonl", content=b"{}"),
        "began import of prompts",
    ),
    "POST /api/v1/prompt-sets/{name}/gold": (gold, "marked gold"),
    "POST /api/v1/qualifications": (qualify, "made a qualification"),
    "POST /api/v1/tokens": (
        lambda trail: trail.admin.post("/api/v1/tokens", json={"role": "reader"}),
        "made token as reader",
    ),
    "DELETE /api/v1/tokens/{token_id}": (revoke, "revoked token"),
    "POST /api/v1/backups": (
        lambda trail: trail.admin.post("/api/v1/backups", json={"directory": str(trail.folder / "backup")}),
        "backed up",
    ),
    "POST /api/v1/device-links/{token}": (use_device, "signed in on another device"),
    "PUT /api/v1/account/password": (new_password, "changed the password"),
    "POST /api/v1/account/closure": (close_account, "closed"),
    "POST /api/v1/password-links": (lambda trail: linked(trail, "link-made@trail.example"), "made a password link"),
    "POST /api/v1/password-links/{token}": (use_link, "set a new password by a link"),
    "POST /api/v1/invitations": (
        lambda trail: trail.admin.post("/api/v1/invitations", json={"role": "rater"}),
        "invited as rater",
    ),
    "DELETE /api/v1/invitations/{invitation_id}": (end_invitation, "ended invitation"),
    "POST /api/v1/invitations/{token}/accept": (use_invitation, "joined as rater"),
    "POST /api/v1/accounts/roles": (
        lambda trail: account(trail, "roles", role="reviewer"),
        "changed role from rater to reviewer",
    ),
    "POST /api/v1/accounts/removal": (lambda trail: account(trail, "removal"), "took out"),
    "POST /api/v1/accounts/disabling": (lambda trail: account(trail, "disabling"), "disabled"),
    "PATCH /api/v1/workspace": (
        lambda trail: trail.admin.patch("/api/v1/workspace", json={"live_battles": 7}),
        "changed settings",
    ),
    "POST /api/v1/workspace/exports": (export, "exported the workspace"),
    "POST /api/v1/workspaces": (
        lambda trail: trail.admin.post("/api/v1/workspaces", json={"name": "lab-new"}),
        "made workspace",
    ),
    "DELETE /api/v1/workspaces/{name}": (take_away, "removed workspace"),
    "DELETE /api/v1/raters/{rater_id}": (erase, "erased rater"),
    "PUT /api/v1/account/second-step": (add_second_step, "added a second step"),
    "POST /api/v1/account/second-step/removal": (drop_second_step, "took the second step away"),
    "POST /api/v1/workspaces/imports": (take_in, "took in workspace"),
}
"""What is done, and what the log says of it."""


def test_every_route_that_changes_something_is_here() -> None:
    changing = {one for one in routes() if not one.startswith("GET ")}
    assert changing == NOTED.keys() | NOT_NOTED.keys()
    assert not NOTED.keys() & NOT_NOTED.keys()


@pytest.mark.parametrize("route", NOTED)
def test_it_leaves_a_row_in_the_audit_log(trail: Trail, route: str) -> None:
    act, words = NOTED[route]
    before = trail.rows()
    done = act(trail)
    assert done.is_success, done.text
    new = trail.rows() - before
    assert [row for row in new if f"'{words}" in row], (words, new)


def test_setting_up_leaves_a_row(trail: Trail) -> None:
    assert [row for row in trail.rows() if "'set up'" in row]


def test_what_only_reads_leaves_none(trail: Trail) -> None:
    """Positive control."""
    before = trail.rows()
    trail.admin.post("/api/v1/sql", json={"query": "SELECT count(*) FROM votes"}).raise_for_status()
    with browser(trail.arena) as client:
        assert sign_in(client, "nobody@trail.example").status_code == 401
    assert trail.rows() == before


def test_an_erasure_by_an_admin_says_who_and_whom(trail: Trail) -> None:
    name = trail.name()
    trail.admin.delete(f"/api/v1/raters/{name}").raise_for_status()
    newest = trail.admin.get("/api/v1/audit-log").json()["entries"][0]
    assert (newest["did"], newest["to"], newest["from"]) == ("erased rater", name, "127.0.0.1")
    assert newest["who"].startswith("t_")
