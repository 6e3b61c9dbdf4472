"""A backup of an installation over a database, made by one process in use, begins another one elsewhere."""

import time
from pathlib import Path

import httpx
import pytest

from arena.cli import backups as backups_command
from arena.errors import StoreError
from arena.store import opening
from tests import arenas, postgres
from tests.arenas import MODELS, PATIENCE, at
from tests.inference import misbehaving


def released(admin: httpx.Client) -> str:
    """The id of a release that is there."""
    made = admin.post("/api/v1/exports", json={"format": "battles"}).raise_for_status().json()["release_id"]
    ends = time.monotonic() + PATIENCE
    while (told := admin.get(f"/api/v1/exports/{made}").raise_for_status().json())["state"] != "done":
        assert told["state"] != "failed", told
        assert time.monotonic() < ends, told
        time.sleep(0.05)
    return str(made)


class KilledError(BaseException):
    """Stands for the end of the process."""


def killed_at_votes(table: str, _done: int) -> None:
    if table == "votes":
        raise KilledError


def restored_with_one_kill(backup: Path, data: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the command, which goes on where it was killed, and overwrites nothing."""
    monkeypatch.setenv("ARENA_DATABASE", url)
    say_page = backups_command.say_page
    monkeypatch.setattr(backups_command, "say_page", killed_at_votes)
    with pytest.raises(KilledError):
        backups_command.restore(backup, installation=True, data_dir=data)
    with pytest.raises(StoreError, match="not copied to its end"):
        opening.workspace(data.parent / "process" / "workspace.duckdb", "default", url)
    monkeypatch.setattr(backups_command, "say_page", say_page)
    backups_command.restore(backup, installation=True, data_dir=data)
    with pytest.raises(StoreError, match="exists and is not overwritten"):
        backups_command.restore(backup, installation=True, data_dir=data)
    monkeypatch.delenv("ARENA_DATABASE")


@pytest.mark.postgres
def test_votes_people_keys_and_releases_are_there_after_a_restore_into_another_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        postgres.running(**postgres.UNSYNCED) as database,
        misbehaving.serve(listed=MODELS) as server,
        arenas.hurried(),
    ):
        with database.session() as session:
            session.execute("CREATE DATABASE restored")
        settings = [
            arenas.settings_for(folder, server.endpoint, MODELS, database=database.url(name))
            for folder, name in ((tmp_path / "one", "postgres"), (tmp_path / "back", "restored"))
        ]
        with arenas.running(settings[0], pages=False) as arena, arena.rater() as rater, arena.admin() as admin:
            battle_id = arenas.battle(rater)
            vote = arenas.vote(rater, battle_id, key="one key").raise_for_status().json()
            known = rater.get("/api/v1/me").json()["id"]
            release = released(admin)
            body = {"directory": str(tmp_path / "backup"), "installation": True}
            admin.post("/api/v1/backups", json=body).raise_for_status()
            arenas.vote(rater, arenas.battle(rater)).raise_for_status()  # after the moment of the backup
        restored_with_one_kill(tmp_path / "backup", tmp_path / "back", database.url("restored"), monkeypatch)
        with arenas.running(settings[1], pages=False) as arena, at(arena, rater) as there, at(arena, admin) as lab:
            assert there.get("/api/v1/me").json()["id"] == known
            assert there.get(f"/api/v1/battles/{battle_id}").json()["state"] == "voted"
            assert arenas.vote(there, battle_id, key="one key").json()["vote_id"] == vote["vote_id"]
            assert lab.get("/api/v1/leaderboards/overall").raise_for_status().json()["votes"] == 1
            assert lab.get(f"/api/v1/exports/{release}").raise_for_status().json()["state"] == "done"
            assert lab.get("/api/v1/verification").raise_for_status().json()["problems"] == []
