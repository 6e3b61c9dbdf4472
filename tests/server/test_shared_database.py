"""Two arenas over one database: whichever is asked, the answer is the installation's.

python -m pytest tests/server/test_shared_database.py -s      prints the seconds
"""

import os
from pathlib import Path

import httpx
import pytest

from arena.errors import SettingsError, StoreError
from arena.settings import Settings, load
from arena.store import opening
from tests import arenas
from tests.arenas import Two, at, least, seconds_until

BOARD_SECONDS = 2.0
"""Within which the board of one process shows a vote at another."""
REVOKED_SECONDS = 5.0
"""After which nothing that was revoked is worth anything anywhere."""
TOKENS = 3
"""How many are revoked, one after the other."""


def votes_on_board(arena: arenas.Arena) -> int:
    with arena.rater() as rater:
        votes: int = rater.get("/api/v1/leaderboards/overall").raise_for_status().json()["votes"]
        return votes


@pytest.mark.postgres
def test_a_rater_of_one_process_goes_on_at_the_other(two: Two) -> None:
    with two.one.rater() as rater, at(two.other, rater) as there:
        battle_id = arenas.battle(rater)
        assert there.get("/api/v1/me").json()["id"] == rater.get("/api/v1/me").json()["id"]
        assert there.get(f"/api/v1/battles/{battle_id}").json()["state"] == "ready"
        assert arenas.vote(there, battle_id, key="one key").status_code == 201
        again = arenas.vote(rater, battle_id, key="one key")
        assert again.status_code in (200, 201), "the same key, at the process that did not take the vote"
        assert arenas.vote(rater, battle_id).status_code == 409


@pytest.mark.postgres
def test_the_stream_of_a_battle_that_another_process_writes_waits_and_delivers_at_its_end(two: Two) -> None:
    with two.one.rater() as rater, at(two.other, rater) as there:
        answer = rater.post("/api/v1/battles", json={"prompt": "Tell me."}).raise_for_status()
        told = arenas.events(there, answer.json()["battle_id"])
        assert told[-1][0] == "done"
        assert "".join(data["a"] for name, data in told if name == "delta") != ""


@pytest.mark.postgres
def test_a_board_shows_a_vote_at_another_process_within_two_seconds(two: Two) -> None:
    def measured() -> float:
        battle_id = arenas.battle(rater)
        before = votes_on_board(two.other)
        assert arenas.vote(rater, battle_id).status_code == 201
        return seconds_until(lambda: votes_on_board(two.other) == before + 1)

    with two.one.rater() as rater:
        seconds = least(BOARD_SECONDS, measured)
    print(f"\na vote is on the board of the other process after {seconds:.2f} s (load {os.getloadavg()[0]:.1f})")
    assert seconds <= BOARD_SECONDS


@pytest.mark.postgres
def test_a_token_that_one_process_revokes_is_worth_nothing_at_the_other_every_time(two: Two) -> None:
    def measured() -> float:
        made = admin.post("/api/v1/tokens", json={"role": "reader"}).raise_for_status().json()
        with two.other.client(made["token"]) as there:
            seconds_until(lambda: there.get("/api/v1/me").status_code == 200)
            assert admin.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
            return seconds_until(lambda: there.get("/api/v1/me").status_code == 401)

    with two.one.admin() as admin:
        times = [measured() for _ in range(TOKENS)]
    said = ", ".join(f"{one:.2f}" for one in times)
    print(f"\na token is worth nothing at the other process after {said} s (load {os.getloadavg()[0]:.1f})")
    assert max(times) <= REVOKED_SECONDS


@pytest.mark.postgres
def test_a_workspace_in_use_is_verified_at_each_process(two: Two) -> None:
    with two.one.rater() as rater:
        arenas.vote(rater, arenas.battle(rater))
    for arena in two:
        with two.one.admin() as admin, at(arena, admin) as there:
            found = there.get("/api/v1/verification").raise_for_status().json()
            assert (found["problems"], found["lines"] > 0) == ([], True)


