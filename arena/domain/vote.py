"""A vote: one rater's outcome on one battle."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from arena.domain.ids import AssignmentId, BattleId, RaterId, VoteId
from arena.domain.purpose import Purpose

if TYPE_CHECKING:  # a battle holds its votes
    from arena.domain.battle import Side

REASON_LIMIT = 200
"""Characters in the one-line reason."""
EDIT_LIMIT = 100_000
"""Characters in an edited answer."""


class Winner(StrEnum):
    """The four outcomes. A tie and both bad are never the same thing."""

    MODEL_A = "model_a"
    MODEL_B = "model_b"
    TIE = "tie"
    BOTH_BAD = "both_bad"

    @property
    def decided(self) -> bool:
        """Whether one side won."""
        return self in (Winner.MODEL_A, Winner.MODEL_B)

    @property
    def swapped(self) -> "Winner":
        """The same outcome where the sides are exchanged."""
        return {Winner.MODEL_A: Winner.MODEL_B, Winner.MODEL_B: Winner.MODEL_A}.get(self, self)


class Strength(StrEnum):
    """How much better the winning side is."""

    SLIGHTLY = "slightly"
    CLEARLY = "clearly"


class Tag(StrEnum):
    """What decided a vote."""

    CORRECT = "correct"
    FOLLOWS_REQUEST = "follows_request"
    COMPLETE = "complete"
    CLEAR = "clear"
    RIGHT_LENGTH = "right_length"
    SAFE = "safe"


class RaterKind(StrEnum):
    """What cast a vote."""

    PERSON = "person"
    PROGRAM = "program"
    """Somebody's program, under a token."""
    JUDGE = "judge"
    """A model that judges."""


class Counting(StrEnum):
    """Which votes a board counts, and a selection takes."""

    COUNTED = "counted"
    """All but those that are held."""
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One rater's outcome on one battle. Votes are only ever added."""

    vote_id: VoteId
    battle_id: BattleId
    rater_id: RaterId
    winner: Winner
    strength: Strength | None = None
    """Only with a winning side."""
    tags: tuple[Tag, ...] = ()
    reason: str | None = None
    edit: str | None = None
    """The rater's corrected text of the preferred answer; only with a winning side."""
    reading_seconds: float | None = None
    """From the end of the slower answer to the vote; None when the server cannot know it."""
    cast_at: datetime
    """UTC."""
    idempotency_key: str
    """The client's own; unique per rater."""
    request_sha256: str
    """Of the battle and the body the key came with, so that a reused key with another body is refused."""
    rater_kind: RaterKind = RaterKind.PERSON
    criteria: tuple[tuple[str, Winner], ...] = ()
    """What won by each criterion that the rater answered, by name."""
    shown_left: "Side | None" = None
    """Which answer the rater saw left; the winner is always told in the battle's own orientation. None: not known."""
    assignment_id: AssignmentId | None = None
    """The turn it was cast in. None for whoever asked the prompt, and for votes from elsewhere."""
    purpose: Purpose | None = None
    """As that of its turn. None: an ordinary vote; others count for nothing but their rater's record."""

    @property
    def turn(self) -> str:
        """What it uses up: one vote a rater and turn."""
        return self.assignment_id or self.battle_id
