"""What answers call a rater: the same name everywhere, and the stored id nowhere."""

import io

import httpx
import pyarrow.parquet

from arena.store import battles
from tests import arenas


def stored_id(arena: arenas.Arena, battle_id: str) -> str:
    """The id under which the rater of a battle is stored."""
    with arena.services.workspace.reading() as connection:
        record = battles.load(connection, battle_id)  # type: ignore[arg-type]
    assert record is not None
    return record.battle.rater_id


def test_the_name_is_the_same_wherever_it_is_shown_and_the_stored_id_is_in_no_answer(
    arena: arenas.Arena, admin: httpx.Client
) -> None:
    with arena.client() as nobody:
        made = nobody.post("/api/v1/raters")
    with arena.client(made.json()["token"]) as rater:
        battle_id = arenas.battle(rater)
        answers = [
            made,
            arenas.vote(rater, battle_id),
            rater.get("/api/v1/me"),
            rater.get("/api/v1/me/contributions"),
            rater.get(f"/api/v1/battles/{battle_id}"),
            rater.get("/api/v1/leaderboards/overall"),
            rater.put("/api/v1/me/consent", json={"scope": "private"}),
            admin.get("/api/v1/votes"),
            admin.get(f"/api/v1/battles/{battle_id}"),
            admin.get("/api/v1/ledger"),
            admin.get("/api/v1/verification"),
        ]
        name = made.json()["rater_id"]
        assert {answers[2].json()["id"], answers[3].json()["rater_id"]} == {name}
        votes = pyarrow.parquet.read_table(io.BytesIO(answers[7].content)).to_pylist()
        assert [row["rater"] for row in votes if row["battle_id"] == battle_id] == [name]
        stored = stored_id(arena, battle_id)
        answers += [
            rater.post("/api/v1/me/withdrawal"),
            rater.post("/api/v1/me/withdrawal"),
            rater.delete("/api/v1/me"),
        ]
    read = [str(row) for row in votes] + [answer.text for answer in answers]
    assert not [text for text in read if stored in text]
    assert [text for text in read if name in text], "positive control"


def test_a_token_of_a_role_is_one_rater_wherever_it_is_shown(arena: arenas.Arena, admin: httpx.Client) -> None:
    made = admin.post("/api/v1/tokens", json={"role": "lab"}).json()
    with arena.client(made["token"]) as lab:
        battle_id = arenas.battle(lab)
        arenas.vote(lab, battle_id).raise_for_status()
        name = lab.get("/api/v1/me").json()["id"]
        votes = pyarrow.parquet.read_table(io.BytesIO(admin.get("/api/v1/votes").content)).to_pylist()
        assert [row["rater"] for row in votes if row["battle_id"] == battle_id] == [name]
        assert [one["votes"] for one in lab.get("/api/v1/raters").json()["raters"] if one["rater_id"] == name] == [1]
        assert lab.get("/api/v1/me/contributions").json()["rater_id"] == name
        assert lab.get("/api/v1/me/credits").json()["contributor"] == name
        told = [
            lab.get(f"/api/v1/{path}").text
            for path in ("me", "me/contributions", "me/credits", "me/everything", f"battles/{battle_id}", "raters")
        ]
    assert stored_id(arena, battle_id) == made["id"]
    assert not [text for text in told if made["id"] in text], "the stored id is in no answer"


def test_an_admin_erases_by_the_name_and_by_the_stored_id(arena: arenas.Arena, admin: httpx.Client) -> None:
    for by_name in (True, False):
        with arena.rater() as rater:
            battle_id = arenas.battle(rater)
            name = rater.get("/api/v1/me").json()["id"] if by_name else stored_id(arena, battle_id)
            assert admin.delete(f"/api/v1/raters/{name}").status_code == 200
            assert rater.get("/api/v1/me").status_code == 401
            assert admin.delete(f"/api/v1/raters/{name}").status_code == 409
