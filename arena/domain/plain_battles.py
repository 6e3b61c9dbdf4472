"""Battles with one vote on a first prompt in words, as columns: a million of them make no million records.

Those of one group differ in nothing that filters look at but texts, raters, models and times, and in nothing that rows
may carry but these and ids. So one record stands for all of a group wherever none of these is looked at.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from arena.domain import ledger, parts, vote_tree
from arena.domain.battle import BattleRecord, Response
from arena.domain.ids import BattleId, ModelName, RaterId, VoteId


class PlainBattle(NamedTuple):
    """A battle, its vote, and what the ledger says of that."""

    battle_id: BattleId
    vote_id: VoteId
    rater_id: RaterId
    """Who voted."""
    model_a: ModelName
    model_b: ModelName
    prompt: str
    """Not blank, as both answers are not; and those are different."""
    text_a: str
    text_b: str
    sequence: int
    """Of the vote's line in the ledger."""
    commitment: str
    """As that line has it, in the second version."""
    salt: str
    kept: str
    """What is kept of the vote's tree."""
    group: BattleId
    """The battle that stands for all of its group."""

    def record(self, first: BattleRecord) -> BattleRecord:
        """As a record, with all else from the battle that stands for its group."""
        (vote,) = first.votes
        return replace(
            first,
            battle=replace(
                first.battle,
                battle_id=self.battle_id,
                content=parts.of_text(self.prompt),
                model_a=self.model_a,
                model_b=self.model_b,
            ),
            response_a=_saying(self.text_a, first.response_a),
            response_b=_saying(self.text_b, first.response_b),
            votes=(replace(vote, vote_id=self.vote_id, battle_id=self.battle_id, rater_id=self.rater_id),),
        )

    def spelt(self, name: str, first: BattleRecord) -> bytes:
        """A field of the vote as its commitment spells it: an id, a text, or what is the same in all of the group."""
        record = self.record(first)
        return vote_tree.told(name, record.votes[0], record)

    @property
    def opener(self) -> ledger.Opener:
        """What opens the commitment to the vote."""
        return ledger.Opener(self.salt, ledger.VERSION, self.kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainBattles:
    """Plain battles one after the other, in the ledger order of their votes."""

    columns: Sequence[Sequence[Any]]
    """A list for each field of `PlainBattle`."""
    firsts: Mapping[BattleId, BattleRecord]
    """The battles that stand for groups."""

    def __len__(self) -> int:
        return len(self.columns[0])

    def __iter__(self) -> Iterator[PlainBattle]:
        return map(PlainBattle, *self.columns)

    @property
    def battle_ids(self) -> Sequence[BattleId]:
        return self.columns[0]

    @property
    def groups(self) -> Sequence[BattleId]:
        """The group of each."""
        return self.columns[-1]

    def column(self, name: str) -> Sequence[Any]:
        """A field of all of them."""
        return self.columns[PlainBattle._fields.index(name)]

    def at(self, place: int) -> PlainBattle:
        """The one at a place, from 0."""
        return PlainBattle(*[column[place] for column in self.columns])

    def among(self, chosen: Sequence[bool]) -> "PlainBattles":
        """Those at whose place there is true."""
        return replace(self, columns=[list(itertools.compress(column, chosen)) for column in self.columns])

    def cut(self, start: int, end: int) -> "PlainBattles":
        """Those from one place to another, the latter not included."""
        return replace(self, columns=[column[start:end] for column in self.columns])


def _saying(text: str, answer: Response | None) -> Response | None:
    return None if answer is None else replace(answer, text=text)
