"""What is read from a row: votes, each with the battle it judges, and what has to stay outside."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from arena.domain.battle import Message
from arena.domain.vote import RaterKind, Strength, Tag, Winner


class RowFault(Exception):
    """Why nothing of a row can be used, as a clause that follows "row 12 of votes.csv: "."""


class UnvotedError(RowFault):
    """Nobody voted on the row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A part of a row that cannot be used."""

    why: str
    """A clause that follows "row 12 of votes.csv: "."""
    unvoted: bool = False
    """Whether the only fault is that nobody voted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedVote:
    """One vote, and the battle it judges, as the source tells them. Raises `RowFault` for a model against itself."""

    messages: tuple[Message, ...]
    """What both models were asked: the history with the prompt, which the user wrote."""
    text_a: str
    text_b: str
    model_a: str | None
    """None where the source does not say who answered."""
    model_b: str | None
    winner: Winner
    rater: str | None
    """The source's name of the rater; None where it does not say who voted."""
    rater_kind: RaterKind = RaterKind.PERSON
    """Whether the rater is a person or a model that judges, as the source says."""
    nth: int = 1
    """The number of this rater among the unnamed raters of the battle."""
    item: str | None = None
    """The source's name of the battle."""
    conversation: str | None = None
    """The source's name of the conversation; without one, the item stands for it."""
    language: str | None = None
    category: str | None = None
    cast_at: datetime | None = None
    """With a zone; None where the source does not say."""
    strength: Strength | None = None
    tags: tuple[Tag, ...] = ()
    reason: str | None = None
    edit: str | None = None
    criteria: tuple[tuple[str, Winner], ...] = ()
    """What won by each criterion, by name."""
    campaign: str | None = None
    draw_probability: float | None = None
    finish_reason_a: str | None = None
    """How the answer ended, as the source says it; None where it does not say."""
    finish_reason_b: str | None = None
    battle_id: str | None = None
    """The battle's id, where the file is a release of an arena like this one: ids are kept."""
    vote_id: str | None = None
    """The vote's id, where the file is a release of an arena: the vote is recognised by it, whatever its rater is
    called."""
    author: str | None = None
    """The rater who wrote the prompt, where the source says so."""

    def __post_init__(self) -> None:
        if self.model_a is not None and self.model_a == self.model_b:
            raise RowFault(f'"{self.model_a}" stands against itself.')

    @property
    def turn(self) -> int:
        """The number of this prompt in its conversation, from 1."""
        return sum(message.role == "user" for message in self.messages)

    @property
    def digest(self) -> str:
        """The digest that identifies the battle: two imported votes with the same digest are on the same battle.

        The name of the source does not enter it, so a file under another name still holds the same battles.
        """
        told = hashlib.sha256()
        for text in (self.item, self.model_a, self.model_b, self.text_a, self.text_b):
            told.update(b"-" if text is None else _spelled(text))
        for message in self.messages:
            told.update(_spelled(message.role) + _spelled(message.text))
        return told.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumb:
    """One answer that somebody called good or bad: part of a comparison with others to the same prompt."""

    messages: tuple[Message, ...]
    text: str
    up: bool
    model: str | None
    rater: str | None
    language: str | None
    category: str | None
    among: str | None = None
    """What it is compared within, where the source says so; otherwise all thumbs on one prompt."""
    cast_at: datetime | None = None
    """UTC."""


def _spelled(text: str) -> bytes:
    """A text after its length, so that different lists of texts never give the same bytes."""
    encoded = text.encode()
    return b"%d:%b" % (len(encoded), encoded)


def placed(better: str, worse: str, seed: str) -> bool:
    """Whether the better of two ranked answers is placed left: a coin that always falls the same way for the same
    seed."""
    return hashlib.sha256("\x1f".join((seed, better, worse)).encode()).digest()[0] % 2 == 0
