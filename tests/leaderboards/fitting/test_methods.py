"""The other methods: online Elo keeps order, win rates are shares, Crowd-BT finds who cannot be trusted."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy
import pyarrow
import pytest

import leaderboards
from leaderboards.fitting import crowd as crowds


def test_elo_follows_the_votes_in_order(written: Callable[..., Path]) -> None:
    board = leaderboards.fit(written([("x", "y", "model_a"), ("x", "y", "tie")]), "elo", k=32)
    first = 16.0
    second = 32 * (0.5 - 1 / (1 + 10 ** (-2 * first / 400)))
    assert board["x"].rating == pytest.approx(1000 + first + second)
    assert board["x"].se is None
    assert board.interval.kind == "none"


def test_elo_orders_by_time_where_there_is_one(written: Callable[..., Path]) -> None:
    rows = [("x", "y", "model_a", "2026-01-02"), ("x", "z", "model_b", "2026-01-01"), ("y", "z", "tie", "2026-01-03")]
    in_time = leaderboards.fit(written(rows, "model_a,model_b,winner,tstamp"), "elo", k=100)
    by_rows = leaderboards.fit(written([row[:3] for row in rows], name="plain.csv"), "elo", k=100)
    sorted_rows = [row[:3] for row in sorted(rows, key=lambda row: row[3])]
    expected = leaderboards.fit(written(sorted_rows, name="sorted.csv"), "elo", k=100)
    assert [e.rating for e in in_time.entries] == [e.rating for e in expected.entries]
    assert [e.rating for e in in_time.entries] != [e.rating for e in by_rows.entries]


def test_elo_averaged_over_orders_comes_near_bradley_terry(simulated: Callable[..., list[dict[str, str]]]) -> None:
    votes = leaderboards.read(simulated(numpy.array([-1.0, 0.0, 1.0]), 6_000, seed=1, ties=0.0))
    exact = leaderboards.fit(votes)
    averaged = leaderboards.fit(votes, "elo", orders=20, k=8, seed=3)
    for entry in exact.entries:
        assert averaged[entry.model].rating == pytest.approx(entry.rating, abs=12)


def test_a_win_rate_averages_over_opponents_not_votes(written: Callable[..., Path]) -> None:
    rows = [("x", "y", "model_a")] * 9 + [("x", "z", "model_b"), ("y", "z", "tie")]
    board = leaderboards.fit(written(rows), "win-rate")
    assert board["x"].rating == pytest.approx(0.5)
    assert board["z"].rating == pytest.approx(0.75)
    document = board.to_dict()
    assert (document["scale"]["base"], document["scale"]["mean"]) == (None, None)
    assert 0 < board["x"].se < 0.5


@pytest.mark.slow
def test_win_rate_errors_cover(simulated: Callable[..., list[dict[str, str]]]) -> None:
    strengths = numpy.array([-0.8, -0.2, 0.3, 0.7])
    chance = 1 / (1 + numpy.exp(strengths[None, :] - strengths[:, None]))
    truth = 0.1 + 0.8 * (chance.sum(axis=1) - 0.5) / 3
    covered = [
        entry.lower <= truth[int(entry.model[1:])] <= entry.upper
        for seed in range(150)
        for entry in leaderboards.fit(simulated(strengths, 1_500, seed=seed, ties=0.2), "win-rate").entries
    ]
    assert numpy.mean(covered) > 0.93


@pytest.fixture(scope="module")
def crowd() -> pyarrow.Table:
    """Forty raters; every fourth one answers at random, one always says the opposite."""
    chance = numpy.random.default_rng(9)
    size, votes = 8, 16_000
    strengths = numpy.linspace(-1.5, 1.5, size)
    first = chance.integers(size, size=votes)
    second = (first + chance.integers(1, size, size=votes)) % size
    rater = chance.integers(40, size=votes)
    reliability = numpy.where(rater == 0, 0.02, numpy.where(rater % 4 == 1, 0.5, 0.97))
    won = chance.random(votes) < 1 / (1 + numpy.exp(strengths[second] - strengths[first]))
    won = numpy.where(chance.random(votes) < reliability, won, ~won)
    return pyarrow.table(
        {
            "model_a": [f"m{model}" for model in first],
            "model_b": [f"m{model}" for model in second],
            "winner": numpy.where(won, "model_a", "model_b"),
            "rater": [f"r{number}" for number in rater],
        }
    )


def test_crowd_bt_finds_the_raters_and_undoes_their_harm(crowd: pyarrow.Table) -> None:
    plain = leaderboards.fit(crowd)
    board = leaderboards.fit(crowd, "crowd-bt")
    assert min(board.raters, key=lambda rater: board.raters[rater]) == "r0"
    assert board.raters["r0"] < 0.2
    guessing = [value for rater, value in board.raters.items() if int(rater[1:]) % 4 == 1]
    honest = [value for rater, value in board.raters.items() if int(rater[1:]) % 4 in (2, 3)]
    assert max(guessing) < min(honest)
    truth = 1000 + 400 / numpy.log(10) * numpy.linspace(-1.5, 1.5, 8)
    error = {
        name: max(abs(fitted[f"m{model}"].rating - truth[model]) for model in range(8))
        for name, fitted in (("plain", plain), ("crowd", board))
    }
    assert error["crowd"] < 0.4 * error["plain"]
    assert all(entry.se > 0 for entry in board.entries)


def test_rounding_along_the_constant_refuses_no_crowd(
    simulated: Callable[..., list[dict[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    votes = simulated(numpy.linspace(-1.5, 1.5, 20), 3_000, seed=1)
    for place, vote in enumerate(votes):
        vote["rater"] = f"r{place % 40}"
    given: list[Any] = []
    covariance = crowds._covariance
    monkeypatch.setattr(crowds, "_covariance", lambda *votes: (given.append(votes), covariance(*votes))[1])
    leaderboards.fit(votes, "crowd-bt")
    pairs, table, strengths, reliability = given[0]
    chance = numpy.random.default_rng(1)
    for _ in range(1_000):  # a few of a thousand were refused before the constant was filled in
        weights = table.mass * chance.uniform(0.5, 1.5, len(table.mass))
        found = covariance(pairs, replace(table, mass=weights), strengths, reliability)
        assert found.diagonal().max() < 1


def test_no_document_names_a_rater(crowd: pyarrow.Table) -> None:
    board = leaderboards.fit(crowd, "crowd-bt")
    assert "r17" in board.raters
    for text in (board.to_json(), board.to_csv(), board.to_markdown(), repr(board)):
        assert "r17" not in text


def test_both_bad_votes_can_be_a_signal_of_their_own(written: Callable[..., Path]) -> None:
    rows = (
        [("x", "y", "model_a")] * 6 + [("x", "y", "model_b")] * 3 + [("x", "z", "both_bad")] * 9 + [("x", "z", "tie")]
    )
    boards = {setting: leaderboards.fit(written(rows), both_bad=setting) for setting in ("tie", "drop", "separate")}
    assert boards["drop"]["z"].se == boards["separate"]["z"].se
    rates = {row["model"]: row for row in boards["separate"].to_dict()["both_bad_rates"]}
    assert rates["z"]["rate"] == 0.9
    assert rates["z"]["lower"] == pytest.approx(0.596, abs=1e-3)
    assert rates["z"]["upper"] == pytest.approx(0.982, abs=1e-3)
    assert rates["y"]["rate"] == rates["y"]["lower"] == 0
    assert "both_bad_rates" not in boards["tie"].to_dict()
    assert boards["tie"]["z"].both_bad == 9
    alone = leaderboards.fit(leaderboards.read(written(rows)).only(["z"]), both_bad="separate")
    assert alone.details["both_bad_rates"] == []


def test_every_method_refuses_islands(written: Callable[..., Path]) -> None:
    path = written([("v", "w", "tie", "r"), ("x", "y", "tie", "r")], "model_a,model_b,winner,rater")
    for method in leaderboards.METHODS:
        with pytest.raises(leaderboards.IslandsError):
            leaderboards.fit(path, method)


def test_davidson_and_rao_kupper_recover_known_parameters() -> None:
    strengths = numpy.linspace(-1, 1, 6)
    tables: dict[str, list[dict[str, object]]] = {"davidson": [], "rao-kupper": []}
    for a in range(6):
        for b in range(a + 1, 6):
            gap = strengths[a] - strengths[b]
            weights = numpy.array([numpy.exp(gap / 2), numpy.exp(-gap / 2), 0.8])
            davidson = weights / weights.sum()
            win, loss = 1 / (1 + 1.5 * numpy.exp(-gap)), 1 / (1 + 1.5 * numpy.exp(gap))
            for name, share in (("davidson", davidson), ("rao-kupper", [win, loss, 1 - win - loss])):
                cells = [round(1e9 * value) for value in share]
                tables[name].append(
                    {"model_a": f"m{a}", "model_b": f"m{b}", "win_a": cells[0], "win_b": cells[1], "tie": cells[2]}
                )
    for name, parameter in (("davidson", 0.8), ("rao-kupper", 1.5)):
        board = leaderboards.fit(tables[name], ties=name)
        assert board.tie_parameter == pytest.approx(parameter, rel=1e-6)
        for model in range(6):
            assert board[f"m{model}"].rating == pytest.approx(1000 + 400 / numpy.log(10) * strengths[model], abs=1e-4)
