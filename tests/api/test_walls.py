"""The walls: every route, asked by everybody of this workspace, of another one, and by nobody.

A route without a row in `ROWS` fails. Refusals of what is another workspace's are the bytes that an absent one is told.
"""

import functools
import re
import time
from collections.abc import Iterator
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from arena.api import app as api
from arena.domain.ids import ModelName, RaterId
from arena.domain.permission import PERMISSIONS, Permission
from arena.domain.principal import Role
from arena.domain.trial import Trial, TrialAnswer
from arena.services import audited_votes, clock
from arena.services.installation import Installation
from arena.store.writing.commands import KeepTrial
from tests import arenas
from tests.imports import making as imported
from tests.inference import misbehaving

MODELS = ("echo", "say:Rivers bend.")
GOOD = "four quiet herons wade"
DOOR, ANYBODY, SIGNED, MONITORED = "door", "anybody", "signed in", "monitored"
"""Who else may: nobody needs to be known; whoever is known in it; whoever signed in; a monitor on loopback."""
P = Permission
ROWS: dict[str, tuple[str, dict[str, Any] | None]] = {
    "GET /api/v1/account": (SIGNED, None),
    "POST /api/v1/account/second-step/offers": (SIGNED, None),
    "PUT /api/v1/account/second-step": (SIGNED, {"password": "x", "code": "x"}),
    "POST /api/v1/account/second-step/removal": (SIGNED, {"password": "x", "code": "x"}),
    "POST /api/v1/account/closure": (SIGNED, {"password": "x"}),
    "PUT /api/v1/account/password": (SIGNED, {"old": "x", "new": "x"}),
    "GET /api/v1/accounts": (P.ADMINISTER, None),
    "POST /api/v1/accounts/disabling": (P.OPERATE, {"email": "nobody@lab.example"}),
    "POST /api/v1/accounts/roles": (P.ADMINISTER, {"email": "nobody@lab.example", "role": "rater"}),
    "POST /api/v1/accounts/removal": (P.ADMINISTER, {"email": "nobody@lab.example"}),
    "GET /api/v1/audit-log": (P.ADMINISTER, None),
    "POST /api/v1/backups": (P.ADMINISTER, {"directory": "relative"}),
    "POST /api/v1/battles": (P.TAKE_PART, {"prompt": ""}),
    "GET /api/v1/battles/latest": (ANYBODY, None),
    "GET /api/v1/battles/{battle_id}": (ANYBODY, None),
    "POST /api/v1/battles/{battle_id}/reports": (ANYBODY, {"reason": "x"}),
    "POST /api/v1/battles/{battle_id}/skips": (ANYBODY, {"reason": "x"}),
    "POST /api/v1/battles/{battle_id}/stop": (ANYBODY, None),
    "GET /api/v1/battles/{battle_id}/stream": (ANYBODY, None),
    "POST /api/v1/battles/{battle_id}/votes": (ANYBODY, {"winner": "model_a"}),
    "GET /api/v1/campaigns": (ANYBODY, None),
    "POST /api/v1/campaigns": (P.CONDUCT, {"name": "?"}),
    "GET /api/v1/campaigns/{name}": (ANYBODY, None),
    "PATCH /api/v1/campaigns/{name}": (P.CONDUCT, {"state": "king"}),
    "PUT /api/v1/campaigns/{name}/consent": (P.TAKE_PART, {"consent": "x"}),
    "GET /api/v1/campaigns/{name}/settlements": (P.CONDUCT, None),
    "POST /api/v1/campaigns/{name}/settlements": (P.CONDUCT, {"amount": 0}),
    "POST /api/v1/campaigns/{name}/tasks": (ANYBODY, None),
    "GET /api/v1/exports": (P.EXPORT, None),
    "POST /api/v1/exports": (P.EXPORT, {"format": "papyrus"}),
    "GET /api/v1/exports/key": (ANYBODY, None),
    "GET /api/v1/exports/{release_id}": (P.EXPORT, None),
    "DELETE /api/v1/exports/{release_id}": (P.EXPORT, None),
    "GET /api/v1/exports/{release_id}/archive": (P.EXPORT, None),
    "GET /api/v1/exports/{release_id}/files/{name}": (P.EXPORT, None),
    "GET /api/v1/exports/{release_id}/proofs/{vote_id}": (ANYBODY, None),
    "POST /api/v1/imports": (P.ADMINISTER, {"files": []}),
    "GET /api/v1/imports/{import_id}": (P.ADMINISTER, None),
    "GET /api/v1/invitations": (P.ADMINISTER, None),
    "POST /api/v1/invitations": (P.ADMINISTER, {"role": "king"}),
    "DELETE /api/v1/invitations/{invitation_id}": (P.ADMINISTER, None),
    "GET /api/v1/invitations/{token}": (DOOR, None),
    "POST /api/v1/invitations/{token}/accept": (DOOR, {"email": "x@lab.example", "password": GOOD}),
    "GET /api/v1/leaderboards/{board}": (ANYBODY, None),
    "GET /api/v1/leaderboards/{board}/doubts": (ANYBODY, None),
    "GET /api/v1/leaderboards/{board}/history": (ANYBODY, None),
    "GET /api/v1/leaderboards/{board}/held": (ANYBODY, None),
    "GET /api/v1/leaderboards/{board}/matches": (ANYBODY, None),
    "GET /api/v1/leaderboards/{board}/pair": (ANYBODY, None),
    "GET /api/v1/leaderboards/{board}/prompts": (ANYBODY, None),
    "GET /api/v1/leaderboards/{board}/report": (P.CONDUCT, None),
    "GET /api/v1/leaderboards/{board}/samples": (ANYBODY, None),
    "GET /api/v1/ledger": (ANYBODY, None),
    "GET /api/v1/me": (ANYBODY, None),
    "DELETE /api/v1/me": (ANYBODY, None),
    "GET /api/v1/me/consent": (P.TAKE_PART, None),
    "GET /api/v1/me/everything": (P.TAKE_PART, None),
    "PUT /api/v1/me/consent": (P.TAKE_PART, {"scope": "public"}),
    "GET /api/v1/me/contributions": (P.TAKE_PART, None),
    "GET /api/v1/me/board": (P.TAKE_PART, None),
    "GET /api/v1/me/credits": (P.TAKE_PART, None),
    "GET /api/v1/me/history": (P.TAKE_PART, None),
    "GET /api/v1/me/receipts/{vote_id}": (P.TAKE_PART, None),
    "POST /api/v1/me/withdrawal": (ANYBODY, None),
    "GET /api/v1/me/work": (P.TAKE_PART, None),
    "GET /api/v1/media/{sha256}": (ANYBODY, None),
    "GET /api/v1/models": (ANYBODY, None),
    "POST /api/v1/models": (P.CONDUCT, {"name": "?", "served_name": "x"}),
    "PATCH /api/v1/models/{name}": (P.CONDUCT, {"state": "king", "reason": "x"}),
    "GET /api/v1/me/standing": (P.TAKE_PART, None),
    "POST /api/v1/me/appeals": (P.TAKE_PART, {"text": "x"}),
    "GET /api/v1/raters": (P.REVIEW, None),
    "PATCH /api/v1/raters/{rater_id}/standing": (P.REVIEW, {"standing": "king", "reason": "x"}),
    "DELETE /api/v1/raters/{rater_id}/standing": (P.REVIEW, None),
    "GET /api/v1/appeals": (P.REVIEW, None),
    "GET /api/v1/waiting": (P.REVIEW, None),
    "POST /api/v1/audits": (P.CONDUCT, {"dry_run": True}),
    "GET /api/v1/findings": (P.REVIEW, None),
    "GET /api/v1/findings/{finding_id}": (P.REVIEW, None),
    "POST /api/v1/findings/{finding_id}/decisions": (P.REVIEW, {"standing": "king", "reason": "x"}),
    "POST /api/v1/appeals/{appeal_id}/answer": (P.REVIEW, {"standing": "king", "reason": "x"}),
    "GET /api/v1/changes": (ANYBODY, None),
    "GET /api/v1/trials": (P.CONDUCT, None),
    "POST /api/v1/trials": (P.CONDUCT, {"prompt": ""}),
    "GET /api/v1/trials/{trial_id}": (P.CONDUCT, None),
    "GET /api/v1/organisation": (DOOR, None),
    "GET /api/v1/organisation/answer": (DOOR, None),
    "GET /api/v1/organisation/start": (DOOR, None),
    "POST /api/v1/password-links": (P.OPERATE, {"email": "nobody@lab.example"}),
    "POST /api/v1/password-links/{token}": (DOOR, {"password": GOOD}),
    "GET /api/v1/prompt-sets": (P.CONDUCT, None),
    "GET /api/v1/prompt-sets/{name}/agreed": (P.CONDUCT, None),
    "POST /api/v1/prompt-sets/{name}/gold": (P.CONDUCT, {"battle_id": "none", "explanation": "x"}),
    "POST /api/v1/prompt-sets/{name}/imports": (P.ADMINISTER, {"kind": "prompts", "file": "relative"}),
    "GET /api/v1/prompt-sets/{name}/imports/{import_id}": (P.CONDUCT, None),
    "POST /api/v1/prompt-sets/{name}/uploads": (P.CONDUCT, None),
    "GET /api/v1/prompt-sets/{name}/prompts": (P.CONDUCT, None),
    "GET /api/v1/qualifications": (ANYBODY, None),
    "POST /api/v1/qualifications": (P.CONDUCT, {"field": "?", "gold_set": "none"}),
    "POST /api/v1/qualifications/{field}/tasks": (P.TAKE_PART, None),
    "POST /api/v1/raters": (DOOR, None),
    "POST /api/v1/raters/{rater_id}/credits": (P.CONDUCT, {"campaign": "default", "amount": 1, "reason": "x"}),
    "DELETE /api/v1/raters/{rater_id}": (P.ADMINISTER, None),
    "GET /api/v1/reports": (P.REVIEW, None),
    "POST /api/v1/reports/{report_id}/answer": (P.REVIEW, {"keep": True, "reason": "x"}),
    "GET /api/v1/selections": (ANYBODY, None),
    "POST /api/v1/selections/counts": (P.EXPORT, {}),
    "POST /api/v1/selections/preview": (P.EXPORT, {"format": "battles"}),
    "GET /api/v1/selections/promised": (P.EXPORT, None),
    "GET /api/v1/events": (ANYBODY, None),
    "GET /api/v1/webhooks": (P.CONDUCT, None),
    "POST /api/v1/webhooks": (P.CONDUCT, {"url": "http://127.0.0.1:9/", "events": []}),
    "DELETE /api/v1/webhooks/{webhook_id}": (P.CONDUCT, None),
    "GET /api/v1/webhooks/{webhook_id}/deliveries": (P.CONDUCT, None),
    "POST /api/v1/sql": (P.CONDUCT, {"query": "SELECT * FROM main.votes"}),
    "GET /api/v1/sessions": (SIGNED, None),
    "POST /api/v1/sessions": (DOOR, {"email": "nobody@lab.example", "password": "x"}),
    "POST /api/v1/sessions/devices": (SIGNED, None),
    "POST /api/v1/device-links/{token}": (DOOR, None),
    "DELETE /api/v1/sessions": (SIGNED, None),
    "DELETE /api/v1/sessions/{session_id}": (SIGNED, None),
    "POST /api/v1/settlements": (P.ADMINISTER, {"release": "0" * 64, "amount": 1}),
    "POST /api/v1/setup": (DOOR, {"token": "x", "email": "x@lab.example", "password": GOOD}),
    "GET /api/v1/tokens": (P.ADMINISTER, None),
    "POST /api/v1/tokens": (P.ADMINISTER, {"role": "king"}),
    "DELETE /api/v1/tokens/{token_id}": (P.ADMINISTER, None),
    "GET /api/v1/verification": (P.ADMINISTER, None),
    "GET /api/v1/votes": (P.CONDUCT, None),
    "GET /api/v1/workspace": (P.ADMINISTER, None),
    "PATCH /api/v1/workspace": (P.ADMINISTER, {}),
    "POST /api/v1/workspace/exports": (P.ADMINISTER, {"directory": "relative"}),
    "GET /api/v1/workspaces": (P.OPERATE, None),
    "POST /api/v1/workspaces/imports": (P.OPERATE, {"directory": "relative"}),
    "POST /api/v1/workspaces": (P.OPERATE, {"name": "?"}),
    "DELETE /api/v1/workspaces/{name}": (P.OPERATE, None),
    "GET /healthz": (MONITORED, None),
    "GET /metrics": (MONITORED, None),
    "GET /readyz": (MONITORED, None),
}
CHANGES_MUCH = ("/api/v1/me", "/api/v1/me/withdrawal", "/api/v1/sessions")
"""Not asked by who may: they would be somebody else afterwards."""
CANARIES = ("model", "reason", "edit", "prompt", "guidelines", "consent", "person")
"""Texts and names that lab-b alone has."""
CANARY = re.compile(rf"canary-({'|'.join(CANARIES)})\b".encode())
"""The models of the default workspace are called canary, too."""
OF_TOKENS = (Role.READER, Role.REVIEWER, Role.TRAINER, Role.LAB, Role.ADMIN)


