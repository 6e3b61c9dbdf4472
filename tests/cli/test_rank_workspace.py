"""`arena rank` without a file: the votes of a workspace, by any column, clustered and controlled, running or not."""

import contextlib
import json
import random
import shlex
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from arena.domain.ids import ModelName
from arena.domain.vote import Winner
from arena.services import paths
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests import arenas
from tests.cli.conftest import Command, refused
from tests.inference import misbehaving
from tests.store import making

VOTES = 90
LEAKS = 10
"""Votes beside them, on answers that said which model wrote them."""


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """The data of an arena with votes of six raters in two campaigns; the longer answer tends to win."""
    folder = tmp_path / "data"
    chance = random.Random(11)
    with Workspace.open(paths.workspace_path(folder, "default")) as workspace:
        for number in range(VOTES + LEAKS):
            model_a, model_b = map(ModelName, chance.sample(("alpha", "beta", "gamma"), 2))
            battle = making.battle(
                model_a=model_a,
                model_b=model_b,
                prompt=f"Prompt {number % 7}",
                campaign=("first", "second")[number % 2],
            )
            words = [chance.randrange(1, 40) for _ in "ab"]
            texts = ["**Bold** " * chance.randrange(4) + "word " * count for count in words]
            workspace.submit(commands.OpenBattle(battle=battle))
            leak = number >= VOTES
            a, b = (making.response(text, total_seconds=chance.uniform(1, 9), leak=leak) for text in texts)
            complete = commands.CompleteBattle(
                battle_id=battle.battle_id, response_a=a, response_b=b, completed_at=making.NOW
            )
            workspace.submit(complete).result()
            better = Winner.MODEL_A if words[0] > words[1] else Winner.MODEL_B
            winner = better if chance.random() < 0.7 else chance.choice(list(Winner))
            vote = making.vote(battle.battle_id, f"r_{number % 6}", winner=winner)
            workspace.submit(commands.CastVote(vote=vote, record=making.loaded(workspace, battle.battle_id))).result()
    return folder


@pytest.fixture(params=["from the file", "from a running arena"])
def ranked(arena: Command, data_dir: Path, request: pytest.FixtureRequest) -> Iterator[Command]:
    """`arena rank`, with and without an arena that holds the data."""
    with contextlib.ExitStack() as stack:
        if request.param == "from a running arena":
            server = stack.enter_context(misbehaving.serve(listed=("echo", "say:No.")))
            settings = arenas.settings_for(data_dir, server.endpoint, ("echo", "say:No."))
            stack.enter_context(arenas.running(settings, pages=False))
        yield lambda *arguments, **more: arena("rank", *arguments, **more)


@pytest.mark.slow
def test_columns_clusters_and_controls_come_from_the_store(ranked: Command) -> None:
    done = ranked("--by", "campaign", "--format", "json")
    boards = json.loads(done.stdout)["boards"]
    assert [(part["value"], part["board"]["votes"]) for part in boards] == [("first", 45), ("second", 45)]
    assert done.stderr == ""

    plain, clustered = (
        json.loads(ranked(*options, "--format", "json").stdout) for options in ((), ("--cluster", "rater,prompt"))
    )
    assert plain["votes"] == clustered["votes"] == VOTES
    assert [e["rating"] for e in plain["entries"]] == [e["rating"] for e in clustered["entries"]]
    assert [e["se"] for e in plain["entries"]] != [e["se"] for e in clustered["entries"]]

    controlled = json.loads(ranked("--controls", "length,bold,latency", "--format", "json").stdout)
    effects = {effect["name"]: effect for effect in controlled["coefficients"]}
    assert list(effects) == ["length", "bold", "latency"]
    assert effects["length"]["lower"] > 0
    weighted = json.loads(ranked("--weights", "draw-probability", "--format", "json").stdout)
    assert weighted["weights"] == "draw-probability"


@pytest.mark.slow
def test_votes_on_answers_that_name_their_model_are_ranked_when_asked_for(ranked: Command) -> None:
    counts = [json.loads(ranked(*which, "--format", "json").stdout)["votes"] for which in ((), ("--votes", "all"))]
    assert counts == [VOTES, VOTES + LEAKS]
    refused(ranked("--votes", "some"), 2, "some", "counted", "all")


@pytest.mark.slow
def test_the_command_of_a_board_gives_the_same_numbers(arena: Command, data_dir: Path) -> None:
    queries: tuple[dict[str, str], ...] = (
        {},
        {"votes": "all"},
        {"campaign": "first"},
        {"campaign": "second", "votes": "all"},
        {"since": (making.NOW + timedelta(days=-1)).isoformat(), "until": "2030-01-01"},
    )
    with misbehaving.serve(listed=("echo", "say:No.")) as server:
        settings = arenas.settings_for(data_dir, server.endpoint, ("echo", "say:No."))
        with arenas.running(settings, pages=False) as running, running.admin() as admin:
            boards = [
                admin.get("/api/v1/leaderboards/overall", params=query).raise_for_status().json() for query in queries
            ]
            lines = [shlex.split(board["command"]) for board in boards]
            from_running = [json.loads(arena(*line[1:]).stdout) for line in lines]
    assert [board["votes"] for board in boards] == [VOTES, VOTES + LEAKS, 45, 50, VOTES]
    assert [board["settings"]["campaign"] for board in boards] == [None, None, "first", "second", None]
    assert all(line[:2] == ["arena", "rank"] for line in lines)
    head = f"--head={boards[3]['ledger_head']}"
    assert lines[3][2:] == ["--workspace=default", head, "--campaign=second", "--votes=all", "--format=json"]
    from_file = [json.loads(arena(*line[1:]).stdout) for line in lines]
    for board, *others in zip(boards, from_running, from_file, strict=True):
        for other in others:
            assert other["votes"] == board["votes"]
            for mine, theirs in zip(board["entries"], other["entries"], strict=True):
                assert mine["model"] == theirs["model"]
                for key in ("rating", "se", "lower", "upper"):
                    assert theirs[key] == pytest.approx(mine[key], abs=1e-9)
    refused(arena("rank", "--head", boards[0]["ledger_head"], "votes.csv"), 2, "head", "name no file")


@pytest.mark.slow
def test_what_a_workspace_does_not_hold_is_said_by_name(ranked: Command) -> None:
    refused(ranked("--by", "colour"), 2, "workspace default has no column colour to make boards by")
    refused(ranked("--by", "language"), 2, "workspace default has no column language to make boards by")
    refused(ranked("--head", "0" * 64), 2, "The ledger has no line with the hash 000")
    refused(ranked("--cluster", "team"), 2, "workspace default has no column team to cluster by")
    refused(ranked("--map", "winner=label"), 2, "map, outcome and unvoted say how a file is meant; name one")
    refused(ranked("--controls", "height"), 2, "workspace default has no column height", "length, headers")
