"""The votes of a cut as a table: those that are fitted, those that are held, and the votes of each value."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, Self

import pyarrow
from pyarrow import compute

import leaderboards
from arena.domain.standing import HeldFor
from arena.domain.vote import Counting
from arena.services.board_settings import BoardSettings

NAME = "the votes so far"
NO_VALUE = "(none)"
"""What boards call votes without a value."""


class CutVotes(Protocol):
    """The votes of a cut, however they are kept."""

    @property
    def number(self) -> int:
        """How many."""

    def counted(self, counting: Counting) -> Self:
        """Those that are fitted."""

    def why(self) -> Mapping[HeldFor, Self]:
        """Those that are held, by reason."""

    def votes(self) -> leaderboards.Votes | None:
        """As a fit takes them; None where there are none."""

    def by(self, asked: BoardSettings) -> Mapping[str, leaderboards.Votes]:
        """Those of each value of the column or window, but not of each island, that a board is made by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableVotes:
    """Votes as `board_votes.table` has them."""

    rows: pyarrow.Table

    @property
    def number(self) -> int:
        """How many."""
        return int(compute.sum(self.rows["count"]).as_py() or 0) if self._together else self.rows.num_rows

    @property
    def _together(self) -> bool:
        return "count" in self.rows.column_names

    def counted(self, counting: Counting) -> "TableVotes":
        """Those that are fitted."""
        held = compute.is_valid(self.rows["held_for"])
        kept = self.rows if counting is Counting.ALL else self.rows.filter(compute.invert(held))
        return TableVotes(rows=kept.drop_columns("held_for"))

    def why(self) -> "dict[HeldFor, TableVotes]":
        """Those that are held, by reason."""
        reasons = compute.unique(self.rows["held_for"]).drop_null().to_pylist()
        return {
            HeldFor(reason): TableVotes(
                rows=self.rows.filter(compute.equal(self.rows["held_for"], reason)).drop_columns("held_for")
            )
            for reason in reasons
        }

    def votes(self) -> leaderboards.Votes | None:
        """As a fit takes them; None where there are none."""
        return leaderboards.read(self.rows, NAME) if self.rows.num_rows else None

    def by(self, asked: BoardSettings) -> Mapping[str, leaderboards.Votes]:
        """Those of each value of the column or window that a board is made by."""
        by = str(asked.by)
        if by in self.rows.column_names:
            known = compute.unique(self.rows[by]).to_pylist()
            return TableParts(rows=self.rows, by=by, stored={NO_VALUE if one is None else one: one for one in known})
        votes = self.votes()
        if votes is None:
            return {}
        try:
            return leaderboards.parts_by(votes, by, **asked.fit)
        except leaderboards.InputError:  # of no vote the time is known
            return {NO_VALUE: votes}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TableParts(Mapping[str, leaderboards.Votes]):
    """The votes of each value of a column, read when they are asked for: often one is, of very many."""

    rows: pyarrow.Table
    by: str
    stored: Mapping[str, str | None]

    def __getitem__(self, value: str) -> leaderboards.Votes:
        """The votes of a value."""
        known, column = self.stored[value], self.rows[self.by]
        here = compute.is_null(column) if known is None else compute.equal(column, known)
        return leaderboards.read(self.rows.filter(here).drop_columns(self.by), f"{NAME} ({self.by} {value})")

    def __contains__(self, value: object) -> bool:
        """Whether a vote has it."""
        return value in self.stored

    def __iter__(self) -> Iterator[str]:
        """The values."""
        return iter(self.stored)

    def __len__(self) -> int:
        """How many values there are."""
        return len(self.stored)
