"""Whatever a board is asked for: the API, the page, and the line of `arena rank` they print say the same numbers."""

import asyncio
import html
import json
import random
import re
import shlex
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from arena.domain.ids import ModelName
from arena.domain.principal import Principal, Role
from arena.domain.standing import Standing
from arena.domain.vote import Vote, Winner
from arena.services import paths
from arena.store.workspace import Workspace
from arena.store.writing import commands
from arena.ui.pages import leaderboard
from tests import arenas
from tests.cli.conftest import Command, refused
from tests.inference import misbehaving
from tests.store import making

BOARD = "/api/v1/leaderboards/overall"
MODELS = ("alpha", "beta", "gamma", "delta")
APART = ("left-1", "left-2")
"""Two models that meet nobody else, in one language alone."""
VOTES = 260
SETS = 30
FIGURES = ("rating", "se", "lower", "upper")
ROW = re.compile(
    r'data-model="([^"]+)"(?: data-rating="([^"]+)" data-se="([^"]+)" data-lower="([^"]+)" data-upper="([^"]+)")?'
)
COUNTS = ("rank", "rank_best", "rank_worst", "votes", "wins", "losses", "ties", "both_bad")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Votes of several raters, days, languages, categories, campaigns and fields; some are held, two models apart."""
    folder, chance = tmp_path_factory.mktemp("boards") / "data", random.Random(5)
    with Workspace.open(paths.workspace_path(folder, "default")) as workspace:
        law = making.campaign_change(name="law", qualifications=("law", "latin"))
        workspace.submit(commands.AddCampaign(change=law)).result()
        votes = [_answered(workspace, number, chance) for number in range(VOTES)]
        written = [
            workspace.submit(commands.CastVote(vote=vote, record=making.loaded(workspace, vote.battle_id)))
            for vote in votes
        ]
        for one in written:
            one.result()
        decided = making.decision("r_3", Standing.PROBATION, decided_at=making.NOW)
        workspace.submit(commands.DecideStanding(decisions=(decided,))).result()
    return folder


@pytest.fixture
def data_dir(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "data"))


def _answered(workspace: Workspace, number: int, chance: random.Random) -> Vote:
    """Write a battle with both answers; the vote that is to be cast on it."""
    apart = number % 13 == 0
    model_a, model_b = map(ModelName, chance.sample(APART if apart else MODELS, 2))
    battle = making.battle(
        model_a=model_a,
        model_b=model_b,
        prompt=f"Prompt {number % 9}",
        campaign=("law", "open")[number % 2],
        campaign_version=1 if number % 2 == 0 else None,
        language="eu" if apart else chance.choice(("en", "fr", None)),
        category=chance.choice(("code", "maths", None)),
    )
    words = [chance.randrange(1, 40) for _ in "ab"]
    texts = ["**Bold** " * chance.randrange(4) + "word " * count for count in words]
    workspace.submit(commands.OpenBattle(battle=battle))
    leak = number % 20 == 7
    a, b = (making.response(text, total_seconds=chance.uniform(1, 9), leak=leak) for text in texts)
    complete = commands.CompleteBattle(battle_id=battle.battle_id, response_a=a, response_b=b, completed_at=making.NOW)
    written = workspace.submit(complete)
    if number == VOTES - 1:
        written.result()  # and so is all before it
    better = Winner.MODEL_A if words[0] > words[1] else Winner.MODEL_B
    winner = better if chance.random() < 0.6 else chance.choice(list(Winner))
    cast_at = making.NOW + timedelta(days=chance.randrange(40), seconds=number)
    return making.vote(battle.battle_id, f"r_{number % 7}", winner=winner, cast_at=cast_at)


def drawn(chance: random.Random, values: dict[str, list[str]]) -> dict[str, str]:
    """Words of a query, each as likely there as not."""
    days = [(making.NOW + timedelta(days=day)).date().isoformat() for day in (5, 20, 30)]
    words: dict[str, list[str]] = {
        "ties": ["half", "drop", "davidson", "rao-kupper"],
        "both_bad": ["tie", "drop", "separate"],
        "controls": ["length", "length,bold", "latency,length"],
        "cluster": ["rater", "none"],
        "anchor": ["alpha=1000", "gamma=1234.5"],
        "campaign": ["law", "open"],
        "language": ["en", "fr", "eu"],
        "category": ["code", "maths", "uncategorised"],
        "since": days[:2],
        "until": days[2:],
        "votes": ["counted", "all"],
    }
    query = {word: chance.choice(options) for word, options in words.items() if chance.random() < 0.35}
    if query.get("ties") in ("davidson", "rao-kupper"):
        query.pop("controls", None)
    if query.get("language", "eu") == "eu":
        query.pop("anchor", None)
    if chance.random() < 0.6:
        query["by"] = chance.choice(list(values))
        if chance.random() < 0.6:
            query["value"] = chance.choice(values[query["by"]])
    return query


def same(mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Two documents of a board say the same."""
    assert mine["votes"] == theirs["votes"]
    assert [one["model"] for one in mine["entries"]] == [one["model"] for one in theirs["entries"]]
    assert mine["input_sha256"] == theirs["input_sha256"]
    for ours, other in zip(mine["entries"], theirs["entries"], strict=True):
        assert [ours[name] for name in COUNTS] == [other[name] for name in COUNTS]
        for name in FIGURES:
            assert ours[name] == pytest.approx(other[name], abs=1e-9), (ours["model"], name)
    for one, other in zip(mine["unbounded"], theirs["unbounded"], strict=True):
        assert (one["model"], one["direction"]) == (other["model"], other["direction"])
    for one, other in zip(mine.get("coefficients", ()), theirs.get("coefficients", ()), strict=True):
        assert one["estimate"] == pytest.approx(other["estimate"], abs=1e-9)
    assert mine["tie_parameter"] == pytest.approx(theirs["tie_parameter"], abs=1e-9)


