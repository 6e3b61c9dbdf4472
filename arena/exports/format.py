"""What an export format is: a name, a schema, and a pure function from a record to rows.

A format is given one `BattleRecord` at a time. For each of its units (the battle, or each vote on it) it returns rows
or the reason why there are none. So nothing can vanish: units in = units taken + units left out.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pyarrow as pa

from arena.domain.battle import BattleRecord
from arena.domain.ids import RaterId, VoteId

Row = dict[str, Any]
"""One row of a data file: the columns of the format's schema, in that order."""

MESSAGES = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
"""A conversation as trainers read it: messages with a role and a content."""


class Unit(StrEnum):
    """What a format counts: it gives one outcome for each."""

    BATTLE = "battle"
    VOTE = "vote"


class Reason(StrEnum):
    """Why a unit has no rows in a release: first the reasons of formats, then those of filters."""

    VOID = "void"
    UNFINISHED = "unfinished"
    NO_VOTE = "no_vote"
    NO_MAJORITY = "no_majority"
    TIE = "tie"
    BOTH_BAD = "both_bad"
    MEDIA = "media"
    EMPTY_ANSWER = "empty_answer"
    SAME_ANSWER = "same_answer"
    NOT_UNICODE = "not_unicode"
    NO_EDIT = "no_edit"
    MULTI_TURN = "multi_turn"
    NOT_ALTERNATING = "not_alternating"
    RESERVED = "reserved"
    HELD = "held"
    CONSENT = "consent"
    CAMPAIGN = "campaign"
    SOURCE = "source"
    CATEGORY = "category"
    MODEL = "model"
    TURN = "turn"
    TIME = "time"
    STRENGTH = "strength"
    RATER_VOTES = "rater_votes"
    RATER_AGREEMENT = "rater_agreement"
    PROMPT_LENGTH = "prompt_length"
    ANSWER_LENGTH = "answer_length"
    CUT_OFF = "cut_off"
    THINKING = "thinking"
    LEAK = "leak"
    LANGUAGE = "language"
    HELD_OUT = "held_out"
    TOO_FEW_VOTES = "too_few_votes"
    DISAGREEMENT = "disagreement"
    NOT_UNANIMOUS = "not_unanimous"
    EXACT_DUPLICATE = "exact_duplicate"
    NEAR_DUPLICATE = "near_duplicate"
    DOUBLE_ROW = "double_row"


EXPLANATIONS = {
    Reason.VOID: "one of the answers failed, so the battle counts for nobody",
    Reason.UNFINISHED: "an answer is missing",
    Reason.NO_VOTE: "nobody has voted on it",
    Reason.NO_MAJORITY: "several raters voted and no outcome has the most votes",
    Reason.TIE: "the raters found both answers equally good",
    Reason.BOTH_BAD: "the raters found both answers bad",
    Reason.MEDIA: "a picture, a sound or a film belongs to it, which the format does not carry",
    Reason.EMPTY_ANSWER: "one of the answers holds no visible text",
    Reason.SAME_ANSWER: "one side won, and both answers have the same text",
    Reason.NOT_UNICODE: "a text holds half a character (a lone surrogate), which neither file can carry",
    Reason.NO_EDIT: "no rater corrected the answer",
    Reason.MULTI_TURN: "the prompt is a conversation, and the trainer takes a single message",
    Reason.NOT_ALTERNATING: "user and assistant do not take turns, which the trainer demands",
    Reason.RESERVED: "a text holds words that the trainer would not read as text",
    Reason.HELD: "boards leave it out, because an answer said which model wrote it, or its rater's votes are held",
    Reason.CONSENT: "who voted, or who wrote the prompt, does not agree to publication",
    Reason.CAMPAIGN: "it belongs to another campaign than those selected",
    Reason.SOURCE: "it comes from another source than those selected",
    Reason.CATEGORY: "it is of another category than those selected",
    Reason.MODEL: "an answer is by another model than those selected",
    Reason.TURN: "it is another turn of the conversation than those selected",
    Reason.TIME: "it was cast outside the time selected, or nobody knows when",
    Reason.STRENGTH: "the rater gave another strength than those selected",
    Reason.RATER_VOTES: "the rater has cast fewer votes than the selection asks for",
    Reason.RATER_AGREEMENT: "the rater agrees with others less than the selection asks for, or shares no battle",
    Reason.PROMPT_LENGTH: "the prompt is shorter or longer than the selection asks for",
    Reason.ANSWER_LENGTH: "an answer is shorter or longer than the selection asks for",
    Reason.CUT_OFF: "an answer was cut off before its model had ended it",
    Reason.THINKING: "an answer holds what a model thought before it answered",
    Reason.LEAK: "an answer says which model wrote it, or who made it",
    Reason.LANGUAGE: "the prompt is in another language than those selected",
    Reason.HELD_OUT: "the prompt is held out of every release",
    Reason.TOO_FEW_VOTES: "fewer raters voted on the battle than the selection asks for",
    Reason.DISAGREEMENT: "the raters agree less than the selection asks for",
    Reason.NOT_UNANIMOUS: "the raters do not all agree",
    Reason.EXACT_DUPLICATE: "enough battles with the same prompt came before it",
    Reason.NEAR_DUPLICATE: "enough battles with nearly the same prompt came before it",
    Reason.DOUBLE_ROW: "the very same rows came before it",
}
"""Each reason as a clause, for cards and pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A unit without rows."""

    reason: Reason
    vote_id: VoteId | None = None
    """The vote, where the unit is a vote. None: the unit is the battle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A unit with rows."""

    rows: tuple[Row, ...]
    vote_id: VoteId | None = None
    """The vote, where the unit is a vote. None: the unit is the battle."""


Outcome = Taken | LeftOut
"""What a format makes of one unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a format may know besides the record."""

    pseudonym: Callable[[RaterId], str]
    """The rater's name in this release, and only in this one."""


def no_files(_rows: Mapping[str, int]) -> Mapping[str, str]:
    """No extra files: for formats whose trainer needs only the data."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class LooksAt:
    """What a format looks for in the texts of a battle. Any format may look at the roles of the messages, at whether an
    answer is empty and at whether both answers are the same: that need not be said."""

    patterns: tuple[str, ...] = ()
    """Regular expressions that may be found anywhere in them."""
    around: str = ""
    """A text that an answer, or its first line, may be found in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One way of writing votes as rows for a trainer."""

    name: str
    title: str
    """What it is for, in a few words."""
    unit: Unit
    schema: pa.Schema
    convert: Callable[[BattleRecord, Context], Iterable[Outcome]]
    """Pure: the same record gives the same rows. Gives one outcome for each unit of the record."""
    command: str
    """Ready to paste in the release's folder."""
    command_purpose: str
    """What the command does, as the end of the sentence "Run this in the folder to ..."."""
    task_categories: tuple[str, ...]
    """Task categories of the Hugging Face hub."""
    tags: tuple[str, ...]
    """Tags for the Hugging Face hub."""
    carries: frozenset[str]
    """The parts of a battle that are in the rows, by the names of `carried.PARTS`. The card counts the others."""
    notes: tuple[str, ...]
    """Sentences for the card: what a reader of this format must know."""
    looks_at: LooksAt | None = None
    """What `convert` looks for in texts. Battles that differ in nothing it looks at are counted together, and one of
    them is read. None: it does not say, so every battle is read."""
    apart: bool = False
    """Whether the rows of one unit are placed far apart; every unit then has the same number of rows (`row_order`)."""
    files: Callable[[Mapping[str, int]], Mapping[str, str]] = no_files
    """The extra files that the trainer needs, text by name, given the number of rows of each split."""
