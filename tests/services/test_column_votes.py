"""A board of the columns in memory is the board of the same votes read as rows, whatever is asked for."""

import math
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy
import pytest

import leaderboards
from arena.domain.battle import BattleRecord
from arena.domain.ids import ModelName, RaterId
from arena.domain.name_key import NameKey
from arena.domain.origin import Origin
from arena.domain.removal import RemovalKind
from arena.domain.standing import Standing, VoteHold
from arena.domain.vote import Vote, Winner
from arena.errors import ArenaError
from arena.services import board_fitting, board_settings, column_votes
from arena.services.board_settings import BoardSettings
from arena.services.cut_votes import CutVotes, TableVotes
from arena.services.pseudonyms import Pseudonyms
from arena.services.ranking import Ranking
from arena.store import board_votes, ledger_rows, vote_columns
from arena.store.vote_columns import VoteColumns
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.lengths import at_length
from tests.store import making
from tests.store.writing import test_recent

MODELS = ("alpha", "beta", "gamma", "delta", "epsilon")
APART = ("left", "right")
NAMES = Pseudonyms(NameKey(workspace="default", secret=b"secret of the tests"))
DAYS = [(making.NOW + timedelta(days=day)).date().isoformat() for day in (3, 9, 18, 26)]
WORDS: dict[str, tuple[str, ...]] = {
    "ties": ("drop", "davidson", "rao-kupper"),
    "both_bad": ("drop", "separate"),
    "controls": ("length", "length,bold", "latency,lists,length"),
    "cluster": ("rater",),
    "anchor": ("alpha=1000", "gamma=1234.5"),
    "campaign": ("law", "default", "nowhere"),
    "language": ("en", "fr", "eu"),
    "category": ("code", "uncategorised"),
    "since": (*DAYS[:2], "2020-01-01T00:00:00Z"),
    "until": (*DAYS[2:], f"{making.NOW + timedelta(days=12, seconds=40):%Y-%m-%dT%H:%M:%SZ}"),
    "votes": ("all",),
    "by": ("language", "category", "campaign", "field", "rater", "week", "day", "month", "quarter", "island"),
}


def entered(chance: random.Random, number: int) -> tuple[BattleRecord, list[Vote]]:
    """An imported battle with its votes, drawn at random, some of a time that nobody knows."""
    pair = chance.sample(APART if number % 11 == 0 else MODELS, 2)
    asker = RaterId(f"r_{chance.randrange(6)}")
    at = making.NOW + timedelta(days=chance.randrange(30), seconds=number)
    battle = making.battle(
        rater_id=asker,
        model_a=ModelName(pair[0]),
        model_b=ModelName(pair[1]),
        campaign=chance.choice(("law", "default")),
        campaign_version=chance.choice((1, None)),
        created_at=at,
        turn=1,
        language=chance.choice(("en", None)),
    )
    texts = ["- one\n**Bold** " * chance.randrange(3) + "word " * chance.randrange(1, 30) for _ in "ab"]
    a, b = (making.response(text, total_seconds=chance.uniform(1, 9), leak=number % 17 == 3) for text in texts)
    origin = Origin(
        source="made",
        item=f"q{number}",
        language="eu" if pair[0] in APART else chance.choice(("en", "fr", None)),
        category=chance.choice(("code", None)),
        timed=chance.random() < 0.7,
        digest=f"{number:064x}",
    )
    record = BattleRecord(
        battle=battle, response_a=a, response_b=b, completed_at=at, void=None, votes=(), origin=origin
    )
    raters = [asker, *(RaterId(f"r_{k}") for k in range(7, 7 + chance.randrange(2)))]
    longer = Winner.MODEL_A if len(texts[0]) > len(texts[1]) else Winner.MODEL_B
    winners = [longer if chance.random() < 0.5 else chance.choice(list(Winner)) for _ in raters]
    return record, [
        making.vote(battle.battle_id, rater, winner=winner, cast_at=at + timedelta(seconds=9))
        for rater, winner in zip(raters, winners, strict=True)
    ]


def enter(workspace: Workspace, chance: random.Random, count: int, first: int = 0) -> None:
    """That many battles."""
    made = [entered(chance, number) for number in range(first, first + count)]
    votes = tuple((vote, record) for record, cast in made for vote in cast)
    workspace.submit(commands.EnterBattles(battles=tuple(record for record, _ in made), votes=votes)).result()


