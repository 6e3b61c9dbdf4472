"""Whatever an arena exports comes in again with the same votes, or is refused with a sentence that says why not."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import leaderboards
from arena import errors, exports, imports
from arena.domain import ids
from arena.domain.battle import BattleRecord
from arena.domain.vote import Strength, Winner
from arena.exports.format import LeftOut, Taken
from arena.exports.rows import pairs
from arena.imports import reading
from arena.imports.imported_vote import ImportedVote
from tests.exports import making as records
from tests.imports import making

SAYS_STRENGTH = {"battles", "helpsteer3", "trl-reward", "openrlhf"}
"""Formats that say how much better an answer is."""
BEFORE = (("system", "Be brief."), ("user", "Name a prime."), ("assistant", "Seven."))
Judged = tuple[tuple[tuple[str, str], ...], frozenset[str], str, Strength | None]
"""What was asked, both answers, the better one or the outcome, and how much better."""


def voted(number: int, winner: Winner, **changes: object) -> BattleRecord:
    """A battle with one vote, with ids that an arena minted and texts of its own."""
    told = {name: changes.pop(name) for name in ("strength", "edit", "reason") if name in changes}
    minted = [f"{kind}_01K7QX4M8ZJ5T0W3N6R9V2C4{number:02d}" for kind in "bvc"]
    assert all(ids.ours(one) for one in minted)
    given = {"prompt": f"Prompt {number}?", "text_a": f"Left {number}.", "text_b": f"Right {number}.", **changes}
    record = records.record(number, votes=(records.vote(number, winner, **told),), **given)  # type: ignore[arg-type]
    battle = replace(record.battle, battle_id=minted[0], conversation_id=minted[2])
    vote = replace(record.votes[0], battle_id=minted[0], vote_id=minted[1])
    return replace(record, battle=battle, votes=(vote,))


VOTED = [
    voted(1, Winner.MODEL_A),
    voted(2, Winner.MODEL_B, strength=Strength.CLEARLY, reason="It is right."),
    voted(3, Winner.TIE),
    voted(4, Winner.BOTH_BAD),
    voted(5, Winner.MODEL_A, strength=Strength.SLIGHTLY, edit="Left 5, corrected."),
    voted(6, Winner.MODEL_B, history=BEFORE),
    voted(7, Winner.MODEL_B, history=BEFORE[:1], edit="Right 7, corrected."),
]


def out(name: str, path: Path) -> tuple[list[BattleRecord], Path]:
    """A file of a format, and the battles that it took."""
    taken, rows = [], []
    for record in VOTED:
        outcomes = list(exports.FORMATS[name].convert(record, records.CONTEXT))
        made = [row for outcome in outcomes if isinstance(outcome, Taken) for row in outcome.rows]
        assert made or all(isinstance(outcome, LeftOut) for outcome in outcomes)
        taken += [record] if made else []
        rows += made
    return taken, making.write(path, rows)


def judged(name: str, record: BattleRecord) -> Judged:
    found = pairs.judged(record)
    assert isinstance(found, pairs.Judged)
    better = {Winner.MODEL_A: found.text_a, Winner.MODEL_B: found.text_b}.get(found.winner, found.winner.value)
    strength = record.votes[0].strength if name in SAYS_STRENGTH else None
    said = tuple((message.role, message.text) for message in found.prompt)
    return said, frozenset({found.text_a, found.text_b}), better, strength


def read(name: str, entry: ImportedVote) -> Judged:
    better = {Winner.MODEL_A: entry.text_a, Winner.MODEL_B: entry.text_b}.get(entry.winner, entry.winner.value)
    said = tuple((message.role, message.text) for message in entry.messages)
    strength = entry.strength if name in SAYS_STRENGTH else None
    return said, frozenset({entry.text_a, entry.text_b}), better, strength


def entries(path: Path) -> list[ImportedVote]:
    shape = reading.shape_of(path, None)
    assert shape is not None
    found = [one for _, one in reading.entries(path, shape)]
    assert all(isinstance(one, ImportedVote) for one in found), found
    return [one for one in found if isinstance(one, ImportedVote)]


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
@pytest.mark.parametrize("name", sorted(set(exports.FORMATS) - {"sft"}))
def test_what_a_format_took_comes_back_with_the_same_votes(tmp_path: Path, name: str, kind: str) -> None:
    taken, path = out(name, tmp_path / f"train.{kind}")
    back = entries(path)
    assert Counter(read(name, entry) for entry in back) == Counter(judged(name, record) for record in taken)
    assert len(taken) >= 2, "positive control: a format that took nothing would pass"


def test_a_format_that_carries_no_vote_is_refused_with_a_sentence(tmp_path: Path) -> None:
    taken, path = out("sft", tmp_path / "train.jsonl")
    assert taken
    with pytest.raises(errors.InvalidValue, match="holds conversations without a vote"):
        reading.shape_of(path, None)


def test_the_board_of_the_votes_that_came_back_is_the_same_where_models_are_named(tmp_path: Path) -> None:
    """Training formats name no models; whoever imports one is told so (tests/cli)."""
    _, path = out("battles", tmp_path / "train.parquet")
    back = [{"model_a": e.model_a, "model_b": e.model_b, "winner": e.winner.value} for e in entries(path)]
    was = [
        {"model_a": one.battle.model_a, "model_b": one.battle.model_b, "winner": one.votes[0].winner.value}
        for one in VOTED
    ]
    assert leaderboards.fit(back).to_dict() == leaderboards.fit(was).to_dict()
    for name in set(exports.FORMATS) - {"sft", "battles"}:
        _, path = out(name, tmp_path / f"{name}.jsonl")
        assert {(entry.model_a, entry.model_b) for entry in entries(path)} == {(None, None)}


def test_corrections_come_back(tmp_path: Path) -> None:
    for name in ("trl-tpo", "battles"):
        _, path = out(name, tmp_path / f"{name}.jsonl")
        found = {entry.edit for entry in entries(path)} - {None}
        assert found == {"Left 5, corrected.", "Right 7, corrected."}


def test_every_format_is_read_by_a_shape_that_knows_it(tmp_path: Path) -> None:
    known = {}
    for name in set(exports.FORMATS) - {"sft"}:
        shape = reading.shape_of(out(name, tmp_path / f"{name}.jsonl")[1], None)
        known[name] = shape.name if shape else None
    assert set(known.values()) <= set(imports.SHAPES)
    assert {known[name] for name in ("trl-kto", "axolotl-kto", "llamafactory-kto")} == {"thumbs"}
    assert known["nemo-rl"] == "rankings"
