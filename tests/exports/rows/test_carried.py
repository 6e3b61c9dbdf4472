"""`exports.rows.carried`: a mark planted in every field of a battle is in the rows, or is counted as not carried."""

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from arena import exports
from arena.domain import parts
from arena.domain.battle import Battle, BattleRecord, Message, Response, Side
from arena.domain.ids import BattleId
from arena.domain.origin import Origin
from arena.domain.vote import RaterKind, Strength, Tag, Vote, Winner
from arena.exports.format import Format, Row, Taken
from arena.exports.rows import carried, pairs
from arena.exports.rows.carried import PARTS, LeftBehind
from arena.exports.writing import release
from tests.exports import making

MARK = "planted"
PICTURE = parts.Media(kind=parts.MediaKind.IMAGE, sha256="ab" * 32, media_type="image/png")
A, B, TIE = Winner.MODEL_A, Winner.MODEL_B, Winner.TIE
Change = Callable[[BattleRecord], BattleRecord]


def battle(**changes: Any) -> Change:
    return lambda record: dataclasses.replace(record, battle=dataclasses.replace(record.battle, **changes))


def origin(**changes: Any) -> Change:
    plain = Origin(source="s", item="i", language=None, category=None, timed=True, digest="d")
    return lambda record: dataclasses.replace(record, origin=dataclasses.replace(plain, **changes))


def answers(**changes: Any) -> Change:
    def changed(record: BattleRecord) -> BattleRecord:
        assert record.response_a is not None
        assert record.response_b is not None
        return dataclasses.replace(
            record,
            response_a=dataclasses.replace(record.response_a, **changes),
            response_b=dataclasses.replace(record.response_b, **changes),
        )

    return changed


def votes(**changes: Any) -> Change:
    return lambda record: dataclasses.replace(
        record, votes=tuple(dataclasses.replace(vote, **changes) for vote in record.votes)
    )


def said(role: str) -> Change:
    history = {
        "system": (Message.of_text(role="system", text=MARK),),
        "user": (Message.of_text(role="user", text=MARK), Message.of_text(role="assistant", text="Yes.")),
        "assistant": (Message.of_text(role="user", text="So?"), Message.of_text(role="assistant", text=MARK)),
    }
    return battle(history=history[role], turn=1 if role == "system" else 2)


EARLIER = (Message.of_text(role="user", text="So?"), Message.of_text(role="assistant", text="Yes."))


def replaced_text(name: str) -> Change:
    def changed(record: BattleRecord) -> BattleRecord:
        response = getattr(record, name)
        return dataclasses.replace(record, **{name: dataclasses.replace(response, text=MARK)})

    return changed


