"""Two models of a board: shares with their intervals, and a difference that is that of the board."""

import math

import pytest

import leaderboards
from leaderboards.showing import pairs, tiers

ROWS = {
    "model_a": ["alpha", "beta", "alpha", "beta", "gamma", "gamma"],
    "model_b": ["beta", "alpha", "gamma", "gamma", "beta", "alpha"],
    "winner": ["model_a", "tie", "model_a", "model_a", "model_a", "both_bad"],
    "count": [30, 20, 40, 30, 25, 10],
}


@pytest.fixture(scope="module")
def board() -> leaderboards.Board:
    rows = [dict(zip(ROWS, row, strict=True)) for row in zip(*ROWS.values(), strict=True)]
    return leaderboards.fit(leaderboards.read([*rows, {**rows[0], "winner": "model_b", "count": 12}]))


def test_a_match_counts_both_orders_of_sides_and_leaves_nobody_out(board: leaderboards.Board) -> None:
    found = {one.model: one for one in pairs.matches(board, "alpha")}
    assert (found["beta"].wins, found["beta"].losses, found["beta"].ties, found["beta"].votes) == (30, 12, 20, 62)
    assert found["beta"].share == pytest.approx(40 / 62)
    assert (found["gamma"].wins, found["gamma"].both_bad, found["gamma"].votes) == (40, 10, 50)
    assert sum(one.votes for one in found.values()) == board["alpha"].votes
    back = {one.model: one for one in pairs.matches(board, "beta")}["alpha"]
    assert back.share == pytest.approx(1 - found["beta"].share)
    assert [one.model for one in pairs.matches(board, "alpha")] == [
        entry.model for entry in board.entries if entry.model != "alpha"
    ]


def test_wilson_s_interval_is_the_published_one() -> None:
    """81 of 263, 95%: 0.2553 to 0.3662 (Newcombe 1998, Statistics in Medicine 17, 857-872, table I)."""
    lower, upper = pairs.wilson(81 / 263, 263, 0.95)
    assert (round(lower, 4), round(upper, 4)) == (0.2553, 0.3662)


def test_a_difference_is_that_of_neighbours_and_turns_with_its_models(board: leaderboards.Board) -> None:
    first, second = (entry.model for entry in board.rated[:2])
    found, turned = pairs.difference(board, first, second), pairs.difference(board, second, first)
    gap = tiers.read(board).neighbours[0]
    assert found.gap == gap
    assert found.difference == pytest.approx(gap.difference)
    assert turned.difference == pytest.approx(-found.difference)
    assert turned.gap == gap
    assert 0 < found.reach < gap.reach
    assert math.isfinite(found.reach)


def test_a_model_that_is_not_there_and_one_without_a_rating_are_named(board: leaderboards.Board) -> None:
    with pytest.raises(leaderboards.UnknownModel, match="alpha"):
        pairs.matches(board, "alpa")
    rows = [{"model_a": "alpha", "model_b": "beta", "winner": winner} for winner in ("model_a", "model_b")]
    open_ended = leaderboards.fit([*rows, {"model_a": "zeta", "model_b": "beta", "winner": "model_a"}])
    with pytest.raises(leaderboards.InputError, match="zeta has no rating"):
        pairs.difference(open_ended, "zeta", "alpha")
