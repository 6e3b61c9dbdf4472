"""A prompt set: prompts stored under a name, and answers to them that were made beforehand."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from arena.domain import ids, ledger, parts
from arena.domain.battle import Message
from arena.domain.ids import ModelName, RaterId
from arena.domain.parts import Media
from arena.domain.vote import Winner

EXPLANATION_LIMIT = 2_000
"""Characters in the explanation of a known outcome."""


def owner(set_name: str) -> RaterId:
    """Who asks the prompts of a set. Nobody can act under this id: identities carry a signature of this arena."""
    return RaterId(ids.derived(ids.PREFIXES[RaterId], "prompt set", set_name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """What is known of two answers to a prompt."""

    model_a: ModelName
    model_b: ModelName
    winner: Winner
    """Of these two, in this order."""
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPrompt:
    """One prompt of a set."""

    prompt_id: str
    """Unique in its set."""
    messages: tuple[Message, ...]
    """What models are asked: the last message is the user's."""
    language: str | None
    """As the set says it, or else detected. None where it is undetermined."""
    language_detected: bool = False
    category: str | None = None
    tags: tuple[str, ...] = ()
    gold: Gold | None = None
    digest: str
    """Of what the file says: the same id with another digest is another prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """One answer to a prompt of a set."""

    prompt_id: str
    model: ModelName
    sample: int
    """0, 1, 2, ...: a model may have answered a prompt more than once."""
    text: str
    """May be empty; then no pair is made of it."""
    finish_reason: str | None = None
    """As in a response. None counts as finished."""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    seconds: float | None = None
    """How long the model took."""
    generated_at: datetime | None = None
    """UTC."""
    fingerprint: str | None = None
    """Of the settings the model had."""
    media: tuple[Media, ...] = ()
    """Pictures, sounds and films; then the text may be empty, and the answer is none the less one."""

    @property
    def key(self) -> tuple[str, str, int]:
        """What no two answers of a set share."""
        return (self.prompt_id, self.model, self.sample)

    @property
    def digest(self) -> str:
        """SHA-256 of what is judged: the same key with another digest is another answer."""
        judged: list[Any] = [self.text, self.finish_reason]
        if self.media:
            judged.append(parts.to_json(self.media))
        return hashlib.sha256(ledger.canonical(judged)).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptSetSummary:
    """A set, counted."""

    name: str
    prompts: int
    gold: int
    """Prompts with a known outcome."""
    answers: dict[ModelName, int]
    """Answers that are not empty, by model."""
    empty: int
    """Empty answers."""


def messages_json(messages: tuple[Message, ...]) -> list[dict[str, object]]:
    """Messages as they are stored, hashed and told."""
    return [{"role": message.role, "content": parts.to_json(message.content)} for message in messages]


def id_of(messages: tuple[Message, ...]) -> str:
    """The id of a prompt whose file gives none: the hash of its messages."""
    return hashlib.sha256(ledger.canonical(messages_json(messages))).hexdigest()