PLANTED: Mapping[str, tuple[str, Change]] = {
    "a system message": ("system", said("system")),
    "an earlier message by the user": ("history", said("user")),
    "an earlier answer": ("history", said("assistant")),
    "Battle.content": ("history", battle(content=parts.of_text(MARK))),
    "Battle.conversation_id": ("conversation", battle(conversation_id=MARK, turn=2, history=EARLIER)),
    "Battle.campaign": ("campaign", battle(campaign=MARK)),
    "Battle.model_a": ("models", battle(model_a=MARK)),
    "Battle.model_b": ("models", battle(model_b=MARK)),
    "Battle.draw_probability": ("draw_probability", battle(draw_probability=0.123454321)),
    "Battle.opens_first": ("opens_first", battle(opens_first=Side.B)),
    "Battle.language": ("language", battle(language=MARK)),
    "Battle.category": ("category", battle(category=MARK)),
    "Battle.content with a picture": ("media", battle(content=(PICTURE, *parts.of_text("What is it?")))),
    "Response.media": ("media", answers(media=(PICTURE,))),
    "Response.text on the left": ("answers", replaced_text("response_a")),
    "Response.text on the right": ("answers", replaced_text("response_b")),
    "Response.finish_reason": ("finish_reason", answers(finish_reason=MARK)),
    "Response.prompt_tokens": ("tokens", answers(prompt_tokens=1234321)),
    "Response.completion_tokens": ("tokens", answers(completion_tokens=1234321)),
    "Response.first_token_seconds": ("timing", answers(first_token_seconds=1234.321)),
    "Response.total_seconds": ("timing", answers(total_seconds=1234.321)),
    "Response.leak": ("leak", answers(leak=True)),
    "Origin.source": ("source", origin(source=MARK)),
    "Origin.item": ("source", origin(item=MARK)),
    "Origin.language": ("language", origin(language=MARK)),
    "Origin.category": ("category", origin(category=MARK)),
    "Vote.rater_id": ("rater", votes(rater_id=MARK)),
    "Vote.strength": ("strength", votes(strength=Strength.SLIGHTLY)),
    "Vote.tags": ("tags", votes(tags=(Tag.RIGHT_LENGTH,))),
    "Vote.tags of a tie": ("tags", votes(tags=(Tag.RIGHT_LENGTH,), winner=TIE)),
    "Vote.tags of both bad": ("tags", votes(tags=(Tag.RIGHT_LENGTH,), winner=Winner.BOTH_BAD)),
    "Vote.reason": ("reason", votes(reason=MARK)),
    "Vote.edit": ("edit", votes(edit=MARK)),
    "Vote.criteria": ("criteria", votes(criteria=((MARK, A),))),
    "Vote.rater_kind": ("rater_kind", votes(rater_kind=RaterKind.JUDGE)),
    "Vote.reading_seconds": ("timing", votes(reading_seconds=1234.321)),
}
"""By field, the part it belongs to, and how to plant something in it that rows can be searched for."""
SEEN = {
    "Battle.opens_first": '"opens_first":"b"',
    "Battle.draw_probability": "0.123454321",
    "Response.leak": '"leak":true',
    "Battle.content with a picture": PICTURE.sha256,
    "Response.media": PICTURE.sha256,
    "Response.prompt_tokens": "1234321",
    "Response.completion_tokens": "1234321",
    "Response.first_token_seconds": "1234.321",
    "Response.total_seconds": "1234.321",
    "Vote.reading_seconds": "1234.321",
    "Vote.rater_kind": '"rater_kind":"judge"',
    "Vote.tags": "right_length",
    "Vote.tags of a tie": "right_length",
    "Vote.tags of both bad": "right_length",
}
"""What rows that carry it hold, where that is not the mark."""
COMPARED = {"Vote.strength"}
"""Carried as another figure: the rows differ from those without it."""
TOLD_OTHERWISE = {
    "Battle.battle_id": "items.parquet names it",
    "Battle.turn": "part `conversation`, with its id",
    "Battle.continues": "part `conversation`: the turn before",
    "Battle.continued_side": "the history shows which answer was continued",
    "Battle.history": "planted message by message",
    "Response.reasoning_tokens": "how much a model thought is no data of a release",
    "Response.reasoning_seconds": "as its tokens",
    "Battle.rater_id": "who wrote the prompt is no data of a release",
    "Battle.created_at": "part `timing`",
    "Message.role": "planted as one message of each role",
    "Message.content": "planted as one message of each role",
    "Origin.timed": "part `time`",
    "Origin.digest": "of the texts themselves",
    "Vote.vote_id": "items.parquet names it",
    "Vote.battle_id": "items.parquet names it",
    "Vote.winner": "part `winner`: see the test of both orders",
    "Vote.cast_at": "part `time`",
    "Vote.idempotency_key": "of the request, not of the vote",
    "Vote.request_sha256": "of the request, not of the vote",
    "Vote.shown_left": "part `sides`",
    "Vote.assignment_id": "of the turn, not of the vote",
    "Vote.purpose": "votes for a rater's own record are in no release",
    "Battle.answers": "part `timing`",
    "Battle.campaign_version": "part `campaign`, by its name",
}
"""Fields that are not searched for, with the reason."""


def plain() -> BattleRecord:
    """A battle that gives rows in every format."""
    return making.record(1, votes=(making.vote(1, A, edit="A better one."),), text_a="One answer.", text_b="Another.")


def written(form: Format, record: BattleRecord) -> tuple[str, dict[str, int]]:
    """The rows a format makes, as JSON, and what it leaves behind; no rows where the unit is left out for a reason."""
    left = LeftBehind(form.carries)
    rows: list[Row] = []
    for outcome in form.convert(record, making.CONTEXT):
        if isinstance(outcome, Taken):
            rows += outcome.rows
            left.add(record, [vote for vote in record.votes if outcome.vote_id in (None, vote.vote_id)])
    return json.dumps(rows, separators=(",", ":")), left.counts()


