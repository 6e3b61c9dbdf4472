"""What the OpenAPI document says of a selection: each key, with the values that its reader takes."""

from collections.abc import Iterable
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from arena.api import said
from arena.api.bodies import whole_numbers
from arena.domain.personal import PersonalKind
from arena.domain.selection import (
    MOST_HELD_OUT,
    STRENGTHS,
    Consent,
    Duplicates,
    Finished,
    Policy,
    Several,
    Thinking,
)
from arena.domain.selection_values import COUNT_LIMIT, LICENCE, LIST_LIMIT, NAME_LIMIT
from arena.domain.vote import Counting


def _words(words: Iterable[str]) -> dict[str, Any]:
    return {"type": "string", "enum": list(map(str, words))}


def _names(one: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": one, "minItems": 1, "maxItems": LIST_LIMIT}


def _count(least: int, *, maybe: bool = False) -> dict[str, Any]:
    return {"type": ["integer", "null"] if maybe else "integer", "minimum": least, "maximum": COUNT_LIMIT}


def _share(most: float) -> dict[str, Any]:
    return {"type": "number", "minimum": 0, "maximum": most}


NAME: Final = {"type": "string", "maxLength": NAME_LIMIT, "pattern": said.VISIBLE_LINE}
MOMENT: Final = {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}
KEYS: Final[dict[str, dict[str, Any]]] = {
    "votes": _words(Counting),
    "consent": _words(Consent),
    "campaigns": _names(NAME),
    "models": _names(NAME),
    "sources": _names(NAME),
    "languages": _names(NAME),
    "categories": _names(NAME),
    "since": MOMENT,
    "until": MOMENT,
    "first_turn": _count(1),
    "last_turn": _count(1, maybe=True),
    "minimum_votes": _count(1),
    "minimum_agreement": _share(1),
    "several": _words(Several),
    "strengths": _names(_words(STRENGTHS)),
    "ties": _words(Policy),
    "both_bad": _words(Policy),
    "leaks": _words(Policy),
    "finished": _words(Finished),
    "thinking": _words(Thinking),
    "minimum_rater_votes": _count(1),
    "minimum_rater_agreement": _share(1),
    "exact_duplicates": _count(1, maybe=True),
    "near_duplicates": _count(1, maybe=True),
    "duplicates": _words(Duplicates),
    "minimum_prompt_characters": _count(0),
    "maximum_prompt_characters": _count(1, maybe=True),
    "minimum_answer_characters": _count(0),
    "maximum_answer_characters": _count(1, maybe=True),
    "mask": _names(_words(PersonalKind)),
    "test_share": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
    "held_out_share": _share(MOST_HELD_OUT),
    "split_by_cluster": {"type": "boolean"},
    "license": {"type": ["string", "null"], "pattern": f"^{LICENCE.pattern}$"},
}
Select = Annotated[
    dict[str, Any],
    BeforeValidator(whole_numbers),
    Field(json_schema_extra={"properties": KEYS, "additionalProperties": False}),
]
