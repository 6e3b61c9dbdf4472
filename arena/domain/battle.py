"""A battle: one prompt, the history before it, two models, two responses.

A follow-up is a battle of its own on a shared history, with a fresh pair (design decision 8), so the prompt of
every battle is the same for both sides and each vote yields a valid preference pair.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from arena.domain import parts
from arena.domain.ids import BattleId, ConversationId, ModelName, RaterId, VoteId
from arena.domain.origin import Origin
from arena.domain.parts import Content, Media
from arena.domain.vote import Vote

PROMPT_LIMIT = 30_000
"""The most characters in a prompt."""


ENDED = frozenset(
    {None, "", "stop", "eos", "eos_token", "end_turn", "stop_sequence", "stop_token", "tool_calls", "function_call"}
)
"""Finish reasons of answers that the model ended itself, as servers spell them; also no reason at all."""


class Side(StrEnum):
    """`a` is shown left, `b` right."""

    A = "a"
    B = "b"

    @property
    def other(self) -> "Side":
        """The one beside it."""
        return Side.B if self is Side.A else Side.A


class BattleState(StrEnum):
    """`open`: being written · `ready`: both complete · `voted` · `void`: it counts for nobody, see `VoidCause`."""

    OPEN = "open"
    READY = "ready"
    VOTED = "voted"
    VOID = "void"


class Answers(StrEnum):
    """Where the answers of a battle come from."""

    LIVE = "live"
    """Written while their rater waits."""
    STORED = "stored"
    """They were there before. So nothing can be stopped, and nobody can go on from one."""


class VoidCause(StrEnum):
    """What caused a battle to be void. Only for `model` does a model rest and its void rate grow."""

    MODEL = "model"
    """A model server failed, or gave no complete answer."""
    PROMPT = "prompt"
    """The conversation is too long for a model, or its content is refused."""
    RATER = "rater"
    """Its rater stopped it, or left the arena for good."""
    ARENA = "arena"
    """The arena stopped, was killed, or had no means left."""
    EXPIRED = "expired"
    """Nobody was reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a conversation."""

    role: str
    """`user` or `assistant`; the first of an imported conversation may be `system`. The system prompt of a model is not
    a message."""
    content: Content

    @classmethod
    def of_text(cls, *, role: str, text: str) -> "Message":
        """A message that is one text."""
        return cls(role=role, content=parts.of_text(text))

    @property
    def text(self) -> str:
        """The words of the message."""
        return parts.words(self.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One complete answer: finish reason, a stream that ended cleanly, visible text. An imported one may be empty."""

    text: str
    finish_reason: str | None
    """How the answer ended: `stop` by itself, `length` at its limit. None where the source of an import does not
    say."""
    prompt_tokens: int | None
    completion_tokens: int | None
    first_token_seconds: float | None
    """From the request to the first visible text, as the server gave it, before pacing."""
    total_seconds: float | None
    """From the request to the last byte, before pacing. None, like the time of the first text, for every imported
    answer, whose writing nobody here measured."""
    leak: bool | None = None
    """Whether the model says in the answer who it is. None for an answer that was not checked: an imported one, or one
    from before answers were checked."""
    reasoning_tokens: int | None = None
    """Tokens that the model thought before it answered, which nobody is shown: part of the completion tokens, as the
    server counts them, or else one for each piece of thought it sent. None where it sent none."""
    reasoning_seconds: float | None = None
    """From the first piece of thought to the last, before pacing. None where there was none."""

    media: tuple[Media, ...] = ()
    """Pictures, sounds and films of a stored answer; then the text may be empty."""

    @property
    def content(self) -> Content:
        """The whole answer, media first."""
        return (*self.media, *parts.of_text(self.text)) if self.text or not self.media else self.media

    @property
    def cut_off(self) -> bool:
        """Whether the answer ended before the model had finished. Without a finish reason it counts as finished."""
        return self.finish_reason not in ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Battle:
    """Everything decided when a battle is opened."""

    battle_id: BattleId
    conversation_id: ConversationId
    turn: int
    """1 for the first prompt of a conversation."""
    continues: BattleId | None
    continued_side: Side | None
    """The side whose answer ends the history: the preferred one, or after a tie one drawn at random."""
    campaign: str
    rater_id: RaterId
    content: Content
    """What the rater asks."""
    history: tuple[Message, ...]
    """The messages before the prompt; the same for both sides."""
    model_a: ModelName
    model_b: ModelName
    draw_probability: float | None
    """The probability with which this unordered pair was drawn: the weight that keeps boards unbiased. None:
    unknown."""
    created_at: datetime
    """UTC."""
    opens_first: Side | None = None
    """The answer that a page opens first, where it shows one at a time. It is drawn at random, because what is read
    first can sway a vote. None where it is not known: an import, or a battle from before it was drawn."""
    answers: Answers = Answers.LIVE
    language: str | None = None
    """As the prompt set says it. None where it does not, and for a battle of no set."""
    category: str | None = None
    """As the prompt set says it. None for a battle of no set."""
    campaign_version: int | None = None
    """The version of its campaign that it was drawn under. None: of one that is not stored."""

    @property
    def prompt(self) -> str:
        """The words that the rater asks."""
        return parts.words(self.content)

    @property
    def messages(self) -> tuple[Message, ...]:
        """The history with the prompt: what both models are asked."""
        return (*self.history, Message(role="user", content=self.content))

    def model(self, side: Side) -> ModelName:
        """The model shown on a side."""
        return self.model_a if side is Side.A else self.model_b


