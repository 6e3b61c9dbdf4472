"""Exact ratings and their errors, against references and a second solver."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest

import leaderboards
from leaderboards.fitting import curvature


@pytest.mark.parametrize("log", ["llmfao", "pandalm"])
def test_real_votes_agree_with_the_reference(shared: Path, log: str) -> None:
    board = leaderboards.fit(shared / f"{log}_votes.jsonl.gz")
    with (shared / f"ref_{log}.csv").open(encoding="utf-8") as stream:
        reference = {row["model"]: row for row in csv.DictReader(stream)}
    assert {entry.model for entry in board.entries} == set(reference)
    for entry in board.entries:
        assert entry.rating == pytest.approx(float(reference[entry.model]["newton_mle"]), abs=1e-6)
        assert entry.se == pytest.approx(float(reference[entry.model]["newton_sandwich_se"]), rel=1e-3)


@pytest.mark.parametrize(("models", "votes"), [(20, 4_000), (200, 20_000)])
def test_a_second_solver_finds_the_same_ratings(
    simulated: Callable[..., list[dict[str, str]]],
    second_solver: Callable[[list[dict[str, str]]], dict[str, float]],
    models: int,
    votes: int,
) -> None:
    rows = simulated(numpy.linspace(-2, 2, models), votes, seed=models)
    board = leaderboards.fit(rows)
    expected = second_solver(rows)
    assert max(abs(entry.rating - expected[entry.model]) for entry in board.rated) < 1e-6


def test_two_models_have_the_textbook_rating(written: Callable[..., Path]) -> None:
    rows = [("x", "y", "model_a")] * 3 + [("x", "y", "model_b")]
    board = leaderboards.fit(written(rows))
    gap = 400 * numpy.log10(3)
    assert board["x"].rating == pytest.approx(1000 + gap / 2)
    assert board["y"].rating == pytest.approx(1000 - gap / 2)
    logit_variance = 1 / (4 * 0.75 * 0.25)
    assert board["x"].se == pytest.approx(400 / numpy.log(10) * numpy.sqrt(logit_variance) / 2)


def test_an_anchor_moves_the_zero_and_measures_errors_from_there(written: Callable[..., Path]) -> None:
    path = written([("x", "y", "model_a")] * 3 + [("x", "y", "model_b")])
    plain = leaderboards.fit(path)
    board = leaderboards.fit(path, anchor="y=1200")
    assert board["y"].rating == 1200
    assert board["y"].se == 0
    assert board["x"].rating - 1200 == pytest.approx(plain["x"].rating - plain["y"].rating)
    assert board["x"].se == pytest.approx(2 * plain["x"].se)
    assert board.to_dict()["scale"] == {
        "base": 10,
        "factor": 400,
        "mean": None,
        "anchor": {"model": "y", "rating": 1200},
    }


def test_rater_clustering_widens_the_median_error_of_real_votes(shared: Path) -> None:
    plain = leaderboards.fit(shared / "llmfao_votes.jsonl.gz")
    clustered = leaderboards.fit(shared / "llmfao_votes.jsonl.gz", cluster="rater")
    ratios = [clustered[entry.model].se / entry.se for entry in plain.entries]
    assert numpy.median(ratios) == pytest.approx(1.11, abs=0.01)


def test_counts_repeat_votes_and_weights_enter_the_error_squared(written: Callable[..., Path]) -> None:
    rows = [("x", "y", "model_a")] * 6 + [("x", "y", "model_b")] * 2
    plain = leaderboards.fit(written(rows))
    counted = leaderboards.fit(
        written([("x", "y", "model_a", 6), ("x", "y", "model_b", 2)], "model_a,model_b,winner,count", "counted.csv")
    )
    weighted = leaderboards.fit(written([(*row, 2.0) for row in rows], "model_a,model_b,winner,weight", "weighted.csv"))
    assert counted["x"].se == pytest.approx(plain["x"].se)
    assert counted.votes == plain.votes == weighted.votes == 8
    assert weighted["x"].rating == pytest.approx(plain["x"].rating)
    assert weighted["x"].se == pytest.approx(plain["x"].se)


def test_clustering_counts_per_pair_is_refused(written: Callable[..., Path]) -> None:
    path = written([("x", "y", 3, 1)], "model_a,model_b,win_a,win_b")
    with pytest.raises(leaderboards.InputError, match="clustering needs votes"):
        leaderboards.fit(path, cluster="rater")


@pytest.mark.slow
def test_a_thousand_models_agree_with_a_second_solver_in_ratings_and_errors(
    simulated: Callable[..., list[dict[str, str]]],
    second_solver: Callable[[list[dict[str, str]]], dict[str, float]],
) -> None:
    rows = simulated(numpy.linspace(-2, 2, 1_000), 60_000, seed=3)
    board = leaderboards.fit(rows)
    assert len(board.rated) >= curvature.MANY
    expected = second_solver(rows)
    names = [entry.model for entry in board.entries]
    assert max(abs(entry.rating - expected[entry.model]) for entry in board.rated) < 1e-6
    errors = _errors_vote_by_vote(rows, expected, names)
    assert [entry.se for entry in board.entries] == pytest.approx(errors.tolist(), rel=1e-3)


def _errors_vote_by_vote(rows: list[dict[str, str]], ratings: dict[str, float], names: list[str]) -> numpy.ndarray:
    """Sandwich errors by the definition: a pseudo-inverse, and the outer product of every vote's score."""
    place = {name: index for index, name in enumerate(names)}
    points = 400 / numpy.log(10)
    hessian, meat = numpy.zeros((2, len(names), len(names)))
    for vote in rows:
        a, b = place[vote["model_a"]], place[vote["model_b"]]
        chance = 1 / (1 + 10 ** ((ratings[vote["model_b"]] - ratings[vote["model_a"]]) / 400))
        surprise = {"model_a": 1.0, "model_b": 0.0, "tie": 0.5}[vote["winner"]] - chance
        for matrix, value in ((hessian, chance * (1 - chance)), (meat, surprise**2)):
            matrix[a, a] += value
            matrix[b, b] += value
            matrix[a, b] -= value
            matrix[b, a] -= value
    inverse = numpy.linalg.pinv(hessian, hermitian=True)
    errors: numpy.ndarray = points * numpy.sqrt(numpy.diag(inverse @ meat @ inverse))
    return errors
