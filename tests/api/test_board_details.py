"""What lies behind a board agrees with the board, and tells nobody a name that they are not told."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from quality_worlds import World

from tests import arenas
from tests.api.test_refusals import refused
from tests.inference import misbehaving
from tests.services import voting_rings
from tests.store import making

BOARD = "/api/v1/leaderboards/overall"
MODELS = ("echo", "say:No.")


@contextmanager
def running(folder: Path) -> Iterator[arenas.Arena]:
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(folder, server.endpoint, MODELS)
        with arenas.hurried(), arenas.running(settings, pages=False) as running:
            yield running


@pytest.fixture(scope="module")
def voted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    """An arena with 600 votes of two days on five models."""
    with running(tmp_path_factory.mktemp("details")) as arena:
        for day in range(2):
            votes = World(seed=day, models=5, raters=20, votes=300).clean()
            since = making.NOW + timedelta(days=day)
            voting_rings.enter(arena.services.workspace, votes, since=since, first=300 * day)
        yield arena


@pytest.fixture
def reader(voted: arenas.Arena) -> Iterator[httpx.Client]:
    """Somebody without an account: boards are public."""
    with voted.rater() as client:
        yield client


def test_matches_add_up_to_the_board_and_come_in_pages(reader: httpx.Client) -> None:
    board = reader.get(BOARD).raise_for_status().json()
    entry = board["entries"][1]
    whole = reader.get(f"{BOARD}/matches", params={"model": entry["model"]}).raise_for_status().json()
    assert (whole["model"], whole["next"], whole["ledger_head"]) == (entry["model"], None, board["ledger_head"])
    for name in ("votes", "wins", "losses", "ties", "both_bad"):
        assert sum(match[name] for match in whole["matches"]) == entry[name]
    assert all(match["lower"] < match["share"] < match["upper"] for match in whole["matches"])
    page = reader.get(f"{BOARD}/matches", params={"model": entry["model"], "limit": 2, "after": 1}).json()
    assert (page["matches"], page["next"]) == (whole["matches"][1:3], 3)
    refused(reader.get(f"{BOARD}/matches", params={"model": "model-99"}), 404, "model-99")
    refused(reader.get(f"{BOARD}/matches"), 400, "model")
    refused(reader.get(f"{BOARD}/matches", params={"model": entry["model"], "by": "week"}), 422, "value")


def test_a_pair_is_as_far_apart_as_its_ratings(reader: httpx.Client) -> None:
    first, *_, last = (entry for entry in reader.get(BOARD).json()["entries"] if entry["rating"] is not None)
    pair = reader.get(f"{BOARD}/pair", params={"first": first["model"], "second": last["model"]}).json()
    assert pair["difference"]["difference"] == pytest.approx(first["rating"] - last["rating"])
    assert pair["difference"]["lower"] < pair["difference"]["difference"] < pair["difference"]["upper"]
    assert pair["match"]["model"] == last["model"]
    assert pair["categories"] == [], "the control: every vote is uncategorised"
    refused(reader.get(f"{BOARD}/pair", params={"first": first["model"], "second": first["model"]}), 422, "two")


def test_a_board_over_time_ends_with_the_board(reader: httpx.Client) -> None:
    board = reader.get(BOARD).json()
    told = reader.get(f"{BOARD}/history").raise_for_status().json()
    assert (told["window"], told["next"]) == ("day", None)
    assert [one["votes"] for one in told["moments"]] == [300, 600]
    first, last = ({one["model"]: one["rating"] for one in moment["ratings"]} for moment in told["moments"])
    assert last == pytest.approx({entry["model"]: entry["rating"] for entry in board["entries"]})
    assert first != pytest.approx(last)
    refused(reader.get(f"{BOARD}/history", params={"by": "week"}), 422, "by")


def test_doubts_name_votes_that_hold_and_lay_the_weighed_fit_beside(reader: httpx.Client) -> None:
    board = reader.get(BOARD).json()
    told = reader.get(f"{BOARD}/doubts", params={"limit": 2}).raise_for_status().json()
    ranked = [entry["model"] for entry in board["entries"]]
    assert [(one["higher"], one["lower"]) for one in told["neighbours"]] == list(itertools.pairwise(ranked[:3]))
    assert told["next"] == 2
    assert all(1 <= one["votes_that_hold"] < 600 for one in told["neighbours"])
    rest = reader.get(f"{BOARD}/doubts", params={"after": 2}).json()
    assert (len(rest["neighbours"]), rest["next"]) == (2, None)
    past = reader.get(f"{BOARD}/doubts", params={"after": 50}).json()
    assert (past["neighbours"], past["next"]) == ([], None)
    assert told["fit"]["triples"] >= told["fit"]["circles"] >= 0
    weighed = {one["model"]: one["rating"] for one in told["weighed"]["ratings"]}
    assert weighed == pytest.approx({entry["model"]: entry["rating"] for entry in board["entries"]}), "drawn alike"
    assert told["weighed"]["differing"] == []


def test_a_name_that_a_rater_is_not_told_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    with running(tmp_path) as arena, arena.admin() as admin, arena.rater() as rater:
        battle = arenas.battle(rater)
        seen = arenas.vote(rater, battle).raise_for_status().json()
        name = seen["model_a"]
        assert rater.get(f"{BOARD}/matches", params={"model": name}).status_code == 200, "the control"
        body = {"state": "active", "reason": "Not out yet.", "alias": "river-one"}
        admin.patch(f"/api/v1/models/{name}", json=body).raise_for_status()
        refused(rater.get(f"{BOARD}/matches", params={"model": name}), 404, "no model")
        told = rater.get(f"{BOARD}/matches", params={"model": "river-one"}).raise_for_status()
        assert name not in told.text
        assert told.json()["model"] == "river-one"
        assert admin.get(f"{BOARD}/matches", params={"model": name}).status_code == 200


def test_without_a_vote_it_is_said_that_there_is_none(tmp_path: Path) -> None:
    settings = arenas.settings_for(tmp_path, "http://127.0.0.1:9/v1", ())
    with arenas.running(settings, pages=False) as running, running.rater() as rater:
        assert rater.get(f"{BOARD}/doubts").status_code == 409
        assert rater.get(f"{BOARD}/history").json()["moments"] == []
        assert rater.get(f"{BOARD}/matches", params={"model": "any"}).status_code == 404
