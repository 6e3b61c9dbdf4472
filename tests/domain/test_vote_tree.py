"""The commitment to a vote is a root over salted fields, as its page says it, and opens field by field."""

import dataclasses
import functools
import hashlib
import hmac
import json
import secrets
from collections.abc import Collection
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from arena.domain import ledger, parts, vote_tree
from arena.domain.battle import Answers, BattleRecord, Message, Side
from arena.domain.ids import AssignmentId, BattleId
from arena.domain.origin import Origin
from arena.domain.parts import Media, MediaKind, Text
from arena.domain.vote import RaterKind, Vote, Winner
from tests.store import making

SALT = "5a" * ledger.SALT_BYTES
PICTURE = Media(kind=MediaKind.IMAGE, sha256="ab" * 32, media_type="image/png")
ORIGIN = Origin(source="lmarena", item="q1", language="Deutsch", category=None, timed=False, digest="d" * 64)
RECORD = BattleRecord(
    battle=making.battle(opens_first=Side.B),
    response_a=making.response("„Ja“\n"),
    response_b=making.response("\x7f\u2028"),
    completed_at=making.NOW,
    void=None,
    votes=(),
    origin=ORIGIN,
)
VOTE = making.vote(BattleId(RECORD.battle.battle_id), criteria=(("polite", Winner.TIE),), shown_left=Side.A)


def by_the_page(salt: str, fields: dict[str, Any]) -> str:
    """Written from docs/verification.md, without a line of the arena's own."""
    joined = b"".join(hmac.new(bytes.fromhex(salt), bytes([k]), hashlib.sha512).digest() for k in range(8))
    level = [
        hashlib.sha256(b"\x00vote/2\x00" + joined[16 * k : 16 * k + 16] + rfc8785.dumps([name, value])).digest()
        for k, (name, value) in enumerate(fields.items())
    ]
    while len(level) > 1:
        level = [hashlib.sha256(b"\x01" + level[k] + level[k + 1]).digest() for k in range(0, len(level), 2)]
    return level[0].hex()


def told(vote: Vote, record: BattleRecord) -> dict[str, Any]:
    """The fields as somebody reads them from JSON."""
    content: dict[str, Any] = json.loads(json.dumps(vote_tree.content(vote, record)))
    assert content["schema"] == "vote/2"
    fields: dict[str, Any] = content["fields"]
    return fields


