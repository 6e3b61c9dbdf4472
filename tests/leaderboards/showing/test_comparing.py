"""Raw and controlled boards side by side, with latency as one of the covariates."""

import numpy
import pytest

import leaderboards


def _votes() -> list[dict[str, object]]:
    """Two equal models; answers that come sooner win more often, and the quick model's do."""
    chance = numpy.random.default_rng(6)
    votes: list[dict[str, object]] = []
    for _ in range(4_000):
        quick, slow = float(chance.gamma(2, 2)), float(chance.gamma(4, 2))
        lean = (quick - slow) / (quick + slow + 1)
        won = chance.random() < 1 / (1 + numpy.exp(1.5 * lean))
        votes.append(
            {
                "model_a": "quick",
                "model_b": "slow",
                "winner": "model_a" if won else "model_b",
                "latency_a": quick,
                "latency_b": slow,
            }
        )
    return votes


def test_logged_latency_is_a_covariate_and_the_comparison_says_what_moved() -> None:
    votes = leaderboards.read(_votes())
    raw, controlled = leaderboards.fit(votes), leaderboards.fit(votes, controls="latency")
    effect = controlled.details["coefficients"][0]
    assert effect["estimate"] / effect["scale"] == pytest.approx(-1.5, abs=0.25)
    compared = leaderboards.compare(raw, controlled)
    moves = {move.model: move for move in compared.moves}
    assert moves["quick"].rating_before == raw["quick"].rating
    assert moves["quick"].moved == pytest.approx(controlled["quick"].rating - raw["quick"].rating)
    assert moves["quick"].moved < -20
    assert [move.model for move in compared.moves] == [entry.model for entry in controlled.entries]
    assert compared.to_markdown().startswith("| model | raw | controlled for latency | moved | rank |")
    assert compared.to_dicts()[0]["model"] == controlled.entries[0].model


def test_a_model_on_one_board_alone_did_not_move() -> None:
    before = leaderboards.fit([{"model_a": "x", "model_b": "y", "winner": "tie"}])
    after = leaderboards.fit(
        [{"model_a": "x", "model_b": "y", "winner": "tie"}, {"model_a": "z", "model_b": "y", "winner": "tie"}]
    )
    for first, second in ((before, after), (after, before)):
        moves = {move.model: move for move in leaderboards.compare(first, second).moves}
        assert (moves["z"].moved, moves["z"].places) == (None, None)
        assert moves["x"].moved == pytest.approx(0)


def test_boards_on_different_scales_are_not_compared() -> None:
    votes = [{"model_a": "x", "model_b": "y", "winner": "tie"}]
    with pytest.raises(leaderboards.InputError, match="different scales"):
        leaderboards.compare(leaderboards.fit(votes), leaderboards.fit(votes, "win-rate"))


def test_two_boards_that_settings_do_not_tell_apart_are_before_and_after() -> None:
    rows = [{"model_a": a, "model_b": b, "winner": "model_a"} for a, b in ("xy", "yx")]
    compared = leaderboards.compare(leaderboards.fit(rows), leaderboards.fit([*rows, *rows]))
    assert compared.to_markdown().startswith("| model | before | after | moved | rank |")