@functools.cache
def routes() -> tuple[str, ...]:
    """Every route of the API as `METHOD path`, those that its document leaves out too."""
    app = api.build(cast(Installation, SimpleNamespace()))
    paths = app.openapi()["paths"].items()
    return tuple(f"{method.upper()} {path}" for path, methods in paths for method in methods if method != "head")


def client(url: str, token: str | None = None) -> httpx.Client:
    """A client that keeps no cookies."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    jar = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return httpx.Client(base_url=url, headers=headers, cookies=jar, timeout=240)


class Walled:
    """A running arena with two workspaces, and somebody of each role in both."""

    def __init__(self, arena: arenas.Arena, folder: Path) -> None:
        self.arena = arena
        self.url = arena.url
        with arena.admin() as operator:
            made = operator.post("/api/v1/workspaces", json={"name": "lab-b"}).raise_for_status().json()
        self.tokens = {"default": self._people("", arena.admin_token)}
        written = Path(made["admin_token_file"]).read_text().strip()
        self.tokens["lab-b"] = self._people("/w/lab-b", written)
        with client(arena.url) as nobody:
            self.tokens["default"]["anonymous"] = nobody.post("/api/v1/raters").json()["token"]
        self._fill("/w/lab-b", written, folder)

    def _people(self, prefix: str, admin: str) -> dict[str, str]:
        found = {}
        with client(self.url, admin) as asking, client(self.url) as nobody:
            for role in OF_TOKENS:
                found[f"token of {role}"] = asking.post(f"{prefix}/api/v1/tokens", json={"role": role}).json()["token"]
            for role in (Role.RATER, *OF_TOKENS):
                link = (
                    asking.post(f"{prefix}/api/v1/invitations", json={"role": role}).raise_for_status().json()["token"]
                )
                body = {"email": f"{role}{prefix.replace('/', '.')}@lab.example", "password": GOOD}
                body |= {"name": "canary-person"} if prefix else {}
                made = nobody.post(f"/api/v1/invitations/{link}/accept", json=body)
                found[f"account of {role}"] = made.raise_for_status().json()["token"]
        found["token written"] = admin
        return found

    def _fill(self, prefix: str, admin: str, folder: Path) -> None:
        """A vote, a release, a token, an invitation and a member whose texts are canaries."""
        row = imported.battles(
            model_a="canary-model", reason="canary-reason", edit="canary-edit", prompt="canary-prompt"
        )
        path = imported.write(folder / "canary.jsonl", [row])
        with client(self.url + prefix, admin) as owner:
            begun = owner.post("/api/v1/imports", json={"files": [str(path)]}).raise_for_status().json()
            self.ids = {"import_id": begun["import_id"]}
            made = owner.post("/api/v1/exports", json={"format": "battles"})
            deadline = time.monotonic() + 60
            while owner.get(f"/api/v1/imports/{begun['import_id']}").json()["state"] == "reading":
                assert time.monotonic() < deadline
                time.sleep(0.05)
            made = owner.post("/api/v1/exports", json={"format": "battles"}).raise_for_status().json()
            while owner.get(f"/api/v1/exports/{made['release_id']}").json()["state"] not in ("done", "failed"):
                assert time.monotonic() < deadline
                time.sleep(0.05)
            self.ids["release_id"] = made["release_id"]
            asked = imported.write(folder / "set.jsonl", [{"prompt_id": "p1", "prompt": "canary-prompt"}])
            owner.post("/api/v1/prompt-sets/set-of-b/imports", json={"kind": "prompts", "file": str(asked)})
            texts = {"guidelines": "canary-guidelines", "consent": "canary-consent"}
            owner.post("/api/v1/campaigns", json={"name": "rivers-of-b", **texts}).raise_for_status()
            running = {"state": "running", "reason": "canary-why"}
            owner.patch("/api/v1/campaigns/rivers-of-b", json=running).raise_for_status()
            self.ids["token_id"] = owner.get("/api/v1/tokens").json()["tokens"][0]["id"]
            self.ids["invitation_id"] = owner.post("/api/v1/invitations", json={"role": "rater"}).json()["id"]
        services = self.arena.installation.named("lab-b")
        assert services is not None
        answer = TrialAnswer(model=ModelName("canary-model"), text="canary-reason", problem=None)
        trial = Trial(
            trial_id="tr_of_b",
            rater_id=RaterId("t_none"),
            continues=None,
            prompt="canary-prompt",
            asked_at=clock.now(),
            answers=(answer,),
        )
        services.workspace.submit(KeepTrial(trial=trial)).result()
        with services.workspace.reading() as connection:
            found = connection.execute("SELECT battle_id, vote_id, rater_id FROM votes").fetchall()[0]
        self.ids |= {"battle_id": found[0], "vote_id": found[1], "rater_id": found[2], "board": "overall"}
        self.ids |= {"name": "data/train.jsonl", "session_id": "s_none", "token": "invite_none", "sha256": "0" * 64}
        self.ids |= {"report_id": "rep_none", "trial_id": "tr_of_b", "campaign": "rivers-of-b", "set": "set-of-b"}


@pytest.fixture(scope="module")
def walled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walled]:
    """Two labs in one process."""
    folder = tmp_path_factory.mktemp("walls")
    with misbehaving.serve(listed=MODELS) as server:
        limits = {"failed_tokens_per_minute": 100_000, "raters_per_minute": 100_000}
        settings = arenas.settings_for(folder / "data", server.endpoint, MODELS, limits=limits)
        with arenas.hurried(), arenas.running(settings, pages=False) as running:
            made = Walled(running, folder)
            for name in ("default", "lab-b"):
                services = running.installation.named(name)
                assert services is not None
                services.audits._auditor = audited_votes.audited  # a process for each of ten audits takes six seconds
            yield made


def ask(asking: httpx.Client, prefix: str, route: str, ids: dict[str, str] | None = None) -> httpx.Response:
    """A request to a route, with a body as in its row; ids that nobody has, unless they are given."""
    method, path = route.split(" ")
    known = dict(ids or {})
    for kind in ("campaign", "set"):
        if re.search(rf"{kind}s/\{{name\}}", path):
            known["name"] = known.get(kind, "none")
    path = re.sub(r"\{(\w+)\}", lambda found: known.get(found[1], "none"), path)
    body = ROWS[route][1]
    headers = {"Last-Event-ID": "none"} if path.endswith("/events") else {}  # else the answer has no end
    query = {"file": "none"} if path.endswith("/uploads") else None
    return asking.request(method, prefix + path, params=query, json=body, headers=headers)


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert set(routes()) == set(ROWS)


@pytest.mark.slow
def test_nobody_gets_in_but_by_the_doors(walled: Walled) -> None:
    with client(walled.url) as nobody:
        for route, (who, _) in ROWS.items():
            status = ask(nobody, "", route).status_code
            assert (status == 401) == (who not in (DOOR, MONITORED) or route == "POST /api/v1/sessions"), (
                route,
                status,
            )


@pytest.mark.slow
@pytest.mark.parametrize("workspace", ["default", "lab-b"])
def test_each_role_may_what_the_table_says(walled: Walled, workspace: str) -> None:
    prefix = "" if workspace == "default" else f"/w/{workspace}"
    allowed = 0
    for name, token in walled.tokens[workspace].items():
        role = Role.ADMIN if name == "token written" else Role(name.split()[-1])
        permitted = PERMISSIONS[role] | ({P.OPERATE} if (workspace, name) == ("default", "token written") else set())
        with client(walled.url, token) as asking:
            for route, (who, _) in ROWS.items():
                if who in (DOOR, MONITORED) or route.split(" ")[1] in CHANGES_MUCH or route.endswith("closure"):
                    continue
                may = who == ANYBODY or who in permitted or (who == SIGNED and name.startswith("account"))
                if may and who == SIGNED:
                    continue
                response = ask(asking, prefix, route)
                if may:
                    allowed += 1
                    if who != ANYBODY:
                        assert response.status_code not in (401, 403) or "machine" in response.text, (name, route)
                else:
                    assert response.status_code == 403, (name, route, response.status_code, response.text)
    assert allowed > 100, "positive control"


@pytest.mark.slow
def test_what_is_another_workspaces_is_told_as_if_it_were_absent(walled: Walled) -> None:
    """Byte for byte, headers and all, whoever asks and whatever they ask for."""
    asked = 0
    for home, other in (("default", "lab-b"), ("lab-b", "default")):
        for name, token in walled.tokens[home].items():
            with client(walled.url, token) as stranger:
                for route, (who, _) in ROWS.items():
                    if who in (DOOR, SIGNED):
                        continue
                    theirs = ask(stranger, f"/w/{other}", route, walled.ids)
                    absent = ask(stranger, "/w/no-such-lab", route, walled.ids)
                    assert theirs.status_code == 404, (name, route, theirs.text)
                    assert (theirs.content, seen(theirs)) == (absent.content, seen(absent)), (name, route)
                    asked += 1
    assert asked > 500
    with client(walled.url) as nobody:
        for route, (who, _) in ROWS.items():
            theirs, absent = (ask(nobody, f"/w/{name}", route, walled.ids) for name in ("lab-b", "no-such-lab"))
            assert (theirs.status_code, theirs.content, seen(theirs)) == (
                absent.status_code,
                absent.content,
                seen(absent),
            ), (who, route)
            told = (200,) if route == "GET /api/v1/organisation" else (401, 404, 409, 429)
            assert theirs.status_code in told, (route, theirs.status_code)


@pytest.mark.slow
def test_nothing_of_one_lab_is_read_by_another(walled: Walled) -> None:
    """A crawl of every GET route with the ids of the other lab's things; its own admin sees the canaries."""
    seen_by_owner: set[bytes] = set()
    owner = walled.tokens["lab-b"]["account of admin"]
    read = [route for route, (who, _) in ROWS.items() if route.startswith("GET") and who != MONITORED]
    for name, token in walled.tokens["default"].items():
        with client(walled.url, token) as stranger:
            for route in read:
                for prefix in ("", "/w/lab-b"):
                    told = ask(stranger, prefix, route, walled.ids).content
                    assert not CANARY.search(told), (route, prefix, name)
    with client(walled.url, owner) as asking:
        for route in read:
            seen_by_owner |= set(CANARY.findall(ask(asking, "/w/lab-b", route, walled.ids).content))
    assert seen_by_owner == {name.encode() for name in CANARIES}, "positive control"


