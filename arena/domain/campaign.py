"""A campaign: one collection effort, with its prompts, models, pairs and rules.

A campaign is changed by adding a version of it, and a battle keeps the version it was drawn under. The campaign
`default` is what the configuration says; it is running, and its version is 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from arena.domain.battle import Answers
from arena.domain.ids import ModelName
from arena.domain.vote import Winner

DEFAULT = "default"
"""The campaign that an arena without campaigns has."""
GENERAL = "general"
"""The field of a campaign that asks no qualification."""
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


class PairingPolicy(StrEnum):
    """Which two models meet next: `arena.pairing` says how each draws."""

    UNIFORM = "uniform"
    COVERAGE = "coverage"
    INFORMATIVE = "informative"


class Publishing(StrEnum):
    """What the pages behind a board show of a campaign to whoever may see the board."""

    NOTHING = "nothing"
    """Numbers alone."""
    PROMPTS = "prompts"
    """Prompts, too, whose writers agree to publication."""
    BATTLES = "battles"
    """Answers and votes as well, where who voted agrees, too."""


class CampaignState(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    """Nobody but the lab knows of it."""
    RUNNING = "running"
    PAUSED = "paused"
    CLOSED = "closed"
    """For good."""


FOLLOWING: Final[Mapping[CampaignState, frozenset[CampaignState]]] = {
    CampaignState.DRAFT: frozenset({CampaignState.RUNNING}),
    CampaignState.RUNNING: frozenset({CampaignState.PAUSED, CampaignState.CLOSED}),
    CampaignState.PAUSED: frozenset({CampaignState.RUNNING, CampaignState.CLOSED}),
    CampaignState.CLOSED: frozenset(),
}
"""What each state can become."""


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
    pairing: PairingPolicy = PairingPolicy.UNIFORM
    floor: int = 40
    """Votes that each pair gets first, where pairs are not drawn alike."""
    pairs: tuple[MeetingPair, ...] = ()
    """Those that may meet; none: all."""
    pairs_per_prompt: int = 1
    focus: ModelName | None = None
    """The model that is in half of all draws."""
    overlap: int = 1
    """How many raters vote on one item."""
    further_votes: int = 0
    """How many raters more vote on an item that is disputed: one with votes for both of its models."""
    repeats: float = 0.0
    """The share of a rater's tasks that they have voted on before."""
    gold: float = 0.0
    """The share of a rater's tasks whose outcome is known."""
    gold_set: str | None = None
    qualifications: tuple[str, ...] = ()
    """The fields that a rater has to be qualified for, all of them."""
    languages: tuple[str, ...] = ()
    """BCP 47; items in other languages are given to nobody, and raters read one of these. None: any."""
    raters: tuple[str, ...] = ()
    """Names of raters, as answers show them, who alone are let in; none: everybody."""
    min_width: int = 0
    """Pixels that a rater's screen needs."""
    guidelines: str = ""
    """Markdown."""
    consent: str = ""
    """What a rater agrees to before the first item."""
    criteria: tuple[Criterion, ...] = ()
    reward: float = 1.0
    """Credits a vote."""
    reward_edit: float = 0.0
    """Credits more for a vote with an edit."""
    audit_window: int = 0
    """Days after the close in which credits are held."""
    anonymous: bool = True
    """Whether raters without an account are let in."""
    max_turns: int | None = None
    """Turns of one conversation."""
    daily_limit: int | None = None
    """Items a rater may vote on in a day, UTC."""
    rater_share: float = 1.0
    """The most of all votes that one rater casts."""
    pace: Pacing = Pacing.COMMON
    reservation: int = 1_800
    """Seconds for which a task is kept for its rater."""
    starts: datetime | None = None
    """UTC."""
    ends: datetime | None = None
    """UTC; from then on it is closed."""
    target_votes: int | None = None
    """Votes at which the campaign closes."""
    board_batch: float = 0.0
    """Hours between boards."""
    feed_delay: float = 0.0
    """Seconds after which votes are told to listeners."""
    publish: Publishing = Publishing.NOTHING
    version: int = 1
    state: CampaignState = CampaignState.RUNNING
    created_at: datetime | None = None
    """UTC. None of `default`."""

    @property
    def stored_version(self) -> int | None:
        """What a battle keeps of it; None of `default`, which is not stored."""
        return None if self.created_at is None else self.version

    @property
    def asks_again(self) -> bool:
        """Whether a battle that somebody voted on may be given to others yet."""
        return self.overlap > 1 and self.state is not CampaignState.CLOSED

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that its votes speak for."""
        return self.qualifications or (GENERAL,)
