"""Style covariates: the published effects of real votes, and what must not change them."""

from collections.abc import Callable
from pathlib import Path

import numpy
import pyarrow
import pytest

import leaderboards

CONTROLS = "length,headers,lists,bold"


def _coefficients(board: leaderboards.Board) -> dict[str, float]:
    return {control["name"]: control["estimate"] for control in board.details["coefficients"]}


@pytest.fixture(scope="module")
def table() -> pyarrow.Table:
    """Votes whose outcome leans on a covariate by half a logit per standard deviation."""
    chance = numpy.random.default_rng(3)
    size, votes = 6, 12_000
    strengths = numpy.linspace(-1, 1, size)
    first = chance.integers(size, size=votes)
    second = (first + chance.integers(1, size, size=votes)) % size
    lean = chance.normal(scale=0.3, size=votes)
    won = chance.random(votes) < 1 / (1 + numpy.exp(strengths[second] - strengths[first] - 0.5 * lean / 0.3))
    return pyarrow.table(
        {
            "model_a": [f"m{model}" for model in first],
            "model_b": [f"m{model}" for model in second],
            "winner": numpy.where(won, "model_a", "model_b"),
            "lean": lean,
            "rater": [f"r{k % 40}" for k in range(votes)],
        }
    )


def test_real_votes_have_the_known_effects_of_style(shared: Path) -> None:
    board = leaderboards.fit(shared / "llmfao_votes.jsonl.gz", controls=CONTROLS)
    found = _coefficients(board)
    assert found["length"] == pytest.approx(0.161, abs=5e-4)
    assert found["headers"] == pytest.approx(-0.236, abs=5e-4)
    by_column = leaderboards.fit(shared / "llmfao_style_features.csv", controls="len,header,list,bold")
    assert list(_coefficients(by_column).values()) == pytest.approx(list(found.values()), abs=1e-6)


def test_a_known_effect_is_recovered_and_its_interval_holds_it(table: pyarrow.Table) -> None:
    control = leaderboards.fit(table, controls="lean").details["coefficients"][0]
    assert control["estimate"] == pytest.approx(0.5, abs=0.08)
    assert control["lower"] < 0.5 < control["upper"]
    assert control["scale"] == pytest.approx(0.3, rel=0.02)


def test_swapping_the_sides_of_some_votes_changes_nothing(table: pyarrow.Table) -> None:
    swap = numpy.arange(table.num_rows) % 3 == 0
    a, b = (numpy.array(table[side].to_pylist()) for side in ("model_a", "model_b"))
    winner = numpy.array(table["winner"].to_pylist())
    swapped = pyarrow.table(
        {
            "model_a": numpy.where(swap, b, a),
            "model_b": numpy.where(swap, a, b),
            "winner": numpy.where(swap, numpy.where(winner == "model_a", "model_b", "model_a"), winner),
            "lean": numpy.where(swap, -1, 1) * table["lean"].to_numpy(),
            "rater": table["rater"],
        }
    )
    for settings in ({}, {"cluster": "rater"}):
        before = leaderboards.fit(table, controls="lean", **settings)
        after = leaderboards.fit(swapped, controls="lean", **settings)
        for old, new in zip(before.entries, after.entries, strict=True):
            assert (old.model, old.rating, old.se) == (new.model, pytest.approx(new.rating), pytest.approx(new.se))
        assert _coefficients(before) == pytest.approx(_coefficients(after))


def test_the_scale_of_a_covariate_changes_nothing_but_its_scale(table: pyarrow.Table) -> None:
    doubled = table.set_column(3, "lean", pyarrow.array(table["lean"].to_numpy() * 1000))
    before, after = (leaderboards.fit(votes, controls="lean") for votes in (table, doubled))
    assert _coefficients(before) == pytest.approx(_coefficients(after))


def test_a_covariate_without_effect_leaves_ratings_as_they_are(table: pyarrow.Table) -> None:
    noise = table.set_column(3, "lean", pyarrow.array(numpy.random.default_rng(1).normal(size=table.num_rows)))
    plain = leaderboards.fit(noise)
    controlled = leaderboards.fit(noise, controls="lean")
    for entry in plain.entries:
        assert controlled[entry.model].rating == pytest.approx(entry.rating, abs=1)
        assert controlled[entry.model].se == pytest.approx(entry.se, rel=0.02)


def test_clusters_widen_controlled_intervals_like_plain_ones(shared: Path) -> None:
    log = leaderboards.read(shared / "llmfao_style_features.csv")
    plain = leaderboards.fit(log, controls="len")
    clustered = leaderboards.fit(log, controls="len", cluster="rater")
    assert numpy.median([clustered[e.model].se / e.se for e in plain.entries]) == pytest.approx(1.11, abs=0.02)


@pytest.mark.parametrize(
    ("controls", "sentence"),
    [
        ("height", "votes.csv has no column height, and no height_a and height_b, to control for"),
        ("length", "votes.csv has no conversation_a and conversation_b to count length in"),
        ("bold_share", "row 2 of votes.csv: the covariate bold_share is missing or no number."),
        ("one,zero", "The covariate zero is 0 on every vote"),
        ("one,two", "The covariate two says the same as others"),
    ],
)
def test_a_control_that_cannot_be_used_is_refused(written: Callable[..., Path], controls: str, sentence: str) -> None:
    rows = [("x", "y", "model_a", 1, 0, 1, 2), ("y", "x", "model_a", "?", 0, 2, 4), ("x", "y", "tie", 1, 0, 1, 2)]
    path = written(rows, "model_a,model_b,winner,bold_share,zero,one,two")
    with pytest.raises(leaderboards.InputError) as refusal:
        leaderboards.fit(path, controls=controls)
    assert str(refusal.value).startswith(sentence)


def test_a_covariate_that_the_models_give_away_is_named() -> None:
    """The same figure for every vote of a model: its strength has that in it, and no two logs could part them."""
    chance = numpy.random.default_rng(1)
    price = dict(zip("abcde", chance.random(5), strict=True))
    rows = []
    for _ in range(400):
        one, other = chance.choice(list("abcde"), 2, replace=False).tolist()
        measured = {"lean": chance.normal(), "price": price[one] - price[other], "side": 1.0}
        rows.append({"model_a": one, "model_b": other, "winner": chance.choice(["model_a", "model_b"]), **measured})
    with pytest.raises(leaderboards.InputError, match="The covariate price says the same as others or as the models"):
        leaderboards.fit(rows, controls="lean,price")
    side = leaderboards.fit(rows, controls="lean,side").details["coefficients"][1]  # the control: what side a is worth
    assert side["se"] == pytest.approx(0.1, rel=0.1)


def test_counts_per_pair_cannot_be_controlled(written: Callable[..., Path]) -> None:
    path = written([("x", "y", 3, 1)], "model_a,model_b,win_a,win_b")
    with pytest.raises(leaderboards.InputError, match="controls needs votes"):
        leaderboards.fit(path, controls="length")
