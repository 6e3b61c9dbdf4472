"""Whatever looks at a board, and fits it again, holds BLAS to one thread, as the fit itself does."""

from collections.abc import Callable
from typing import Any

import pytest

import leaderboards
from leaderboards.fitting import blas, pair_design
from leaderboards.reading import vote_log
from leaderboards.showing import influence, matrix, robustness, tiers

VOTES = leaderboards.read(
    [
        {"model_a": first, "model_b": second, "winner": winner, "rater": f"r{number}"}
        for number in range(6)
        for first, second in (("aspen", "birch"), ("birch", "cedar"), ("aspen", "cedar"))
        for winner in ("model_a", "model_a", "model_b", "tie")
    ]
)
LOOKS: dict[str, Callable[[leaderboards.Board, vote_log.Votes], Any]] = {
    "fewest": lambda board, _: influence.fewest(board),
    "matrix": lambda board, _: matrix.read(board),
    "diagnose": lambda board, _: matrix.diagnose(board),
    "tie models": lambda _, votes: matrix.tie_models(votes),
    "robustness": robustness.read,
    "tiers": lambda board, _: tiers.read(board),
    "inverse": lambda board, _: board.fit and board.fit.inverse,
    "design": lambda board, _: pair_design.design(board),
}


@pytest.mark.parametrize("look", LOOKS)
def test_a_look_at_a_board_takes_one_thread(look: str, monkeypatch: pytest.MonkeyPatch) -> None:
    board = leaderboards.fit(VOTES, interval="none")  # so that the inverse is not there yet
    threads = [8]
    monkeypatch.setattr(blas, "_controls", lambda: ((lambda: threads[-1], threads.append),))
    LOOKS[look](board, VOTES)
    assert len(threads) > 1
    assert set(threads[1::2]) == {1}
    assert set(threads[::2]) == {8}, "what was set before comes back"
