"""A commitment is one over the canonical JSON of what was voted, in whichever pieces it is put together."""

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
def test_the_pieces_make_the_canonical_json_of_the_content(origin: Origin | None) -> None:
    judged = record(origin)
    vote = making.vote(BattleId(judged.battle.battle_id))
    whole = ledger.canonical(ledger.content(vote, judged))
    expected = hashlib.sha256(bytes.fromhex(SALT) + whole).hexdigest()
    assert ledger.commitment(SALT, vote, judged) == expected
    assert ledger.sealed(SALT, vote, ledger.opening(judged)) == expected


def test_a_battle_fought_here_is_spelled_without_an_origin() -> None:
    judged = record(None)
    vote = making.vote(BattleId(judged.battle.battle_id))
    assert sorted(ledger.content(vote, judged)) == ["battle", "vote"]


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Origin)])
def test_every_field_of_the_origin_is_committed_to(field: str) -> None:
    changed = dataclasses.replace(ORIGIN, **{field: True if field == "timed" else "else"})
    before, after = record(ORIGIN), record(changed)
    vote = making.vote(BattleId(before.battle.battle_id))
    after = dataclasses.replace(after, battle=before.battle)
    assert ledger.commitment(SALT, vote, before) != ledger.commitment(SALT, vote, after)