def test_the_database_is_named_by_the_environment_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "arena.toml"
    file.write_text('database = "postgresql://arena@db.example/arena"\n')
    assert load(file).database == "postgresql://arena@db.example/arena"
    monkeypatch.setenv("ARENA_DATABASE", "postgresql://arena:secret@db.example/other")
    assert load(file).database == "postgresql://arena:secret@db.example/other"
    assert Settings().database is None
    monkeypatch.setenv("ARENA_DATABASE", "mysql://arena:secret@db.example")
    with pytest.raises(SettingsError, match="postgresql://USER:PASSWORD@HOST/DATABASE") as of_environment:
        load(file)
    monkeypatch.delenv("ARENA_DATABASE")
    file.write_text('database = "mysql://arena:secret@db.example"\n')
    with pytest.raises(SettingsError, match="postgresql://USER:PASSWORD@HOST/DATABASE") as of_file:
        load(file)
    assert all("secret" not in str(told.value) for told in (of_environment, of_file)), "a password is in no sentence"


@pytest.mark.postgres
@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:secret@[::1/x",
        "postgresql://me:sec%zzret@host/x",
        "postgresql://me:half@secret@nowhere.invalid/x",
    ],
)
def test_an_address_that_cannot_be_read_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(StoreError, match="cannot be read; say postgresql://USER:PASSWORD@HOST/DATABASE") as refused:
        opening.examined(url)
    assert "sec" not in str(refused.value)
    assert refused.value.__suppress_context__, "what the driver said quotes it"


@pytest.mark.postgres
def test_an_address_may_name_a_socket_without_a_file() -> None:
    from arena.store.postgres import sessions  # noqa: PLC0415 - of an extra that the fast tests do without

    assert "host=@arena" in sessions.described("postgresql://me@%40arena/x", "workspace_x")


def test_without_the_drivers_a_sentence_says_what_to_install() -> None:
    with pytest.raises(StoreError, match=r"psycopg is absent.*preference-arena\[postgres\]"), opening.drivers():
        raise ModuleNotFoundError("No module named 'psycopg'", name="psycopg")


@pytest.mark.postgres
def test_a_rater_who_is_suspended_at_one_process_begins_nothing_at_the_other(two: Two) -> None:
    """The first decision of all: until then no process asks for any."""
    with two.one.admin() as admin, two.other.rater() as rater:
        arenas.vote(rater, arenas.battle(rater)).raise_for_status()
        path = f"/api/v1/raters/{rater.get('/api/v1/me').json()['id']}/standing"
        body = {"standing": "suspended", "reason": "To be looked at."}
        seconds_until(lambda: admin.patch(path, json=body).status_code == 200)
        answers: list[httpx.Response] = []

        def refused() -> bool:
            answers.append(rater.post("/api/v1/battles", json={"prompt": "Why?"}))
            return answers[-1].status_code == 409

        seconds_until(refused)
        assert answers[-1].json()["code"] == "suspended"


@pytest.mark.postgres
def test_a_rater_who_withdraws_at_one_process_has_left_at_the_other(two: Two) -> None:
    with two.one.rater() as rater, at(two.other, rater) as there:
        arenas.vote(rater, arenas.battle(rater)).raise_for_status()
        assert there.get("/api/v1/me").json()["withdrawn"] is False, "the control"
        rater.post("/api/v1/me/withdrawal").raise_for_status()
        assert rater.get("/api/v1/me").json()["withdrawn"] is True
        seconds_until(lambda: there.get("/api/v1/me").json()["withdrawn"] is True)


@pytest.mark.postgres
def test_a_campaign_that_is_made_and_closed_at_one_process_is_so_at_the_other(two: Two) -> None:
    with two.one.admin() as admin, at(two.other, admin) as there:
        admin.post("/api/v1/campaigns", json={"name": "elsewhere"}).raise_for_status()
        for state in ("draft", "running", "closed"):
            if state != "draft":
                admin.patch("/api/v1/campaigns/elsewhere", json={"state": state}).raise_for_status()
            seconds_until(lambda wanted=state: there.get("/api/v1/campaigns/elsewhere").json().get("state") == wanted)  # type: ignore[misc]


@pytest.mark.postgres
def test_a_model_that_is_paused_at_one_process_is_drawn_by_none(two: Two) -> None:
    battling = two.other.services.battling
    (name, _) = names = battling.takes_part(two.other.services.campaigns.current())
    with two.one.admin() as admin:
        for state, drawn in (("paused", names[1:]), ("active", names)):
            admin.patch(f"/api/v1/models/{name}", json={"state": state, "reason": "It rests."}).raise_for_status()
            seconds_until(
                lambda wanted=drawn: battling.takes_part(two.other.services.campaigns.current()) == wanted  # type: ignore[misc]
            )
