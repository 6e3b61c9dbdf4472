"""Which parts of a battle the rows of a format carry, and which they leave behind. What is left behind is counted.

A format names the parts that it carries. For every other part, `LeftBehind` counts the battles (or votes, where those
are the unit) that have it. A test plants a mark in every field of a record to check what formats say
(tests/exports/rows/test_carried.py).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from arena.domain.battle import BattleRecord
from arena.domain.vote import RaterKind, Vote

PARTS: Mapping[str, str] = {
    "system": "the system message of the conversation",
    "history": "what was said before the prompt",
    "media": "pictures, sounds and films",
    "answers": "the two answers as they were written",
    "winner": "what was voted",
    "pairing": "which two answers stood against each other",
    "sides": "which answer stood left",
    "other_votes": "how many voted, and what the others said",
    "strength": "how much better the winner is",
    "tags": "what decided the vote",
    "reason": "the rater's reason in words",
    "edit": "the rater's correction",
    "models": "which model wrote which answer",
    "rater": "who voted, under a pseudonym",
    "time": "when it was voted on",
    "conversation": "which conversation it belongs to, and its turn",
    "campaign": "its campaign",
    "language": "its language, as the source says it",
    "category": "its category, as the source says it",
    "source": "the source it was imported from, and its id there",
    "draw_probability": "the chance with which the pair was drawn",
    "finish_reason": "how each answer ended",
    "leak": "whether an answer names its model",
    "tokens": "tokens of prompt and answers",
    "timing": "when it was asked, and how fast answers were written and read",
    "opens_first": "which answer a phone opened first",
    "criteria": "what won by each criterion",
    "rater_kind": "whether a program or a model voted",
}
"""The parts of a battle: the name that manifests use, and the same in words."""


class There(NamedTuple):
    """Whether a battle, with the votes behind its rows, has each of these parts. Every battle has all other parts."""

    system: bool
    history: bool
    media: bool
    other_votes: bool
    strength: bool
    tags: bool
    reason: bool
    edit: bool
    time: bool
    conversation: bool
    language: bool
    category: bool
    source: bool
    draw_probability: bool
    finish_reason: bool
    leak: bool
    tokens: bool
    opens_first: bool
    criteria: bool
    rater_kind: bool


def _there(record: BattleRecord, votes: Sequence[Vote]) -> tuple[bool, ...]:
    """Which parts a battle has, as in `There`. All in one function, because it is called for every row of a release."""
    battle, origin = record.battle, record.origin
    left, right = record.response_a, record.response_b
    strength = tags = reason = edit = criteria = kind = False
    for vote in votes:
        strength = strength or vote.strength is not None
        tags = tags or bool(vote.tags)
        reason = reason or vote.reason is not None
        edit = edit or vote.edit is not None
        criteria = criteria or bool(vote.criteria)
        kind = kind or vote.rater_kind is not RaterKind.PERSON
    return (
        bool(battle.history) and battle.history[0].role == "system" and bool(battle.history[0].text.strip()),
        bool(battle.history),
        record.has_media,
        len(votes) > 1,
        strength,
        tags,
        reason,
        edit,
        origin is None or origin.timed,
        battle.turn > 1,
        record.language is not None,
        record.category is not None,
        origin is not None,
        battle.draw_probability is not None,
        (left is not None and left.finish_reason is not None)
        or (right is not None and right.finish_reason is not None),
        record.leak is not None,
        (left is not None and left.completion_tokens is not None)
        or (right is not None and right.completion_tokens is not None),
        battle.opens_first is not None,
        criteria,
        kind,
    )


CONVERSATION = frozenset({"system", "history"})
JUDGED = CONVERSATION | {"answers", "winner"}
"""The parts carried by rows of a single answer with a label."""
PAIR = JUDGED | {"pairing"}
"""The parts carried by rows of a chosen and a rejected answer."""


class LeftBehind:
    """Counts what the rows of a release do not carry, while they are written."""

    def __init__(self, carries: frozenset[str]) -> None:
        self._carries = carries
        self._found: Counter[tuple[bool, ...]] = Counter()

    def add(self, record: BattleRecord, votes: Sequence[Vote], units: int = 1) -> None:
        """Count a battle, or a vote, that has rows; it may stand for many."""
        self._found[_there(record, votes)] += units

    def counts(self) -> dict[str, int]:
        """How many battles, or votes, have each part that the rows do not carry, in the order of `PARTS`."""
        found = [(There(*parts), units) for parts, units in self._found.items()]
        counts = {name: sum(units for there, units in found if getattr(there, name, True)) for name in PARTS}
        return {name: count for name, count in counts.items() if count and name not in self._carries}
