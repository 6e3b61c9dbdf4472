"""Ratings and their errors against a second way of computing both, which shares no code with the package.

Vote by vote, with a design matrix of one row per vote: SciPy's root finder on the score, and the sandwich written as
its definition says. Ratings agree to 1e-6 Elo and standard errors to 0.1 %.
"""

from collections.abc import Callable

import numpy
import pytest
from scipy import optimize, sparse, special

import leaderboards

POINTS = 400 / numpy.log(10)


def by_definition(votes: list[dict[str, str]]) -> dict[str, tuple[float, float]]:
    """Rating and standard error of each model."""
    names = sorted({vote["model_a"] for vote in votes} | {vote["model_b"] for vote in votes})
    place = {name: index for index, name in enumerate(names)}
    size, number = len(names), len(votes)
    row = numpy.repeat(numpy.arange(number), 2)
    column = numpy.array([place[vote[side]] for vote in votes for side in ("model_a", "model_b")])
    design = sparse.csr_array((numpy.tile([1.0, -1.0], number), (row, column)), shape=(number, size))
    won = numpy.array([{"model_a": 1.0, "model_b": 0.0, "tie": 0.5}[vote["winner"]] for vote in votes])

    def score(logits: numpy.ndarray) -> numpy.ndarray:
        return design.T @ (won - special.expit(design @ logits)) - logits.mean()

    def bend(logits: numpy.ndarray) -> numpy.ndarray:
        chance = special.expit(design @ logits)
        curve: numpy.ndarray = (design.T @ (design * (chance * (1 - chance))[:, None])).toarray()
        return curve

    logits = optimize.root(score, numpy.zeros(size), jac=lambda x: -bend(x) - 1 / size, tol=1e-14).x
    inverse = numpy.linalg.inv(bend(logits) + 1 / size) - 1 / size  # the pseudo-inverse: flat along the constant
    residual = won - special.expit(design @ logits)
    meat = (design.T @ (design * (residual**2)[:, None])).toarray()
    errors = numpy.sqrt(numpy.diag(inverse @ meat @ inverse))
    ratings = 1000 + POINTS * (logits - logits.mean())
    return {name: (ratings[k], POINTS * errors[k]) for k, name in enumerate(names)}


@pytest.mark.parametrize(
    ("models", "votes"), [(20, 4_000), (200, 20_000), pytest.param(1_000, 120_000, marks=pytest.mark.slow)]
)
def test_simulated_logs_agree_with_the_definition(
    simulated: Callable[..., list[dict[str, str]]],
    models: int,
    votes: int,
) -> None:
    log = simulated(numpy.linspace(-2, 2, models), votes, seed=models)
    board = leaderboards.fit(log)
    expected = by_definition(log)
    assert len(board.rated) == models
    rating = max(abs(entry.rating - expected[entry.model][0]) for entry in board.rated)
    error = max(abs(entry.se / expected[entry.model][1] - 1) for entry in board.rated)
    assert rating <= 1e-6
    assert error <= 1e-3


def test_the_comparison_sees_a_rating_that_is_off(simulated: Callable[..., list[dict[str, str]]]) -> None:
    """The control: one vote more moves ratings by far more than a millionth."""
    log = simulated(numpy.linspace(-2, 2, 20), 4_000, seed=20)
    board = leaderboards.fit([*log, log[0]])
    expected = by_definition(log)
    assert max(abs(entry.rating - expected[entry.model][0]) for entry in board.rated) > 1e-3
