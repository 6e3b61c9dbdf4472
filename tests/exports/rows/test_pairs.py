"""`exports.rows.pairs`: which answer was chosen, and when nobody decided."""

import dataclasses
from itertools import permutations

import pytest

from arena.domain import parts
from arena.domain.battle import Message, Side
from arena.domain.vote import Strength, Winner
from arena.exports.format import LeftOut, Reason, Taken
from arena.exports.rows import pairs
from arena.exports.rows.pairs import Dialogue, Pair
from tests.exports import making

A, B, TIE, BAD = Winner.MODEL_A, Winner.MODEL_B, Winner.TIE, Winner.BOTH_BAD


def test_the_preferred_answer_is_chosen_whichever_side_it_stood_on() -> None:
    left = pairs.pair(making.record(winners=[A], text_a="one", text_b="two"))
    right = pairs.pair(making.record(winners=[B], text_a="one", text_b="two"))
    assert isinstance(left, Pair)
    assert isinstance(right, Pair)
    assert (left.chosen_side, left.chosen, left.rejected) == (Side.A, "one", "two")
    assert (right.chosen_side, right.chosen, right.rejected) == (Side.B, "two", "one")


@pytest.mark.parametrize("winner", [A, B])
def test_a_pair_has_the_prompt_and_the_votes_whichever_side_won(winner: Winner) -> None:
    record = making.record(winners=[winner, winner, TIE], prompt="Why?")
    pair = pairs.pair(record)
    assert isinstance(pair, Pair)
    assert pair.prompt == (Message.of_text(role="user", text="Why?"),)
    assert pair.votes == record.votes


def test_the_prompt_of_a_follow_up_begins_with_what_was_said_before() -> None:
    said = [("user", "Name a prime."), ("assistant", "Seven.")]
    pair = pairs.pair(making.record(history=said, prompt="Another?"))
    assert isinstance(pair, Pair)
    assert pair.prompt == (
        Message.of_text(role="user", text="Name a prime."),
        Message.of_text(role="assistant", text="Seven."),
        Message.of_text(role="user", text="Another?"),
    )


@pytest.mark.parametrize(
    ("first", "kept"),
    [(("system", ""), False), (("system", " \n"), False), (("system", "Be brief."), True), (("user", " "), True)],
)
def test_of_the_messages_only_an_empty_system_message_is_left_out(first: tuple[str, str], kept: bool) -> None:
    rest = [("user", "Name a prime."), ("assistant", "Seven."), ("user", "Another?")]
    pair = pairs.pair(making.record(history=[first, *rest[:2]], prompt=rest[2][1]))
    assert isinstance(pair, Pair)
    assert [(message.role, message.text) for message in pair.prompt] == ([first] if kept else []) + rest


@pytest.mark.parametrize("first", [("system", "Be brief."), ("user", "")])
def test_a_text_after_the_first_message_may_be_empty(first: tuple[str, str]) -> None:
    pair = pairs.pair(making.record(history=[first, ("assistant", "")], prompt="Why?"))
    assert isinstance(pair, Pair)
    assert [(message.role, message.text) for message in pair.prompt] == [first, ("assistant", ""), ("user", "Why?")]


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
        (making.record(text_a="Same.", text_b="Same."), Reason.SAME_ANSWER),
        (making.record(text_a="Same.", text_b="\u3000Same.\n", winners=[B]), Reason.SAME_ANSWER),
        (making.record(text_a="Same.", text_b="Same.", winners=[TIE]), Reason.TIE),
        (making.record(text_a="", winners=[TIE]), Reason.EMPTY_ANSWER),
        (making.record(text_b=None), Reason.UNFINISHED),
        (making.record(void=True), Reason.VOID),
    ],
    ids=lambda value: value.value if isinstance(value, Reason) else "record",
)
def test_a_record_without_a_pair_says_why(record: making.BattleRecord, reason: Reason) -> None:
    assert pairs.pair(record) == LeftOut(reason=reason)


def test_a_record_with_a_picture_in_the_prompt_or_in_an_answer_says_so() -> None:
    plain = making.record()
    picture = parts.Media(kind=parts.MediaKind.IMAGE, sha256="ab" * 32, media_type="image/png")
    assert plain.response_b is not None
    asked = dataclasses.replace(plain.battle, content=(picture, *plain.battle.content))
    answered = dataclasses.replace(plain.response_b, media=(picture,))
    for changes in ({"battle": asked}, {"response_b": answered}):
        assert pairs.pair(dataclasses.replace(plain, **changes)) == LeftOut(reason=Reason.MEDIA)


SLIGHTLY, CLEARLY = Strength.SLIGHTLY, Strength.CLEARLY


