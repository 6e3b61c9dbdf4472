"""What a reader makes of a row: entries, each one vote with the battle it judges, and what it has to leave outside."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from arena.domain.battle import Message
from arena.domain.vote import RaterKind, Strength, Tag, Winner


class RowFault(Exception):
    """Why nothing of a row can be taken, as a clause that follows "row 12 of votes.csv: "."""


class UnvotedError(RowFault):
    """Nobody voted on the row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A part of a row that cannot be taken."""

    why: str
    """A clause that follows "row 12 of votes.csv: "."""
    unvoted: bool = False
    """Whether all that is wrong is that nobody voted."""


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
    """What the source calls the rater; None where it does not say who voted."""
    rater_kind: RaterKind = RaterKind.PERSON
    """A model that judges, where the source says so."""
    nth: int = 1
    """Which of the battle's unnamed raters this is."""
    item: str | None = None
    """What the source calls the battle."""
    conversation: str | None = None
    """What the source calls the conversation; the item otherwise."""
    language: str | None = None
    category: str | None = None
    cast_at: datetime | None = None
    """With a zone; None where the source does not say."""
    strength: Strength | None = None
    tags: tuple[Tag, ...] = ()
    reason: str | None = None
    edit: str | None = None
    campaign: str | None = None
    draw_probability: float | None = None
    finish_reason_a: str | None = None
    """How the answer ended, as the source says it; None where it does not."""
    finish_reason_b: str | None = None
    battle_id: str | None = None
    """Of an arena like this one, where the file is one's release: ids stay what they are."""
    vote_id: str | None = None
    """Known by it wherever it goes, whatever its rater is called."""
    author: str | None = None
    """The rater whose prompt it is, where the source says so."""

    def __post_init__(self) -> None:
        if self.model_a is not None and self.model_a == self.model_b:
            raise RowFault(f'"{self.model_a}" stands against itself.')

    @property
    def turn(self) -> int:
        """Which prompt of its conversation this is, from 1."""
        return sum(message.role == "user" for message in self.messages)

    @property
    def digest(self) -> str:
        """What tells this battle from every other: two entries with the same one are votes on the same battle.

        The name of the source is no part of it: a file that is given under another name holds the same battles.
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


def _spelled(text: str) -> bytes:
    """A text after its length, so that no two lists of texts are spelled alike."""
    encoded = text.encode()
    return b"%d:%b" % (len(encoded), encoded)


def placed(better: str, worse: str, seed: str) -> bool:
    """Whether the better of two ranked answers stands left: a coin that falls the same way each time it is asked."""
    return hashlib.sha256("\x1f".join((seed, better, worse)).encode()).digest()[0] % 2 == 0
