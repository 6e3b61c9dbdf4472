"""A copy of a production database that `deploy/staging.sql` was run on shares no secret with production."""

from pathlib import Path

import httpx
import pyotp
import pytest

from arena.services import identity
from tests import arenas, postgres
from tests.arenas import MODELS, at
from tests.inference import misbehaving
from tests.server.test_shared_backup import released

pytestmark = pytest.mark.postgres

SCRIPT = Path(__file__).parents[2] / "deploy" / "staging.sql"
GONE = ("tokens", "sessions", "invitations", "password_links", "second_steps", "webhooks")
"""Tables of what lets somebody in, or is told what happens."""
ADMIN_TOKENS = {"default/admin-token", "lab-b/admin-token"}
"""What the first start writes anew, one of them a moment later."""
EMAIL, PASSWORD = "ada@lab.example", "seven quiet rivers bend"


def account(admin: httpx.Client, arena: arenas.Arena) -> str:
    """The token of a session of a new account."""
    made = admin.post("/api/v1/invitations", json={"role": "lab"}).raise_for_status().json()
    body = {"email": EMAIL, "password": PASSWORD}
    with arena.client() as person:
        answer = person.post(f"/api/v1/invitations/{made['token']}/accept", json=body).raise_for_status()
    return str(answer.json()["token"])


def secrets(database: postgres.Server, name: str) -> dict[str, str]:
    import psycopg  # noqa: PLC0415 - of an extra

    with psycopg.connect(database.url(name)) as session:
        return dict(session.execute("SELECT name, value FROM arena_instance.secrets").fetchall())


def counted(database: postgres.Server, name: str) -> dict[str, int]:
    """How many rows the tables of `GONE` have, and how many accounts have a password."""
    import psycopg  # noqa: PLC0415 - of an extra

    asked = {table: f"SELECT count(*) FROM arena_instance.{table}" for table in GONE}
    asked["passwords"] = "SELECT count(*) FROM arena_instance.accounts WHERE password <> ''"
    with psycopg.connect(database.url(name)) as session:
        return {what: int(session.execute(query).fetchall()[0][0]) for what, query in asked.items()}


def take_second_step(arena: arenas.Arena, session: str) -> None:
    with arena.client(session) as person:
        secret = person.post("/api/v1/account/second-step/offers").raise_for_status().json()["secret"]
        proof = {"password": PASSWORD, "code": pyotp.TOTP(secret).now()}
        person.put("/api/v1/account/second-step", json=proof).raise_for_status()


def public_key(client: httpx.Client) -> str:
    return client.get("/api/v1/exports/key").raise_for_status().text


def test_nothing_of_production_is_worth_anything_in_a_copy_and_the_votes_are_there(tmp_path: Path) -> None:
    with (
        postgres.running(**postgres.UNSYNCED) as database,
        misbehaving.serve(listed=MODELS) as server,
        arenas.hurried(),
    ):
        settings = {
            name: arenas.settings_for(tmp_path / name, server.endpoint, MODELS, database=database.url(name))
            for name in ("postgres", "copied")
        }
        with arenas.running(settings["postgres"], pages=False) as arena, arena.admin() as admin, arena.rater() as rater:
            arenas.vote(rater, arenas.battle(rater)).raise_for_status()
            release = released(admin)
            session = account(admin, arena)
            admin.post("/api/v1/workspaces", json={"name": "lab-b"}).raise_for_status()
            hook = {"url": "http://127.0.0.1:9/", "events": ["votes"]}
            admin.post("/api/v1/webhooks", json=hook).raise_for_status()
            take_second_step(arena, session)
            admin.post("/api/v1/invitations", json={"role": "lab"}).raise_for_status()
            admin.post("/api/v1/password-links", json={"email": EMAIL}).raise_for_status()
            key = public_key(admin)
        with database.session() as asked:
            asked.execute("CREATE DATABASE copied TEMPLATE postgres")
        before = secrets(database, "copied")
        assert before == secrets(database, "postgres"), "the control: a copy has the same"
        import psycopg  # noqa: PLC0415 - of an extra

        with psycopg.connect(database.url("copied"), autocommit=True) as asked:
            asked.execute(SCRIPT.read_text())
        assert counted(database, "copied") == dict.fromkeys((*GONE, "passwords"), 0)
        assert 0 not in counted(database, "postgres").values(), "the control: in production there are such rows"
        assert secrets(database, "copied").keys() == {name for name in before if name.endswith("/secret")}
        assert before.keys() >= ADMIN_TOKENS, "the control: production has told of its own"
        with arenas.running(settings["copied"], pages=False) as copy, copy.admin() as operator:
            for stranger in (at(copy, admin), at(copy, rater), copy.client(session)):
                with stranger:
                    assert stranger.get("/api/v1/me").status_code == 401
            with copy.client() as nobody:
                sign_in = {"email": EMAIL, "password": PASSWORD}
                assert nobody.post("/api/v1/sessions", json=sign_in).status_code == 401
            after = secrets(database, "copied")
            assert after.keys() - ADMIN_TOKENS == before.keys() - ADMIN_TOKENS
            assert {name for name in after if after[name] == before.get(name)} == set()
            assert public_key(operator) != key
            assert operator.get("/api/v1/webhooks").raise_for_status().json()["webhooks"] == []
            assert operator.get("/api/v1/leaderboards/overall").raise_for_status().json()["votes"] == 1
            assert operator.get("/api/v1/verification").raise_for_status().json()["problems"] == []
            assert operator.get(f"/api/v1/exports/{release}/archive").status_code == 200
            written = identity.admin_token_path(copy.installation.settings.data_dir, "lab-b")
            with copy.client(written.read_text().strip()) as lab:
                assert lab.get("/w/lab-b/api/v1/workspace").status_code == 200