def hold(workspace: Workspace, rater: str) -> None:
    """Hold a rater's votes from now on."""
    since = VoteHold(since=making.NOW + timedelta(days=2))
    decided = making.decision(rater, Standing.PROBATION, decided_at=making.NOW, hold=since)
    workspace.submit(commands.DecideStanding(decisions=(decided,))).result()


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(tmp_path / "ours.duckdb") as opened:
        yield opened


@pytest.fixture
def filled(workspace: Workspace) -> Workspace:
    law = making.campaign_change(name="law", qualifications=("law", "latin"))
    workspace.submit(commands.AddCampaign(change=law)).result()
    enter(workspace, random.Random(3), 300)
    for model in MODELS[1:]:
        enter_pair(workspace, MODELS[0], model)
    hold(workspace, "r_3")
    return workspace


def drawn(chance: random.Random) -> dict[str, str]:
    """Words of a query, each as likely there as not."""
    query = {word: chance.choice(options) for word, options in WORDS.items() if chance.random() < 0.3}
    if query.get("ties") in ("davidson", "rao-kupper"):
        query.pop("controls", None)
    if "by" in query and chance.random() < 0.5:
        among: dict[str, tuple[str, ...]] = {**WORDS, "island": ("1", "2"), "field": ("general", "latin, law")}
        query["value"] = chance.choice(among.get(query["by"], ("2026-02", "(none)", "nothing")))
    return query


def columns_of(workspace: Workspace, asked: BoardSettings, before: VoteColumns | None = None) -> VoteColumns:
    with workspace.reading() as connection:
        return vote_columns.read(connection, before, asked.controls)


def both(workspace: Workspace, asked: BoardSettings, kept: VoteColumns | None = None) -> tuple[CutVotes, CutVotes]:
    """The votes of a board as rows and as columns."""
    cut = board_fitting.narrowed(asked)
    with workspace.reading() as connection:
        rows = board_votes.table(connection, asked.columns, asked.controls, cut, asked.window)
        columns = vote_columns.read(connection, kept, asked.controls)
        last = ledger_rows.last(connection)
    assert last is not None
    assert column_votes.fits(columns)
    if "rater" in rows.column_names:
        rows = rows.set_column(rows.column_names.index("rater"), "rater", NAMES.column(rows["rater"]))
    return TableVotes(rows=rows), column_votes.of_cut(columns, cut, asked, last.sequence, NAMES.name)


def said(ranking: Ranking) -> dict[str, Any]:
    """A ranking, and the board of each island where it has several."""
    return {**ranking.document(), "boards": [board.to_dict() for board in ranking.boards]}


def documents(votes: CutVotes, asked: BoardSettings) -> Any:
    """What a board, or each of several, says; or why it is refused."""
    table = board_fitting.Table(votes=votes, void_rates={}, head=None, workspace="default")
    try:
        if not asked.each:
            return {"one": said(board_fitting.of_table(table, asked))}
        return {value: said(ranking) for value, ranking in board_fitting.by_value(table, asked).items()}
    except ArenaError as refused:
        return str(refused)


def same(mine: Any, theirs: Any, where: str = "") -> None:
    """Equal, numbers to 1e-9 of what they are worth."""
    if isinstance(mine, float) and isinstance(theirs, float):
        assert math.isclose(mine, theirs, rel_tol=1e-9, abs_tol=1e-9), (where, mine, theirs)
    elif isinstance(mine, dict):
        assert isinstance(theirs, dict), (where, mine, theirs)
        assert mine.keys() == theirs.keys(), (where, mine, theirs)
        for name in mine:
            same(mine[name], theirs[name], f"{where}.{name}")
    elif isinstance(mine, list | tuple):
        assert isinstance(theirs, list | tuple), (where, mine, theirs)
        for place, (one, other) in enumerate(zip(mine, theirs, strict=True)):
            same(one, other, f"{where}[{place}]")
    else:
        assert mine == theirs, where


