"""Places at items that a transaction gives to raters: each item has as many as its campaign asks, and no more.

Whether an item is disputed, and so has further ones, is as the last commit left it.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import ClassVar

from arena import errors
from arena.domain.assignment import Assignment, EndCause, TurnEnd
from arena.domain.battle import Battle
from arena.domain.ids import AssignmentId, BattleId, RaterId
from arena.domain.purpose import Purpose
from arena.store import items, rows
from arena.store.connections import Connection
from arena.store.items import NewItem
from arena.store.writing import commands
from arena.store.writing.kept_items import runs
from arena.store.writing.kept_turns import KeptTurns
from arena.store.writing.nouns.assignments import NewAssignments
from arena.store.writing.nouns.battles import NewBattles
from arena.store.writing.nouns.leavers import Leavers
from arena.store.writing.nouns.votes import NewVotes
from arena.store.writing.writer_cache import WriterCache

TESTING = (Purpose.PRACTICE, Purpose.TEST)
"""Turns at an item that a rater may be given again: a later test may come round to it."""


class NewTasks:
    """Turns at items on top of those that are stored."""

    takes: ClassVar[tuple[type, ...]] = (commands.TakeTask, commands.EndTurn)

    def __init__(
        self,
        looking: Connection,
        known: WriterCache,
        leavers: Leavers,
        battles: NewBattles,
        turns: NewAssignments,
        votes: NewVotes,
    ) -> None:
        self._looking = looking
        self._known = known
        self._leavers = leavers
        self._battles = battles
        self._turns = turns
        self._votes = votes
        self._opened: dict[BattleId, tuple[NewItem, Battle]] = {}

    def decide(self, command: commands.TakeTask | commands.EndTurn) -> Assignment | bool | None:
        return self._take(command) if isinstance(command, commands.TakeTask) else self._end(command.end)

    @property
    def empty(self) -> bool:
        return not self._opened

    def write(self, connection: Connection) -> None:
        items.append(connection, [item for item, _ in self._opened.values()])

    def remember(self) -> None:
        for item, battle in self._opened.values():
            self._known.turns.opened(
                item.battle_id,
                campaign=item.campaign,
                set_name=item.set_name,
                prompt_id=item.prompt_id,
                models=frozenset((battle.model_a, battle.model_b)),
                gold=item.gold,
            )

    def _take(self, command: commands.TakeTask) -> Assignment | None:
        if not command.candidates:
            return None
        wanted = command.candidates[0].assignment
        self._leavers.refuse(wanted.rater_id, *command.others)
        places = _Places(self._known.turns, self._turns, self._votes, command)
        opened = {battle_id for battle_id, (item, _) in self._opened.items() if item.campaign == command.campaign}
        if (open_one := places.open_one(opened)) is not None:
            return open_one
        if command.daily_limit is not None and places.done_today(opened) >= command.daily_limit:
            return None
        for candidate in command.candidates:
            given = candidate.assignment
            ending = places.late_for_target(given, opened) if places.left(given) > 0 else None
            if ending is None:
                continue
            for late in (*places.late(given.battle_id), *ending):
                self._turns.end(
                    TurnEnd(
                        assignment_id=late.assignment_id,
                        battle_id=late.battle_id,
                        cause=EndCause.EXPIRED,
                        reason=None,
                        ended_at=given.since,
                    )
                )
            new = candidate.battle if candidate.opening is None else candidate.opening.battle
            if new is not None and not self._is_open(given.battle_id):
                if candidate.opening is not None:
                    self._battles.decide(candidate.opening)
                elif given.battle_id in self._known.unfinished:
                    raise errors.Conflict(f"Battle {given.battle_id} is being written, and is no item yet.")
                item = NewItem(
                    campaign=command.campaign,
                    set_name=candidate.set_name,
                    prompt_id=candidate.prompt_id,
                    battle_id=given.battle_id,
                    gold=given.purpose is not None,
                )
                self._opened[given.battle_id] = item, new
            self._turns.give(given)
            return given
        return None

    def _is_open(self, battle_id: BattleId) -> bool:
        """Whether an item was opened before, perhaps since the candidates were looked for."""
        return battle_id in self._opened or self._known.turns.item(battle_id) is not None

    def _end(self, end: TurnEnd) -> bool:
        given = self._turns.find(end.assignment_id)
        if given is None:
            raise errors.NotFound(f"There is no turn {end.assignment_id} here; check the id.")
        self._leavers.refuse(given.rater_id)
        if self._has_vote(given) or end.assignment_id in self._votes.turns():
            raise errors.Conflict("You have voted on this battle, and a vote stays. Start the next one.")
        if self._turns.has_ended(end.assignment_id):
            return False
        self._turns.end(end)
        return True

    def _has_vote(self, given: Assignment) -> bool:
        """Whether a stored vote was cast in a turn."""
        if self._known.turns.find(given.assignment_id) is not None:
            return False
        query = "SELECT count(*) FROM votes WHERE battle_id = ? AND assignment_id = ?"
        return rows.number(self._looking, query, [given.battle_id, given.assignment_id]) > 0


class _Places:
    """The turns at the items that one command may give, after what was accepted so far."""

    def __init__(self, kept: KeptTurns, turns: NewAssignments, votes: NewVotes, command: commands.TakeTask) -> None:
        wanted = command.candidates[0].assignment
        self._kept = kept
        self._turns = turns
        self._campaign = command.campaign
        self._overlap = command.overlap
        self._further = command.further
        self._target = command.target_votes
        self._now = wanted.since
        self._raters: tuple[RaterId, ...] = (wanted.rater_id, *command.others)
        self._given = turns.given()
        self._ended = turns.ended()
        self._voted = votes.turns()

    def open_one(self, opened: Collection[BattleId]) -> Assignment | None:
        """The turn that the rater has open in the campaign, whose items that this transaction opens are these."""
        stored = self._kept.open_of(self._raters, self._campaign, self._now)
        new = [one for one in self._given if one.rater_id in self._raters and self._is_ours(one.battle_id, opened)]
        return next((one for one in (*stored, *new) if self._runs(one)), None)

    def done_today(self, opened: Collection[BattleId]) -> int:
        """How many turns were given to the rater on the day of this command, UTC, in which they have voted."""
        midnight = self._now.replace(hour=0, minute=0, second=0, microsecond=0)
        stored = self._kept.voted_since(self._raters, self._campaign, midnight)
        new = [
            turn
            for turn in map(self._turns.find, map(AssignmentId, sorted(self._voted)))
            if turn is not None and turn.rater_id in self._raters and self._is_ours(turn.battle_id, opened)
        ]
        given = [*stored, *(turn.since for turn in new if turn.since >= midnight)]
        return sum(since < midnight + timedelta(days=1) for since in given)

    def left(self, wanted: Assignment) -> int:
        """How many places the item of a turn has left for its rater. A turn for the rater's record takes none, and a
        rater has one such at an item."""
        item = self._kept.item(wanted.battle_id)
        here = [one for one in self._here(wanted.battle_id) if (one.purpose is None) == (wanted.purpose is None)]
        if wanted.purpose not in TESTING:
            over = () if item is None else item.had if wanted.purpose is None else item.tested
            if any(one in self._raters for one in over):
                return 0
            own = [one for one in here if one.rater_id in self._raters and not self._is_late(one)]
            if any(self._ended.get(one.assignment_id) is not EndCause.EXPIRED for one in own):
                return 0
        if wanted.purpose is not None:
            return 1
        counted = 0 if item is None else item.counted
        places = self._overlap if item is None else item.places(self._overlap, self._further)
        return places - counted - sum(one.assignment_id in self._voted or self._runs(one) for one in here)

    def late(self, battle_id: BattleId) -> list[Assignment]:
        """The turns at a battle whose deadline has passed, and which have not ended yet."""
        return [one for one in self._here(battle_id) if self._is_late(one)]

    def late_for_target(self, wanted: Assignment, opened: Collection[BattleId]) -> list[Assignment] | None:
        """The turns past their deadline that end so that the campaign has a place for this one: none where it has one
        anyway. None where it has no place. Turns for the record of raters need none.

        A vote in an open turn may come at any time before the turn ends, so each holds a place until then.
        """
        if self._target is None or wanted.purpose is not None:
            return []
        counted, stored = self._kept.places_of(self._campaign)
        given = [one for one in self._given if one.purpose is None and self._is_ours(one.battle_id, opened)]
        holding = [one for one in (*stored, *given) if one.assignment_id not in self._ended]
        ending = self.late(wanted.battle_id)
        missing = 1 + counted + len(holding) - self._target - sum(one in ending for one in holding)
        late = [one for one in holding if self._is_late(one) and one not in ending]
        return late[:missing] if 0 < missing <= len(late) else None if missing > 0 else []

    def _here(self, battle_id: BattleId) -> list[Assignment]:
        """The turns at a battle that were open as this transaction began, and those that it gave."""
        item = self._kept.item(battle_id)
        stored = () if item is None else item.open.values()
        return [*stored, *(one for one in self._given if one.battle_id == battle_id)]

    def _is_ours(self, battle_id: BattleId, opened: Collection[BattleId]) -> bool:
        item = self._kept.item(battle_id)
        return battle_id in opened or (item is not None and item.campaign == self._campaign)

    def _waits(self, turn: Assignment) -> bool:
        return turn.assignment_id not in self._voted and turn.assignment_id not in self._ended

    def _runs(self, turn: Assignment) -> bool:
        return self._waits(turn) and runs(turn, self._now)

    def _is_late(self, turn: Assignment) -> bool:
        return self._waits(turn) and not runs(turn, self._now)
