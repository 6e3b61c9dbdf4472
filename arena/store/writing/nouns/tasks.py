"""Places at items that a transaction gives to raters: each item has as many as its campaign asks, and no more."""

from collections.abc import Sequence
from typing import ClassVar

from arena import errors
from arena.domain.assignment import Assignment, EndCause, TurnEnd
from arena.domain.ids import AssignmentId, BattleId, RaterId
from arena.store import assignments, items, rows
from arena.store.connections import Connection
from arena.store.items import NewItem
from arena.store.writing import commands, key_hashes
from arena.store.writing.nouns.assignments import NewAssignments
from arena.store.writing.nouns.battles import NewBattles
from arena.store.writing.nouns.leavers import Leavers
from arena.store.writing.nouns.votes import NewVotes
from arena.store.writing.writer_cache import WriterCache


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
        self._opened: dict[BattleId, NewItem] = {}

    def decide(self, command: commands.TakeTask | commands.EndTurn) -> Assignment | bool | None:
        return self._take(command) if isinstance(command, commands.TakeTask) else self._end(command.end)

    @property
    def empty(self) -> bool:
        return not self._opened

    def write(self, connection: Connection) -> None:
        items.append(connection, self._opened.values())

    def remember(self) -> None:
        pass

    def _take(self, command: commands.TakeTask) -> Assignment | None:
        if not command.candidates:
            return None
        wanted = command.candidates[0].assignment
        self._leavers.refuse(wanted.rater_id, *command.others)
        places = _Places(self._looking, self._turns, self._votes, command)
        if (open_one := places.open_one()) is not None:
            return open_one
        for candidate in command.candidates:
            given = candidate.assignment
            if places.left(given) <= 0:
                continue
            for late in places.late(given.battle_id):
                self._turns.end(
                    TurnEnd(
                        assignment_id=late,
                        battle_id=given.battle_id,
                        cause=EndCause.EXPIRED,
                        reason=None,
                        ended_at=given.since,
                    )
                )
            if candidate.opening is not None and not self._is_open(given.battle_id):
                self._battles.decide(candidate.opening)
                self._opened[given.battle_id] = NewItem(
                    campaign=command.campaign,
                    set_name=candidate.set_name,
                    prompt_id=candidate.prompt_id,
                    battle_id=given.battle_id,
                )
            self._turns.give(given)
            return given
        return None

    def _is_open(self, battle_id: BattleId) -> bool:
        """Whether an item was opened before, perhaps since the candidates were looked for."""
        return battle_id in self._opened or (
            self._known.unique.battle_id.may_hold(key_hashes.hashed(battle_id))
            and items.campaign_of(self._looking, battle_id) is not None
        )

    def _end(self, end: TurnEnd) -> bool:
        given = self._turns.find(end.assignment_id)
        if given is None:
            raise errors.NotFound(f"There is no turn {end.assignment_id} here; check the id.")
        self._leavers.refuse(given.rater_id)
        query = "SELECT count(*) FROM votes WHERE battle_id = ? AND assignment_id = ?"
        stored = rows.number(self._looking, query, [given.battle_id, end.assignment_id])
        if stored or end.assignment_id in self._votes.turns():
            raise errors.Conflict("You have voted on this battle, and a vote stays. Start the next one.")
        if self._turns.has_ended(end.assignment_id):
            return False
        self._turns.end(end)
        return True


class _Places:
    """The turns at the items that one command may give, after what was accepted so far."""

    def __init__(self, looking: Connection, turns: NewAssignments, votes: NewVotes, command: commands.TakeTask) -> None:
        given = [candidate.assignment for candidate in command.candidates]
        self._overlap = command.overlap
        self._now = given[0].since
        battle_ids = sorted({one.battle_id for one in given})
        listed, parameters = rows.among("battle_id", battle_ids)
        self._turns = [
            *assignments.of_battles(looking, battle_ids),
            *(one for one in turns.given() if one.battle_id in battle_ids),
        ]
        self._ended = {**assignments.ends_of_battles(looking, battle_ids)}
        self._ended.update(turns.ended())
        stored = rows.fetched(
            looking,
            f"SELECT assignment_id, rater_id FROM votes WHERE {listed} AND assignment_id IS NOT NULL",
            parameters,
        )
        gone = {row[0] for row in rows.fetched(looking, "SELECT rater FROM removals WHERE kind = 'withdrawn'")}
        self._voted = {row[0] for row in stored} | votes.turns()
        self._uncounted = {row[0] for row in stored if row[1] in gone}
        self._raters: tuple[RaterId, ...] = (given[0].rater_id, *command.others)
        self._mine = [
            *assignments.open_of_raters(looking, self._raters, command.campaign, self._now),
            *(one for one in turns.given() if one.rater_id in self._raters),
        ]

    def open_one(self) -> Assignment | None:
        """The turn that the rater has open in the campaign."""
        return next((one for one in self._mine if self._runs(one)), None)

    def left(self, wanted: Assignment) -> int:
        """How many places the item of a turn has left for its rater."""
        here = [one for one in self._turns if one.battle_id == wanted.battle_id]
        own = [one for one in here if one.rater_id in self._raters]
        if any(self._ended.get(one.assignment_id) is not EndCause.EXPIRED and not self._is_late(one) for one in own):
            return 0
        taken = [one for one in here if self._counts(one) or self._runs(one)]
        return self._overlap - len(taken)

    def late(self, battle_id: BattleId) -> Sequence[AssignmentId]:
        """The turns at a battle whose deadline has passed, and which have not ended yet."""
        return [one.assignment_id for one in self._turns if one.battle_id == battle_id and self._is_late(one)]

    def _counts(self, turn: Assignment) -> bool:
        return turn.assignment_id in self._voted and turn.assignment_id not in self._uncounted

    def _waits(self, turn: Assignment) -> bool:
        gone = not turn.rater_id  # erased, and with them the vote
        return not gone and turn.assignment_id not in self._voted and turn.assignment_id not in self._ended

    def _runs(self, turn: Assignment) -> bool:
        return self._waits(turn) and (turn.deadline is None or turn.deadline > self._now)

    def _is_late(self, turn: Assignment) -> bool:
        return self._waits(turn) and turn.deadline is not None and turn.deadline <= self._now
