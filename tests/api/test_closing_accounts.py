"""A closed account leaves neither e-mail nor name behind: in no table, and, once the arena has started again, in no
byte of the data folder."""

from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest

from arena.services.installation import Installation
from arena.store.instance_file import tables
from tests import arenas
from tests.api.people import GOOD, OTHER, accept, browser, invited, sign_in
from tests.inference import misbehaving

pytestmark = pytest.mark.slow

MODELS = ("echo", "say:Rivers bend.")
EMAIL = "canary.quillfeather@lab.example"
NAME = "Quintessa Canary Quillfeather"
GONE = tuple(one.casefold() for one in (EMAIL, NAME))


def fill(arena: arenas.Arena, admin: httpx.Client, client: httpx.Client) -> None:
    """Have an admin do all that an account is noted for, and be dealt with as people are."""
    body = {"email": EMAIL, "password": GOOD, "name": NAME}
    client.post(f"/api/v1/invitations/{invited(admin, 'admin')}/accept", json=body).raise_for_status()
    arenas.vote(client, arenas.battle(client)).raise_for_status()
    client.post("/api/v1/invitations", json={"role": "reader"}).raise_for_status()
    made = client.post("/api/v1/tokens", json={"role": "admin"}).raise_for_status().json()["token"]
    with arena.client(made) as program:
        program.post("/api/v1/tokens", json={"role": "reader"}).raise_for_status()
    client.post("/api/v1/webhooks", json={"url": "http://127.0.0.1:9/", "events": ["votes"]}).raise_for_status()
    client.post("/api/v1/campaigns", json={"name": "canary"}).raise_for_status()
    client.patch("/api/v1/workspace", json={"public_board": True}).raise_for_status()
    admin.patch(
        f"/api/v1/raters/{EMAIL}/standing", json={"standing": "qualified", "reason": "Known."}
    ).raise_for_status()
    admin.post("/api/v1/password-links", json={"email": EMAIL}).raise_for_status()
    with browser(arena) as other:
        accept(other, invited(admin), "other@lab.example").raise_for_status()
    body = {"email": "other@lab.example", "reason": f"{EMAIL.upper()} asked for it, as did {EMAIL}."}
    admin.post("/api/v1/accounts/removal", json=body).raise_for_status()
    client.put("/api/v1/account/password", json={"old": GOOD, "new": OTHER}).raise_for_status()
    secret = client.post("/api/v1/account/second-step/offers").raise_for_status().json()["secret"]
    code = pyotp.TOTP(secret).now()
    kept = client.put("/api/v1/account/second-step", json={"password": OTHER, "code": code}).raise_for_status().json()
    removal = {"password": OTHER, "code": kept["recovery_codes"][0]}
    client.post("/api/v1/account/second-step/removal", json=removal).raise_for_status()
    link = client.post("/api/v1/sessions/devices").raise_for_status().json()["token"]
    with browser(arena) as device:
        device.post(f"/api/v1/device-links/{link}").raise_for_status()


def stored(installation: Installation) -> dict[str, str]:
    """Every table of the installation and of its workspace, as text."""
    file = installation.instance._file
    with file.lock:
        found = {f"instance.{name}": repr(file.fetched(f"SELECT * FROM {name}")) for name in tables(file.connection)}
    with installation.default.workspace.reading() as connection:
        names = [row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        for name in names:
            found[f"workspace.{name}"] = repr(connection.execute(f"SELECT * FROM {name}").fetchall())
    return found


def holding(texts: dict[str, str]) -> set[str]:
    return {where for where, text in texts.items() if any(one in text.casefold() for one in GONE)}


def files(folder: Path) -> dict[str, str]:
    """Every file of a data folder, as text."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes().decode("latin-1") for path in found}


def test_a_closed_account_leaves_neither_e_mail_nor_name_behind(tmp_path: Path) -> None:
    with misbehaving.serve(listed=MODELS) as server, arenas.hurried():
        settings = arenas.settings_for(tmp_path, server.endpoint, MODELS)
        with arenas.running(settings, pages=False) as arena, arena.admin() as admin, browser(arena) as client:
            fill(arena, admin, client)
            before = stored(arena.installation)
            assert holding(before) == {"instance.accounts", "instance.audit_entries"}, "named by id everywhere else"
            log = admin.get("/api/v1/audit-log?limit=500").raise_for_status()
            assert {EMAIL} <= {one["who"] for one in log.json()["entries"]} & {
                one["to"] for one in log.json()["entries"]
            }, "and admins read the e-mail"
            invitations = admin.get("/api/v1/invitations").json()["invitations"]
            assert EMAIL in {one["made_by"] for one in invitations}
        assert holding(files(tmp_path)), "positive control: the bytes are found"
        with arenas.running(settings, pages=False) as arena, arena.admin() as admin, browser(arena) as client:
            sign_in(client, EMAIL, OTHER).raise_for_status()
            client.post("/api/v1/account/closure", json={"password": OTHER}).raise_for_status()
            assert not holding(stored(arena.installation))
            after = admin.get("/api/v1/audit-log?limit=500").raise_for_status().json()["entries"]
            told = what(log.json()["entries"])
            assert what(after)[-len(told) :] == told, "what was done is told as before, in the same order"
            assert {"closed", "revoked token", "ended invitation", "deleted webhook"} == set(what(after)[: -len(told)])
            (who,) = (one["who"] for one in after if one["did"] == "closed")
            assert {one["from"] for one in after if one["who"] == who} == {None}, "where they acted from is gone"
            assert f"{who} asked for it, as did {who}." in {one["reason"] for one in after}
            assert who in {one["made_by"] for one in admin.get("/api/v1/invitations").json()["invitations"]}
        with arenas.running(settings, pages=False):  # which writes the file anew
            assert not holding(files(tmp_path)), "while the arena runs"
        assert not holding(files(tmp_path))


def what(entries: list[dict[str, Any]]) -> list[str]:
    return [one["did"] for one in entries]