@pytest.mark.slow
def test_an_admin_of_the_first_workspace_reads_and_writes_nothing_in_the_data_folder(
    walled: Walled, tmp_path: Path
) -> None:
    data_dir = walled.arena.installation.settings.data_dir
    (inside,) = list(data_dir.glob("workspaces/lab-b/releases/rel_*/data/train.jsonl"))[:1]
    link = tmp_path / "link.jsonl"
    link.symlink_to(inside)
    outside = imported.write(tmp_path / "outside.jsonl", [imported.battles()])
    with client(walled.url, walled.tokens["default"]["account of admin"]) as admin:
        for path in (inside, link):
            assert admin.post("/api/v1/imports", json={"files": [str(outside), str(path)]}).status_code == 403
            asked = {"kind": "prompts", "file": str(path)}
            assert admin.post("/api/v1/prompt-sets/rivers/imports", json=asked).status_code == 403
        made = admin.post("/api/v1/backups", json={"directory": str(data_dir / "workspaces" / "mine")})
        assert made.status_code == 403
        assert admin.post("/api/v1/imports", json={"files": [str(outside)]}).status_code == 202, "the control"


@pytest.mark.slow
def test_a_lab_imports_no_file_of_the_machine(walled: Walled) -> None:
    """A path could name a release of another lab."""
    files = [str(path) for path in walled.arena.installation.settings.data_dir.rglob("*.jsonl")]
    with client(walled.url, walled.tokens["lab-b"]["account of admin"]) as lab:
        refused = lab.post("/w/lab-b/api/v1/imports", json={"files": files})
        backup = lab.post("/w/lab-b/api/v1/backups", json={"directory": "/nowhere/backup"})
    assert (refused.status_code, backup.status_code) == (403, 403)


