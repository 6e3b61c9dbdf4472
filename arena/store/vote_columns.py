"""The votes that count or are held as columns of numbers, so that a board of some of them needs no scan.

Read once. Later only votes of newer lines of the ledger are added, and all are read again when some left, or came to be
held or let go. What counts and what is held is the business of `holding`, what columns say that of `board_votes`. What
is measured on answers is added when it is first asked for; answers never change.
"""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
import pyarrow
from numpy.typing import NDArray

from arena.domain.ids import BattleId, VoteId
from arena.store import board_votes, holding, ledger_rows, rows, tally
from arena.store.board_votes import LATENCY
from arena.store.connections import Analytical
from leaderboards.reading import sql, style

BYTES_OF_A_VOTE = 48
"""About what it takes without measures, at most."""
TEXTS = {
    "model_a": "vote.model_a",
    "model_b": "vote.model_b",
    "winner": "vote.winner",
    "held_for": "vote.held_for",
    **{name: board_votes.COLUMNS[name] for name in ("rater", "campaign", "language", "category", "field")},
}
"""Columns of text."""
UNTIMED = numpy.iinfo(numpy.int64).min
"""The time of votes whose time nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CodedColumn:
    """Text of each vote by its place among the values; -1 where there is none."""

    codes: NDArray[Any]
    values: tuple[str, ...]

    def place(self, value: str) -> int:
        """Where a value stands; -2 where no vote has it."""
        return self.values.index(value) if value in self.values else -2

    def extended(self, more: "CodedColumn") -> "CodedColumn":
        """With the votes of another after its own."""
        known = {value: place for place, value in enumerate(self.values)}
        places = [known.setdefault(value, len(known)) for value in more.values]
        moved = numpy.array([*places, -1])[more.codes]
        return CodedColumn(codes=numpy.concatenate([self.codes, _small(moved, len(known))]), values=tuple(known))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VoteColumns:
    """One element a vote, in the order of the ledger."""

    sequence: int
    """Of the ledger's last line."""
    lines: NDArray[Any]
    """Each vote's own."""
    cast_at: NDArray[Any]
    """Microseconds since 1970, UTC; or `UNTIMED`."""
    texts: Mapping[str, CodedColumn]
    measured: Mapping[str, NDArray[Any]] = dataclasses.field(default_factory=dict)
    """(2, votes) by name in `MEASURES`: of the answer on side a and on side b; not a number where there is none."""

    @property
    def size(self) -> int:
        """Bytes."""
        arrays = (self.lines, self.cast_at, *(one.codes for one in self.texts.values()), *self.measured.values())
        return sum(array.nbytes for array in arrays)


def read(connection: Analytical, before: VoteColumns | None, measures: Collection[str] = ()) -> VoteColumns:
    """The columns now, with these measures, from those of an earlier moment where there are any."""
    last = ledger_rows.last(connection)
    sequence = last.sequence if last else 0
    if before is None or tally.left(connection, before.sequence):
        found = _rows(connection, sequence)
    elif sequence > before.sequence:
        found = _extended(connection, before, sequence)
    else:
        found = before
    missing = [name for name in measures if name not in found.measured]
    if not missing:
        return found
    more = _measured(connection, missing, found.lines, 0)
    return dataclasses.replace(found, measured={**found.measured, **more})


def _extended(connection: Analytical, before: VoteColumns, sequence: int) -> VoteColumns:
    query = "SELECT vote_id, battle_id FROM votes WHERE sequence > ? AND purpose IS NULL"
    cast = rows.fetched(connection, query, [before.sequence])
    if not cast:
        return dataclasses.replace(before, sequence=sequence)
    new = _rows(connection, sequence, before.sequence, [(VoteId(one[0]), BattleId(one[1])) for one in cast])
    measured = _measured(connection, list(before.measured), new.lines, before.sequence)
    return VoteColumns(
        sequence=sequence,
        lines=numpy.concatenate([before.lines, new.lines]),
        cast_at=numpy.concatenate([before.cast_at, new.cast_at]),
        texts={name: column.extended(new.texts[name]) for name, column in before.texts.items()},
        measured={name: numpy.concatenate([had, measured[name]], axis=1) for name, had in before.measured.items()},
    )


def _rows(
    connection: Analytical, sequence: int, after: int = 0, cast: Sequence[tuple[VoteId, BattleId]] = ()
) -> VoteColumns:
    """All votes, or those of lines after one, given by vote and battle."""
    condition, parameters = tally.among(cast)
    listed = ", ".join(f"{expression} AS {name}" for name, expression in TEXTS.items())
    found = connection.sql(
        f"SELECT votes.sequence, coalesce(epoch_us({board_votes.TIMED}), {UNTIMED}) AS cast_at, {listed} "
        f"FROM ({holding.votes(connection, condition)}) AS vote "
        "JOIN votes ON votes.vote_id = vote.vote_id AND votes.sequence > $after"
        f"{board_votes.joined(board_votes.COLUMNS)}",
        params={**parameters, "after": after},
    ).to_arrow_table()
    lines = sql.array(found["sequence"]).astype(numpy.int64)
    order = numpy.argsort(lines, kind="stable")
    return VoteColumns(
        sequence=sequence,
        lines=lines[order],
        cast_at=sql.array(found["cast_at"]).astype(numpy.int64)[order],
        texts={name: _coded(found[name], order) for name in TEXTS},
    )


def _coded(column: pyarrow.ChunkedArray, order: NDArray[Any]) -> CodedColumn:
    if not len(column):
        return CodedColumn(codes=numpy.zeros(0, dtype=numpy.int8), values=())
    codes, values = sql.encoded(column)
    return CodedColumn(codes=_small(codes, len(values))[order], values=tuple(values))


def _small(codes: NDArray[Any], values: int) -> NDArray[Any]:
    """The same codes in as few bytes as so many values need."""
    return codes.astype(numpy.min_scalar_type(-max(values, 1)))


def _measured(connection: Analytical, names: list[str], lines: NDArray[Any], after: int) -> dict[str, NDArray[Any]]:
    """What is measured on both answers to the votes of these lines, all of which come after one."""
    if not names:
        return {}
    listed = ", ".join(
        "responses.total_seconds AS latency"
        if name == LATENCY
        else f"CAST({style.quantity(name, 'responses.text')} AS FLOAT) AS {name}"  # exact up to 16 million characters
        for name in names
    )
    found = connection.sql(
        f"SELECT votes.sequence, CAST(responses.side = 'b' AS TINYINT) AS side, {listed} FROM votes "
        "JOIN responses ON responses.battle_id = votes.battle_id "
        "WHERE votes.purpose IS NULL AND votes.sequence > $after",
        params={"after": after},
    ).to_arrow_table()
    result = {}
    if len(lines):
        sequence, side = sql.array(found["sequence"]), sql.array(found["side"])
        place = numpy.minimum(numpy.searchsorted(lines, sequence), len(lines) - 1)
        ours = lines[place] == sequence
        place, side = place[ours], side[ours]
    for name in names:
        values = sql.array(found[name])
        result[name] = numpy.full((2, len(lines)), numpy.nan, dtype=values.dtype)
        if len(lines):
            result[name][side, place] = values[ours]
    return result


def without_measures(columns: VoteColumns) -> VoteColumns:
    """The same votes with nothing measured."""
    return dataclasses.replace(columns, measured={})
