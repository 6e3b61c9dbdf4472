"""How firmly a model stands: every figure is that of a board fitted again, or checked against simulated attackers."""

import json
from typing import Any

import numpy
import pyarrow
import pytest
from quality_worlds import Spread, Votes, World

import leaderboards
from leaderboards.showing import diagnostics, robustness

OUTCOMES = numpy.array(["model_a", "model_b", "tie"])


def _table(votes: Votes) -> pyarrow.Table:
    return pyarrow.table(
        {
            "rater": [f"r{rater}" for rater in votes.rater],
            "model_a": [f"m{model}" for model in votes.left],
            "model_b": [f"m{model}" for model in votes.right],
            "winner": OUTCOMES[votes.outcome],
        }
    )


@pytest.fixture(scope="module")
def table() -> pyarrow.Table:
    return _table(World(seed=3, models=6, raters=25, votes=900).clean())


def _read(table: pyarrow.Table, **settings: Any) -> tuple[leaderboards.Board, robustness.Robustness]:
    votes = leaderboards.read(table)
    board = leaderboards.fit(votes, **settings)
    return board, robustness.read(board, votes)


def _without(table: pyarrow.Table, rows: numpy.ndarray) -> leaderboards.Board:
    return leaderboards.fit(table.filter(pyarrow.array(~rows)), interval="none")


@pytest.mark.parametrize("settings", [{}, {"ties": "davidson"}, {"anchor": "m2=1200"}, {"weights": "pair-frequency"}])
def test_the_raters_said_to_move_a_model_most_do(table: pyarrow.Table, settings: dict[str, Any]) -> None:
    board, found = _read(table, **settings)
    rater = numpy.array(table["rater"].to_pylist())
    plain = {name: value for name, value in settings.items() if name != "weights"}
    for row in found.models[::2]:
        if "weights" in settings:  # they depend on the votes that are left
            assert all(one.moved for one in row.raters)
            continue
        moved = {
            name: leaderboards.fit(table.filter(pyarrow.array(rater != name)), interval="none", **plain)
            for name in numpy.unique(rater)
        }
        by = {name: other[row.model].rating - board[row.model].rating for name, other in moved.items()}
        first = row.raters[0]
        assert abs(first.moved) == pytest.approx(max(map(abs, by.values())), abs=1e-4)
        for one in row.raters:
            assert one.moved == pytest.approx(by[one.rater], abs=1e-4)
            assert one.rank == moved[one.rater][row.model].rank
            assert one.votes == (rater == one.rater).sum()


def test_without_the_worst_votes_a_model_is_further_than_without_any_others(table: pyarrow.Table) -> None:
    board, found = _read(table)
    chance = numpy.random.default_rng(5)
    dropped = int(robustness.WORST * table.num_rows)
    sides = [numpy.array(table[side].to_pylist()) for side in ("model_a", "model_b")]
    winner = numpy.array(table["winner"].to_pylist())
    for row in found.models:
        won = ((sides[0] == row.model) & (winner == "model_a")) | ((sides[1] == row.model) & (winner == "model_b"))
        assert row.dropped.lower < board[row.model].rating < row.dropped.upper
        assert row.dropped.rank_best <= row.rank <= row.dropped.rank_worst
        for _ in range(5):
            rows = numpy.zeros(table.num_rows, dtype=bool)
            rows[chance.choice(numpy.flatnonzero(won), dropped, replace=False)] = True
            assert row.dropped.lower <= _without(table, rows)[row.model].rating + 1e-6


def test_the_fewest_votes_are_those_of_the_nearer_neighbour(table: pyarrow.Table) -> None:
    board, found = _read(table)
    flips = leaderboards.influence.fewest(board)
    assert found.models[0].votes_that_change == flips[0].votes
    assert found.models[1].votes_that_change == min(flips[0].votes, flips[1].votes)


def test_how_much_tastes_differ_is_learnt_from_votes() -> None:
    half_wins = 0.76  # ties count half, so that a board's logits are shorter than those of people's choices

    def taste(spread: Spread) -> float:
        _, found = _read(_table(World(seed=1, spread=spread).clean()), interval="none")
        return found.taste / 400 * numpy.log(10) / half_wins

    none, some, more = (taste(Spread(taste=size, side=0.0, slope=0.0)) for size in (1e-9, 0.3, 0.6))
    assert none < 0.12
    assert some == pytest.approx(0.3, rel=0.2)
    assert more == pytest.approx(0.6, rel=0.2)


