"""What the rows of a format carry of a battle, and what they leave behind: named with its count, not dropped silently.

A format says what it carries. Of the rest is counted in how many battles, or votes where those are its unit, there was
something to carry. Whether a format says the truth is tested by planting a mark in every field of a record
(tests/exports/rows/test_carried.py).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from arena.domain.battle import BattleRecord
from arena.domain.vote import Vote

PARTS: Mapping[str, str] = {
    "system": "the system message of the conversation",
    "history": "what was said before the prompt",
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
}
"""What can be known of a battle, by name, as manifests say it, and in words."""


class There(NamedTuple):
    """Which parts a battle has, with the votes behind its rows. Every battle has those that are not named here."""

    system: bool
    history: bool
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


def there(record: BattleRecord, votes: Sequence[Vote]) -> There:
    """Which parts a battle has. In one piece, without a call a part: it is asked of every row of a release."""
    battle, origin = record.battle, record.origin
    left, right = record.response_a, record.response_b
    strength = tags = reason = edit = False
    for vote in votes:
        strength = strength or vote.strength is not None
        tags = tags or bool(vote.tags)
        reason = reason or vote.reason is not None
        edit = edit or vote.edit is not None
    return There(
        bool(battle.history) and battle.history[0].role == "system" and bool(battle.history[0].text.strip()),
        bool(battle.history),
        len(votes) > 1,
        strength,
        tags,
        reason,
        edit,
        origin is None or origin.timed,
        battle.turn > 1,
        origin is not None and origin.language is not None,
        origin is not None and origin.category is not None,
        origin is not None,
        battle.draw_probability is not None,
        (left is not None and left.finish_reason is not None)
        or (right is not None and right.finish_reason is not None),
        record.leak is not None,
        (left is not None and left.completion_tokens is not None)
        or (right is not None and right.completion_tokens is not None),
        battle.opens_first is not None,
    )


CONVERSATION = frozenset({"system", "history"})
JUDGED = CONVERSATION | {"answers", "winner"}
"""What rows of single answers with a label carry."""
PAIR = JUDGED | {"pairing"}
"""What rows of a chosen and a rejected answer carry."""


class LeftBehind:
    """What the rows of a release do not carry, counted as they are written."""

    def __init__(self, carries: frozenset[str]) -> None:
        self._carries = carries
        self._found: Counter[There] = Counter()

    def add(self, record: BattleRecord, votes: Sequence[Vote]) -> None:
        """Note a battle, or a vote, that has rows."""
        self._found[there(record, votes)] += 1

    def counts(self) -> dict[str, int]:
        """Battles, or votes, by what of them is not in the rows; in the order of `PARTS`."""
        counts = {
            name: sum(units for found, units in self._found.items() if getattr(found, name, True)) for name in PARTS
        }
        return {name: count for name, count in counts.items() if count and name not in self._carries}
