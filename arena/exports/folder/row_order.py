"""The order of rows in a file: the rows of a unit one after the other, or far apart.

KTO compares each row with the answer of another row of its batch: trainers rotate the answers of a batch by one, in the
order of the file, and TRL shuffles nothing (KTOTrainer 1.16 refuses any sampling but the sequential one). If both rows
of a battle were in one batch, an answer to the same prompt could be taken for an answer to another one. So the rows of
a block of battles are written in rounds, one row of each battle a round, and rounds alternate between desirable and
not:

    c1 r2 c3 r4 ... r1 c2 r3 c4 ...    c is the chosen answer of a battle, r the rejected one

Two rows of a battle stand as many rows apart as the block has battles; memory holds two blocks.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from arena.domain.ids import BattleId, RaterId, VoteId
from arena.exports.folder.opening import Opening
from arena.exports.folder.tables import TableWriter

BLOCK = 512
"""Battles in a block: more rows than a device takes at once."""


class VoteBehind(NamedTuple):
    """A vote behind rows."""

    vote_id: VoteId
    battle_id: BattleId
    rater_id: RaterId
    line: int | None
    """Its line in the ledger. None, like the commitment, where there is no ledger."""
    commitment: str | None
    opening: Opening | None
    """What is opened of it."""


class UnitRows(NamedTuple):
    """What a format made of a battle or a vote, with the votes behind it."""

    lines: Sequence[bytes]
    """The rows, as JSON."""
    votes: Sequence[VoteBehind]


class RowPlace(NamedTuple):
    """Where the rows of a unit are in the file."""

    row: int
    """The number of the first row, from 0."""
    step: int
    """The distance from one row of the unit to the next."""


class Placing:
    """Puts the rows of units in order and writes them to one part of a release."""

    def __init__(self, table: TableWriter, apart: bool, placed: Callable[[UnitRows, RowPlace], None]) -> None:
        """`placed` is called for each unit, in the order given, once its rows are written."""
        self._table = table
        self._apart = apart
        self._placed = placed
        self._held: list[UnitRows] = []

    def add(self, unit: UnitRows) -> None:
        """Write a unit, or hold it until its block is full."""
        if not self._apart:
            row = self._table.rows
            for line in unit.lines:
                self._table.add(line)
            self._placed(unit, RowPlace(row=row, step=1))
            return
        self._held.append(unit)
        if len(self._held) == 2 * BLOCK:  # so that the last block is not a small one, unless it is the only one
            self._deal(BLOCK)

    def finish(self) -> None:
        """Write the units that are still held."""
        self._deal(len(self._held))

    def _deal(self, count: int) -> None:
        block, self._held = self._held[:count], self._held[count:]
        first = self._table.rows
        for turn in range(max((len(unit.lines) for unit in block), default=0)):
            for place, unit in enumerate(block):
                self._table.add(unit.lines[(place + turn) % len(unit.lines)])
        for place, unit in enumerate(block):
            self._placed(unit, RowPlace(row=first + place, step=count))
