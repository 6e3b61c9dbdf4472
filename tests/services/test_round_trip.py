"""Releases of every format, out and in again: the same votes, or a sentence that says what a format cannot carry."""

import dataclasses
import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import leaderboards
from arena import errors, exports
from arena.domain.battle import BattleRecord, Message
from arena.domain.ids import BattleId, ConversationId, ModelName, RaterId, VoteId
from arena.domain.vote import RaterKind, Strength, Tag, Vote, Winner
from arena.exports.format import LeftOut
from arena.exports.rows import pairs
from arena.exports.writing import release
from arena.services import importing
from arena.services.importing import Import
from arena.store import selection
from arena.store.workspace import Workspace
from tests.exports import making
from tests.services import making as opened

NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
A, B = Winner.MODEL_A, Winner.MODEL_B
MODELS = tuple(map(ModelName, ("alpha", "beta", "gamma")))
NOT_KEPT = {
    "helpsteer3": {"overall_preference", "individual_preference.feedback1", "individual_preference.feedback2"},
}
"""Columns that an import has no place for, and names."""


def minted(kind: str, number: int) -> str:
    return f"{kind}_{number:026d}"


def votes(count: int = 60) -> Iterator[BattleRecord]:
    """Battles with one vote each: all outcomes, first prompts and follow-ups, system messages, strengths, edits."""
    chance = random.Random(20260606)
    for number in range(count):
        winner = chance.choice((A, A, B, B, Winner.TIE, Winner.BOTH_BAD))
        sided = winner in (A, B)
        cast = making.vote(
            number,
            winner,
            minted("r", number % 7),
            vote_id=VoteId(minted("v", number)),
            battle_id=BattleId(minted("b", number)),
            strength=chance.choice((None, *Strength)) if sided else None,
            edit=f"Corrected {number}." if sided and chance.random() < 0.3 else None,
            tags=tuple(chance.sample(tuple(Tag), 2)),
            reason=chance.choice((None, "It names the cause.")),
            criteria=(("polite", (A, B, Winner.TIE)[number % 3]), ("Is it true? ", A))[: number % 3],
            rater_kind=tuple(RaterKind)[number % 3],
        )
        record = making.record(number, prompt=f"Prompt {number}?", text_a=f"Left {number}.", text_b=f"Right {number}.")
        model_a, model_b = chance.sample(MODELS, 2)
        history = chance.choice(
            ((), (), _said("user", "assistant"), _said("system"), _said("system", "user", "assistant"))
        )
        yield dataclasses.replace(
            record,
            battle=dataclasses.replace(
                record.battle,
                battle_id=cast.battle_id,
                conversation_id=ConversationId(minted("c", number)),
                rater_id=RaterId(cast.rater_id),
                model_a=model_a,
                model_b=model_b,
                history=history,
                turn=1 + sum(message.role == "user" for message in history),
            ),
            votes=(cast,),
        )


def _said(*roles: str) -> tuple[Message, ...]:
    return tuple(Message.of_text(role=role, text=f"Said by {role}.") for role in roles)


def imported(workspace: Workspace, path: Path) -> tuple[Import, list[BattleRecord]]:
    done = Import(job_id="imp")
    here = opened.here(workspace, path.parent, now=lambda: NOW)
    importing.import_once(here, done, importing.recognise([path], None, None), lambda: None)
    with workspace.reading() as connection:
        return done, list(selection.voted(connection))


def said(record: BattleRecord) -> tuple[Any, ...]:
    """What a vote says, whichever side an answer stands on: the prompt, and each answer with what became of it."""
    found = pairs.judged(record)
    assert not isinstance(found, LeftOut)
    won = {A: ("won", "lost"), B: ("lost", "won")}.get(found.winner, (found.winner.value, found.winner.value))
    return found.prompt, frozenset(((found.text_a, won[0]), (found.text_b, won[1])))


@pytest.fixture
def workspace(tmp_path: Path) -> Any:
    with Workspace.open(tmp_path / "data" / "w.duckdb") as opened:
        yield opened


@pytest.mark.parametrize("name", [name for name in exports.FORMATS if name != "sft"])
def test_every_vote_of_a_release_comes_back_as_it_was_cast(workspace: Workspace, tmp_path: Path, name: str) -> None:
    before = list(votes())
    manifest = release.write(tmp_path / "out", name, before, making.facts())
    left = {json.loads(line)["battle_id"] for line in (tmp_path / "out" / "left_out.jsonl").read_text().splitlines()}
    taken = [record for record in before if record.battle.battle_id not in left]
    done, after = imported(workspace, tmp_path / "out" / "data" / "train.jsonl")
    assert (done.outside, done.votes) == (0, manifest.counts.taken)
    assert set(done.unkept) == NOT_KEPT.get(name, set())
    assert Counter(map(said, after)) == Counter(map(said, taken))
    assert len(taken) > 5


def told(vote: Vote) -> tuple[Any, ...]:
    said = vote.vote_id, vote.winner, vote.strength, vote.tags, vote.reason, vote.edit, vote.cast_at
    return (*said, vote.criteria, vote.rater_kind)


def test_battles_come_back_whole_and_give_the_same_board(workspace: Workspace, tmp_path: Path) -> None:
    before = list(votes(200))
    release.write(tmp_path / "out", "battles", before, making.facts())
    _, after = imported(workspace, tmp_path / "out" / "data" / "train.jsonl")
    assert [told(record.votes[0]) for record in after] == [told(record.votes[0]) for record in before]
    for one, other in zip(before, after, strict=True):
        assert one.response_a is not None
        assert other.response_a is not None
        kept = (
            "battle_id",
            "conversation_id",
            "turn",
            "campaign",
            "messages",
            "model_a",
            "model_b",
            "draw_probability",
        )
        assert [getattr(one.battle, name) for name in kept] == [getattr(other.battle, name) for name in kept]
        assert one.response_a.finish_reason == other.response_a.finish_reason == "stop"
    release.write(tmp_path / "again", "battles", after, making.facts())
    boards = [
        leaderboards.fit(leaderboards.read(tmp_path / folder / "data" / "train.parquet")).to_json()
        for folder in ("out", "again")
    ]
    entries = [json.loads(board)["entries"] for board in boards]
    assert entries[0] == entries[1]


def test_corrections_alone_are_no_votes_and_are_refused_with_a_sentence(workspace: Workspace, tmp_path: Path) -> None:
    release.write(tmp_path / "out", "sft", votes(), making.facts())
    with pytest.raises(errors.InvalidValue, match="conversations without a vote"):
        imported(workspace, tmp_path / "out" / "data" / "train.jsonl")
