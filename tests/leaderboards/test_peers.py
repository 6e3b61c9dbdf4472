"""What other rating libraries get wrong: each test names the peer and the fact, and holds ours to the right one.

The defects were read in the peers' code or seen when they ran; none of them is imported here.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy
import pytest

import leaderboards

CORE = [("x", "y", "model_a"), ("x", "y", "model_b"), ("y", "z", "model_a"), ("y", "z", "model_b"), ("z", "x", "tie")]
Simulate = Callable[..., list[dict[str, str]]]
Write = Callable[..., Path]


@pytest.mark.parametrize("outcome", ["Model_B", "banana", "TIE", "model_a ", ""])
def test_an_unknown_outcome_is_refused_by_row(written: Write, outcome: str) -> None:
    """arena-rank turns every spelling it does not know into a tie; AutoArena stores the vote "banana"."""
    with pytest.raises(leaderboards.InputError, match=r"row 6 of votes\.csv: winner is"):
        leaderboards.fit(written([*CORE, ("x", "y", outcome)]))


def test_an_undefeated_model_has_a_bound_and_no_error_of_zero(written: Write) -> None:
    """arena-rank gives an undefeated model a rating where its climb stopped and a standard error of 0."""
    board = leaderboards.fit(written([*CORE, ("star", "x", "model_a"), ("star", "y", "model_a")]))
    star = board["star"]
    assert (star.rating, star.se, star.upper) == (None, None, None)
    assert star.lower is not None
    assert all(entry.se > 0 for entry in board.rated)


def test_an_undefeated_model_changes_nobody_elses_rating(written: Write) -> None:
    """evalica gives no usable rating to anybody once one model has won all its votes."""
    without = leaderboards.fit(written(CORE, name="core.csv"))
    board = leaderboards.fit(written([*CORE, *[("star", "x", "model_a")] * 50, ("y", "dud", "model_a")]))
    assert {entry.model: entry.rating for entry in board.rated} == {
        entry.model: pytest.approx(entry.rating, abs=1e-9) for entry in without.rated
    }
    assert {outsider.model: outsider.direction for outsider in board.unbounded} == {"star": "above", "dud": "below"}


def test_boards_that_never_met_are_not_ranked_together(written: Write) -> None:
    """FastChat, arena-rank and evalica put groups without a common vote on one scale that no vote supports."""
    path = written([*CORE, ("u", "v", "model_a"), ("u", "v", "model_b")])
    with pytest.raises(leaderboards.IslandsError) as refusal:
        leaderboards.fit(path)
    assert refusal.value.groups == (("x", "y", "z"), ("u", "v"))
    boards = leaderboards.fit_by(path, "island").boards
    assert [len(board.rated) for board in boards.values()] == [3, 2]
    joined = written([*CORE, ("u", "v", "model_a"), ("u", "v", "model_b"), ("u", "x", "tie")], name="joined.csv")
    assert len(leaderboards.fit(joined).rated) == 5


def test_style_effects_are_not_shrunk(written: Write) -> None:
    """arena-rank divides style effects by 8.6 on real votes: a penalty that is on unless one finds it."""
    chance = numpy.random.default_rng(8)
    lean = chance.normal(size=6_000)
    won = chance.random(6_000) < 1 / (1 + numpy.exp(-0.8 * lean))
    rows = [("x", "y") if k % 2 else ("y", "z") if k % 4 else ("z", "x") for k in range(len(lean))]
    path = written(
        [
            (*pair, "model_a" if w else "model_b", f"{value:.6f}")
            for pair, w, value in zip(rows, won, lean, strict=True)
        ],
        "model_a,model_b,winner,lean",
    )
    effect = leaderboards.fit(path, controls="lean").details["coefficients"][0]
    assert effect["estimate"] / effect["scale"] == pytest.approx(0.8, abs=0.08)


def test_style_can_be_taken_out_of_a_board() -> None:
    """arenakit has no style control, so a model that merely writes more stands above one that is as good."""
    chance = numpy.random.default_rng(12)
    votes = []
    for _ in range(3_000):
        wordy, terse = int(chance.integers(200, 400)), int(chance.integers(50, 150))
        won = chance.random() < 0.5 + 0.4 * (wordy - terse) / (wordy + terse)
        winner = "model_a" if won else "model_b"
        votes.append({"model_a": "wordy", "model_b": "terse", "winner": winner, "length_a": wordy, "length_b": terse})
        same = {
            "model_a": "wordy",
            "model_b": "wordy too",
            "length_a": wordy,
            "length_b": int(chance.integers(50, 400)),
        }
        won = chance.random() < 0.5 + 0.4 * (same["length_a"] - same["length_b"]) / (wordy + same["length_b"])
        votes.append({**same, "winner": "model_a" if won else "model_b"})
    raw, controlled = leaderboards.fit(votes), leaderboards.fit(votes, controls="length")
    leads = [board["wordy"].rating - board["terse"].rating for board in (raw, controlled)]
    assert leads[0] > 100
    assert abs(leads[1]) < 0.4 * leads[0]
    assert controlled.details["coefficients"][0]["lower"] > 0


def test_a_tie_is_an_outcome_of_its_own(written: Write) -> None:
    """feedloop and Potato's arena know no ties: a rater who sees no difference has to invent one."""
    rows = [("x", "y", "tie")] * 30 + [("x", "y", "model_a")] * 5 + [("x", "y", "model_b")] * 5
    board = leaderboards.fit(written([*rows, ("x", "y", "both_bad")]))
    assert (board["x"].wins, board["x"].losses, board["x"].ties, board["x"].both_bad) == (5, 5, 30, 1)
    invented = [("x", "y", ("model_a", "model_b")[k % 2]) for k in range(40)]
    assert board["x"].se < 0.7 * leaderboards.fit(written(invented, name="invented.csv"))["x"].se