def test_accounts_with_the_taste_of_an_honest_person_stay_within_the_floor() -> None:
    moved, floors, beyond = [], [], []
    for seed in range(4):
        world = World(seed=seed, models=10, raters=400, votes=12_000)
        clean = world.clean()
        _, found = _read(_table(clean), interval="none")
        taste = found.taste / 400 * numpy.log(10)
        floors.append(next(floor.points for floor in found.models[0].floors if floor.accounts == 100))
        control = _rating(_joined(world, clean, 0.0), world)
        moved.append(_rating(_joined(world, clean, 2 * taste / 0.76), world) - control)
        beyond.append(_rating(_joined(world, clean, 6 * taste / 0.76), world) - control)
    assert numpy.mean(moved) <= 1.15 * numpy.mean(floors)
    assert numpy.mean(moved) > 0.6 * numpy.mean(floors)  # and the floor is no larger than it has to be
    assert numpy.mean(beyond) > 1.5 * numpy.mean(floors)  # the control: a taste that nobody has passes it


def _joined(world: World, clean: Votes, taste: float) -> Votes:
    """A hundred more raters without a taste but for the target."""
    chance = numpy.random.default_rng((world.seed, 9))
    n = len(clean.rater) // 4
    rater = chance.integers(0, 100, n)
    left = chance.integers(0, world.models, n)
    right = (left + chance.integers(1, world.models, n)) % world.models
    target = world.target
    gap = world.strengths()[left] - world.strengths()[right] + taste * ((left == target) * 1.0 - (right == target))
    wins, loses, ties = numpy.exp(gap / 2), numpy.exp(-gap / 2), 0.7
    drawn = chance.random(n) * (wins + loses + ties)
    outcome = numpy.where(drawn < wins, 0, numpy.where(drawn > wins + ties, 1, 2))
    return Votes(
        rater=numpy.concatenate([clean.rater, rater + 400]),
        left=numpy.concatenate([clean.left, left]),
        right=numpy.concatenate([clean.right, right]),
        outcome=numpy.concatenate([clean.outcome, outcome]),
        bad=numpy.zeros(len(clean.rater) + n, dtype=bool),
    )


def _rating(votes: Votes, world: World) -> float:
    rating = leaderboards.fit(_table(votes), interval="none")[f"m{world.target}"].rating
    assert rating is not None
    return rating


def test_more_unseen_accounts_open_more_ranks(table: pyarrow.Table) -> None:
    board, found = _read(table)
    for row in found.models:
        entry = board[row.model]
        best, worst = entry.rank_best, entry.rank_worst
        for floor in row.floors:
            assert floor.rank_best <= best
            assert floor.rank_worst >= worst
            best, worst = floor.rank_best, floor.rank_worst
    assert [floor.points for floor in found.models[0].floors] == sorted(f.points for f in found.models[0].floors)


def test_names_of_raters_are_in_no_document(table: pyarrow.Table) -> None:
    votes = leaderboards.read(table)
    made = diagnostics.read(leaderboards.fit(votes), votes)
    named = made.robustness.models[0].raters[0].rater
    assert named in table["rater"].to_pylist()
    said = json.loads(made.to_json())["report"]["robustness"]
    assert set(said["models"][0]["raters"][0]) == {"votes", "moved", "rank"}
    for text in (made.to_json(), made.to_table(), made.to_markdown(), repr(made)):
        assert f'"{named}"' not in text
        assert f"'{named}'" not in text
    assert "cannot be told from them" in made.to_table()
    assert said["raters"] == len(set(table["rater"].to_pylist()))


def test_without_raters_the_rest_is_said(table: pyarrow.Table) -> None:
    votes = leaderboards.read(table.drop_columns("rater"))
    made = diagnostics.read(leaderboards.fit(votes), votes)
    assert made.robustness.raters is None
    assert all(not row.raters and not row.floors for row in made.robustness.models)
    assert all(row.votes_that_change and row.dropped.lower for row in made.robustness.models)
    assert "cannot be told from them" not in made.to_table()
