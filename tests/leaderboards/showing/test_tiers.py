"""What a board allows to be said: tiers, votes that would settle an order, votes that hold it."""

from collections.abc import Callable
from pathlib import Path

import numpy
import pytest

import leaderboards


def test_a_tier_ends_where_everybody_is_told_apart(shared: Path) -> None:
    found = leaderboards.tiers.read(leaderboards.fit(shared / "pandalm_votes.jsonl.gz"))
    assert found.tiers == (("llama-7b",), ("pythia-6.9b", "bloom-7b"), ("opt-7b",), ("cerebras-gpt-6.7B",))
    assert [gap.told_apart for gap in found.neighbours] == [True, False, True, True]
    assert [gap.votes_needed == 0 for gap in found.neighbours] == [True, False, True, True]


def test_the_votes_needed_do_settle_the_order(written: Callable[..., Path]) -> None:
    rows = [("x", "y", "model_a")] * 55 + [("x", "y", "model_b")] * 45
    gap = leaderboards.tiers.read(leaderboards.fit(written(rows))).neighbours[0]
    assert not gap.told_apart
    times = 1 + gap.votes_needed / 100
    for factor, settled in ((0.98, False), (1.02, True)):
        counted = [("x", "y", round(5500 * factor * times), round(4500 * factor * times))]
        path = written([(*row[:2], row[2] // 100, row[3] // 100) for row in counted], "model_a,model_b,win_a,win_b")
        board = leaderboards.fit(path)
        assert leaderboards.tiers.read(board).neighbours[0].told_apart is settled


def test_without_intervals_nothing_is_told_apart(shared: Path) -> None:
    found = leaderboards.tiers.read(leaderboards.fit(shared / "pandalm_votes.jsonl.gz", interval="none"))
    assert len(found.tiers) == 1
    assert not found.told_apart.any()


def test_the_fewest_votes_do_change_the_order_and_fewer_of_them_do_not(written: Callable[..., Path]) -> None:
    rows = [("x", "y", "model_a")] * 55 + [("x", "y", "model_b")] * 45
    flip = leaderboards.influence.fewest(leaderboards.fit(written(rows)))[0]
    assert (flip.higher, flip.lower, flip.votes) == ("x", "y", 11)
    assert flip.share == pytest.approx(0.11)


def test_no_single_vote_is_enough_where_the_method_says_more(simulated: Callable[..., list[dict[str, str]]]) -> None:
    votes = simulated(numpy.array([0.0, 0.25, 0.5]), 300, seed=11)
    flips = leaderboards.influence.fewest(leaderboards.fit(votes))
    for flip in flips:
        assert flip.votes is not None
        for left_out in range(0, len(votes), 7):
            board = leaderboards.fit(votes[:left_out] + votes[left_out + 1 :], interval="none")
            if flip.votes > 1:
                assert board[flip.higher].rating > board[flip.lower].rating


def test_a_board_that_cannot_be_refitted_says_so(simulated: Callable[..., list[dict[str, str]]]) -> None:
    board = leaderboards.fit(simulated(numpy.zeros(3), 100, seed=1), "elo")
    with pytest.raises(leaderboards.InputError, match="Only Bradley-Terry boards"):
        leaderboards.influence.fewest(board)