def test_one_rater_with_many_votes_widens_the_intervals(written: Write) -> None:
    """No peer's interval knows that ten thousand clicks of ten people are not ten thousand opinions."""
    rows = []
    for rater in range(10):
        favourite = rater % 3
        for k in range(60):
            a, b = k % 3, (k + 1) % 3
            won = "model_a" if a == favourite else "model_b" if b == favourite else ("model_a", "model_b")[k % 2]
            rows.append(("xyz"[a], "xyz"[b], won, f"rater-{rater}"))
    log = leaderboards.read(written(rows, "model_a,model_b,winner,rater"))
    apart, together = leaderboards.fit(log), leaderboards.fit(log, cluster="rater")
    for entry in apart.rated:
        assert together[entry.model].rating == entry.rating
        assert together[entry.model].se > 2 * entry.se


def test_ranks_say_which_order_the_votes_do_not_carry(simulated: Simulate) -> None:
    """evalica and FastChat print places 1, 2, 3 for models whose votes cannot tell them apart."""
    equal = leaderboards.fit(simulated(numpy.zeros(5), 300, seed=2))
    assert sorted(entry.rank for entry in equal.rated) == [1, 2, 3, 4, 5]
    assert {(entry.rank_best, entry.rank_worst) for entry in equal.rated} == {(1, 5)}
    far = leaderboards.fit(simulated(numpy.linspace(-3, 3, 5), 20_000, seed=2))
    assert [(entry.rank_best, entry.rank_worst) for entry in far.rated] == [(k, k) for k in range(1, 6)]


def test_intervals_need_no_bootstrap(simulated: Simulate) -> None:
    """evalica has no interval but the one its user draws by bootstrapping rows; ours come with the fit."""
    log = leaderboards.read(simulated(numpy.linspace(-1, 1, 5), 4_000, seed=3))
    exact = leaderboards.fit(log)
    drawn = leaderboards.fit(log, interval="bootstrap", replicates=2_000, seed=1)
    for entry in exact.rated:
        assert entry.se == pytest.approx(drawn[entry.model].se, rel=0.06)


def test_the_bootstrap_works_on_counts(simulated: Simulate, tmp_path: Path) -> None:
    """arenakit goes back to the votes in every replicate: 10.9 s where counts take 1.3 s."""
    votes = simulated(numpy.linspace(-1, 1, 4), 2_000, seed=4)
    leaderboards.Running(votes).save(tmp_path / "counts.parquet")
    bootstrap = {"interval": "bootstrap", "replicates": 50, "seed": 7}
    from_votes = leaderboards.fit(votes, **bootstrap)
    from_counts = leaderboards.fit(tmp_path / "counts.parquet", **bootstrap)
    assert [(e.lower, e.upper) for e in from_votes.entries] == [(e.lower, e.upper) for e in from_counts.entries]


def test_a_vote_that_is_cast_again_counts_once(written: Write) -> None:
    """AutoArena nudges its stored Elo a second time when a vote is changed; ours is a function of the log alone."""
    changed = [*CORE[:-1], ("z", "x", "model_a")]
    before, after = written(CORE, name="before.csv"), written(changed, name="after.csv")
    for method in ("elo", "bradley-terry"):
        leaderboards.fit(before, method)
        once, again = leaderboards.fit(after, method), leaderboards.fit(after, method)
        assert once.to_json() == again.to_json()
        assert once.votes == len(changed)
    expected = 1000.0
    ratings = dict.fromkeys("xyz", expected)
    for a, b, winner in changed:
        moved = 4 * ((winner == "model_a") - 1 / (1 + 10 ** ((ratings[b] - ratings[a]) / 400)))
        ratings[a], ratings[b] = ratings[a] + moved, ratings[b] - moved
    elo = leaderboards.fit(after, "elo")
    assert {entry.model: entry.rating for entry in elo.entries} == {m: pytest.approx(r) for m, r in ratings.items()}


def test_missing_weights_do_not_become_nan(written: Write) -> None:
    """FastChat's quick start leaves its pair weights empty, and every rating is NaN."""
    plain = leaderboards.fit(written(CORE, name="plain.csv"))
    path = written([(*row, "") for row in CORE], "model_a,model_b,winner,weight")
    board = leaderboards.fit(path)
    assert [(e.model, e.rating, e.se) for e in board.entries] == [(e.model, e.rating, e.se) for e in plain.entries]

    def numbers(value: object) -> Iterator[float]:
        if isinstance(value, dict | list):
            for inner in value.values() if isinstance(value, dict) else value:
                yield from numbers(inner)
        elif isinstance(value, float):
            yield value

    assert all(numpy.isfinite(number) for number in numbers(json.loads(board.to_json())))


def test_no_pinned_array_library_is_needed() -> None:
    """arena-rank runs with one pinned JAX only; ours imports numpy, scipy, duckdb and pyarrow."""
    program = "import leaderboards, sys; print({'jax', 'torch', 'sklearn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
