"""An assignment: one rater's turn at a battle.

Whoever asks the prompt has the turn that the battle itself is: nothing is stored for it, and its id is the battle's.
Others may be given turns of their own, and the same rater one more, sides swapped, where a battle is shown again.
"""

from dataclasses import dataclass
from datetime import datetime

from arena.domain.battle import Battle, Side
from arena.domain.ids import AssignmentId, BattleId, RaterId


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Who may vote on what, until when, and how it is shown."""

    assignment_id: AssignmentId
    battle_id: BattleId
    rater_id: RaterId
    since: datetime
    """UTC."""
    deadline: datetime | None = None
    """UTC. None: it does not end."""
    shown_first: Side = Side.A
    """Which answer the rater is shown first."""
    repeat: bool = False
    """Whether the rater voted on this battle before."""


def of_writer(battle: Battle) -> Assignment:
    """The turn of whoever asked the prompt."""
    return Assignment(
        assignment_id=AssignmentId(battle.battle_id),
        battle_id=battle.battle_id,
        rater_id=battle.rater_id,
        since=battle.created_at,
    )
