"""A campaign: one collection effort, with its prompts, models, pairs and rules."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from arena.domain.battle import Answers
from arena.domain.ids import ModelName
from arena.domain.vote import Winner

DEFAULT = "default"
"""The campaign that an arena without campaigns has."""
CRITERIA = 4
"""Most criteria of a campaign."""
CRITERION_WINNERS = (Winner.MODEL_A, Winner.MODEL_B, Winner.TIE)
"""What can win by a criterion."""


class CampaignKind(StrEnum):
    """`open`: raters ask what they like. `tasks`: raters are given items of a prompt set."""

    OPEN = "open"
    TASKS = "tasks"


class Pacing(StrEnum):
    """How answers are shown: `common`, at one pace while they are written; `complete`, both at once, whole."""

    COMMON = "common"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One thing by which two answers are compared beside the vote."""

    name: str
    question: str | None = None
    """As raters are asked it. None: the name says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingPair:
    """Two models that may meet, and how often beside the other pairs."""

    first: ModelName
    second: ModelName
    weight: float = 1.0

    @property
    def models(self) -> frozenset[ModelName]:
        return frozenset((self.first, self.second))


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """What is asked of raters, and under which rules."""

    name: str = DEFAULT
    kind: CampaignKind = CampaignKind.OPEN
    answers: Answers = Answers.LIVE
    prompt_set: str | None = None
    """The set whose prompts are judged; only of tasks."""
    models: tuple[ModelName, ...] = ()
    """Those that take part; none: all that are there."""
    pairs: tuple[MeetingPair, ...] = ()
    """Those that may meet; none: all."""
    pairs_per_prompt: int = 1
    overlap: int = 1
    """How many raters vote on one item."""
    reservation: int = 1_800
    """Seconds for which a task is kept for its rater."""
    daily_limit: int | None = None
    """Items a rater may vote on in a day, UTC."""
    max_turns: int | None = None
    """Turns of one conversation."""
    pace: Pacing = Pacing.COMMON
    criteria: tuple[Criterion, ...] = ()
    target_votes: int | None = None
    """Votes at which the campaign closes."""
    starts: datetime | None = None
    """UTC."""
    ends: datetime | None = None
    """UTC; from then on it is closed."""
