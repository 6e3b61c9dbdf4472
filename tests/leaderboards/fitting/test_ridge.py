"""A ridge shrinks only when asked, by the penalty it states, and the board says so."""

from collections.abc import Callable
from pathlib import Path

import numpy
import pytest
from scipy import optimize

import leaderboards

POINTS = 400 / numpy.log(10)
ROWS = [("x", "y", "model_a")] * 3 + [("y", "z", "model_b"), ("z", "x", "tie"), ("star", "x", "model_a")]


def test_no_ridge_is_the_default_and_stands_in_no_document(written: Callable[..., Path]) -> None:
    plain, explicit = (leaderboards.fit(written(ROWS), **given) for given in ({}, {"ridge": 0}))
    assert plain.to_json() == explicit.to_json()
    assert "ridge" not in plain.to_dict()
    assert plain["star"].rating is None


def test_with_a_ridge_everybody_connected_has_a_finite_rating(written: Callable[..., Path]) -> None:
    board = leaderboards.fit(written(ROWS), ridge=0.5)
    assert board.unbounded == ()
    assert board.entries[0].model == "star"
    assert all(entry.rating is not None and entry.se > 0 for entry in board.entries)
    assert numpy.mean([entry.rating for entry in board.entries]) == pytest.approx(1000)
    assert board.to_dict()["ridge"] == 0.5
    assert "shrunk by ridge 0.5" in board.to_markdown()


def test_it_is_the_maximum_of_the_penalised_likelihood(written: Callable[..., Path]) -> None:
    names, ridge = ("star", "x", "y", "z"), 0.7

    def height(strengths: numpy.ndarray) -> float:
        place = dict(zip(names, strengths, strict=True))
        value = ridge / 2 * float(strengths @ strengths)
        for a, b, winner in ROWS:
            won = {"model_a": 1.0, "model_b": 0.0, "tie": 0.5}[winner]
            value += won * numpy.logaddexp(0, place[b] - place[a])
            value += (1 - won) * numpy.logaddexp(0, place[a] - place[b])
        return value

    best = optimize.minimize(height, numpy.zeros(4), method="BFGS", options={"gtol": 1e-10}).x
    board = leaderboards.fit(written(ROWS), ridge=ridge)
    for name, strength in zip(names, best, strict=True):
        assert board[name].rating == pytest.approx(1000 + POINTS * strength, abs=1e-3)


def test_a_vanishing_ridge_changes_nothing(simulated: Callable[..., list[dict[str, str]]]) -> None:
    votes = leaderboards.read(simulated(numpy.linspace(-1, 1, 6), 3_000, seed=1))
    for given in ({}, {"ties": "davidson"}, {"interval": "bootstrap", "replicates": 20}):
        for old, new in zip(
            leaderboards.fit(votes, **given).entries, leaderboards.fit(votes, ridge=1e-7, **given).entries, strict=True
        ):
            assert (old.model, old.rating) == (new.model, pytest.approx(new.rating, abs=1e-4))
            assert (old.se, old.lower) == (pytest.approx(new.se, abs=1e-3), pytest.approx(new.lower, abs=1e-3))


def test_a_ridge_shrinks_strengths_and_not_the_coefficients_of_covariates(written: Callable[..., Path]) -> None:
    chance = numpy.random.default_rng(1)
    lean = chance.normal(size=2_000)
    won = chance.random(2_000) < 1 / (1 + numpy.exp(-lean - 0.5))
    rows = [("x", "y", "model_a" if w else "model_b", value) for w, value in zip(won, lean, strict=True)]
    votes = leaderboards.read(written(rows, "model_a,model_b,winner,lean"))
    plain, shrunk = (leaderboards.fit(votes, controls="lean", ridge=ridge) for ridge in (0, 1e6))
    assert plain["x"].rating - plain["y"].rating > 60
    assert shrunk["x"].rating - shrunk["y"].rating < 1
    assert shrunk.details["coefficients"][0]["estimate"] > 0.9 * plain.details["coefficients"][0]["estimate"]


def test_a_running_board_keeps_its_ridge(written: Callable[..., Path]) -> None:
    running = leaderboards.Running(ridge=0.5)
    for row in ROWS:
        running.add(*row)
    expected = leaderboards.fit(written(ROWS), ridge=0.5)
    assert [e.rating for e in running.fit().entries] == [pytest.approx(e.rating) for e in expected.entries]


def test_islands_are_refused_with_a_ridge_too(written: Callable[..., Path]) -> None:
    with pytest.raises(leaderboards.IslandsError):
        leaderboards.fit(written([*ROWS, ("u", "v", "tie")]), ridge=1)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [({"ridge": -1}, "ridge is -1; it must be 0 or more"), ({"ridge": 1, "method": "elo"}, "ridge shrinks Bradley")],
)
def test_a_ridge_that_means_nothing_is_refused(written: Callable[..., Path], given: dict, sentence: str) -> None:
    with pytest.raises(leaderboards.InputError) as refusal:
        leaderboards.fit(written(ROWS), **given)
    assert str(refusal.value).startswith(sentence)
