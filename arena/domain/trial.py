"""A trial: one prompt, asked of models by their names, for a lab to look at. Nobody votes on it, nothing counts it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from arena.domain.ids import ModelName, RaterId

KEPT_FOR: Final = timedelta(days=30)
MOST_MODELS: Final = 4
"""As many as stand side by side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialAnswer:
    """What one model said, or why it said nothing."""

    model: ModelName
    text: str | None
    problem: str | None
    finish_reason: str | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    first_token_seconds: float | None = None
    total_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A prompt with the answers of the models, in the order in which they were named."""

    trial_id: str
    rater_id: RaterId
    """Who asked: a rater's id, or the id of a token."""
    continues: str | None
    prompt: str
    asked_at: datetime
    """UTC."""
    answers: tuple[TrialAnswer, ...]

    @property
    def ends_at(self) -> datetime:
        """When it is deleted."""
        return self.asked_at + KEPT_FOR
