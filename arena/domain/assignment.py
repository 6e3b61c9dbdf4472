"""An assignment: one rater's turn at a battle.

Whoever asks the prompt has the turn that the battle itself is: nothing is stored for it, and its id is the battle's.
Others may be given turns of their own, and the same rater one more, sides swapped, where a battle is shown again.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from arena.domain.battle import Battle, BattleRecord, Side, Void, VoidCause
from arena.domain.ids import AssignmentId, BattleId, RaterId
from arena.domain.purpose import Purpose


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
    purpose: Purpose | None = None
    """What it is for, where its vote counts for nothing but the rater's record. None: an ordinary turn."""
    nonce: str | None = None
    """Opens what the id commits to. None for turns from before ids did."""

    @property
    def repeat(self) -> bool:
        """Whether the rater voted on this battle before."""
        return self.purpose is Purpose.REPEAT


class EndCause(StrEnum):
    """Why a turn ended without a vote."""

    SKIPPED = "skipped"
    REPORTED = "reported"
    EXPIRED = "expired"
    """Its deadline had passed, and its place was given to somebody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnEnd:
    """The end of a turn without a vote."""

    assignment_id: AssignmentId
    battle_id: BattleId
    cause: EndCause
    reason: str | None
    ended_at: datetime
    """UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A battle and whose turn at it is meant: the only view in which a rater sees or changes it."""

    record: BattleRecord
    """As it is stored."""
    assignment: Assignment | None = None
    """None: the turn of whoever asked the prompt."""
    ended: EndCause | None = None
    """How the turn ended without a vote, or would if its place were given on. None: it has not."""

    @property
    def id(self) -> BattleId:
        """What its rater calls the battle: nobody can tell from it that others have a turn at the same one."""
        return self.record.battle.battle_id if self.assignment is None else BattleId(self.assignment.assignment_id)

    @property
    def swapped(self) -> bool:
        """Whether side `b` of the battle is shown first, as `a`."""
        return self.assignment is not None and self.assignment.shown_first is Side.B

    @property
    def seen(self) -> BattleRecord:
        """The battle as this rater sees it: under the turn's id, sides as shown, and no vote but their own. A turn that
        ended without one is void to its rater."""
        record, battle = self.record, self.record.battle
        own = tuple(vote for vote in record.votes if vote.turn == self.id)
        shown = replace(record, battle=replace(battle, battle_id=self.id), votes=own)
        if self.ended is not None and not own and record.void is None:
            shown = replace(shown, void=_void(self.ended, record.battle.created_at))
        if not self.swapped:
            return shown
        first = None if battle.opens_first is None else battle.opens_first.other
        return replace(
            shown,
            battle=replace(shown.battle, model_a=battle.model_b, model_b=battle.model_a, opens_first=first),
            response_a=record.response_b,
            response_b=record.response_a,
        )


def _void(ended: EndCause, when: datetime) -> Void:
    cause = VoidCause.EXPIRED if ended is EndCause.EXPIRED else VoidCause.RATER
    return Void(cause=cause, failed_side=None, detail=f"the turn is over: {ended}", voided_at=when)


def of_writer(battle: Battle) -> Assignment:
    """The turn of whoever asked the prompt."""
    return Assignment(
        assignment_id=AssignmentId(battle.battle_id),
        battle_id=battle.battle_id,
        rater_id=battle.rater_id,
        since=battle.created_at,
    )