@pytest.mark.parametrize(
    ("given", "margin"),
    [
        ([(B, None)], 0.0),
        ([(B, SLIGHTLY)], 1 / 3),
        ([(B, CLEARLY)], 1.0),
        ([(B, CLEARLY), (B, SLIGHTLY), (B, None)], 2 / 3),
        ([(B, SLIGHTLY), (B, SLIGHTLY), (A, CLEARLY)], 1 / 3),
        ([(B, None), (B, None), (A, CLEARLY), (TIE, None)], 0.0),
    ],
)
def test_the_margin_is_the_mean_of_those_who_preferred_the_chosen_answer(
    given: list[tuple[Winner, Strength | None]], margin: float
) -> None:
    votes = tuple(
        making.vote(number, winner, f"r_{number}", strength=strength) for number, (winner, strength) in enumerate(given)
    )
    pair = pairs.pair(making.record(votes=votes))
    assert isinstance(pair, Pair)
    assert pair.votes == votes
    assert pair.margin == pytest.approx(margin)


def test_what_is_left_out_is_left_out_by_every_format_with_one_row_a_battle() -> None:
    convert = pairs.one_row(
        lambda pair: LeftOut(reason=Reason.MULTI_TURN) if pair.chosen == "no" else {"chosen": pair.chosen}
    )
    assert list(convert(making.record(text_a="yes"), making.CONTEXT)) == [Taken(rows=({"chosen": "yes"},))]
    assert list(convert(making.record(text_a="no"), making.CONTEXT)) == [LeftOut(reason=Reason.MULTI_TURN)]
    assert list(convert(making.record(winners=[TIE]), making.CONTEXT)) == [LeftOut(reason=Reason.TIE)]


@pytest.mark.parametrize(
    ("winner", "expected"),
    [
        (A, (("one", True), ("two", False))),
        (B, (("two", True), ("one", False))),
        (BAD, (("one", False), ("two", False))),
    ],
)
def test_completions_begin_with_the_desirable_one(winner: Winner, expected: tuple[tuple[str, bool], ...]) -> None:
    found = pairs.completions(making.record(winners=[winner], text_a="one", text_b="two", prompt="Why?"))
    assert found == ((Message.of_text(role="user", text="Why?"),), expected)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (making.record(winners=[TIE]), Reason.TIE),
        (making.record(winners=[A, B]), Reason.NO_MAJORITY),
        (making.record(text_a=None), Reason.UNFINISHED),
        (making.record(void=True), Reason.VOID),
    ],
    ids=lambda value: value.value if isinstance(value, Reason) else "record",
)
def test_a_record_without_completions_says_why(record: making.BattleRecord, reason: Reason) -> None:
    assert pairs.completions(record) == LeftOut(reason=reason)


@pytest.mark.parametrize(
    ("winner", "edit", "expected"),
    [
        (A, "better", "better"),
        (B, "better", "better"),
        (A, None, None),
        (A, " \u200b", None),
        (A, "one", None),
        (B, "two", None),
        (B, "one", "one"),
        (TIE, "better", None),
        (BAD, "better", None),
    ],
)
def test_an_edit_counts_where_it_changes_the_preferred_answer(
    winner: Winner, edit: str | None, expected: str | None
) -> None:
    vote = making.vote(winner=winner, edit=edit)
    assert pairs.edit(vote, making.record(text_a="one", text_b="two")) == expected
    assert pairs.edit(vote, making.record(text_a=None, text_b=None)) == (
        edit if winner in (A, B) and edit and edit.strip(" \u200b") else None
    )


def said(*roles: str) -> tuple[Message, ...]:
    """Messages of these roles, each with a text of its own."""
    return tuple(Message.of_text(role=role, text=f"{role} {place}") for place, role in enumerate(roles))


def test_a_prompt_of_one_message_by_the_user_is_single() -> None:
    assert pairs.single(said("user")) == "user 0"
    assert pairs.single(said("assistant")) is None
    assert pairs.single(said("user", "user")) is None


def test_a_prompt_in_turns_is_exchanges_and_a_question() -> None:
    assert pairs.dialogue(said("user")) == Dialogue(system="", exchanges=(), question="user 0")
    assert pairs.dialogue(said("user", "assistant", "user", "assistant", "user")) == Dialogue(
        system="", exchanges=(("user 0", "assistant 1"), ("user 2", "assistant 3")), question="user 4"
    )
    assert pairs.dialogue(said("system", "user", "assistant", "user")) == Dialogue(
        system="system 0", exchanges=(("user 1", "assistant 2"),), question="user 3"
    )


@pytest.mark.parametrize(
    "roles",
    [
        ("assistant",),
        ("user", "assistant"),
        ("user", "user"),
        ("user", "user", "user"),
        ("system", "assistant"),
        ("system", "user", "assistant"),
        ("user", "system", "user"),
        ("system", "system", "user"),
        ("system",),
    ],
)
def test_a_prompt_without_turns_is_none(roles: tuple[str, ...]) -> None:
    assert pairs.dialogue(said(*roles)) is None


def test_an_empty_system_message_is_no_turn() -> None:
    """Trainers would put their own in its place."""
    assert pairs.dialogue((Message.of_text(role="system", text=""), *said("user"))) is None


def test_rows_spell_messages_as_role_and_content() -> None:
    assert pairs.conversation(said("user", "assistant")) == [
        {"role": "user", "content": "user 0"},
        {"role": "assistant", "content": "assistant 1"},
    ]
    assert pairs.answer("Yes.") == [{"role": "assistant", "content": "Yes."}]
