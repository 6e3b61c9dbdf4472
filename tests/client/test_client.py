"""The Python client, blocking and awaiting, against a real arena."""

from pathlib import Path
from typing import Any

import pytest

from arena import client as arena_client
from arena import errors
from arena.api import problems
from arena.client import calls
from arena.exports.proofs import verification
from tests import arenas
from tests.client import proxy
from tests.client.conftest import Opens
from tests.services import tasking


def _ready(rater: Any, prompt: str = "Say something.") -> str:
    battle_id: str = rater.battles.create(prompt)["battle_id"]
    assert [event.name for event in rater.battles.stream(battle_id)][-1] == "done"
    return battle_id


def test_a_battle_streams_both_answers_and_a_vote_names_the_models(rater: Any) -> None:
    battle_id = rater.battles.create("Rivers?")["battle_id"]
    events = list(rater.battles.stream(battle_id))
    assert (events[0].name, events[-1].name) == ("start", "done")
    blind = rater.battles.get(battle_id)
    assert "".join(event.data["a"] for event in events[1:-1]) == blind["text_a"]
    assert (blind["state"], blind["model_a"]) == ("ready", None)
    voted = rater.battles.vote(battle_id, "model_b", strength="clearly", reason="shorter")
    assert voted["model_a"] != voted["model_b"]
    after = rater.battles.get(battle_id)
    assert (after["state"], after["model_b"], after["ballot"]["reason"]) == ("voted", voted["model_b"], "shorter")
    follow_up = rater.battles.create("And then?", continues=battle_id)["battle_id"]
    assert rater.battles.get(follow_up)["continues"] == battle_id


def test_a_battle_can_be_stopped(rater: Any) -> None:
    battle_id = rater.battles.create("Stop.")["battle_id"]
    rater.battles.stop(battle_id)
    assert rater.battles.get(battle_id)["cause"] == "rater"


def test_a_board_comes_as_a_document(rater: Any, admin: Any) -> None:
    rater.battles.vote(_ready(rater), "tie")
    assert rater.boards.get()["schema"] == "leaderboard/1"
    assert admin.boards.get("overall", votes="all")["votes"] >= 1


def test_a_release_is_made_and_fetched_whole(rater: Any, admin: Any, goal: Path) -> None:
    rater.battles.vote(_ready(rater), "model_a")
    release_id = admin.exports.create("battles", select={"test_share": 0.1})["release_id"]
    assert admin.exports.wait(release_id)["state"] == "done"
    assert admin.exports.download(release_id, goal) == goal
    assert not verification.release(goal, None).problems
    assert list(goal.parent.iterdir()) == [goal]
    with pytest.raises(errors.InvalidValue, match="exists already"):
        admin.exports.download(release_id, goal)


# -- refusals ------------------------------------------------------------------------------------------------------


def test_a_refusal_is_raised_as_the_error_it_was(arena: arenas.Arena, rater: Any, opens: Opens) -> None:
    battle_id = _ready(rater)
    with pytest.raises(errors.InvalidValue, match="banana"):
        rater.battles.vote(battle_id, "banana")
    with pytest.raises(errors.NotFound):
        rater.battles.get("b_none")
    with pytest.raises(errors.Forbidden):
        rater.exports.create("battles")
    with pytest.raises(errors.Unauthenticated):
        opens(arena.url, "arena_wrong").battles.create("Hello.")
    rater.battles.vote(battle_id, "tie")
    with pytest.raises(errors.Conflict):
        rater.battles.vote(battle_id, "model_a")


def test_too_many_says_once_when_to_try_again() -> None:
    error = calls.refusal("http://arena", 429, b'{"detail": "Enough. Try again in 7 seconds."}', "7")
    assert isinstance(error, errors.TooMany)
    assert (str(error), error.retry_seconds, error.code) == ("Enough. Try again in 7 seconds.", 7, "limit")


