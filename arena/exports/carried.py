"""What the rows of a format carry of a battle, and what they leave behind: named with its count, not dropped silently.

A format says what it carries. Of the rest is counted in how many battles, or votes where those are its unit, there was
something to carry. Whether a format says the truth is tested by planting a mark in every field of a record
(tests/exports/test_carried.py).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from arena.domain.battle import BattleRecord, Response
from arena.domain.vote import Vote

There = Callable[[BattleRecord, Sequence[Vote]], bool]
"""Whether a battle, with the votes behind its rows, has something of a part."""


class Part(NamedTuple):
    """One thing that can be known of a battle."""

    words: str
    there: There | None
    """None for what every battle has."""


def _answers(known: Callable[[Response], object]) -> There:
    return lambda record, _: any(
        known(response) is not None for response in (record.response_a, record.response_b) if response is not None
    )


def _votes(known: Callable[[Vote], object]) -> There:
    return lambda _, votes: any(known(vote) for vote in votes)


PARTS: Mapping[str, Part] = {
    "system": Part(
        "the system message of the conversation",
        lambda record, _: any(message.role == "system" for message in record.battle.history),
    ),
    "history": Part("what was said before the prompt", lambda record, _: bool(record.battle.history)),
    "answers": Part("the two answers as they were written", None),
    "winner": Part("what was voted", None),
    "pairing": Part("which two answers stood against each other", None),
    "sides": Part("which answer stood left", None),
    "other_votes": Part("how many voted, and what the others said", lambda _, votes: len(votes) > 1),
    "strength": Part("how much better the winner is", _votes(lambda vote: vote.strength)),
    "tags": Part("what decided the vote", _votes(lambda vote: vote.tags)),
    "reason": Part("the rater's reason in words", _votes(lambda vote: vote.reason)),
    "edit": Part("the rater's correction", _votes(lambda vote: vote.edit)),
    "models": Part("which model wrote which answer", None),
    "rater": Part("who voted, under a pseudonym", None),
    "time": Part("when it was voted on", lambda record, _: record.origin is None or record.origin.timed),
    "conversation": Part("which conversation it belongs to, and its turn", lambda record, _: record.battle.turn > 1),
    "campaign": Part("its campaign", None),
    "language": Part(
        "its language, as the source says it",
        lambda record, _: record.origin is not None and bool(record.origin.language),
    ),
    "category": Part(
        "its category, as the source says it",
        lambda record, _: record.origin is not None and bool(record.origin.category),
    ),
    "source": Part("the source it was imported from, and its id there", lambda record, _: record.origin is not None),
    "draw_probability": Part(
        "the chance with which the pair was drawn", lambda record, _: record.battle.draw_probability is not None
    ),
    "finish_reason": Part("how each answer ended", _answers(lambda response: response.finish_reason)),
    "leak": Part("whether an answer names its model", lambda record, _: record.leak is not None),
    "tokens": Part("tokens of prompt and answers", _answers(lambda response: response.completion_tokens)),
    "timing": Part("when it was asked, and how fast answers were written and read", None),
    "opens_first": Part("which answer a phone opened first", lambda record, _: record.battle.opens_first is not None),
}
"""By name, as manifests say it."""
CONVERSATION = frozenset({"system", "history"})
JUDGED = CONVERSATION | {"answers", "winner"}
"""What rows of single answers with a label carry."""
PAIR = JUDGED | {"pairing"}
"""What rows of a chosen and a rejected answer carry."""


class LeftBehind:
    """What the rows of a release do not carry, counted as they are written."""

    def __init__(self, carries: frozenset[str]) -> None:
        self._always = [name for name, part in PARTS.items() if part.there is None and name not in carries]
        self._asked = [(name, part.there) for name, part in PARTS.items() if part.there and name not in carries]
        self._counts = [0] * len(self._asked)
        self._units = 0

    def add(self, record: BattleRecord, votes: Sequence[Vote]) -> None:
        """Note a battle, or a vote, that has rows."""
        self._units += 1
        for place, (_, there) in enumerate(self._asked):
            if there(record, votes):
                self._counts[place] += 1

    def counts(self) -> dict[str, int]:
        """Battles, or votes, by what of them is not in the rows; in the order of `PARTS`."""
        found = {name: count for (name, _), count in zip(self._asked, self._counts, strict=True) if count}
        found.update(dict.fromkeys(self._always, self._units))
        return {name: found[name] for name in PARTS if found.get(name)}
