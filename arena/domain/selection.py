"""A selection: which votes a release is made from, in words that can be stored, repeated and compared.

The default selection takes everything that counts. `to_mapping` gives only what differs from it, sorted and in one
spelling, so that the same selection reads the same in every manifest. `from_mapping` reads it back.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from arena.domain import language_codes
from arena.domain import selection_values as values
from arena.domain.personal import PersonalKind
from arena.domain.vote import Counting
from arena.errors import DoesNotFit, InvalidValue


class Policy(StrEnum):
    """Whether votes or battles of a special kind are kept."""

    KEEP = "keep"
    DROP = "drop"


class Several(StrEnum):
    """What several votes on one battle become.

    `majority`: the outcome with the most votes · `unanimous`: the battle leaves unless all agree · `each`: rows of its
    own for every vote, with its margin where the format has one.
    """

    MAJORITY = "majority"
    UNANIMOUS = "unanimous"
    EACH = "each"


class Consent(StrEnum):
    """Which consent is needed: `any`: none · `public`: rater and author of the prompt agree to publication.

    What the raters of imported votes agreed to is unknown, so this does not apply to them.
    """

    ANY = "any"
    PUBLIC = "public"


class Finished(StrEnum):
    """Whether battles with cut-off answers are kept: `any` · `ended`: both answers ended by themselves, as far as the
    server or the source of an import says."""

    ANY = "any"
    ENDED = "ended"


class Thinking(StrEnum):
    """What becomes of thoughts inside an answer, in `<think>` and its kin: `keep` · `strip`: the answer stays without
    them · `drop`: the battle leaves."""

    KEEP = "keep"
    STRIP = "strip"
    DROP = "drop"


class Duplicates(StrEnum):
    """What becomes of rows that are the same as an earlier row: `keep` · `first`: only the first stays."""

    KEEP = "keep"
    FIRST = "first"


NOT_GIVEN = "not_given"
"""The strength of a vote that gives none, such as a tie."""
STRENGTHS = ("clearly", NOT_GIVEN, "slightly")
HERE = "arena"
"""The source of battles that were fought in this arena."""
UNCATEGORISED = "none"
"""The category of battles without one."""
UNDETERMINED = language_codes.UNDETERMINED
"""The code of ISO 639-2 for a text whose language is undetermined."""


MOST_HELD_OUT = 0.5
"""The largest share of first prompts that can be held out. It binds every later release, so a slip must leave some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which votes are taken, and how they become rows. An empty tuple, like None, filters nothing."""

    votes: Counting = Counting.COUNTED
    """Whether held votes are taken too: those that boards leave out."""
    consent: Consent = Consent.ANY
    """Consent of the rater, and of the author of the prompt."""
    campaigns: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    """Both answers must be by one of these models."""
    sources: tuple[str, ...] = ()
    """Where battles come from: `arena` for those fought here, otherwise the source an import named."""
    languages: tuple[str, ...] = ()
    """ISO 639 codes of the prompt's language; `und` where it is undetermined."""
    categories: tuple[str, ...] = ()
    """Categories as an import names them; `none` for battles without one."""
    since: datetime | None = None
    """UTC; takes votes cast at this time or later."""
    until: datetime | None = None
    """UTC; takes votes cast before this time."""
    first_turn: int = 1
    """1 for the first prompt of a conversation."""
    last_turn: int | None = None
    minimum_votes: int = 1
    """Least number of votes on a battle, counting those still selected."""
    minimum_agreement: float = 0.0
    """Least share of the votes on a battle that the leading outcome must have."""
    several: Several = Several.MAJORITY
    strengths: tuple[str, ...] = ()
    ties: Policy = Policy.KEEP
    """Votes for a tie, before several votes become one outcome; a format that cannot use one leaves it out anyway."""
    both_bad: Policy = Policy.KEEP
    """The same for both bad."""
    leaks: Policy = Policy.KEEP
    """Battles in which an answer says which model wrote it, or who made it."""
    finished: Finished = Finished.ANY
    thinking: Thinking = Thinking.KEEP
    minimum_rater_votes: int = 1
    """Least number of votes that count by the same rater, in the whole workspace."""
    minimum_rater_agreement: float = 0.0
    """Least share of other raters' votes, on battles the rater voted on, with the rater's outcome. A rater who shares
    no battle with others has no such share, and is left out as soon as one is required."""
    exact_duplicates: int | None = None
    """How many battles with the same prompt and history stay: the first ones."""
    near_duplicates: int | None = None
    """How many battles with nearly the same prompt stay: the first ones."""
    duplicates: Duplicates = Duplicates.KEEP
    """What becomes of equal rows of the release, whatever battles they were made from."""
    minimum_prompt_characters: int = 0
    maximum_prompt_characters: int | None = None
    minimum_answer_characters: int = 0
    """Least length of both answers."""
    maximum_answer_characters: int | None = None
    mask: tuple[str, ...] = ()
    """Kinds of personal data that are masked in the rows."""
    test_share: float = 0.0
    """Share of first prompts in the test split."""
    held_out_share: float = 0.0
    """Share of first prompts that are in no release at all. Every later release has to hold out as much."""
    split_by_cluster: bool = False
    """Whether conversations with nearly the same first prompt stay in one split."""
    license: str | None = None
    """The hub's name of a licence, such as `cc-by-4.0`, for the card."""

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> Self:
        """Read a selection as JSON or TOML spells it. Raises `InvalidValue` naming the key and what is accepted."""
        if not isinstance(mapping, Mapping):
            raise InvalidValue(f"A selection is a table of keys and values, not {values.shown(mapping)}.")
        for key in mapping:
            if key not in READERS:
                raise InvalidValue(values.unknown("select", str(key), READERS))
        given = {key: READERS[key](key, value) for key, value in mapping.items()}
        selection = cls(**given)
        for lower, upper in ORDERED:
            low, high = getattr(selection, lower), getattr(selection, upper)
            if low is not None and high is not None and not (low < high if lower == "since" else low <= high):
                raise DoesNotFit(f"{lower} is {low} and {upper} is {high}, which selects nothing; widen them.")
        return selection

    def to_mapping(self) -> dict[str, Any]:
        """What differs from the default, by key, as JSON's own types."""
        named = {field.name: (getattr(self, field.name), field.default) for field in dataclasses.fields(self)}
        return {key: values.spelt(value) for key, (value, default) in sorted(named.items()) if value != default}


