"""Every key of a selection is thought of where battles are counted in groups: one nobody thought of is red at once."""

import ast
import dataclasses
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from arena.domain.selection import Selection
from arena.services import battle_groups
from tests.services.test_battle_groups import ONE_BY_ONE, TOGETHER

ALWAYS_TOLD_APART = {
    "consent": "whether the author and each rater are private",
    "campaigns": "the campaign",
    "sources": "the source of an import",
    "categories": "its category",
    "languages": "the language, which is known of every prompt where a selection names one",
    "first_turn": "the turn",
    "last_turn": "the turn",
    "strengths": "the strength of each vote",
    "ties": "the winner of each vote",
    "both_bad": "the winner of each vote",
    "several": "the votes, in their order",
    "minimum_votes": "the votes, in their order",
    "minimum_agreement": "the votes, in their order",
}
"""What `store.battle_groups` tells apart whatever is asked, by the key whose filter looks at it."""
TAKES_NOTHING_OUT = frozenset({"mask", "license"})
"""Keys without a filter: of texts that are masked, and of the card."""


def read_by(module: Path, name: str) -> set[str]:
    """The attributes that a module reads of whatever it calls by this name."""
    return {
        node.attr
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name
    }


ASKED = read_by(Path(battle_groups.__file__), "chosen")
"""Keys for which battles are told apart, or counted one by one."""
CASES = {key for select in (*TOGETHER, *ONE_BY_ONE) for key in select}


def forgotten(kind: type[Selection], known: Collection[str]) -> set[str]:
    """The keys of a selection that are in none of the sets."""
    return {field.name for field in dataclasses.fields(kind)} - set(known)


def test_every_key_of_a_selection_is_told_apart_or_takes_nothing_out() -> None:
    keys = {field.name for field in dataclasses.fields(Selection)}
    assert forgotten(Selection, {*ASKED, *ALWAYS_TOLD_APART, *TAKES_NOTHING_OUT}) == set()
    assert keys >= {*ASKED, *ALWAYS_TOLD_APART, *TAKES_NOTHING_OUT}
    assert not ASKED & ALWAYS_TOLD_APART.keys()
    assert not TAKES_NOTHING_OUT & {*ASKED, *ALWAYS_TOLD_APART}


def test_every_key_that_takes_something_out_has_a_case_in_which_it_is_counted_both_ways() -> None:
    assert forgotten(Selection, {*CASES, *TAKES_NOTHING_OUT}) == set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Longer(Selection):
    """A selection with one key more."""

    rater_kinds: tuple[str, ...] = ()


def test_a_new_key_that_nobody_thought_of_is_found() -> None:
    """The control."""
    assert forgotten(Longer, {*ASKED, *ALWAYS_TOLD_APART, *TAKES_NOTHING_OUT}) == {"rater_kinds"}
    assert forgotten(Longer, {*CASES, *TAKES_NOTHING_OUT}) == {"rater_kinds"}