def test_every_field_stands_under_its_published_name() -> None:
    """Verifiers outside spell the content by these names, so no name and no order may change."""
    battle = RECORD.battle
    measured = [12, None, 0.1, 1 / 7]
    assert list(told(VOTE, RECORD).items()) == [
        ("vote_id", VOTE.vote_id),
        ("battle_id", battle.battle_id),
        ("history", [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi."}]),
        ("prompt", battle.prompt),
        ("answer_a", "„Ja“\n"),
        ("answer_b", "\x7f\u2028"),
        ("winner", "model_a"),
        ("strength", "clearly"),
        ("edit", "A better answer."),
        ("reason", "It answers."),
        ("tags", ["correct", "clear"]),
        ("criteria", [{"name": "polite", "winner": "tie"}]),
        ("model_a", "smol-terse"),
        ("model_b", "smol-plain"),
        ("conversation_id", battle.conversation_id),
        ("turn", 2),
        ("campaign", "open"),
        ("language", "Deutsch"),
        ("category", None),
        ("draw_probability", 1 / 3),
        ("finish_reason_a", "stop"),
        ("finish_reason_b", "stop"),
        ("leak", None),
        ("time", round(VOTE.cast_at.timestamp() * 1_000_000)),
        ("rater_kind", "person"),
        ("shown_left", "a"),
        ("rater", "r_asker"),
        (
            "asked",
            {
                "answers": "live",
                "by": "r_asker",
                "continued_side": "b",
                "continues": "b_00000000000000000000000000",
                "opens_first": "b",
                "time": 1772600767891011,
            },
        ),
        ("measured", [measured, measured]),
        ("origin", {"digest": "d" * 64, "item": "q1", "source": "lmarena", "timed": False}),
        ("assignment", None),
        (
            "cast",
            {
                "idempotency_key": VOTE.idempotency_key,
                "reading_seconds": 2.5,
                "request_sha256": VOTE.request_sha256,
            },
        ),
    ]


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(
    prompt=TEXTS,
    answer=TEXTS,
    reason=st.none() | TEXTS,
    probability=st.none() | st.floats(0, 1) | st.floats(1e-320, 1e-3),
    tokens=st.none() | st.integers(0, 2**63),
    criterion=TEXTS,
    salt=st.binary(min_size=16, max_size=16).map(bytes.hex),
)
def test_another_implementation_computes_the_same_root(
    prompt: str,
    answer: str,
    reason: str | None,
    probability: float | None,
    tokens: int | None,
    criterion: str,
    salt: str,
) -> None:
    record = dataclasses.replace(
        RECORD,
        battle=dataclasses.replace(
            RECORD.battle,
            content=(PICTURE, Text(text=prompt)),
            history=(Message.of_text(role="system", text=prompt),),
            draw_probability=probability,
        ),
        response_a=making.response(answer, prompt_tokens=tokens),
    )
    vote = dataclasses.replace(VOTE, reason=reason, criteria=((criterion, Winner.MODEL_B),))
    assert ledger.commitment(salt, vote, record) == by_the_page(salt, told(vote, record))
    assert vote_tree.commitment(salt, vote_tree.of_content(vote_tree.content(vote, record))) == by_the_page(
        salt, told(vote, record)
    )


def test_every_field_is_committed_to() -> None:
    whole = ledger.commitment(SALT, VOTE, RECORD)
    assert whole == by_the_page(SALT, told(VOTE, RECORD))
    for name, value in told(VOTE, RECORD).items():
        other = dict(told(VOTE, RECORD), **{name: 1 if value != 1 else 2})
        assert by_the_page(SALT, other) != whole
        with pytest.raises(ValueError, match="fields"):
            vote_tree.of_content({"schema": "vote/2", "fields": {k: v for k, v in other.items() if k != name}})


def test_what_does_not_have_the_fields_of_a_vote_is_none() -> None:
    whole = vote_tree.content(VOTE, RECORD)
    assert vote_tree.of_content(whole) == vote_tree.whole(VOTE, vote_tree.judged(RECORD)), "the control"
    for other in (whole | {"more": 1}, {"fields": whole["fields"]}, whole | {"fields": list(vote_tree.FIELDS)}):
        with pytest.raises(ValueError, match="fields"):
            vote_tree.of_content(other)
    with pytest.raises(ValueError, match="zip"):
        vote_tree.root(SALT, (*vote_tree.of_content(whole), b"more"))


def test_what_is_told_of_the_content_is_that_of_the_version_that_is_written() -> None:
    assert ledger.content(VOTE, RECORD) == vote_tree.content(VOTE, RECORD)


def test_an_answer_with_a_picture_is_told_in_parts_and_one_that_is_not_there_as_nothing() -> None:
    assert RECORD.response_a is not None
    pictured = dataclasses.replace(RECORD.response_a, media=(PICTURE,))
    fields = told(VOTE, dataclasses.replace(RECORD, response_a=pictured, response_b=None))
    assert fields["answer_a"] == parts.to_json((PICTURE, Text(text="„Ja“\n")))
    assert (fields["answer_b"], fields["finish_reason_b"], fields["measured"][1]) == (None, None, None)


def test_a_number_that_not_every_reader_holds_exactly_is_told_as_text() -> None:
    for tokens, said in ((2**53 - 1, 2**53 - 1), (2**53, "9007199254740992")):
        record = dataclasses.replace(RECORD, response_a=making.response("a", prompt_tokens=tokens))
        assert told(VOTE, record)["measured"][0][0] == said


CHANGED_BATTLES: dict[str, Any] = {
    "answers": Answers.STORED,
    "content": (PICTURE, Text(text="else")),
    "created_at": making.NOW.replace(year=2000),
    "continued_side": None,
    "continues": None,
    "draw_probability": None,
    "history": (),
    "opens_first": None,
    "turn": 9,
}
CHANGED_VOTES: dict[str, Any] = {
    "assignment_id": AssignmentId("a_1"),
    "cast_at": making.NOW.replace(year=2000),
    "criteria": (),
    "edit": None,
    "rater_kind": RaterKind.JUDGE,
    "reading_seconds": None,
    "reason": None,
    "shown_left": Side.B,
    "strength": None,
    "tags": (),
    "winner": Winner.BOTH_BAD,
}


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Vote)])
def test_every_field_of_a_vote_is_in_a_leaf(field: str) -> None:
    changed = dataclasses.replace(VOTE, **{field: CHANGED_VOTES.get(field, "else")})
    # the battle's id is told by the battle, which the vote has to be on; the purpose by the id of the turn
    told_otherwise = field in ("battle_id", "purpose")
    assert (ledger.commitment(SALT, changed, RECORD) == ledger.commitment(SALT, VOTE, RECORD)) is told_otherwise


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(RECORD.battle)])
def test_every_field_of_a_battle_is_in_a_leaf(field: str) -> None:
    # where an import says language and category, what a prompt set would say is read by nobody
    record = dataclasses.replace(RECORD, origin=None) if field in ("language", "category") else RECORD
    battle = dataclasses.replace(RECORD.battle, **{field: CHANGED_BATTLES.get(field, "else")})
    changed = dataclasses.replace(record, battle=battle)
    assert ledger.commitment(SALT, VOTE, changed) != ledger.commitment(SALT, VOTE, record)


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Origin)])
def test_every_field_of_an_origin_is_in_a_leaf(field: str) -> None:
    origin = dataclasses.replace(ORIGIN, **{field: True if field == "timed" else "else"})
    changed = dataclasses.replace(RECORD, origin=origin)
    assert ledger.commitment(SALT, VOTE, changed) != ledger.commitment(SALT, VOTE, RECORD)


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**60), 2**60).map(float))
@example(-0.0)
@example(1e-4)
@example(9.999999999999999e-05)
@example(1e15)
@example(999999999999999.9)
def test_a_fraction_is_spelt_as_the_rfc_says(number: float) -> None:
    for value in (number, [number, None], {"reading_seconds": number}):
        assert vote_tree.spelt("measured", value) == rfc8785.dumps(["measured", value])


