"""Votes that are numbers already give the board of the same votes as text."""

from typing import Any

import numpy
import pytest

import leaderboards
from leaderboards.reading import coded_votes, outcomes

MODELS = ("delta", "alpha", "nobody", "gamma", "beta")
"""In no order, and one that no vote is about."""
SIDES = numpy.array([0, 1, 3, 4])
WINNERS = ("model_a", "model_b", "tie", "both_bad")
SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"cluster": "rater"},
    {"cluster": ["rater", "prompt"]},
    {"controls": "lean"},
    {"controls": "lean,style", "cluster": "rater", "ties": "drop"},
    {"controls": "style", "cluster": ["rater", "prompt"], "both_bad": "drop"},
    {"cluster": "rater", "ties": "davidson", "both_bad": "separate"},
    {"cluster": "rater", "weights": "pair-frequency"},
    {"controls": "lean", "weights": "pair-frequency"},
)


def both() -> tuple[coded_votes.CodedVotes, list[dict[str, Any]]]:
    """The same votes as numbers and as text."""
    chance = numpy.random.default_rng(6)
    first = chance.integers(4, size=500)
    second = (first + chance.integers(1, 4, size=500)) % 4
    outcome = chance.integers(4, size=500)
    rater, prompt = chance.integers(30, size=500), chance.integers(80, size=500)
    lean, style = chance.normal(size=(2, 500))
    coded = coded_votes.CodedVotes(
        models=MODELS,
        first=SIDES[first],
        second=SIDES[second],
        outcome=outcome,
        clusters={"rater": rater, "prompt": prompt},
        covariates={"lean": lean, "style": style},
    )
    columns = zip(first, second, outcome, rater, prompt, lean, style, strict=True)
    return coded, [
        {
            "model_a": MODELS[SIDES[a]],
            "model_b": MODELS[SIDES[b]],
            "winner": WINNERS[won],
            "rater": f"r{who}",
            "prompt": f"p{what}",
            "lean": float(leaning),
            "style": float(styled),
        }
        for a, b, won, who, what, leaning, styled in columns
    ]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_numbers_and_text_give_one_board(settings: dict[str, Any]) -> None:
    coded, rows = both()
    mine, theirs = leaderboards.fit(coded, **settings), leaderboards.fit(rows, **settings)
    assert mine.to_dict()["input_sha256"] == theirs.to_dict()["input_sha256"]
    for one, other in zip(mine.entries, theirs.entries, strict=True):
        assert (one.model, one.rank_best, one.rank_worst) == (other.model, other.rank_best, other.rank_worst)
        assert [one.rating, one.se] == pytest.approx([other.rating, other.se], rel=1e-10)
    for one_of, other_of in zip(*(board.details.get("coefficients", ()) for board in (mine, theirs)), strict=True):
        assert one_of.pop("name") == other_of.pop("name")
        assert one_of == pytest.approx(other_of, rel=1e-9)


def test_the_winners_of_this_test_are_those_of_the_library() -> None:
    assert [outcomes.SPELLINGS[winner] for winner in WINNERS] == [0, 1, 2, 3]


def test_many_models_are_counted_like_few(monkeypatch: pytest.MonkeyPatch) -> None:
    coded, _ = both()
    few = coded.counted()
    monkeypatch.setattr(coded_votes, "_CELLS", 1)
    assert coded.counted().sha256() == few.sha256()
    assert few.models == ("alpha", "beta", "delta", "gamma")


def test_some_of_the_models_alone_take_their_votes_along() -> None:
    coded, rows = both()
    some = leaderboards.read(coded).only(["alpha", "beta", "gamma"])
    kept = [row for row in rows if "delta" not in (row["model_a"], row["model_b"])]
    mine, theirs = leaderboards.fit(some, cluster="rater"), leaderboards.fit(kept, cluster="rater")
    assert [one.se for one in mine.entries] == pytest.approx([one.se for one in theirs.entries], rel=1e-10)
