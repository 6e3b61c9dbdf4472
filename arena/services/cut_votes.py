"""The votes of a cut as a table: those that are fitted, those that are held, and the votes of each value."""

from collections.abc import Mapping
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

    def by(self, asked: BoardSettings) -> dict[str, leaderboards.Votes]:
        """Those of each value of the column or window that a board is made by."""
        votes = self.votes()
        if votes is None:
            return {}
        try:
            return leaderboards.parts_by(votes, str(asked.by), **asked.fit)
        except leaderboards.InputError:  # no vote has a value: a time that nobody knows, a prompt without a language
            return {NO_VALUE: votes}
