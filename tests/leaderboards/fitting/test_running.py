"""A running board is the board of all votes so far."""

from collections.abc import Callable
from pathlib import Path

import numpy
import pytest

import leaderboards


@pytest.mark.parametrize("ties", ["half", "drop", "davidson"])
def test_votes_one_by_one_give_the_board_of_all(simulated: Callable[..., list[dict[str, str]]], ties: str) -> None:
    votes = simulated(numpy.linspace(-1, 1, 6), 400, seed=5)
    running = leaderboards.Running(votes[:300], ties=ties)
    running.fit()
    for vote in votes[300:]:
        running.add(**vote)
    board, expected = running.fit(), leaderboards.fit(votes, ties=ties)
    assert board.counted.sha256() == expected.counted.sha256()
    for entry in expected.entries:
        ours = board[entry.model]
        assert (ours.rating, ours.se) == (pytest.approx(entry.rating, abs=1e-6), pytest.approx(entry.se, rel=1e-6))
        assert (ours.wins, ours.losses, ours.ties, ours.rank) == (entry.wins, entry.losses, entry.ties, entry.rank)


def test_it_starts_from_nothing_and_takes_new_models(written: Callable[..., Path]) -> None:
    running = leaderboards.Running()
    with pytest.raises(leaderboards.InputError, match="There are no votes yet"):
        running.fit()
    rows = [
        ("x", "y", "model_a"),
        ("y", "x", "model_a"),
        ("z", "x", "tie"),
        ("z", "y", "both_bad"),
        ("w", "z", "model_a"),
    ]
    for number, row in enumerate(rows, 1):
        running.add(*row)
        expected = leaderboards.fit(written(rows[:number]))
        assert running.fit().to_dict()["entries"] == [
            {key: pytest.approx(value) if isinstance(value, float) else value for key, value in entry.items()}
            for entry in expected.to_dict()["entries"]
        ]


def test_a_board_given_out_does_not_change_with_later_votes() -> None:
    running = leaderboards.Running([{"model_a": "x", "model_b": "y", "winner": "tie"}])
    before = running.fit()
    text = before.to_json()
    running.add("x", "y", "model_a", 5)
    running.fit()
    assert before.to_json() == text


def test_it_can_be_stored_and_continued(shared: Path, tmp_path: Path) -> None:
    running = leaderboards.Running(shared / "pandalm_votes.jsonl.gz")
    running.save(tmp_path / "counts.parquet")
    again = leaderboards.Running(tmp_path / "counts.parquet")
    assert again.fit().to_json() == running.fit().to_json() == leaderboards.fit(tmp_path / "counts.parquet").to_json()


@pytest.mark.parametrize(
    ("vote", "sentence"), [(("x", "y", "banana"), 'winner is "banana"'), (("x", "x", "tie"), "itself")]
)
def test_a_vote_that_is_none_is_refused_and_not_counted(vote: tuple[str, str, str], sentence: str) -> None:
    running = leaderboards.Running([{"model_a": "x", "model_b": "y", "winner": "tie"}])
    with pytest.raises(leaderboards.InputError, match=sentence):
        running.add(*vote)
    assert running.fit().votes == 1


def test_islands_are_refused_until_a_vote_joins_them() -> None:
    running = leaderboards.Running()
    running.add("u", "v", "tie")
    running.add("x", "y", "tie")
    with pytest.raises(leaderboards.IslandsError):
        running.fit()
    running.add("v", "x", "tie")
    assert len(running.fit().rated) == 4