@given(st.binary(max_size=200))
@example(bytes(range(vote_tree.BLOCK)))
@example(bytes(range(vote_tree.BLOCK + 1)))
def test_the_salts_of_fields_are_those_of_hmac(key: bytes) -> None:
    joined = b"".join(hmac.new(key, bytes([k]), hashlib.sha512).digest() for k in range(8))
    assert b"".join(vote_tree.salts(key.hex())) == joined


def opening(opened: Collection[str]) -> tuple[bytes, list[bytes]]:
    tell = functools.partial(vote_tree.told, vote=VOTE, record=RECORD)
    kept = vote_tree.root(SALT, vote_tree.whole(VOTE, vote_tree.judged(RECORD))).kept
    names = tuple(name for name in vote_tree.FIELDS if name in opened)
    told, path = vote_tree.opening(SALT, tell, names)
    assert vote_tree.opening(SALT, tell, names, kept) == (told, path)
    return told, [path[start : start + 32] for start in range(0, len(path), 32)]


@given(st.sets(st.sampled_from(vote_tree.FIELDS), min_size=1))
def test_opened_fields_lead_to_the_commitment_and_nothing_else_does(opened: set[str]) -> None:
    spelt = vote_tree.whole(VOTE, vote_tree.judged(RECORD))
    committed = vote_tree.commitment(SALT, spelt)
    salts = dict(zip(vote_tree.FIELDS, vote_tree.salts(SALT), strict=True))
    values = {name: (salts[name], spelt[vote_tree.FIELDS.index(name)]) for name in opened}
    told, path = opening(opened)
    assert told == b"".join(salts[name] for name in vote_tree.FIELDS if name in opened)
    assert vote_tree.opens(values, path, committed)
    name = sorted(opened)[0]
    assert not vote_tree.opens({**values, name: (salts[name], vote_tree.spelt(name, "else"))}, path, committed)
    assert not vote_tree.opens({**values, name: (bytes(16), values[name][1])}, path, committed)
    assert not vote_tree.opens(values, [*path, bytes(32)], committed)
    if path:
        assert not vote_tree.opens(values, path[:-1], committed)
        assert not vote_tree.opens(values, [bytes(32), *path[1:]], committed)


