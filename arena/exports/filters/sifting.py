"""A selection applied: records in, what is left of each out, and every vote that left under the first reason for it.

    a record -> what its battle and votes are asked one by one, then together -> whether enough like it came before

The filters are in `filters`, in the order in which a vote may leave; so a vote with several reasons is counted under
the first, and votes in = votes out + votes left. One record is held at a time. What has to know the whole is given
(raters, in `FilterInputs`) or counted as the records come, which is why their order must be that of the ledger.
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
    """What became of one record."""

    record: BattleRecord | None
    """With the votes that are left, and without thoughts where they are to be stripped; None when there is none."""
    left: tuple[tuple[VoteId, Reason], ...] = ()
    position: int | None = None
    """For the split. None: the first prompt decides."""


class Sieve:
    """A selection at work on one stream of records, in the order of the ledger."""

    def __init__(self, selection: Selection, known: FilterInputs | None = None, seed: int = 0) -> None:
        self.selection = selection
        asked = known or FilterInputs()
        self._seed = seed
        self._clusters = (asked.clusters or ConversationClusters({})) if selection.split_by_cluster else None
        self._stages = (
            *filters.of_record(selection, asked),
            *self._held_out(),
            *filters.of_votes_left(selection),
            *self._duplicates(),
        )
        self._founder: BattleId | None = None
        self.battles = 0
        """Seen so far, like `votes`."""
        self.votes = 0
        self.left_battles: Counter[Reason] = Counter()
        """Battles of which no vote is left, under the reason that took the last one."""
        self.left_votes: Counter[Reason] = Counter()

    @property
    def stages(self) -> tuple[Filter, ...]:
        """Every question, in order."""
        return self._stages

    def sift(self, record: BattleRecord, alike: int = 1) -> Sifted:
        """What the selection leaves of a record, which stands for so many that are alike."""
        self.battles += alike
        self.votes += alike * len(record.votes)
        if self.selection.thinking is Thinking.STRIP:
            record = thinking.without(record)
        if self._clusters is not None:
            self._founder = self._clusters.founder(record.battle)
        elif not self._stages:
            return Sifted(record)
        left: list[tuple[VoteId, Reason]] = []
        for stage in self._stages:
            staying = stage.stays(record)
            if len(staying) == len(record.votes):
                continue
            stayed = {vote.vote_id for vote in staying}
            gone = [vote.vote_id for vote in record.votes if vote.vote_id not in stayed]
            left += [(vote_id, stage.reason) for vote_id in gone]
            self.left_votes[stage.reason] += alike * len(gone)
            if not staying:
                self.left_battles[stage.reason] += alike
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
        """Caps on what is alike; they count what came through every question before them."""
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
    """A record as formats are asked about it: once, or where each vote has rows of its own, once with every vote."""
    if several is not Several.EACH:
        yield record
        return
    for vote in record.votes:
        yield replace(record, votes=(vote,))


def unit(form: Format, several: Several) -> Unit:
    """What a format counts when it is asked that way."""
    return Unit.VOTE if several is Several.EACH else form.unit
