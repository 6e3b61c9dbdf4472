"""Releases of real votes: every vote is there, the board stays the same, empty answers are in no pair."""

import dataclasses
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import leaderboards
from arena.domain.battle import BattleRecord
from arena.domain.ids import ModelName
from arena.domain.vote import Winner
from arena.exports.writing import release
from tests.exports import making

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("shared")]


def votes(name: str) -> list[dict[str, Any]]:
    with gzip.open(SHARED / f"{name}_votes.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def records(rows: list[dict[str, Any]]) -> Iterator[BattleRecord]:
    """One battle a question, with the votes of all its raters."""
    questions: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for number, row in enumerate(rows):
        questions.setdefault(row["question_id"], []).append((number, row))
    for place, cast in enumerate(questions.values()):
        row = cast[0][1]
        record = making.record(
            place,
            prompt=row["conversation_a"][0]["content"],
            text_a=row["conversation_a"][1]["content"],
            text_b=row["conversation_b"][1]["content"],
            votes=tuple(making.vote(number, Winner(vote["winner"]), vote["judge"]) for number, vote in cast),
        )
        models = {"model_a": ModelName(row["model_a"]), "model_b": ModelName(row["model_b"])}
        yield dataclasses.replace(record, battle=dataclasses.replace(record.battle, **models))


@pytest.mark.parametrize("name", ["llmfao", "pandalm"])
def test_battles_holds_every_vote_and_gives_the_same_board(tmp_path: Path, name: str) -> None:
    rows = votes(name)
    manifest = release.write(tmp_path / "out", "battles", records(rows), making.facts())
    assert manifest.counts.taken == len(rows)
    assert manifest.raters == len({row["judge"] for row in rows})
    expected = {
        entry.model: entry for entry in leaderboards.fit(leaderboards.read(SHARED / f"{name}_votes.jsonl.gz")).entries
    }
    for file in ("train.parquet", "train.jsonl"):
        board = leaderboards.fit(leaderboards.read(tmp_path / "out" / "data" / file))
        assert {entry.model for entry in board.entries} == set(expected)
        for entry in board.entries:
            assert entry.rating == pytest.approx(expected[entry.model].rating, abs=1e-9)
            assert entry.se == pytest.approx(expected[entry.model].se, abs=1e-9)


@pytest.mark.parametrize(("name", "empty_votes"), [("llmfao", 1208), ("pandalm", 162)])
def test_pairs_leave_out_every_question_with_an_empty_answer(tmp_path: Path, name: str, empty_votes: int) -> None:
    rows = votes(name)
    empty = [row for row in rows if any(not row[f"conversation_{side}"][1]["content"].strip() for side in "ab")]
    assert len(empty) == empty_votes
    counts = release.write(tmp_path / "out", "trl-dpo", records(rows), making.facts()).counts
    assert counts.left_out["empty_answer"] == len({row["question_id"] for row in empty})
    assert counts.units == len({row["question_id"] for row in rows}) == counts.taken + sum(counts.left_out.values())
    for line in (tmp_path / "out" / "data" / "train.jsonl").read_text().splitlines():
        row = json.loads(line)
        assert row["chosen"][0]["content"].strip()
        assert row["rejected"][0]["content"].strip()


def test_a_held_out_prompt_takes_all_its_battles_along(tmp_path: Path) -> None:
    rows = votes("llmfao")
    release.write(tmp_path / "out", "trl-dpo", records(rows), making.facts(test_share=0.3))
    prompts = {}
    for part in ("train", "test"):
        lines = (tmp_path / "out" / "data" / f"{part}.jsonl").read_text().splitlines()
        prompts[part] = Counter(json.loads(line)["prompt"][0]["content"] for line in lines)
    assert prompts["train"]
    assert prompts["test"]
    assert not set(prompts["train"]) & set(prompts["test"])
