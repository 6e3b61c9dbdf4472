"""Turns at battles that a transaction gives to raters, and ends of turns."""

from typing import ClassVar

from arena import errors
from arena.domain.assignment import Assignment, EndCause, TurnEnd
from arena.domain.battle import BattleState
from arena.domain.ids import AssignmentId
from arena.domain.vote import Vote
from arena.store import assignments
from arena.store.connections import Connection
from arena.store.writing import commands
from arena.store.writing.nouns.battles import NewBattles
from arena.store.writing.nouns.leavers import Leavers
from arena.store.writing.writer_cache import WriterCache


class NewAssignments:
    """Turns on top of those that are stored."""

    takes: ClassVar[tuple[type, ...]] = (commands.Assign,)

    def __init__(self, looking: Connection, known: WriterCache, leavers: Leavers, battles: NewBattles) -> None:
        self._looking = looking
        self._known = known
        self._leavers = leavers
        self._battles = battles
        self._added: dict[AssignmentId, Assignment] = {}
        self._ended: dict[AssignmentId, TurnEnd] = {}

    def decide(self, command: commands.Assign) -> None:
        assignment = command.assignment
        self._leavers.refuse(assignment.rater_id)
        if self._battles.state(assignment.battle_id) is BattleState.VOID:
            raise errors.Conflict(f"Battle {assignment.battle_id} is void, and nobody is given a turn at it.")
        assignments.refuse_known(self._looking, assignment, list(self._added.values()))
        self.give(assignment)

    def give(self, assignment: Assignment) -> None:
        """Take over a turn that was found to be free."""
        self._added[assignment.assignment_id] = assignment

    def end(self, end: TurnEnd) -> None:
        """Take over the end of a turn that was found to be open."""
        self._ended[end.assignment_id] = end

    def given(self) -> list[Assignment]:
        """The turns of this transaction."""
        return list(self._added.values())

    def find(self, assignment_id: AssignmentId) -> Assignment | None:
        """A turn after what was accepted so far."""
        kept = self._added.get(assignment_id) or self._known.turns.find(assignment_id)
        return kept or assignments.find(self._looking, assignment_id)

    def ended(self) -> dict[AssignmentId, EndCause]:
        """The turns that this transaction ends, and how."""
        return {assignment_id: end.cause for assignment_id, end in self._ended.items()}

    def has_ended(self, assignment_id: AssignmentId) -> bool:
        """Whether a turn ended without a vote, after what was accepted so far."""
        if assignment_id in self._ended:
            return True
        is_open = assignment_id in self._added or self._known.turns.find(assignment_id) is not None
        return not is_open and assignments.end_of(self._looking, assignment_id) is not None

    def refuse_wrong_turn(self, vote: Vote) -> None:
        """Raise `Conflict` for a vote in a turn of another rater, battle or purpose, or in one that has ended."""
        turn = vote.assignment_id
        if turn is None:
            return
        given = self.find(turn)
        if given is None or (given.rater_id, given.battle_id, given.purpose) != (
            vote.rater_id,
            vote.battle_id,
            vote.purpose,
        ):
            raise errors.Conflict(f"{turn} is no turn of this rater at battle {vote.battle_id}.")
        if self.has_ended(turn):
            raise errors.Conflict("This turn is over, and the battle goes to others. Start the next one.")

    @property
    def empty(self) -> bool:
        return not (self._added or self._ended)

    def write(self, connection: Connection) -> None:
        assignments.append(connection, self._added.values())
        assignments.append_ends(connection, self._ended.values())

    def remember(self) -> None:
        for given in self._added.values():
            self._known.turns.given(given)
        for end in self._ended.values():
            self._known.turns.ended(end)
