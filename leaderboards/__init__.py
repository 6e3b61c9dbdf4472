"""Leaderboards from pairwise votes: exact ratings, honest intervals, and what the votes do not decide.

    votes = leaderboards.read("votes.parquet")
    board = leaderboards.fit(votes)
    print(board.to_markdown())

Needs numpy, scipy, duckdb and pyarrow, and knows nothing of the arena. Modules `import scipy` and name its parts where
they use them: scipy imports each at its first use, so that nothing waits for parts it does not need.
"""

from leaderboards import influence, information, matrix, plots, progress, standing
from leaderboards.board import Board, Entry, Interval, Scale, Unbounded
from leaderboards.boards import Boards, fit_by
from leaderboards.comparing import Comparison, compare
from leaderboards.errors import InputError, IslandsError, UnknownModel
from leaderboards.fitting import METHODS, fit, islands
from leaderboards.reading import Votes, read
from leaderboards.running import Running
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
    "compare",
    "fit",
    "fit_by",
    "influence",
    "information",
    "islands",
    "matrix",
    "plots",
    "progress",
    "read",
    "standing",
]
