"""Items and raters as they are kept in memory (`kept_turns.py`): of a turn that is over, what both still need of it."""

from array import array
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from arena.domain.assignment import Assignment
from arena.domain.battle import Side
from arena.domain.ids import AssignmentId, BattleId, ModelName, RaterId
from arena.domain.vote import Winner

WHOLE_NUMBERS = "q"
"""Of arrays: eight bytes a number, where a list would take forty."""


@dataclass(slots=True, kw_only=True, eq=False)
class KeptItem:
    """An item that was opened, with what became of its turns."""

    number: int
    """Its position among those kept here."""
    campaign: str
    set_name: str
    prompt_id: str
    battle_id: BattleId
    models: frozenset[ModelName]
    gold: bool
    counted: int = 0
    """Votes that count."""
    for_a: int = 0
    """Of those, the ones for its model a."""
    for_b: int = 0
    had: tuple[RaterId, ...] = ()
    """Who voted in an ordinary turn at it, skipped or reported it."""
    tested: tuple[RaterId, ...] = ()
    """The same of turns for the record of raters."""
    open: dict[AssignmentId, Assignment] = field(default_factory=dict)
    """Turns with neither vote nor end, those past their deadline with them."""

    @property
    def disputed(self) -> bool:
        """Whether it has votes for both of its models."""
        return bool(self.for_a and self.for_b)

    def places(self, overlap: int, further: int) -> int:
        """How many it has in a campaign that asks `overlap` raters, and so many `further` ones where it is disputed."""
        return overlap + further if self.disputed else overlap

    def count(self, winner: Winner, votes: int) -> None:
        """Count a vote that is there now (1), or is not any more (-1)."""
        self.counted += votes
        self.for_a += votes * (winner is Winner.MODEL_A)
        self.for_b += votes * (winner is Winner.MODEL_B)

    def taken(self, now: datetime) -> int:
        """Its places that are taken."""
        return self.counted + sum(one.purpose is None and runs(one, now) for one in self.open.values())

    def is_of(self, raters: Collection[RaterId], now: datetime) -> bool:
        """Whether somebody with these ids had it, or has it open: in an ordinary turn, or in any where it is gold."""
        gold = self.gold
        if any(one in raters for one in self.had) or (gold and any(one in raters for one in self.tested)):
            return True
        return any(
            one.rater_id in raters and (gold or one.purpose is None) and runs(one, now) for one in self.open.values()
        )


@dataclass(slots=True, kw_only=True, eq=False)
class KeptRater:
    """What one rater did in one campaign."""

    given_at: "array[int]" = field(default_factory=lambda: array(WHOLE_NUMBERS))
    """When the turns were given in which they voted, in microseconds; in order."""
    had: "dict[str, array[int]]" = field(default_factory=dict)
    """The items, by number, in whose `had` they are, of each set."""
    voted: "array[int]" = field(default_factory=lambda: array(WHOLE_NUMBERS))
    """Their ordinary votes in order, each `packed`."""
    tested: "array[int]" = field(default_factory=lambda: array(WHOLE_NUMBERS))
    """The items, by number, in whose `tested` they are."""
    records: int = 0
    """Turns at gold and repeats that are over."""
    repeated: set[int] = field(default_factory=set)
    """The items, by number, that they were given again."""


def runs(turn: Assignment, now: datetime) -> bool:
    """Whether the deadline of an open turn is to come."""
    return turn.deadline is None or turn.deadline > now


WINNERS = tuple(Winner)
SIDES = (Side.A, Side.B)


def packed(item: int, winner: Winner, shown_first: Side | None) -> int:
    """A vote on an item, by its number, as one number."""
    return (item * len(WINNERS) + WINNERS.index(winner)) * 2 + (shown_first is Side.B)


def unpacked(vote: int) -> tuple[int, Winner, Side]:
    """Item, winner and the side that was shown first."""
    item, winner = divmod(vote >> 1, len(WINNERS))
    return item, WINNERS[winner], SIDES[vote & 1]