def silent(form: Format) -> Iterator[str]:
    """Fields of which a mark is neither in the rows nor among what is left behind, or is said to be and is not."""
    for field, (part, plant) in PLANTED.items():
        rows, left = written(form, plant(plain()))
        if rows == "[]":
            continue  # left out whole, with a reason that is counted
        there = rows != written(form, plain())[0] if field in COMPARED else SEEN.get(field, MARK) in rows
        if there == (part in left):
            yield field


@pytest.mark.parametrize("name", exports.FORMATS)
def test_every_format_carries_each_field_or_counts_it(name: str) -> None:
    form = exports.FORMATS[name]
    assert form.carries <= set(PARTS)
    assert list(silent(form)) == []


def test_no_field_of_a_battle_is_forgotten() -> None:
    planted = {field.split(" ")[0] for field in PLANTED}
    for kind in (Battle, Response, Message, Origin, Vote):
        for field in dataclasses.fields(kind):
            name = f"{kind.__name__}.{field.name}"
            assert name in planted or name in TOLD_OTHERWISE, f"say what becomes of {name} in a release"
    assert {part for part, _ in PLANTED.values()} | {"winner", "pairing", "sides", "other_votes", "time"} == set(PARTS)


@pytest.mark.parametrize("lost", ["system", "history", "answers", "strength", "edit"])
def test_a_loss_that_a_format_keeps_silent_about_is_found(lost: str) -> None:
    """Positive control: formats that say they carry what they drop."""
    name = {"strength": "trl-reward", "edit": "trl-tpo"}.get(lost, "trl-dpo")
    sound = exports.FORMATS[name]

    def convert(record: BattleRecord, context: Any) -> Iterator[Any]:
        without: Mapping[str, Change] = {
            "system": battle(history=tuple(one for one in record.battle.history if one.role != "system")),
            "history": battle(history=tuple(one for one in record.battle.history if one.role == "system")),
            "answers": answers(text="Nothing."),
            "strength": votes(strength=None),
            "edit": votes(edit="Nothing."),
        }
        changed = without[lost](record)
        if lost == "answers":
            assert changed.response_b is not None
            changed = dataclasses.replace(
                changed, response_b=dataclasses.replace(changed.response_b, text="Nothing 2.")
            )
        yield from sound.convert(changed, context)

    planted = dataclasses.replace(sound, convert=convert)
    found = set(silent(planted)) - set(silent(sound))
    assert {PLANTED[field][0] for field in found} == {lost}


def test_a_loss_that_is_named_and_is_none_is_found_too() -> None:
    sound = exports.FORMATS["trl-dpo"]
    modest = dataclasses.replace(sound, carries=sound.carries - {"system"})
    assert "a system message" in set(silent(modest))


@pytest.mark.parametrize("name", exports.FORMATS)
def test_which_answer_won_is_in_the_rows_or_counted(name: str) -> None:
    form = exports.FORMATS[name]
    one = written(form, dataclasses.replace(plain(), votes=(making.vote(1, A, edit="A better one."),)))
    other = written(form, dataclasses.replace(plain(), votes=(making.vote(1, B, edit="A better one."),)))
    assert (one[0] != other[0]) == ("winner" not in one[1])


def test_figures_are_of_the_units_with_rows(tmp_path: Path) -> None:
    told = making.vote(1, A, reason="So.", tags=(Tag.CLEAR,), battle_id=BattleId("b_1"))
    records = [making.record(1, votes=(told,)), making.record(2), making.record(3, winners=[TIE])]
    manifest = release.write(tmp_path / "out", "trl-dpo", records, making.facts())
    assert {name: manifest.not_carried[name] for name in ("reason", "tags", "models")} == {
        "reason": 1,
        "tags": 1,
        "models": 2,
    }
    assert "edit" not in manifest.not_carried
    card = (tmp_path / "out" / "README.md").read_text()
    assert f"| `reason`: {PARTS['reason']} | 1 |" in card
    assert carried.PAIR.isdisjoint(manifest.not_carried)
    assert isinstance(pairs.pair(records[0]), pairs.Pair)