def test_every_status_the_arena_sends_is_an_error_of_its_own() -> None:
    sent = {int(status) for status in problems.STATUS.values()}
    assert sent - {429} == set(errors.BY_STATUS)
    assert all(issubclass(problems_kind, errors.ArenaError) for problems_kind in errors.BY_STATUS.values())
    assert all(int(problems.STATUS[kind]) == status for status, kind in errors.BY_STATUS.items())


def test_where_no_arena_answers_the_sentence_names_the_address(arena: arenas.Arena, opens: Opens) -> None:
    with pytest.raises(errors.ArenaError, match=r"http://127\.0\.0\.1:9 does not answer"):
        opens("http://127.0.0.1:9", None).raters.create()
    with pytest.raises(errors.ArenaError, match="is no arena"):
        raise calls.refusal(arena.url, 502, b"<html>Bad gateway</html>", None)


# -- what goes wrong on the way ------------------------------------------------------------------------------------


def test_a_vote_whose_answer_was_lost_is_sent_again_and_counts_once(
    arena: arenas.Arena, rater: Any, opens: Opens
) -> None:
    token = opens(arena.url, None).raters.create()["token"]
    battle_id = _ready(opens(arena.url, token))
    with proxy.losing_the_first_answer(arena.url) as (url, requests):
        voted = opens(url, token).battles.vote(battle_id, "model_a")
    assert len(requests) == 2
    assert opens(arena.url, token).battles.get(battle_id)["vote_id"] == voted["vote_id"]


def test_what_makes_nothing_is_sent_once(arena: arenas.Arena, rater: Any, opens: Opens) -> None:
    with (
        proxy.losing_the_first_answer(arena.url) as (url, requests),
        pytest.raises(errors.ArenaError, match="does not answer"),
    ):
        opens(url, None).boards.get()
    assert len(requests) == 1


def test_a_battle_whose_answer_was_lost_is_opened_once(arena: arenas.Arena, opens: Opens) -> None:
    with arena.client() as nobody:
        token = nobody.post("/api/v1/raters").json()["token"]
    with proxy.losing_the_first_answer(arena.url) as (url, requests):
        told = opens(url, token).battles.create("Once?")
    assert len(requests) == 2
    with arena.client(token) as rater:
        assert rater.get("/api/v1/battles/latest").json()["battle_id"] == told["battle_id"]
        assert len(rater.get("/api/v1/me/everything").json()["prompts"]) == 1


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "data/../../outside", ""])
def test_a_file_of_a_release_stays_in_its_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(errors.NotAsSigned):
        calls.inside(tmp_path, name)
    assert calls.inside(tmp_path, "data/train.jsonl") == tmp_path / "data" / "train.jsonl"


def test_a_task_is_given_and_voted_on(opens: Opens, tmp_path: Path) -> None:
    with arenas.running(tasking.settings(tmp_path), pages=False) as arena:
        tasking.fill(arena.services.workspace, 1)
        with arena.rater() as known:
            rater = opens(arena.url, known.headers["authorization"].removeprefix("Bearer "))
            task = rater.tasks.next("default")
            assert (task["number"], task["of"]) == (1, 1)
            rater.battles.vote(task["battle_id"], "tie")
            with pytest.raises(errors.Conflict) as refused:
                rater.tasks.next("default")
            assert refused.value.code == "done"


@pytest.mark.parametrize("made", [arena_client.Client, arena_client.AsyncClient])
@pytest.mark.parametrize(
    "url",
    [
        "http://a:x",
        "http://a:0",
        "http://a:99999",
        "http://[::1",
        "http://a..b",
        "http://xn--a",
        "http://xn--ls8h.la",
        "127.0.0.1:7860",
        "",
        "ftp://a",
    ],
)
def test_what_is_no_address_is_refused_at_once(made: Any, url: str) -> None:
    with pytest.raises(errors.InvalidValue, match="is no address"):
        made(url)
