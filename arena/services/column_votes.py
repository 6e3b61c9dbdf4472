"""The votes of a cut as places in the columns that are kept in memory, without an object or a row a vote."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy
from numpy.typing import NDArray

import leaderboards
from arena.domain.cut import Cut
from arena.domain.ids import RaterId
from arena.domain.standing import HeldFor
from arena.domain.vote import Counting
from arena.services.board_settings import COLUMNS, BoardSettings
from arena.services.cut_votes import NAME, NO_VALUE
from arena.store.board_votes import RATER
from arena.store.vote_columns import UNTIMED, CodedColumn, VoteColumns
from leaderboards import boards
from leaderboards.reading import coded_votes, outcomes, sides

DAY = 86_400_000_000
"""Microseconds."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ColumnVotes:
    """Some of the votes of `columns`."""

    columns: VoteColumns
    places: NDArray[Any]
    """Theirs, in order."""
    asked: BoardSettings
    named: Callable[[RaterId], str]
    """The name of a rater that answers show."""

    @property
    def number(self) -> int:
        """How many."""
        return len(self.places)

    def counted(self, counting: Counting) -> "ColumnVotes":
        """Those that are fitted."""
        return self if counting is Counting.ALL else self._where(self._codes("held_for") < 0)

    def why(self) -> "dict[HeldFor, ColumnVotes]":
        """Those that are held, by reason."""
        held = self._codes("held_for")
        reasons = enumerate(self.columns.texts["held_for"].values)
        found = {HeldFor(reason): self._where(held == place) for place, reason in reasons}
        return {reason: votes for reason, votes in found.items() if votes.number}

    def votes(self) -> leaderboards.Votes | None:
        """As a fit takes them; None where there are none."""
        return self.named_votes(NAME) if self.number else None

    def by(self, asked: BoardSettings) -> "ColumnParts":
        """Those of each value of the column or window that a board is made by."""
        codes, labels = self._values(str(asked.by))
        order = numpy.argsort(codes, kind="stable")
        ends = numpy.searchsorted(codes[order], numpy.arange(-1, len(labels) + 1))
        parts = {
            label: self.places[order[ends[place] : ends[place + 1]]]
            for place, label in enumerate([NO_VALUE, *labels])
            if ends[place] < ends[place + 1]
        }
        return ColumnParts(whole=self, by=str(asked.by), places=parts)

    def _where(self, kept: NDArray[Any]) -> "ColumnVotes":
        return replace(self, places=self.places[kept])

    def _codes(self, name: str) -> NDArray[Any]:
        codes: NDArray[Any] = self.columns.texts[name].codes[self.places]
        return codes

    def _values(self, by: str) -> tuple[NDArray[Any], list[str]]:
        """The place of each vote's value, -1 for none, and the values."""
        if by not in COLUMNS:
            return _windows(self.columns.cast_at[self.places], by)
        values = self.columns.texts[by].values
        return self._codes(by), [self.named(RaterId(value)) for value in values] if by == RATER else list(values)

    def _coded(self) -> coded_votes.CodedVotes:
        """The votes as numbers, with what this board's fit takes of them."""
        texts = self.columns.texts
        names, (first, second) = _models(texts["model_a"], texts["model_b"])
        winners = numpy.array([outcomes.SPELLINGS[value] for value in texts["winner"].values])
        return coded_votes.CodedVotes(
            models=names,
            first=first[self._codes("model_a")],
            second=second[self._codes("model_b")],
            outcome=winners[self._codes("winner")],
            clusters={RATER: self._codes(RATER).astype(numpy.int64)} if self.asked.clustered else {},
            covariates={name: self._covariate(name) for name in self.asked.controls},
        )

    def named_votes(self, name: str) -> leaderboards.Votes:
        """As a fit takes them, under a name for its refusals."""
        return leaderboards.read(self._coded(), name)

    def _covariate(self, name: str) -> NDArray[Any]:
        a, b = self.columns.measured[name].take(self.places, axis=1).astype(float)
        covariate: NDArray[Any] = (a - b) / (a + b + 1)
        return covariate


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ColumnParts(Mapping[str, leaderboards.Votes]):
    """The votes of each value, counted when they are asked for: a board of one rater needs no other's."""

    whole: ColumnVotes
    by: str
    places: Mapping[str, NDArray[Any]]

    def __getitem__(self, value: str) -> leaderboards.Votes:
        """The votes of a value."""
        part = replace(self.whole, places=self.places[value])
        return part.named_votes(f"{NAME} ({self.by} {value})")

    def __contains__(self, value: object) -> bool:
        """Whether a vote has it."""
        return value in self.places

    def __iter__(self) -> Iterator[str]:
        """The values."""
        return iter(self.places)

    def __len__(self) -> int:
        """How many values there are."""
        return len(self.places)


def of_cut(
    columns: VoteColumns, cut: Cut, asked: BoardSettings, upto: int, named: Callable[[RaterId], str]
) -> ColumnVotes:
    """The votes of a cut up to this line of the ledger; with controls, those whose answers were measured."""
    kept = columns.lines <= upto
    for name in ("campaign", "language", "category"):
        value = getattr(cut, name)
        if value is not None:
            kept &= columns.texts[name].codes == columns.texts[name].place(value)
    if cut.since is not None:
        kept &= columns.cast_at >= _microseconds(cut.since)
    if cut.until is not None:
        kept &= (columns.cast_at < _microseconds(cut.until)) & (columns.cast_at != UNTIMED)
    for name in asked.controls:
        kept &= numpy.isfinite(columns.measured[name]).all(axis=0)
    return ColumnVotes(columns=columns, places=numpy.flatnonzero(kept), asked=asked, named=named)


def fits(columns: VoteColumns) -> bool:
    """Whether every vote has two models by the spelling that counts in a fit, which refuses others in a sentence."""
    known = {*columns.texts["model_a"].values, *columns.texts["model_b"].values}
    return len({sides.plain(name) for name in known}) == len(known) and all(map(sides.plain, known))


def _models(one: CodedColumn, other: CodedColumn) -> tuple[tuple[str, ...], tuple[NDArray[Any], NDArray[Any]]]:
    """The models of both sides together, and the place there of each side's values."""
    sets = [[sides.plain(value) for value in column.values] for column in (one, other)]
    number = {name: place for place, name in enumerate(dict.fromkeys([*sets[0], *sets[1]]))}
    first, second = (numpy.array([number[name] for name in names], dtype=numpy.int64) for names in sets)
    return tuple(number), (first, second)


def _windows(cast_at: NDArray[Any], window: str) -> tuple[NDArray[Any], list[str]]:
    """The place of each time's window of time, -1 for a time nobody knows, and how the windows are written."""
    known = cast_at != UNTIMED
    days, place = numpy.unique(numpy.floor_divide(cast_at[known], DAY), return_inverse=True)
    written = [_written(EPOCH + timedelta(days=int(day)), window) for day in days]
    labels = sorted(set(written))
    number = {label: code for code, label in enumerate(labels)}
    codes = numpy.full(len(cast_at), -1, dtype=numpy.int64)
    codes[known] = numpy.array([number[label] for label in written], dtype=numpy.int64)[place]
    return codes, labels


def _written(day: datetime, window: str) -> str:
    if window == "quarter":
        return f"{day.year}-Q{(day.month + 2) // 3}"
    return day.strftime(boards.WINDOWS[window])


def _microseconds(moment: datetime) -> int:
    return (moment.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)