@dataclass(frozen=True, slots=True, kw_only=True)
class Void:
    """Why a battle counts for nobody."""

    cause: VoidCause
    failed_side: Side | None
    """The side whose model failed; None where that is not the cause."""
    detail: str
    """The model error's message, for the admin; it may name a model."""
    voided_at: datetime
    next: BattleId | None = None
    """The battle that the arena opened in its place, on the same prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BattleRecord:
    """A battle with all that has happened to it."""

    battle: Battle
    response_a: Response | None
    response_b: Response | None
    completed_at: datetime | None
    """UTC; the time when both responses were stored."""
    void: Void | None
    votes: tuple[Vote, ...]
    """In ledger order."""
    origin: Origin | None = None
    """Where the battle was imported from; None for a battle that was fought here."""
    held_votes: frozenset[VoteId] = frozenset()
    """Votes on whose rater a hold lies. Only records that are selected from know them."""

    @property
    def state(self) -> BattleState:
        if self.void is not None:
            return BattleState.VOID
        if self.votes:
            return BattleState.VOTED
        if self.response_a is not None and self.response_b is not None:
            return BattleState.READY
        return BattleState.OPEN

    @property
    def leak(self) -> bool | None:
        """Whether an answer gives its model away. None where neither is known to, and at least one was not checked."""
        left, right = self.response_a, self.response_b
        if left is None or right is None:
            only = left or right
            return None if only is None else only.leak
        if left.leak or right.leak:
            return True
        return None if left.leak is None or right.leak is None else False

    def holds(self, vote: Vote) -> bool:
        """Whether a vote on it is held: kept, and left out of boards."""
        return self.leak is True or vote.vote_id in self.held_votes

    @property
    def has_media(self) -> bool:
        """Whether a picture, a sound or a film is in what was asked or answered."""
        for answer in (self.response_a, self.response_b):
            if answer is not None and answer.media:
                return True
        battle = self.battle
        return not (parts.plain(battle.content) and all(parts.plain(message.content) for message in battle.history))

    @property
    def language(self) -> str | None:
        """As the source of an import or the prompt set says it."""
        told = None if self.origin is None else self.origin.language
        return self.battle.language if told is None else told

    @property
    def category(self) -> str | None:
        """As the source of an import or the prompt set says it."""
        told = None if self.origin is None else self.origin.category
        return self.battle.category if told is None else told

    def response(self, side: Side) -> Response | None:
        return self.response_a if side is Side.A else self.response_b