def test_a_closed_field_cannot_be_guessed_from_what_is_opened() -> None:
    """Of four possible winners none can be tried: the leaf needs a salt that stands nowhere, not in those opened."""
    opened = set(vote_tree.FIELDS) - {"winner"}
    _, (closed,) = opening(opened)
    own = vote_tree.salts(SALT)[vote_tree.FIELDS.index("winner")]
    guesses = {winner: vote_tree.spelt("winner", winner) for winner in Winner}
    assert closed == vote_tree.leaf(own, guesses[VOTE.winner])  # the control: with its salt it is found
    others = [salt for name, salt in zip(vote_tree.FIELDS, vote_tree.salts(SALT), strict=True) if name != "winner"]
    assert not any(vote_tree.leaf(salt, told) == closed for salt in others for told in guesses.values())
    assert own not in b"".join(others)


def test_of_what_is_kept_nothing_is_computed_anew() -> None:
    """The control of the equality above: what is kept is what is told, also where it is wrong."""
    read: list[str] = []

    def tell(name: str) -> bytes:
        read.append(name)
        return vote_tree.told(name, VOTE, RECORD)

    pair = vote_tree.FIELDS[:7]
    told, path = vote_tree.opening(SALT, tell, pair, "ab" * 32 + "cd" * 32)
    assert read == ["strength"]
    assert (len(told), path[32:]) == (7 * 16, b"\xab" * 32 + b"\xcd" * 32)


def test_what_is_kept_of_the_tree_is_what_leads_from_the_first_fields_to_the_root() -> None:
    kept = vote_tree.root(SALT, vote_tree.whole(VOTE, vote_tree.judged(RECORD))).kept
    _, path = opening(vote_tree.FIELDS[:8])
    assert b"".join(path).hex() == kept
    assert len(path) == 2


def test_closed_fields_are_asked_for_where_nothing_is_kept_of_them() -> None:
    assert vote_tree.closed(vote_tree.FIELDS[:7]) == {"strength"}
    assert vote_tree.closed(vote_tree.FIELDS[:8]) == frozenset()
    assert vote_tree.closed(vote_tree.FIELDS[1:9]) == {"vote_id", *vote_tree.FIELDS[9:16]}


def test_two_votes_share_no_salt() -> None:
    first, second = (vote_tree.salts(secrets.token_hex(16)) for _ in range(2))
    assert len({*first, *second}) == 64


def test_what_an_answer_was_thought_about_is_committed_to_and_changes_nothing_where_it_was_not() -> None:
    assert RECORD.response_a is not None
    thought = dataclasses.replace(
        RECORD, response_a=dataclasses.replace(RECORD.response_a, reasoning_tokens=40, reasoning_seconds=1.5)
    )
    plain = vote_tree.content(VOTE, RECORD)["fields"]["measured"]
    assert vote_tree.content(VOTE, thought)["fields"]["measured"] == [[*plain[0], 40, 1.5], plain[1]]
    assert len(plain[0]) == 4
