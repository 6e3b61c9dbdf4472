"""A board in the spelling that is asked for: by `?format=`, or by `Accept` as RFC 9110 reads it."""

import contextlib
from pathlib import Path

import httpx
import pytest

from tests import arenas
from tests.inference import misbehaving

BOARD = "/api/v1/leaderboards/overall"
JSON, CSV, MARKDOWN = "application/json", "text/csv", "text/markdown"


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("text/csv", CSV),
        ("Text/CSV", CSV),
        ("TEXT/MARKDOWN; charset=utf-8", MARKDOWN),
        ("application/json;q=0.1, text/markdown;q=0.9", MARKDOWN),
        ("text/csv;q=0.4, text/markdown;q=0.5", MARKDOWN),
        ("text/csv ; Q=0.4 , text/markdown ; Q=.3", CSV),
        ("text/csv;q=0, */*", JSON),
        ("application/json;q=0, */*;q=0.5", CSV),
        ("text/*, application/json;q=0.2", CSV),
        ("text/*;q=0.8, text/csv;q=0.1", MARKDOWN),
        ("text/csv;q=often, text/markdown;q=0.001", MARKDOWN),
        ("text/html,application/xhtml+xml,*/*;q=0.8", JSON),
        ("image/png", JSON),
        ("", JSON),
        (",;,q=1", JSON),
    ],
)
def test_accept_chooses_by_weight_and_by_the_nearest_range(admin: httpx.Client, accept: str, media: str) -> None:
    answer = admin.get(BOARD, headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == media
    assert answer.headers["vary"] == "Accept"


def test_several_accept_lines_are_one_list(admin: httpx.Client) -> None:
    lines = [("Accept", "application/json;q=0.5"), ("Accept", "text/markdown")]
    admin.headers.pop("Accept", None)
    answer = admin.get(BOARD, headers=lines)
    assert answer.headers["content-type"].partition(";")[0] == MARKDOWN


def test_a_format_in_the_address_goes_before_accept(admin: httpx.Client) -> None:
    answer = admin.get(BOARD + "?format=CSV", headers={"Accept": JSON})
    assert answer.headers["content-type"].partition(";")[0] == CSV
    assert answer.headers["content-disposition"] == 'attachment; filename="leaderboard-overall.csv"'


def test_a_report_says_what_a_board_allows_to_be_said_and_is_for_labs(tmp_path: Path) -> None:
    models = ("echo", "say:No.")
    with misbehaving.serve(listed=models) as server, contextlib.ExitStack() as stack:
        arena = stack.enter_context(arenas.running(arenas.settings_for(tmp_path, server.endpoint, models), pages=False))
        stack.enter_context(arenas.hurried())
        rater, admin = stack.enter_context(arena.rater()), stack.enter_context(arena.admin())
        assert rater.get(f"{BOARD}/report").status_code == 403
        early = admin.get(f"{BOARD}/report")
        assert early.status_code == 409
        assert "There are no votes yet" in early.json()["detail"]
        for winner in ("model_a", "model_b", "tie"):
            arenas.vote(rater, arenas.battle(rater), winner).raise_for_status()
        told = admin.get(f"{BOARD}/report").raise_for_status().json()
        assert told["schema"] == "leaderboard/1"
        (neighbours,) = told["report"]["neighbours"]
        assert {neighbours["higher"], neighbours["lower"]} == {entry["model"] for entry in told["entries"]}
        assert neighbours["votes_that_hold"] is None or neighbours["votes_that_hold"] >= 1
        firmness = told["report"]["robustness"]
        assert firmness["raters"] == 1
        assert {row["model"] for row in firmness["models"]} == {entry["model"] for entry in told["entries"]}
        assert [one["votes"] for one in firmness["models"][0]["raters"]] == [3]
        written = admin.get(f"{BOARD}/report?format=markdown").raise_for_status()
        assert "votes that hold the order" in written.text
        assert admin.get(f"{BOARD}/report?format=csv").status_code == 422


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("ties=halve", ("ties", "halve", 'the nearest is "half"')),
        ("both_bad=seperate", ("both_bad", 'the nearest is "separate"')),
        ("by=categroy", ("by", 'the nearest is "category"')),
        ("controls=lenght", ("controls", 'the nearest is "length"')),
        ("controls=length,hight", ("controls", "hight")),
        ("controls=length&ties=davidson", ("controls go with ties half or drop",)),
        ("cluster=raters", ("cluster", 'the nearest is "rater"')),
        ("anchor=x", ("anchor", "MODEL=1000")),
        ("votes=counte", ("votes", 'the nearest is "counted"')),
        ("since=soon", ("since", "soon")),
        ("value=code", ("value", "say by, too")),
    ],
)
def test_a_wrong_value_is_refused_with_the_nearest(admin: httpx.Client, query: str, words: tuple[str, ...]) -> None:
    answer = admin.get(f"{BOARD}?{query}")
    assert answer.status_code == 422
    for word in words:
        assert word in answer.json()["detail"]


def test_boards_by_rater_are_for_those_who_conduct_campaigns(admin: httpx.Client, rater: httpx.Client) -> None:
    assert admin.get(f"{BOARD}?by=rater").status_code == 200
    for query in ("by=rater", "by=rater&value=r_1"):
        assert rater.get(f"{BOARD}?{query}").status_code == 403
    assert rater.get(f"{BOARD}?by=month").status_code == 200


def test_a_board_answers_before_there_are_votes_whatever_is_asked(tmp_path: Path) -> None:
    settings = arenas.settings_for(tmp_path, "http://127.0.0.1:9/v1", ("one", "two"))
    with arenas.running(settings, pages=False) as empty, empty.admin() as admin:
        _no_votes(admin)


def _no_votes(admin: httpx.Client) -> None:
    for query in ("", "category=code", "by=month&value=2026-01", "controls=length&cluster=rater", "anchor=nobody=1000"):
        document = admin.get(f"{BOARD}?{query}").raise_for_status().json()
        assert (document["votes"], document["entries"]) == (0, [])
        assert document["reason"] == "There are no votes yet."
        assert document["command"].startswith("arena rank --workspace=default ")
