"""`store.quick`: what is made quickly is what the class itself makes."""

import dataclasses
from typing import Any

import pytest

from arena.domain import ledger
from arena.domain.battle import Battle, BattleRecord, Response
from arena.domain.vote import Vote
from arena.store import quick
from tests.exports import making


def fields(record: Any) -> list[Any]:
    return [getattr(record, field.name) for field in dataclasses.fields(record)]


def test_a_record_made_quickly_is_the_same_as_one_made_by_its_class() -> None:
    record = making.assorted()[4]

    for kind, made in (
        (BattleRecord, record),
        (Battle, record.battle),
        (Response, record.response_a),
        (Vote, record.votes[0]),
        (ledger.Line, making.HEAD),
    ):
        again = quick.maker(kind)(*fields(made))
        assert again == made
        assert hash(again) == hash(made)
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(again, dataclasses.fields(kind)[0].name, None)


def test_every_field_is_asked_for() -> None:
    with pytest.raises(TypeError, match=dataclasses.fields(Vote)[-1].name):
        quick.maker(Vote)(*fields(making.vote())[:-1])


def test_a_class_that_checks_what_it_is_given_is_refused() -> None:
    @dataclasses.dataclass(frozen=True, slots=True)
    class Checked:
        number: int

        def __post_init__(self) -> None:
            raise ValueError

    with pytest.raises(TypeError, match="Checked"):
        quick.maker(Checked)
