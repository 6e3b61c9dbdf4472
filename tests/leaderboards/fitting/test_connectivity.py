"""Islands are refused by name; models without a finite rating are reported with what can be said of them."""

import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest

import leaderboards

CORE = [("x", "y", "model_a"), ("x", "y", "model_b"), ("y", "z", "model_a"), ("y", "z", "model_b"), ("z", "x", "tie")]


def test_groups_without_a_common_vote_are_refused_by_name(written: Callable[..., Path]) -> None:
    path = written([("beta", "alpha", "tie"), ("gamma", "delta", "model_a"), ("gamma", "epsilon", "tie")])
    with pytest.raises(leaderboards.IslandsError) as refusal:
        leaderboards.fit(path)
    assert refusal.value.groups == (("delta", "epsilon", "gamma"), ("alpha", "beta"))
    assert str(refusal.value) == (
        "These groups share no vote, so no common scale exists: {delta, epsilon, gamma}, {alpha, beta}. "
        "Collect votes between them, or rank each alone with --by island."
    )
    assert leaderboards.islands(path) == refusal.value.groups
    alone = leaderboards.fit(leaderboards.read(path).only(["alpha", "beta"]))
    assert alone["alpha"].rating == 1000


def test_an_undefeated_model_has_a_lower_bound_and_no_standard_error(written: Callable[..., Path]) -> None:
    board = leaderboards.fit(written([*CORE, ("star", "x", "model_a"), ("star", "x", "model_a")]))
    star = board["star"]
    assert (star.rating, star.se, star.upper, star.rank) == (None, None, None, None)
    expected = board["x"].rating + 400 * numpy.log10(numpy.sqrt(0.05) / (1 - numpy.sqrt(0.05)))
    assert star.lower == pytest.approx(expected, abs=1e-6)
    assert [(u.model, u.direction) for u in board.unbounded] == [("star", "above")]
    assert numpy.mean([entry.rating for entry in board.rated]) == pytest.approx(1000)
    assert [entry.model for entry in board.rated] == sorted("xyz", key=lambda m: -board[m].rating)


def test_a_model_that_never_won_has_an_upper_bound(written: Callable[..., Path]) -> None:
    board = leaderboards.fit(written([*CORE, ("x", "dud", "model_a")]))
    assert board["dud"].lower is None
    assert board["dud"].upper == pytest.approx(board["x"].rating + 400 * numpy.log10(0.95 / 0.05), abs=1e-6)
    assert board.unbounded[0].direction == "below"


def test_a_model_above_only_through_another_still_has_a_bound(written: Callable[..., Path]) -> None:
    rows = [*CORE, *[("star", "x", "model_a")] * 20, *[("king", "star", "model_a")] * 20]
    board = leaderboards.fit(written(rows))
    directions = {u.model: u.direction for u in board.unbounded}
    assert directions == {"star": "above", "king": "above"}
    each = 0.05 ** (1 / 40)
    assert board["king"].lower == pytest.approx(board["x"].rating + 2 * 400 * numpy.log10(each / (1 - each)), abs=1e-3)
    assert board["king"].upper is None


def test_a_model_that_only_lost_to_an_undefeated_one_is_to_the_side(written: Callable[..., Path]) -> None:
    board = leaderboards.fit(written([*CORE, ("star", "x", "model_a"), ("star", "odd", "model_a")]))
    assert {u.model: u.direction for u in board.unbounded} == {"odd": "aside", "star": "above"}
    assert (board["odd"].lower, board["odd"].upper) == (None, None)


def test_a_tie_bounds_a_model_and_dropping_ties_does_not(written: Callable[..., Path]) -> None:
    path = written([*CORE, ("star", "x", "model_a"), ("star", "x", "tie")])
    assert leaderboards.fit(path)["star"].rating is not None
    assert leaderboards.fit(path, ties="drop")["star"].rating is None


def test_after_the_first_vote_the_board_exists_and_claims_nothing(written: Callable[..., Path]) -> None:
    board = leaderboards.fit(written([("x", "y", "model_a")]))
    assert board.votes == 1
    assert [(entry.model, entry.rating, entry.votes) for entry in board.entries] == [("x", None, 1), ("y", None, 1)]
    assert [(u.model, u.direction) for u in board.unbounded] == [("x", "above"), ("y", "below")]


def test_an_anchor_without_a_rating_is_refused(written: Callable[..., Path]) -> None:
    path = written([*CORE, ("star", "x", "model_a")])
    with pytest.raises(leaderboards.InputError, match='"star" has no finite rating'):
        leaderboards.fit(path, anchor="star=1000")
    with pytest.raises(leaderboards.InputError, match='"starr" is not among the models; the nearest is "star"'):
        leaderboards.fit(path, anchor="starr=1000")


def test_an_outsider_above_another_costs_its_bound_nothing(written: Callable[..., Path]) -> None:
    """Of y nothing but one win over the core is left to fit: that x beat it is as likely as can be with x far above."""
    rows = [("c", "d", "model_a"), ("d", "c", "model_a"), ("y", "c", "model_a"), ("x", "y", "model_a")]
    board = leaderboards.fit(written(rows))
    bounds = {outsider.model: outsider.lower for outsider in board.unbounded}
    assert bounds["y"] == pytest.approx(1000 + 400 * math.log10(0.05 / 0.95), abs=1e-3)


def test_a_sparse_board_of_many_outsiders_takes_no_time(simulated: Callable[..., list[dict[str, str]]]) -> None:
    votes = simulated(numpy.linspace(-3, 3, 40), 100, seed=3)
    begin = time.process_time()
    boards = leaderboards.fit_by([{**vote, "category": "all"} for vote in votes], "island")
    assert sum(len(board.unbounded) for board in boards.boards.values()) > 10
    assert time.process_time() - begin < 5
