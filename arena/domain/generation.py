"""Answers made in bulk: what is asked of whom, and what becomes of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from arena.domain.battle import Message
from arena.domain.ids import ModelName


class AnswerKey(NamedTuple):
    """What an answer is an answer to. No two rows of a folder have the same."""

    prompt_id: str
    model: ModelName
    sample: int
    """From 0; more than one answer may be asked of a model to one prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One answer that is wanted."""

    key: AnswerKey
    messages: tuple[Message, ...]
    """The conversation, whose last message is the user's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedAnswer:
    """One answer, whole."""

    key: AnswerKey
    text: str
    finish_reason: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    seconds: float | None
    """From the request to the last byte, of the try that succeeded."""
    generated_at: datetime
    """UTC."""
    fingerprint: str
    """Of the model: the settings that shaped the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """A question that is left."""

    key: AnswerKey
    reason: str
    asked: bool
    """Whether the model was asked; else it had been given up before."""