def shown(running: arenas.Arena, query: dict[str, str]) -> str:
    """The page that the query leads to."""
    state = {"principal": Principal(id="t_admin", role=Role.ADMIN, workspace="default")}
    request = SimpleNamespace(scope={"type": "http", "headers": [], "state": state}, query_params=query)
    return asyncio.run(leaderboard.show(running.installation, gr.Request(request)))  # type: ignore[arg-type]


def on_page(mine: dict[str, Any], page: str) -> None:
    """The page of a board has the figures of its document, and its line."""
    rows = {found[1]: found for found in ROW.finditer(page)}
    for entry in mine["entries"]:
        told = rows[entry["model"]]
        if entry["rating"] is not None:
            assert [float(told[k]) for k in (2, 3, 4, 5)] == pytest.approx([entry[k] for k in FIGURES], abs=1e-9)
        else:
            assert told[2] is None
    (line,) = re.findall(r"data-command>(.*?)</code>", page, re.DOTALL)
    assert html.unescape(line).replace("\\\n  ", "") == mine["command"]


@pytest.fixture
def asked(arena: Command, data_dir: Path) -> Iterator[Any]:
    """What the API says to a query, and what the line that it prints does."""
    with misbehaving.serve(listed=("echo", "say:No.")) as server:
        settings = arenas.settings_for(data_dir, server.endpoint, ("echo", "say:No."))
        with arenas.running(settings, pages=False) as running, running.admin() as admin:

            def ask(query: dict[str, str]) -> tuple[dict[str, Any], Any]:
                document = admin.get(BOARD, params=query).raise_for_status().json()
                if document.get("reason") is None and "boards" not in document:
                    on_page(document, shown(running, query))
                return document, arena(*shlex.split(document["command"])[1:])

            yield ask


@pytest.mark.slow(seconds=40)
def test_thirty_boards_drawn_at_random_are_those_of_their_commands(asked: Any) -> None:
    values = {
        "language": ["en", "fr", "eu", "(none)"],
        "category": ["code", "maths", "uncategorised"],
        "campaign": ["law", "open"],
        "field": ["general", "latin, law"],
        "month": [f"{making.NOW:%Y-%m}"],
        "week": [f"{making.NOW + timedelta(days=9):%G-W%V}"],
        "island": ["1", "2"],
    }
    values["rater"] = [part["value"] for part in asked({"by": "rater"})[0]["boards"]]
    values["prompt"] = [part["value"] for part in asked({"by": "prompt"})[0]["boards"]]
    assert (len(values["rater"]), len(values["prompt"])) == (7, 9)
    chance, ranked, many, none = random.Random(15), 0, 0, 0
    for number in range(SETS):
        query = drawn(chance, values)
        document, done = asked(query)
        parts = document.get("boards")
        if parts is None and document["reason"] is not None:
            assert done.returncode == 2, (number, query, document["reason"], done.stdout)
            assert all(entry["rating"] is None for entry in document["entries"])
            none += 1
        elif parts is None:
            assert done.returncode == 0, (number, query, done.stderr)
            same(document, json.loads(done.stdout))
            ranked += 1
        else:
            fitted = {part["value"]: part["board"] for part in parts if part["reason"] is None}
            assert done.returncode == (0 if fitted else 2), (number, query, done.stderr)
            theirs = json.loads(done.stdout)["boards"] if fitted else []
            assert [part["value"] for part in theirs] == [part["value"] for part in parts if fitted]
            for part in theirs:
                assert (part["board"] is None) == (part["value"] not in fitted)
                if part["board"] is not None:
                    same(fitted[part["value"]], part["board"])
            many += len(fitted)
    assert min(ranked, many) >= 5, (ranked, many, none)


@pytest.mark.slow(seconds=15)
def test_the_line_of_a_board_gives_its_numbers_also_after_more_votes(arena: Command, data_dir: Path) -> None:
    with misbehaving.serve(listed=("echo", "say:No.")) as server:
        settings = arenas.settings_for(data_dir, server.endpoint, ("echo", "say:No."))
        with arenas.running(settings, pages=False) as running, running.admin() as admin:
            then = admin.get(BOARD, params={"language": "en", "anchor": "beta=1000"}).raise_for_status().json()
    line = shlex.split(then["command"])[1:]
    now = [word for word in line if not word.startswith("--head")]
    with Workspace.open(paths.workspace_path(data_dir, "default")) as workspace:
        record = making.completed(
            workspace, model_a=ModelName("alpha"), model_b=ModelName("beta"), category="code", language="en"
        )
        vote = making.vote(record.battle.battle_id)
        workspace.submit(commands.CastVote(vote=vote, record=record)).result()
    same(then, json.loads(arena(*line).stdout))
    assert json.loads(arena(*now).stdout)["votes"] == then["votes"] + 1
    with Workspace.open(paths.workspace_path(data_dir, "default")) as workspace:
        decided = making.decision("r_2", Standing.PROBATION, decided_at=making.NOW)
        workspace.submit(commands.DecideStanding(decisions=(decided,))).result()
    refused(arena(*line), 1, "were held, let go or withdrawn since then", "Leave --head out")
    assert arena(*now).returncode == 0
