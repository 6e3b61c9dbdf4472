"""Draw probabilities: they are probabilities, spend votes on the goal, and leave no pair impossible."""

from collections.abc import Callable

import numpy
import pytest

import leaderboards
from leaderboards.fitting import pair_design


@pytest.fixture(scope="module")
def board(simulated: Callable[..., list[dict[str, str]]]) -> leaderboards.Board:
    return leaderboards.fit(simulated(numpy.linspace(-1.5, 1.5, 16), 6_000, seed=8))


@pytest.mark.parametrize("goal", pair_design.GOALS)
def test_every_pair_keeps_its_floor_and_all_sum_to_one(board: leaderboards.Board, goal: str) -> None:
    design = pair_design.design(board, goal, k=4, model="m0007", floor=0.1)
    assert design.probability.sum() == pytest.approx(1)
    assert design.probability.min() >= 0.1 / 120 * 0.999


def test_separating_the_top_draws_among_the_top(board: leaderboards.Board) -> None:
    design = pair_design.design(board, "top", k=3, floor=0.1)
    top = {entry.model for entry in board.entries[:5]}
    inside = sum(
        p
        for low, high, p in zip(design.low, design.high, design.probability, strict=True)
        if {design.models[low], design.models[high]} <= top
    )
    assert inside > 0.7


def test_placing_a_model_draws_that_model(board: leaderboards.Board) -> None:
    design = pair_design.design(board, "place", model="m0007", floor=0.1)
    share = sum(
        p
        for low, high, p in zip(design.low, design.high, design.probability, strict=True)
        if "m0007" in (design.models[low], design.models[high])
    )
    assert share > 0.8


def test_the_design_narrows_its_goal_more_than_uniform_drawing(board: leaderboards.Board) -> None:
    strengths = {f"m{k:04d}": s for k, s in enumerate(numpy.linspace(-1.5, 1.5, 16))}
    chance = numpy.random.default_rng(2)
    widths = {}
    for name, design in (
        ("uniform", pair_design.uniform(board.counted.models)),
        ("focused", pair_design.design(board, "place", model="m0007", votes=2_000)),
    ):
        running = leaderboards.Running(leaderboards.Votes(counts=board.counted))
        for a, b, _ in design.draw(chance, 2_000):
            won = chance.random() < 1 / (1 + numpy.exp(strengths[b] - strengths[a]))
            running.add(a, b, "model_a" if won else "model_b")
        widths[name] = running.fit()["m0007"].se
    assert widths["focused"] < 0.75 * widths["uniform"]


def test_a_model_without_a_rating_is_drawn_often(simulated: Callable[..., list[dict[str, str]]]) -> None:
    votes = simulated(numpy.linspace(-1, 1, 8), 1_000, seed=3)
    board = leaderboards.fit([*votes, {"model_a": "new", "model_b": "m0001", "winner": "model_a"}])
    design = pair_design.design(board)
    share = sum(design.of("new", f"m{k:04d}") for k in range(8))
    assert share > 0.4


def test_before_any_board_all_pairs_are_alike() -> None:
    board = leaderboards.fit([{"model_a": "x", "model_b": "y", "winner": "model_a"}])
    assert pair_design.design(board).probability.tolist() == [1.0]


def test_drawing_follows_the_probabilities_and_reports_them(board: leaderboards.Board) -> None:
    design = pair_design.design(board, "top", k=3)
    drawn = design.draw(numpy.random.default_rng(1), 20_000)
    pair = max(drawn, key=lambda item: item[2])
    share = numpy.mean([item[:2] == pair[:2] for item in drawn])
    assert share == pytest.approx(pair[2], rel=0.1)
    assert design.of(*pair[:2]) == pair[2]


@pytest.mark.parametrize("wrong", [{"goal": "banana"}, {"floor": 0.0}, {"goal": "place", "model": "nobody"}])
def test_a_goal_that_means_nothing_is_refused(board: leaderboards.Board, wrong: dict[str, object]) -> None:
    with pytest.raises(leaderboards.InputError):
        pair_design.design(board, **wrong)