@pytest.mark.slow
def test_an_account_of_two_workspaces_is_two_raters(walled: Walled) -> None:
    with client(walled.url, walled.tokens["default"]["token written"]) as admin, client(walled.url) as nobody:
        link = admin.post("/api/v1/invitations", json={"role": "reader"}).json()["token"]
        body = {"email": "lab.w.lab-b@lab.example", "password": GOOD}
        token = nobody.post(f"/api/v1/invitations/{link}/accept", json=body).raise_for_status().json()["token"]
    with client(walled.url, token) as both:
        here, there = both.get("/api/v1/me").json(), both.get("/w/lab-b/api/v1/me").json()
        assert (here["role"], there["role"]) == ("reader", "lab")
        assert here["id"] != there["id"]
        assert here["workspaces"] == [{"name": "default", "role": "reader"}, {"name": "lab-b", "role": "lab"}]
        assert both.get("/w/default/api/v1/me").json() == here


@pytest.mark.slow
def test_a_workspace_lets_anonymous_raters_in_when_its_admin_says_so_and_is_gone_when_removed(walled: Walled) -> None:
    with walled.arena.admin() as operator, client(walled.url) as nobody:
        made = operator.post("/api/v1/workspaces", json={"name": "lab-c"}).raise_for_status().json()
        assert operator.post("/api/v1/workspaces", json={"name": "lab-c"}).status_code == 409
        assert nobody.post("/w/lab-c/api/v1/raters").status_code == 404
        token = Path(made["admin_token_file"]).read_text().strip()
        with client(walled.url, token) as admin:
            assert admin.get("/w/lab-c/api/v1/workspace").json()["anonymous"] is False
            assert admin.patch("/w/lab-c/api/v1/workspace", json={"anonymous": True}).json()["anonymous"] is True
            rater = nobody.post("/w/lab-c/api/v1/raters").raise_for_status().json()["token"]
            with client(walled.url, rater) as anonymous:
                assert anonymous.get("/w/lab-c/api/v1/me").json()["workspace"] == "lab-c"
                assert anonymous.get("/w/lab-c/api/v1/leaderboards/overall").status_code == 403
                assert anonymous.get("/api/v1/me").status_code == 404
            newest = admin.get("/w/lab-c/api/v1/audit-log").json()["entries"][0]
            assert (newest["did"], newest["to"]) == ("changed settings", "anonymous = true")
            names = [one["name"] for one in operator.get("/api/v1/workspaces").json()["workspaces"]]
            assert names == ["default", "lab-b", "lab-c"]
            assert operator.delete("/api/v1/workspaces/lab-c").status_code == 204
            assert admin.get("/w/lab-c/api/v1/me").status_code == 401
        assert operator.delete("/api/v1/workspaces/lab-c").status_code == 404
        assert operator.delete("/api/v1/workspaces/default").status_code == 409


@pytest.mark.slow
def test_what_an_operator_does_to_an_account_is_read_by_its_own_workspaces_alone(walled: Walled) -> None:
    email = "reviewer.w.lab-b@lab.example"
    with walled.arena.admin() as operator:
        operator.post("/api/v1/password-links", json={"email": email}).raise_for_status()
        assert email not in operator.get("/api/v1/audit-log").text
    with client(walled.url, walled.tokens["lab-b"]["token written"]) as theirs:
        told = [one["did"] for one in theirs.get("/w/lab-b/api/v1/audit-log").json()["entries"] if one["to"] == email]
    assert told[0] == "made a password link"


def seen(response: httpx.Response) -> dict[str, str]:
    """The headers of an answer, but for when it was sent."""
    return {name: value for name, value in response.headers.items() if name not in ("date", "retry-after")}
