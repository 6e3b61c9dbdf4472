"""Turns at items as of the last commit, so that a place is looked for and given without asking the file.

Every task asks how far the begun items are, what its rater had, and what is open for them: from the file a dozen
queries (docs/decisions/0041). An open turn is kept whole; of one that is over, what its item and its rater still need
of it. Only the writer's thread changes anything here, after each commit; every other thread reads it by the functions
of `KeptTurns`, under its lock.
"""

import threading
from array import array
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from arena.domain.assignment import Assignment, EndCause, TurnEnd
from arena.domain.battle import Side
from arena.domain.ids import AssignmentId, BattleId, ModelName, RaterId
from arena.domain.purpose import Purpose
from arena.domain.removal import RemovalKind
from arena.domain.vote import Vote, Winner
from arena.store.writing.kept_items import WHOLE_NUMBERS, KeptItem, KeptRater, packed, runs, unpacked

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
FOR_RECORDS = (Purpose.GOLD, Purpose.REPEAT)


class KeptTurns:
    """The items, turns and raters of one workspace."""

    def __init__(self, withdrawn: Iterable[RaterId] = ()) -> None:
        """`withdrawn` are the raters whose votes count no more."""
        self._lock = threading.Lock()
        self._withdrawn = set(withdrawn)
        self._items: list[KeptItem] = []
        self._by_battle: dict[BattleId, KeptItem] = {}
        self._by_set: dict[tuple[str, str, bool], list[KeptItem]] = {}
        self._pairs: dict[frozenset[ModelName], frozenset[ModelName]] = {}
        """Each pair of models once, for all its items."""
        self._open: dict[AssignmentId, Assignment] = {}
        self._open_of: dict[RaterId, dict[AssignmentId, Assignment]] = {}
        self._raters: dict[RaterId, dict[str, KeptRater]] = {}
        """By campaign."""
        self._counted: Counter[str] = Counter()
        """Votes on items that count, by campaign."""
        self._disputed: Counter[str] = Counter()
        """Items with votes for both of their models, by campaign."""

    # -- what is asked -----------------------------------------------------------------------------------------------

    def find(self, assignment_id: AssignmentId) -> Assignment | None:
        """An open turn; None for one that is over or not known here."""
        return self._open.get(assignment_id)

    def item(self, battle_id: BattleId) -> KeptItem | None:
        """The item that a battle is. What it holds changes with each commit: for the writer's thread."""
        return self._by_battle.get(battle_id)

    def items_of(self, campaign: str, set_name: str, *, gold: bool = False, after: int = 0) -> list[KeptItem]:
        """The items of a campaign that were opened, behind so many of them."""
        return self._by_set.get((campaign, set_name, gold), [])[after:]

    def places_of(self, campaign: str) -> tuple[int, list[Assignment]]:
        """The votes of a campaign that count, and its turns that are open and would, those past their deadline too, in
        the order in which they were given: for the writer's thread."""
        found = [one for one in self._open.values() if one.purpose is None and self._is_in(one.battle_id, campaign)]
        return self._counted[campaign], found

    def open_of(self, raters: Sequence[RaterId], campaign: str, now: datetime) -> list[Assignment]:
        """The turns that somebody with these ids has open at items of a campaign."""
        with self._lock:
            found = [
                turn
                for rater_id in raters
                for turn in self._open_of.get(rater_id, {}).values()
                if runs(turn, now) and self._is_in(turn.battle_id, campaign)
            ]
        return sorted(found, key=lambda turn: turn.assignment_id)

    def with_places(
        self,
        among: Iterable[KeptItem],
        raters: Collection[RaterId],
        now: datetime,
        *,
        overlap: int,
        further: int = 0,
    ) -> list[tuple[int, KeptItem]]:
        """Those of these items that have a place for somebody with these ids, each behind how many are taken."""
        with self._lock:
            found = [(one.taken(now), one.places(overlap, further), one) for one in among if not one.is_of(raters, now)]
        return [(taken, one) for taken, places, one in found if taken < places]

    def not_theirs(self, among: Iterable[KeptItem], raters: Collection[RaterId], now: datetime) -> list[KeptItem]:
        """Those of these items that nobody with these ids had, or has open."""
        with self._lock:
            return [one for one in among if not one.is_of(raters, now)]

    def complete(self, among: Iterable[KeptItem], *, overlap: int, further: int = 0) -> list[KeptItem]:
        """Those of these items that have all their votes."""
        with self._lock:
            return [one for one in among if one.counted >= one.places(overlap, further)]

    def disputed(self, campaign: str) -> int:
        """How many items of a campaign have votes for both of their models."""
        return self._disputed[campaign]

    def had(self, raters: Sequence[RaterId], campaign: str, set_name: str, now: datetime) -> int:
        """How many items of a campaign somebody with these ids had, or has open."""
        with self._lock:
            numbers = [one.had[set_name] for one in self._of(raters, campaign) if set_name in one.had]
            over: Collection[int] = numbers[0] if len(numbers) == 1 else {one for each in numbers for one in each}
            opened = {
                item.number
                for rater_id in raters
                for turn in self._open_of.get(rater_id, {}).values()
                if turn.purpose is None and runs(turn, now)
                if (item := self._by_battle.get(turn.battle_id)) is not None
                if (item.campaign, item.set_name, item.gold) == (campaign, set_name, False)
                and not any(one in raters for one in item.had)
            }
            return len(over) + len(opened)

    def voted_since(self, raters: Sequence[RaterId], campaign: str, since: datetime) -> list[datetime]:
        """When the turns were given, from a moment on, in which somebody with these ids voted; in order."""
        first = _number(since)
        with self._lock:
            found = [one.given_at[bisect_left(one.given_at, first) :] for one in self._of(raters, campaign)]
        return [EPOCH + number * MICROSECOND for number in sorted(number for each in found for number in each)]

    def records(self, raters: Sequence[RaterId], campaign: str) -> int:
        """Turns of somebody with these ids at gold and repeats of a campaign that are over."""
        with self._lock:
            return sum(one.records for one in self._of(raters, campaign))

    def voted(self, rater_id: RaterId, campaign: str) -> list[tuple[KeptItem, Side, bool]]:
        """The items on which a rater voted in ordinary turns, in order: with the side that was shown first, and whether
        they were given it again."""
        with self._lock:
            kept = self._raters.get(rater_id, {}).get(campaign)
            if kept is None:
                return []
            found = [unpacked(one) for one in kept.voted]
            return [(self._items[number], side, number in kept.repeated) for number, _, side in found]

    # -- what is changed, by the writer's thread ---------------------------------------------------------------------

    def opened(
        self,
        battle_id: BattleId,
        *,
        campaign: str,
        set_name: str,
        prompt_id: str,
        models: frozenset[ModelName],
        gold: bool,
    ) -> None:
        """An item was opened."""
        item = KeptItem(
            number=len(self._items),
            campaign=campaign,
            set_name=set_name,
            prompt_id=prompt_id,
            battle_id=battle_id,
            models=self._pairs.setdefault(models, models),
            gold=gold,
        )
        with self._lock:
            self._items.append(item)
            self._by_battle[battle_id] = item
            self._by_set.setdefault((campaign, set_name, gold), []).append(item)

    def given(self, turn: Assignment) -> None:
        """A turn was given."""
        with self._lock:
            self._open[turn.assignment_id] = turn
            self._open_of.setdefault(turn.rater_id, {})[turn.assignment_id] = turn
            item = self._by_battle.get(turn.battle_id)
            if item is not None:
                item.open[turn.assignment_id] = turn
                if turn.repeat:
                    self._kept(turn.rater_id, item.campaign).repeated.add(item.number)

    def ended(self, end: TurnEnd) -> None:
        """A turn ended without a vote."""
        with self._lock:
            turn, item = self._close(end.assignment_id)
            if item is not None and end.cause is not EndCause.EXPIRED:
                self._note(item, turn.rater_id, turn.purpose)

    def cast(self, vote: Vote) -> None:
        """A vote was cast, in a turn that was given or in that of whoever asked."""
        if vote.assignment_id is None:
            return
        with self._lock:
            turn, item = self._close(vote.assignment_id)
            if item is not None:
                self._count(item, turn.rater_id, turn.purpose, turn.since, vote.winner, vote.shown_left)

    def past(
        self,
        battle_id: BattleId,
        rater_id: RaterId,
        purpose: Purpose | None,
        *,
        since: datetime,
        cause: EndCause | None,
        winner: Winner | None,
        shown_left: Side | None,
    ) -> None:
        """A turn was given and is over: by a vote where there is a winner."""
        with self._lock:
            item = self._by_battle.get(battle_id)
            if item is None:
                return
            if purpose is Purpose.REPEAT:
                self._kept(rater_id, item.campaign).repeated.add(item.number)
            if winner is not None:
                self._count(item, rater_id, purpose, since, winner, shown_left)
            elif cause is not EndCause.EXPIRED:
                self._note(item, rater_id, purpose)

    def left(self, rater_id: RaterId, kind: RemovalKind) -> None:
        """A rater left: none of their votes counts, and of one who was erased nothing is kept."""
        with self._lock:
            kept = self._raters.get(rater_id, {})
            if rater_id not in self._withdrawn:
                for one in kept.values():
                    for vote in one.voted:
                        number, winner, _ = unpacked(vote)
                        self._tally(self._items[number], winner, -1)
            if kind is RemovalKind.WITHDRAWN:
                self._withdrawn.add(rater_id)
                return
            self._withdrawn.discard(rater_id)
            for assignment_id in list(self._open_of.get(rater_id, ())):
                self._close(assignment_id)
            for one in kept.values():
                for item in (self._items[number] for numbers in one.had.values() for number in numbers):
                    item.had = tuple(other for other in item.had if other != rater_id)
                for item in (self._items[number] for number in one.tested):
                    item.tested = tuple(other for other in item.tested if other != rater_id)
            self._raters.pop(rater_id, None)

    def _close(self, assignment_id: AssignmentId) -> tuple[Assignment, KeptItem | None]:
        turn = self._open.pop(assignment_id)
        theirs = self._open_of[turn.rater_id]
        del theirs[assignment_id]
        if not theirs:
            del self._open_of[turn.rater_id]
        item = self._by_battle.get(turn.battle_id)
        if item is not None:
            del item.open[assignment_id]
        return turn, item

    def _count(
        self,
        item: KeptItem,
        rater_id: RaterId,
        purpose: Purpose | None,
        since: datetime,
        winner: Winner,
        shown_left: Side | None,
    ) -> None:
        """Let an item and a rater know of a vote."""
        kept = self._note(item, rater_id, purpose)
        given_at = _number(since)
        if kept.given_at and given_at < kept.given_at[-1]:
            insort(kept.given_at, given_at)
        else:
            kept.given_at.append(given_at)
        if purpose is None and not item.gold:
            kept.voted.append(packed(item.number, winner, shown_left))
            if rater_id not in self._withdrawn:
                self._tally(item, winner, 1)

    def _tally(self, item: KeptItem, winner: Winner, votes: int) -> None:
        """Count a vote that is there now, or is not any more, of an item and its campaign."""
        before = item.disputed
        item.count(winner, votes)
        self._counted[item.campaign] += votes
        self._disputed[item.campaign] += item.disputed - before

    def _note(self, item: KeptItem, rater_id: RaterId, purpose: Purpose | None) -> KeptRater:
        """Let an item and a rater know that a turn is over, which was voted in, skipped or reported."""
        kept = self._kept(rater_id, item.campaign)
        if purpose is None:
            if rater_id not in item.had:
                item.had = (*item.had, rater_id)
                kept.had.setdefault(item.set_name, array(WHOLE_NUMBERS)).append(item.number)
            return kept
        kept.records += purpose in FOR_RECORDS
        if rater_id not in item.tested:
            item.tested = (*item.tested, rater_id)
            kept.tested.append(item.number)
        return kept

    def _kept(self, rater_id: RaterId, campaign: str) -> KeptRater:
        campaigns = self._raters.setdefault(rater_id, {})
        kept = campaigns.get(campaign)
        if kept is None:
            kept = campaigns[campaign] = KeptRater()
        return kept

    def _of(self, raters: Sequence[RaterId], campaign: str) -> list[KeptRater]:
        found = (self._raters.get(rater_id, {}).get(campaign) for rater_id in raters)
        return [one for one in found if one is not None]

    def _is_in(self, battle_id: BattleId, campaign: str) -> bool:
        item = self._by_battle.get(battle_id)
        return item is not None and item.campaign == campaign


def _number(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND
