"""The bootstrap agrees with the sandwich, repeats by seed, and leaves open what votes leave open."""

from collections.abc import Callable
from pathlib import Path

import numpy
import pytest

import leaderboards


@pytest.mark.parametrize(("ties", "replicates"), [("half", 1000), ("davidson", 120)])
def test_errors_agree_with_the_sandwich(
    simulated: Callable[..., list[dict[str, str]]], ties: str, replicates: int
) -> None:
    rows = leaderboards.read(simulated(numpy.linspace(-1, 1, 8), 4_000, seed=2))
    sandwich = leaderboards.fit(rows, ties=ties)
    bootstrap = leaderboards.fit(rows, ties=ties, interval="bootstrap", replicates=replicates)
    ratios = [bootstrap[entry.model].se / entry.se for entry in sandwich.entries]
    assert numpy.median(ratios) == pytest.approx(1, abs=0.08)
    for entry in bootstrap.entries:
        assert entry.lower < entry.rating < entry.upper


@pytest.mark.slow
def test_replicates_are_what_refitting_resampled_votes_gives(simulated: Callable[..., list[dict[str, str]]]) -> None:
    votes = simulated(numpy.linspace(-1, 1, 5), 600, seed=4)
    chance = numpy.random.default_rng(0)
    by_rows = []
    for _ in range(150):
        board = leaderboards.fit([votes[k] for k in chance.integers(len(votes), size=len(votes))], interval="none")
        by_rows.append([board[f"m{model:04d}"].rating for model in range(5)])
    board = leaderboards.fit(votes, interval="bootstrap")
    ours = [board[f"m{model:04d}"].se for model in range(5)]
    assert ours == pytest.approx(numpy.std(by_rows, axis=0), rel=0.2)


def test_the_same_seed_gives_the_same_board_and_another_a_near_one(shared: Path) -> None:
    log = leaderboards.read(shared / "pandalm_votes.jsonl.gz")
    first, again = (leaderboards.fit(log, interval="bootstrap", replicates=200, seed=7).to_json() for _ in range(2))
    assert first == again
    assert first != leaderboards.fit(log, interval="bootstrap", replicates=200, seed=8).to_json()


def test_resampling_raters_widens_real_intervals(shared: Path) -> None:
    log = leaderboards.read(shared / "llmfao_votes.jsonl.gz")
    plain = leaderboards.fit(log, interval="bootstrap", replicates=400)
    clustered = leaderboards.fit(log, interval="bootstrap", replicates=400, cluster="rater")
    ratios = [clustered[entry.model].se / entry.se for entry in plain.rated if entry.se]
    assert numpy.median(ratios) == pytest.approx(1.11, abs=0.06)


def test_weights_count_in_the_bootstrap(written: Callable[..., Path]) -> None:
    rows = [("x", "y", "model_a")] * 60 + [("x", "y", "model_b")] * 40
    plain = leaderboards.fit(written(rows), interval="bootstrap")
    weighted = leaderboards.fit(
        written([(*row, 3.0) for row in rows], "model_a,model_b,winner,weight", "weighted.csv"), interval="bootstrap"
    )
    assert weighted["x"].se == pytest.approx(plain["x"].se, rel=0.1)


@pytest.mark.slow
def test_a_model_that_often_loses_its_only_loss_has_an_open_interval(written: Callable[..., Path]) -> None:
    core = [("x", "y", "model_a"), ("x", "y", "model_b")] * 20
    board = leaderboards.fit(
        written([*core, *[("star", "x", "model_a")] * 9, ("star", "x", "model_b")]), interval="bootstrap"
    )
    assert board["star"].rating is not None
    assert board["star"].upper is None
    assert board["star"].lower is not None
