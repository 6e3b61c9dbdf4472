"""Leaderboards from pairwise votes: exact ratings, honest intervals, and what the votes do not decide.

    votes = leaderboards.read("votes.parquet")
    board = leaderboards.fit(votes)
    print(board.to_markdown())

Needs numpy, scipy, duckdb and pyarrow, and knows nothing of the arena. Modules `import scipy` and name its parts where
they use them: scipy imports each at its first use, so that nothing waits for parts it does not need.
"""

from leaderboards import boards, errors, progress
from leaderboards.board import Board, Entry, Interval, Scale, Unbounded
from leaderboards.boards import Boards, fit_by, part_of, parts_by
from leaderboards.errors import InputError, IslandsError, UnknownModel
from leaderboards.fitting import pair_design
from leaderboards.fitting.fit import METHODS, fit, islands
from leaderboards.fitting.running import Running
from leaderboards.reading.vote_log import Votes, read
from leaderboards.showing import influence, matrix, plots, robustness, tiers
from leaderboards.showing.comparing import Comparison, compare
from leaderboards.version import __version__

__all__ = [
    "METHODS",
    "Board",
    "Boards",
    "Comparison",
    "Entry",
    "InputError",
    "Interval",
    "IslandsError",
    "Running",
    "Scale",
    "Unbounded",
    "UnknownModel",
    "Votes",
    "__version__",
    "boards",
    "compare",
    "errors",
    "fit",
    "fit_by",
    "influence",
    "islands",
    "matrix",
    "pair_design",
    "part_of",
    "parts_by",
    "plots",
    "progress",
    "read",
    "robustness",
    "tiers",
]
