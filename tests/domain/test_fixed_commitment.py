"""One vote with every field set, and the root that ledgers hold for it: written here, so that no change moves both."""

import dataclasses
import json
from datetime import UTC, datetime

from arena.domain import ledger, parts, vote_tree
from arena.domain.battle import Answers, Battle, BattleRecord, Message, Response, Side
from arena.domain.ids import AssignmentId, BattleId, ConversationId, ModelName, RaterId, VoteId
from arena.domain.origin import Origin
from arena.domain.vote import RaterKind, Strength, Tag, Vote, Winner

from .test_vote_tree import by_the_page

SALT = "000102030405060708090a0b0c0d0e0f"
ROOT = "625c6170b22a65cbc99bdd41bb11950999945608c2376e718dbe6a5c484c755d"
"""Fixed for ever. If this has to change, the new fields are vote/3 (docs/decisions/0025)."""
ROOT_OF_VERSION = "c861dd3aa43929e44ca0e6e36ffa0ba73a27b87d347ab8178306e84803b4f8a5"
"""As `ROOT`, of the same battle drawn under version 3 of its campaign."""
LATER = [("Vote", "purpose"), ("Battle", "campaign_version")]
"""Not set in the fixed vote: the id of the turn commits to the one (docs/decisions/0050), `ROOT_OF_VERSION` has the
other."""
ASKED_AT = datetime(2026, 3, 1, 9, 30, 0, 123456, tzinfo=UTC)
VOTE = Vote(
    vote_id=VoteId("v_01"),
    battle_id=BattleId("b_01"),
    rater_id=RaterId("r_rater"),
    winner=Winner.MODEL_B,
    strength=Strength.SLIGHTLY,
    tags=(Tag.SAFE, Tag.CORRECT),
    reason="It says \u201cwhy\u201d.",
    edit="Light scatters;\nblue light most.",
    reading_seconds=12.25,
    cast_at=datetime(2026, 3, 1, 9, 31, 7, 654321, tzinfo=UTC),
    idempotency_key="key-1",
    request_sha256="ab" * 32,
    rater_kind=RaterKind.JUDGE,
    criteria=(("polite", Winner.TIE), ("right", Winner.MODEL_B)),
    shown_left=Side.B,
    assignment_id=AssignmentId("a_01"),
)
BATTLE = Battle(
    battle_id=BattleId("b_01"),
    conversation_id=ConversationId("c_01"),
    turn=2,
    continues=BattleId("b_00"),
    continued_side=Side.A,
    campaign="spring",
    rater_id=RaterId("r_author"),
    content=parts.of_text("Why is the sky blue? \U0001f600"),
    history=(Message.of_text(role="user", text="Hello"), Message.of_text(role="assistant", text="Hi.\u2028")),
    model_a=ModelName("alpha"),
    model_b=ModelName("beta"),
    draw_probability=5e-05,
    created_at=ASKED_AT,
    opens_first=Side.A,
    answers=Answers.STORED,
    language="xx",
    category="read by nobody, for the origin says one",
)


def answer(text: str, finish_reason: str) -> Response:
    return Response(
        text=text,
        finish_reason=finish_reason,
        prompt_tokens=12,
        completion_tokens=2**60,
        first_token_seconds=0.1,
        total_seconds=1.0,
        leak=False,
    )


RECORD = BattleRecord(
    battle=BATTLE,
    response_a=answer("Light scatters.", "stop"),
    response_b=answer("It reflects the sea.", "length"),
    completed_at=ASKED_AT,
    void=None,
    votes=(VOTE,),
    origin=Origin(source="lmarena", item="q1", language="en", category="science", timed=True, digest="d" * 64),
)


def test_the_commitment_to_a_vote_stays_what_it_was() -> None:
    assert ledger.commitment(SALT, VOTE, RECORD) == ROOT


def test_the_version_of_a_stored_campaign_is_in_the_root_and_its_absence_in_none() -> None:
    of_version = dataclasses.replace(RECORD, battle=dataclasses.replace(BATTLE, campaign_version=3))
    assert ledger.commitment(SALT, VOTE, of_version) == ROOT_OF_VERSION
    assert by_the_page(SALT, json.loads(json.dumps(vote_tree.content(VOTE, of_version)))["fields"]) == ROOT_OF_VERSION


def test_the_page_gives_the_same_root() -> None:
    content = json.loads(json.dumps(vote_tree.content(VOTE, RECORD)))
    assert by_the_page(SALT, content["fields"]) == ROOT


def test_every_field_of_the_fixed_vote_is_set() -> None:
    """A field that is null here would not show whether its spelling moved."""
    assert [name for name, value in vote_tree.content(VOTE, RECORD)["fields"].items() if value in (None, [], "")] == []
    unset = [
        (type(one).__name__, field.name)
        for one in (VOTE, BATTLE, RECORD.origin)
        for field in dataclasses.fields(one)
        if getattr(one, field.name) in (None, (), "")
    ]
    assert unset == LATER


def test_another_value_gives_another_root() -> None:
    """The control."""
    assert ledger.commitment(SALT, dataclasses.replace(VOTE, shown_left=Side.A), RECORD) != ROOT
