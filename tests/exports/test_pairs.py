"""`exports.pairs`: which answer was chosen, and when nobody decided."""

from itertools import permutations

import pytest

from arena.domain.battle import Message, Side
from arena.domain.vote import Winner
from arena.exports import pairs
from arena.exports.format import LeftOut, Reason
from arena.exports.pairs import Pair

from . import making

A, B, TIE, BAD = Winner.MODEL_A, Winner.MODEL_B, Winner.TIE, Winner.BOTH_BAD


def test_the_preferred_answer_is_chosen_whichever_side_it_stood_on() -> None:
    left = pairs.pair(making.record(winners=[A], text_a="one", text_b="two"))
    right = pairs.pair(making.record(winners=[B], text_a="one", text_b="two"))
    assert isinstance(left, Pair)
    assert isinstance(right, Pair)
    assert (left.chosen_side, left.chosen, left.rejected) == (Side.A, "one", "two")
    assert (right.chosen_side, right.chosen, right.rejected) == (Side.B, "two", "one")


def test_the_prompt_of_a_follow_up_begins_with_what_was_said_before() -> None:
    said = [("user", "Name a prime."), ("assistant", "Seven.")]
    pair = pairs.pair(making.record(history=said, prompt="Another?"))
    assert isinstance(pair, Pair)
    assert pair.prompt == (
        Message(role="user", content="Name a prime."),
        Message(role="assistant", content="Seven."),
        Message(role="user", content="Another?"),
    )


@pytest.mark.parametrize(
    ("winners", "expected"),
    [
        ([], None),
        ([A], A),
        ([A, B], None),
        ([A, TIE], None),
        ([A, A, B], A),
        ([B, TIE, B], B),
        ([A, B, TIE], None),
        ([A, A, B, TIE], A),
        ([A, A, B, B, TIE], None),
        ([TIE, TIE, A], TIE),
        ([BAD, BAD, TIE], BAD),
        ([A, A, TIE, TIE], None),
    ],
)
def test_the_outcome_with_the_most_votes_counts_in_any_order(winners: list[Winner], expected: Winner | None) -> None:
    for order in permutations(winners):
        assert pairs.outcome(making.record(winners=order).votes) == expected


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (making.record(winners=[TIE]), Reason.TIE),
        (making.record(winners=[BAD]), Reason.BOTH_BAD),
        (making.record(winners=[A, B]), Reason.NO_MAJORITY),
        (making.record(winners=[]), Reason.NO_VOTE),
        (making.record(text_a=""), Reason.EMPTY_ANSWER),
        (making.record(text_b=" \n\t"), Reason.EMPTY_ANSWER),
        (making.record(text_a="", winners=[TIE]), Reason.EMPTY_ANSWER),
        (making.record(text_b=None), Reason.UNFINISHED),
        (making.record(void=True), Reason.VOID),
    ],
    ids=lambda value: value.value if isinstance(value, Reason) else "record",
)
def test_a_record_without_a_pair_says_why(record: making.BattleRecord, reason: Reason) -> None:
    assert pairs.pair(record) == LeftOut(reason=reason)
