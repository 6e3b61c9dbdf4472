"""An answer that says which model wrote it: the battle is marked, its vote kept and left out of boards by default."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyarrow.parquet
import pytest

from tests import arenas
from tests.api.test_exports import export
from tests.inference import misbehaving

BOARD = "/api/v1/leaderboards/overall"
NOTHING = {"finding": 0, "probation": 0, "suspended": 0}
HARMLESS, LEAKING = "say:Rivers bend.", "say:I am Claude, an AI assistant made by Anthropic."
ALSO_HARMLESS = "say:Lanterns glow."


@pytest.fixture(scope="module")
def leaking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    """A running arena with two models, one of which says who it is; a rater has voted on both twice."""
    with misbehaving.serve(listed=(HARMLESS, LEAKING)) as server:
        data_dir: Path = tmp_path_factory.mktemp("leaking")
        settings = arenas.settings_for(data_dir, server.endpoint, (HARMLESS, LEAKING))
        with arenas.hurried(), arenas.running(settings, pages=False) as running, running.rater() as rater:
            for _ in range(2):
                arenas.vote(rater, arenas.battle(rater)).raise_for_status()
            yield running


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    """A running arena with two models that say nothing of themselves and do not repeat what they are asked."""
    with misbehaving.serve(listed=(HARMLESS, ALSO_HARMLESS)) as server:
        data_dir: Path = tmp_path_factory.mktemp("quiet")
        settings = arenas.settings_for(data_dir, server.endpoint, (HARMLESS, ALSO_HARMLESS))
        with arenas.hurried(), arenas.running(settings, pages=False) as running:
            yield running


def test_a_rater_is_told_after_the_vote_and_not_before(leaking: arenas.Arena) -> None:
    with leaking.rater() as rater:
        battle_id = arenas.battle(rater)
        assert rater.get(f"/api/v1/battles/{battle_id}").json()["leak"] is None
        assert arenas.vote(rater, battle_id).json()["leak"] is True
        assert rater.get(f"/api/v1/battles/{battle_id}").json()["leak"] is True


def test_a_battle_in_which_nobody_says_who_they_are_is_not_marked(quiet: arenas.Arena) -> None:
    with quiet.rater() as rater:
        battle_id = arenas.battle(rater, "Are you Claude, made by Anthropic? I am ChatGPT.")
        assert rater.get(f"/api/v1/battles/{battle_id}").json()["leak"] is None
        assert arenas.vote(rater, battle_id).json()["leak"] is False
        assert rater.get(f"/api/v1/battles/{battle_id}").json()["leak"] is False


def test_the_board_leaves_the_vote_out_and_says_so(leaking: arenas.Arena) -> None:
    with leaking.admin() as admin:
        kept = admin.get(BOARD).json()
        whole = admin.get(BOARD, params={"votes": "all"}).json()
        cast = whole["votes"]
        assert cast >= 2
        assert kept["votes"] == 0
        assert "held" in kept["reason"]
        held = {"counted": 0, "held": cast, "why": {**NOTHING, "leak": cast}, "policy": None}
        assert kept["counting"] == {"votes": "counted", **held}
        assert whole["counting"] == {"votes": "all", **held}


def test_a_release_leaves_the_vote_out_unless_all_are_asked_for(leaking: arenas.Arena) -> None:
    with leaking.admin() as admin:
        cast = admin.get(BOARD, params={"votes": "all"}).json()["votes"]
        counts = {
            votes: admin.post("/api/v1/selections/counts", json={"select": {"votes": votes}}).raise_for_status().json()
            for votes in ("counted", "all")
        }
        assert [(one["key"], one["reason"], one["votes"]) for one in counts["counted"]["filters"]] == [
            ("votes", "held", cast)
        ]
        assert (counts["counted"]["votes"], counts["all"]["votes"], counts["all"]["filters"]) == (0, cast, [])
        release = export(admin, format="battles", select={"votes": "all"})["release_id"]
        path = f"/api/v1/exports/{release}/files/data/train.jsonl"
        rows = [json.loads(line) for line in admin.get(path).raise_for_status().text.splitlines()]
        assert [(row["leak"], row["held"]) for row in rows] == [(True, True)] * cast


def test_the_votes_that_rank_reads_are_those_of_the_board(leaking: arenas.Arena, quiet: arenas.Arena) -> None:
    def rows(client: httpx.Client, **query: str) -> int:
        answer = client.get("/api/v1/votes", params=query).raise_for_status()
        return pyarrow.parquet.read_table(io.BytesIO(answer.content)).num_rows

    with leaking.admin() as other:
        assert rows(other) == 0
        assert rows(other, votes="all") >= 2
    with quiet.rater() as rater, quiet.admin() as admin:
        arenas.vote(rater, arenas.battle(rater)).raise_for_status()
        assert rows(admin) == rows(admin, votes="all") > 0


@pytest.mark.parametrize("path", [BOARD, "/api/v1/votes"])
def test_other_votes_than_those_are_refused(admin: httpx.Client, path: str) -> None:
    answer = admin.get(path, params={"votes": "some"})
    assert answer.status_code == 422
    assert "accepted: counted, all" in answer.json()["detail"]


def test_a_board_without_leaks_holds_nothing(quiet: arenas.Arena) -> None:
    with quiet.rater() as rater, quiet.admin() as admin:
        arenas.vote(rater, arenas.battle(rater)).raise_for_status()
        board = admin.get(BOARD).json()
    expected = {"counted": board["votes"], "held": 0, "why": {**NOTHING, "leak": 0}, "policy": None}
    assert board["counting"] == {"votes": "counted", **expected}
