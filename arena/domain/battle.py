"""A battle: one prompt, the history before it, two models, two responses.

A follow-up is a battle of its own on a shared history, with a fresh pair (design decision 8), so the prompt of
every battle is the same for both sides and each vote yields a valid preference pair.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from arena.domain import parts
from arena.domain.ids import BattleId, ConversationId, ModelName, RaterId
from arena.domain.origin import Origin
from arena.domain.parts import Content
from arena.domain.vote import Vote

PROMPT_LIMIT = 30_000
"""Characters in a prompt."""


ENDED = frozenset(
    {None, "", "stop", "eos", "eos_token", "end_turn", "stop_sequence", "stop_token", "tool_calls", "function_call"}
)
"""Finish reasons of answers that their models ended themselves, as servers spell them, and of those without one."""


class Side(StrEnum):
    """`a` is shown left, `b` right."""

    A = "a"
    B = "b"


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
    """Whose matter it is that a battle is void. A model rests and its void rate grows for `model` alone."""

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
    """`user` or `assistant`; of an imported conversation the first may be `system`. The system prompt of a model is no
    message."""
    content: Content

    @classmethod
    def of_text(cls, *, role: str, text: str) -> "Message":
        """A message that is one text."""
        return cls(role=role, content=parts.of_text(text))

    @property
    def text(self) -> str:
        """What it says in words."""
        return parts.words(self.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One complete answer: finish reason, a stream that ended cleanly, visible text. An imported one may be empty."""

    text: str
    finish_reason: str | None
    """How it ended: `stop` by itself, `length` at its limit. None where a source of imports does not say."""
    prompt_tokens: int | None
    completion_tokens: int | None
    first_token_seconds: float | None
    """From the request to the first visible text, as the server gave it, before pacing."""
    total_seconds: float | None
    """From the request to the last byte, before pacing. None, as the first text's time is, for every imported answer:
    nobody here saw it being written."""
    leak: bool | None = None
    """Whether the model says in it who it is. None for an answer that nobody looked through: an imported one, or one
    from before answers were."""

    @property
    def cut_off(self) -> bool:
        """Whether it ended before its model had ended it. One that nobody says anything of counts as finished."""
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
    """Whose answer the history ends with: the preferred one, or after a tie one drawn at random."""
    campaign: str
    rater_id: RaterId
    content: Content
    """What the rater asks."""
    history: tuple[Message, ...]
    """What was said before the prompt; the same for both sides."""
    model_a: ModelName
    model_b: ModelName
    draw_probability: float | None
    """Of this unordered pair, when it was drawn: the weight that keeps boards unbiased. None when not known."""
    created_at: datetime
    """UTC."""
    opens_first: Side | None = None
    """Which answer a page opens where it shows one at a time; drawn, as what is read first can sway a vote. None where
    it is not known: an import, or a battle from before it was drawn."""
    answers: Answers = Answers.LIVE

    @property
    def prompt(self) -> str:
        """What the rater asks, in words."""
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
    """Whose model failed; None where the cause is another."""
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
    """UTC; when both responses were stored."""
    void: Void | None
    votes: tuple[Vote, ...]
    """In ledger order."""
    origin: Origin | None = None
    """Where it came from; None for a battle that was fought here."""

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
        """Whether an answer gives its model away; None when neither is known to and one was not looked through."""
        found = [response.leak for response in (self.response_a, self.response_b) if response is not None]
        return True if True in found else None if None in found or not found else False

    def response(self, side: Side) -> Response | None:
        return self.response_a if side is Side.A else self.response_b