@pytest.mark.parametrize("seed", [0, *at_length(1)])
def test_boards_drawn_at_random_are_those_of_the_rows(filled: Workspace, seed: int) -> None:
    chance, rated = random.Random(seed), 0
    kept = None
    for _ in range(20):
        query = drawn(chance)
        asked = board_settings.read(query)
        rows, columns = both(filled, asked, kept)
        theirs, mine = documents(rows, asked), documents(columns, asked)
        same(mine, theirs, f"{query}")
        kept = columns_of(filled, asked, kept)
        boards = [board for one in mine.values() for board in one["boards"]] if isinstance(mine, dict) else []
        rated += any(entry["rating"] is not None for board in boards for entry in board["entries"])
    assert rated > 10


def test_of_too_many_values_none_is_read(filled: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = board_settings.read({"by": "rater"})
    monkeypatch.setattr(board_fitting, "MOST_VALUES", 3)
    found = both(filled, asked)
    with monkeypatch.context() as never:
        never.delattr(leaderboards, "read")
        for votes in found:
            assert "by rater makes" in documents(votes, asked)
    monkeypatch.setattr(board_fitting, "MOST_VALUES", 300)
    assert all(len(documents(votes, asked)) > 3 for votes in found)


def test_columns_that_are_kept_up_are_those_read_anew(workspace: Workspace) -> None:
    chance = random.Random(8)
    asked = board_settings.read({"controls": "length,latency"})
    kept = columns_of(workspace, asked)
    assert kept.size == 0
    for step in range(6):
        enter(workspace, chance, 1 + 15 * (step % 3), first=100 * step)
        if step == 3:
            hold(workspace, "r_2")
        kept = columns_of(workspace, board_settings.PLAIN, kept)
        new = columns_of(workspace, asked)
        assert kept.lines.tolist() == new.lines.tolist()
        assert kept.cast_at.tolist() == new.cast_at.tolist()
        for name, column in new.texts.items():
            assert spelled(kept, name) == spelled(new, name)
            assert column.codes.dtype.itemsize == 1
        if step != 3:  # after a hold all is read anew, and what is measured when it is asked for
            kept = columns_of(workspace, asked, kept)
            for name, values in new.measured.items():
                assert kept.measured[name].tolist() == values.tolist()
    assert {"leak", "probation"} <= set(new.texts["held_for"].values)


@pytest.mark.parametrize("kind", RemovalKind)
def test_no_vote_of_a_rater_who_left_is_in_columns_that_are_kept(workspace: Workspace, kind: RemovalKind) -> None:
    enter(workspace, random.Random(8), 30)
    asked = board_settings.read({"controls": "length"})
    kept = columns_of(workspace, asked)
    assert "r_2" in spelled(kept, "rater"), "the control"
    workspace.submit(test_recent.removal(1, "r_2", kind)).result()
    kept, new = columns_of(workspace, asked, kept), columns_of(workspace, asked)
    assert "r_2" not in spelled(kept, "rater")
    assert kept.lines.tolist() == new.lines.tolist()
    numpy.testing.assert_array_equal(kept.measured["length"], new.measured["length"])


def spelled(columns: VoteColumns, name: str) -> list[str | None]:
    """A column as text."""
    column = columns.texts[name]
    return [None if code < 0 else column.values[code] for code in column.codes.tolist()]


def test_votes_on_answers_that_are_not_there_stay_out_where_answers_are_measured(filled: Workspace) -> None:
    asked = board_settings.read({"controls": "length"})
    columns = columns_of(filled, asked)
    lengths = columns.measured["length"].copy()
    lengths[1, :5] = math.nan
    columns = replace(columns, measured={"length": lengths})
    line = int(columns.lines[-1])
    votes = column_votes.of_cut(columns, asked.cut, asked, line, NAMES.name)
    assert votes.number == len(columns.lines) - 5
    assert column_votes.of_cut(columns, asked.cut, board_settings.PLAIN, line, NAMES.name).number == votes.number + 5


def enter_pair(workspace: Workspace, model_a: str, model_b: str) -> None:
    """A vote on two models."""
    record = making.completed(workspace, model_a=ModelName(model_a), model_b=ModelName(model_b))
    vote = making.vote(record.battle.battle_id)
    workspace.submit(commands.CastVote(vote=vote, record=record)).result()


def test_models_that_a_fit_takes_for_one_are_not_counted_by_columns(workspace: Workspace) -> None:
    enter_pair(workspace, "1", "two")
    assert column_votes.fits(columns_of(workspace, board_settings.PLAIN))
    enter_pair(workspace, "1.0", "two")
    assert not column_votes.fits(columns_of(workspace, board_settings.PLAIN))