READERS: Mapping[str, values.Reader] = {
    "votes": values.choice(Counting),
    "consent": values.choice(Consent),
    "campaigns": values.names(),
    "models": values.names(),
    "sources": values.names(),
    "languages": values.codes,
    "categories": values.names(),
    "since": values.moment,
    "until": values.moment,
    "first_turn": values.count(1),
    "last_turn": values.optional(values.count(1)),
    "minimum_votes": values.count(1),
    "minimum_agreement": values.share(1.0),
    "several": values.choice(Several),
    "strengths": values.names(STRENGTHS),
    "ties": values.choice(Policy),
    "both_bad": values.choice(Policy),
    "leaks": values.choice(Policy),
    "finished": values.choice(Finished),
    "thinking": values.choice(Thinking),
    "minimum_rater_votes": values.count(1),
    "minimum_rater_agreement": values.share(1.0),
    "exact_duplicates": values.optional(values.count(1)),
    "near_duplicates": values.optional(values.count(1)),
    "duplicates": values.choice(Duplicates),
    "minimum_prompt_characters": values.count(0),
    "maximum_prompt_characters": values.optional(values.count(1)),
    "minimum_answer_characters": values.count(0),
    "maximum_answer_characters": values.optional(values.count(1)),
    "mask": values.names(tuple(PersonalKind), every=True),
    "test_share": values.part,
    "held_out_share": values.share(MOST_HELD_OUT),
    "split_by_cluster": values.switch,
    "license": values.optional(values.licence),
}
"""The reader of each key."""
ORDERED = (
    ("since", "until"),
    ("first_turn", "last_turn"),
    ("minimum_prompt_characters", "maximum_prompt_characters"),
    ("minimum_answer_characters", "maximum_answer_characters"),
)
"""Pairs of keys: the first must not be above the second."""


def worded(key: str, text: str) -> Any:
    """A value as a command line spells it: lists with commas between; the reader of the key then checks it."""
    reader = READERS.get(key)
    if reader is None:
        raise InvalidValue(values.unknown("select", key, READERS))
    return values.worded(getattr(Selection(), key), text)
