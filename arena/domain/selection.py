"""A selection: which votes a release is made from, in words that can be stored, repeated and compared.

The default selection takes everything that counts. `to_mapping` says only what differs from it, sorted and in one
spelling, so that the same selection reads the same in every manifest; `from_mapping` reads it back.
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
from arena.errors import InvalidValue


class Policy(StrEnum):
    """What becomes of something special."""

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
    """How far the raters have to agree: `any`: as far as the text says or less · `public`: to publication.

    What the raters of imported votes agreed to is not known here, and is not asked.
    """

    ANY = "any"
    PUBLIC = "public"


class Finished(StrEnum):
    """Whether answers that were cut off are taken: `any` · `ended`: both answers ended by themselves, as far as their
    servers, or the source of an import, said how they ended."""

    ANY = "any"
    ENDED = "ended"


class Thinking(StrEnum):
    """What becomes of thoughts inside an answer, in `<think>` and its kin: `keep` · `strip`: the answer stays without
    them · `drop`: the battle leaves."""

    KEEP = "keep"
    STRIP = "strip"
    DROP = "drop"


class Duplicates(StrEnum):
    """What becomes of rows that are the very same as earlier ones: `keep` · `first`: only the first stays."""

    KEEP = "keep"
    FIRST = "first"


NOT_GIVEN = "not_given"
"""The strength of a vote without one, a tie among them."""
STRENGTHS = ("clearly", NOT_GIVEN, "slightly")
HERE = "arena"
"""The source of battles that were fought in this arena."""
UNCATEGORISED = "none"
"""The category of battles without one."""
UNDETERMINED = language_codes.UNDETERMINED
"""The language of a text that shows none; ISO 639-2's own code for it."""


MOST_HELD_OUT = 0.5
"""Share of first prompts that can be held out: it binds every later release, so a slip must leave something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which votes, and how they become rows. An empty tuple, like None, asks for nothing."""

    consent: Consent = Consent.ANY
    """Of who voted, and of who wrote the prompt."""
    campaigns: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    """Both answers are by one of these."""
    sources: tuple[str, ...] = ()
    """Where battles come from: `arena` for those fought here, otherwise the source an import named."""
    languages: tuple[str, ...] = ()
    """Codes of ISO 639, of the prompt; `und` for a prompt that shows none."""
    categories: tuple[str, ...] = ()
    """As an import named them; `none` for battles without one."""
    since: datetime | None = None
    """UTC; votes cast then or later."""
    until: datetime | None = None
    """UTC; votes cast before."""
    first_turn: int = 1
    """1 for the first prompt of a conversation."""
    last_turn: int | None = None
    minimum_votes: int = 1
    """On one battle, of those that are still selected."""
    minimum_agreement: float = 0.0
    """Share of the votes on one battle that the outcome with the most votes has at least."""
    several: Several = Several.MAJORITY
    strengths: tuple[str, ...] = ()
    ties: Policy = Policy.KEEP
    """Votes for a tie, before several votes become one outcome; a format that cannot use one leaves it out anyway."""
    both_bad: Policy = Policy.KEEP
    """Likewise."""
    leaks: Policy = Policy.KEEP
    """Battles in which an answer says which model wrote it, or who made it."""
    finished: Finished = Finished.ANY
    thinking: Thinking = Thinking.KEEP
    minimum_rater_votes: int = 1
    """Votes that count, in the whole workspace."""
    minimum_rater_agreement: float = 0.0
    """Share of the votes of others, on battles the rater voted on, with the same outcome. A rater who shares no battle
    has no such share, and leaves as soon as one is asked for."""
    exact_duplicates: int | None = None
    """Battles with one and the same prompt, history included, that stay; the first ones do."""
    near_duplicates: int | None = None
    """Battles with nearly the same prompt that stay; the first ones do."""
    duplicates: Duplicates = Duplicates.KEEP
    """Rows of the release, whatever they were made from."""
    minimum_prompt_characters: int = 0
    maximum_prompt_characters: int | None = None
    minimum_answer_characters: int = 0
    """Of both answers."""
    maximum_answer_characters: int | None = None
    mask: tuple[str, ...] = ()
    """Kinds of personal data that are masked in the rows."""
    test_share: float = 0.0
    """Of first prompts, in the test split."""
    held_out_share: float = 0.0
    """Of first prompts, in no release at all; every later release has to hold out as much."""
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
                raise InvalidValue(f"{lower} is {low} and {upper} is {high}, which selects nothing; widen them.")
        return selection

    def to_mapping(self) -> dict[str, Any]:
        """What differs from the default, by key, as JSON's own types."""
        named = {field.name: (getattr(self, field.name), field.default) for field in dataclasses.fields(self)}
        return {key: values.spelt(value) for key, (value, default) in sorted(named.items()) if value != default}


READERS: Mapping[str, values.Reader] = {
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
"""How each key is read."""
ORDERED = (
    ("since", "until"),
    ("first_turn", "last_turn"),
    ("minimum_prompt_characters", "maximum_prompt_characters"),
    ("minimum_answer_characters", "maximum_answer_characters"),
)
"""Keys of which the first must not be above the second."""


def worded(key: str, text: str) -> Any:
    """A value as a command line spells it: lists with commas between; the reader of the key then checks it."""
    reader = READERS.get(key)
    if reader is None:
        raise InvalidValue(values.unknown("select", key, READERS))
    return values.worded(getattr(Selection(), key), text)
