"""Applies a selection to records: says what is left of each, and why each vote that left did.

    record -> filters on single votes -> filters on the votes left together -> caps on duplicates -> what is left

The filters come in a fixed order (`filters`), and a vote is counted under the first filter that takes it out. So votes
in = votes left + votes taken out. Only one record is held at a time. What depends on the whole workspace is passed in
(`FilterInputs`) or counted while records come, which is why records must come in the order of the ledger.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from arena.domain.battle import BattleRecord
from arena.domain.ids import BattleId, VoteId
from arena.domain.selection import Selection, Several, Thinking
from arena.exports import split
from arena.exports.filters import duplicates, filters, thinking
from arena.exports.filters.conversation_clusters import ConversationClusters
from arena.exports.filters.filters import Filter, FilterInputs
from arena.exports.format import Format, Reason, Unit


class Sifted(NamedTuple):
    """What a selection left of one record."""

    record: BattleRecord | None
    """With the votes that are left, and without thoughts where the selection strips them. None: no vote is left."""
    left: tuple[tuple[VoteId, Reason], ...] = ()
    position: int | None = None
    """Position for the split. None: the first prompt decides."""


class Sieve:
    """A selection at work on one stream of records, which must come in the order of the ledger."""

    def __init__(self, selection: Selection, inputs: FilterInputs | None = None, seed: int = 0) -> None:
        self.selection = selection
        known = inputs or FilterInputs()
        self._seed = seed
        self._clusters = (known.clusters or ConversationClusters({})) if selection.split_by_cluster else None
        self._filters = (
            *filters.of_record(selection, known),
            *self._held_out(),
            *filters.of_votes_left(selection),
            *self._duplicates(),
        )
        self._founder: BattleId | None = None
        self.battles = 0
        """How many came so far; the same for `votes`."""
        self.votes = 0
        self.left_battles: Counter[Reason] = Counter()
        """Battles with no vote left, by the reason that took out the last vote."""
        self.left_votes: Counter[Reason] = Counter()

    @property
    def filters(self) -> tuple[Filter, ...]:
        """Every filter, in order."""
        return self._filters

    def sift(self, record: BattleRecord, battles: int = 1) -> Sifted:
        """What the selection leaves of a record, which stands for a group of so many battles."""
        self.battles += battles
        self.votes += battles * len(record.votes)
        if self.selection.thinking is Thinking.STRIP:
            record = thinking.without(record)
        if self._clusters is not None:
            self._founder = self._clusters.founder(record.battle)
        elif not self._filters:
            return Sifted(record)
        left: list[tuple[VoteId, Reason]] = []
        for filter_ in self._filters:
            staying = filter_.stays(record)
            if len(staying) == len(record.votes):
                continue
            stayed = {vote.vote_id for vote in staying}
            gone = [vote.vote_id for vote in record.votes if vote.vote_id not in stayed]
            left += [(vote_id, filter_.reason) for vote_id in gone]
            self.left_votes[filter_.reason] += battles * len(gone)
            if not staying:
                self.left_battles[filter_.reason] += battles
                return Sifted(record=None, left=tuple(left))
            record = replace(record, votes=staying)
        place = None if self._founder is None else split.place_of(self._founder, self._seed)
        return Sifted(record=record, left=tuple(left), position=place)

    def _held_out(self) -> tuple[Filter, ...]:
        share = self.selection.held_out_share
        if share <= 0:
            return ()

        def released(record: BattleRecord) -> bool:
            own = split.held_out_place(split.first_prompt(record.battle))
            of_cluster = own if self._founder is None else split.held_out_place(self._founder)
            return not split.held_out(min(own, of_cluster), share)

        return (Filter(key="held_out_share", reason=Reason.HELD_OUT, stays=filters.battle(released)),)

    def _duplicates(self) -> tuple[Filter, ...]:
        """Caps on duplicates. They count the records that every filter before them let through."""
        found = []
        exact, near = self.selection.exact_duplicates, self.selection.near_duplicates
        if exact is not None:
            repeats = duplicates.Repeats()

            def rare(record: BattleRecord) -> bool:
                return repeats.count(duplicates.whole_prompt(record)) <= exact

            found.append(Filter(key="exact_duplicates", reason=Reason.EXACT_DUPLICATE, stays=filters.battle(rare)))
        if near is not None:
            near_repeats = duplicates.NearRepeats()

            def unlike(record: BattleRecord) -> bool:
                return near_repeats.count(record.battle) <= near

            found.append(Filter(key="near_duplicates", reason=Reason.NEAR_DUPLICATE, stays=filters.battle(unlike)))
        return tuple(found)


def judged(record: BattleRecord, several: Several) -> Iterator[BattleRecord]:
    """The records to give to a format: this one, or one for each vote where every vote has rows of its own."""
    if several is not Several.EACH:
        yield record
        return
    for vote in record.votes:
        yield replace(record, votes=(vote,))


def unit(form: Format, several: Several) -> Unit:
    """What a format counts: votes where every vote has rows of its own, otherwise its own unit."""
    return Unit.VOTE if several is Several.EACH else form.unit
