"""A line follows from the one before; a commitment of the first version is one over the canonical JSON of a vote."""

import dataclasses
import hashlib

import pytest

from arena.domain import ledger
from arena.domain.battle import BattleRecord
from arena.domain.ids import BattleId
from arena.domain.origin import Origin
from tests.store import making

SALT = "5a" * ledger.SALT_BYTES
ORIGIN = Origin(source="lmarena", item="q1", language="Deutsch", category=None, timed=False, digest="d" * 64)


def record(origin: Origin | None) -> BattleRecord:
    return BattleRecord(
        battle=making.battle(),
        response_a=making.response("„Ja“\n"),
        response_b=making.response("\x7f\u2028"),
        completed_at=making.NOW,
        void=None,
        votes=(),
        origin=origin,
    )


@pytest.mark.parametrize("origin", [None, ORIGIN])
def test_the_first_version_is_a_hash_of_the_canonical_json_of_the_content(origin: Origin | None) -> None:
    judged = record(origin)
    vote = making.vote(BattleId(judged.battle.battle_id))
    whole = ledger.canonical(ledger.content(vote, judged, ledger.FIRST))
    expected = hashlib.sha256(bytes.fromhex(SALT) + whole).hexdigest()
    assert ledger.commitment(SALT, vote, judged, ledger.FIRST) == expected


def test_a_battle_fought_here_is_spelled_without_an_origin() -> None:
    judged = record(None)
    vote = making.vote(BattleId(judged.battle.battle_id))
    assert sorted(ledger.content(vote, judged, ledger.FIRST)) == ["battle", "vote"]


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Origin)])
def test_every_field_of_the_origin_is_committed_to(field: str) -> None:
    changed = dataclasses.replace(ORIGIN, **{field: True if field == "timed" else "else"})
    before, after = record(ORIGIN), record(changed)
    vote = making.vote(BattleId(before.battle.battle_id))
    after = dataclasses.replace(after, battle=before.battle)
    assert ledger.commitment(SALT, vote, before, ledger.FIRST) != ledger.commitment(SALT, vote, after, ledger.FIRST)


def test_the_first_line_follows_nothing_and_each_other_the_one_before() -> None:
    """As the module says it: a hash over sequence, subject, commitment and the hash of the line before."""
    first = ledger.follow(None, "v_1", "c1")
    assert (first.sequence, first.subject, first.commitment, first.previous) == (1, "v_1", "c1", "0" * 64)
    assert first.hash == hashlib.sha256(f'[1,"v_1","c1","{"0" * 64}"]'.encode()).hexdigest()
    second = ledger.follow(first, "vé", "c2")
    assert (second.sequence, second.subject, second.commitment, second.previous) == (2, "vé", "c2", first.hash)
    assert second.hash == hashlib.sha256(f'[2,"vé","c2","{first.hash}"]'.encode()).hexdigest()


def test_the_canonical_json_is_sorted_without_spaces_and_unescaped() -> None:
    assert ledger.canonical({"b": [1, None, True, 0.1], "a": "é\n"}) == '{"a":"é\\n","b":[1,null,true,0.1]}'.encode()


def test_a_line_commits_to_every_field_under_its_published_name() -> None:
    """Verifiers outside spell the content by these names, so no name and no order may change."""
    judged = record(ORIGIN)
    battle, vote = judged.battle, making.vote(BattleId(judged.battle.battle_id))
    moment = 1772600767891011
    response = ["stop", 12, None, 0.1, 1 / 7]
    assert ledger.content(vote, judged, ledger.FIRST) == {
        "battle": {
            "conversation_id": battle.conversation_id,
            "turn": 2,
            "continues": "b_00000000000000000000000000",
            "continued_side": "b",
            "campaign": "open",
            "rater_id": "r_asker",
            "prompt": battle.prompt,
            "history": [["user", "Hello"], ["assistant", "Hi."]],
            "model_a": "smol-terse",
            "model_b": "smol-plain",
            "draw_probability": 1 / 3,
            "created_at": moment,
            "response_a": ["„Ja“\n", *response],
            "response_b": ["\x7f\u2028", *response],
        },
        "origin": {
            "source": "lmarena",
            "item": "q1",
            "language": "Deutsch",
            "category": None,
            "timed": False,
            "digest": "d" * 64,
        },
        "vote": {
            "vote_id": vote.vote_id,
            "battle_id": battle.battle_id,
            "rater_id": "r_asker",
            "winner": "model_a",
            "strength": "clearly",
            "tags": ["correct", "clear"],
            "reason": "It answers.",
            "edit": "A better answer.",
            "reading_seconds": 2.5,
            "cast_at": round(vote.cast_at.timestamp() * 1_000_000),
            "idempotency_key": vote.idempotency_key,
            "request_sha256": vote.request_sha256,
        },
    }
    bare = dataclasses.replace(judged, response_a=None, response_b=None)
    assert ledger.content(vote, bare, ledger.FIRST)["battle"]["response_a"] is None
    assert ledger.content(vote, bare, ledger.FIRST)["battle"]["response_b"] is None
