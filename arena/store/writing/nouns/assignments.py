"""Turns at battles that a transaction gives to raters."""

from typing import ClassVar

from arena import errors
from arena.domain.assignment import Assignment
from arena.domain.battle import BattleState
from arena.domain.ids import AssignmentId
from arena.domain.vote import Vote
from arena.store import assignments
from arena.store.connections import Connection
from arena.store.writing import commands
from arena.store.writing.nouns.battles import NewBattles
from arena.store.writing.nouns.leavers import Leavers


class NewAssignments:
    """Turns on top of those that are stored."""

    takes: ClassVar[tuple[type, ...]] = (commands.Assign,)

    def __init__(self, looking: Connection, leavers: Leavers, battles: NewBattles) -> None:
        self._looking = looking
        self._leavers = leavers
        self._battles = battles
        self._added: dict[AssignmentId, Assignment] = {}

    def decide(self, command: commands.Assign) -> None:
        assignment = command.assignment
        self._leavers.refuse(assignment.rater_id)
        if self._battles.state(assignment.battle_id) is BattleState.VOID:
            raise errors.Conflict(f"Battle {assignment.battle_id} is void, and nobody is given a turn at it.")
        assignments.refuse_known(self._looking, assignment, list(self._added.values()))
        self._added[assignment.assignment_id] = assignment

    def refuse_another_s(self, vote: Vote) -> None:
        """Raise `Conflict` for a vote in a turn that is not its rater's at its battle."""
        turn = vote.assignment_id
        if turn is None:
            return
        given = self._added.get(turn) or assignments.find(self._looking, turn)
        if given is None or (given.rater_id, given.battle_id) != (vote.rater_id, vote.battle_id):
            raise errors.Conflict(f"{turn} is no turn of this rater at battle {vote.battle_id}.")

    @property
    def empty(self) -> bool:
        return not self._added

    def write(self, connection: Connection) -> None:
        assignments.append(connection, self._added.values())

    def remember(self) -> None:
        pass
