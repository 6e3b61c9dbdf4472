"""Exact ratings and their errors, against references and a second solver."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest

import leaderboards


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
