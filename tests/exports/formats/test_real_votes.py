"""Real votes out in every format: no vote is lost, empty answers are in no pair, and the board comes back the same."""

import dataclasses
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import leaderboards
from arena import exports
from arena.domain.battle import BattleRecord
from arena.exports.format import Unit
from arena.exports.rows import pairs
from arena.exports.writing import release
from tests.exports import making
from tests.exports.writing.test_real_votes import SHARED, records, votes
from tests.lengths import at_length

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("shared")]

EDITED = " (checked)"


def edited(rows: list[dict[str, Any]]) -> Iterator[BattleRecord]:
    """The battles, each with its first vote corrected where that has a winner: the real votes hold no corrections."""
    for record in records(rows):
        first, *others = record.votes
        side = pairs.WON_BY.get(first.winner)
        preferred = None if side is None else record.response(side)
        if preferred is not None:
            first = dataclasses.replace(first, edit=preferred.text + EDITED)
        yield dataclasses.replace(record, votes=(first, *others))


def texts(value: Any) -> Iterator[str]:
    """Every answer and message in a row."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def judged(rows: list[dict[str, Any]]) -> Counter[str]:
    """Questions by what most raters said, from the published file alone; `empty` where an answer is."""
    questions: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        questions.setdefault(row["question_id"], []).append(row)
    found: Counter[str] = Counter()
    for cast in questions.values():
        if any(not cast[0][f"conversation_{side}"][1]["content"].strip() for side in "ab"):
            found["empty_answer"] += 1
            continue
        leaders = Counter(row["winner"] for row in cast).most_common(2)
        undecided = len(leaders) == 2 and leaders[0][1] == leaders[1][1]
        found["no_majority" if undecided else leaders[0][0]] += 1
    return found


@pytest.mark.parametrize(
    ("name", "format_name"),
    [*(("pandalm", name) for name in exports.FORMATS), *at_length(*(("llmfao", name) for name in exports.FORMATS))],
)
def test_every_format_takes_what_was_decided_and_counts_the_rest(tmp_path: Path, name: str, format_name: str) -> None:
    rows = votes(name)
    expected = judged(rows)
    form = exports.FORMATS[format_name]
    counts = release.write(tmp_path / "out", format_name, edited(rows), making.facts()).counts
    assert counts.votes == len(rows)
    assert counts.units == (len(rows) if form.unit is Unit.VOTE else expected.total())
    assert counts.taken + sum(counts.left_out.values()) == counts.units
    decided = expected["model_a"] + expected["model_b"]
    if format_name == "battles":
        assert counts.taken == len(rows)
    elif format_name == "sft":
        assert 0 < counts.taken < len(rows)
    elif format_name == "helpsteer3":
        assert counts.taken == decided + expected["tie"]
        assert counts.left_out["empty_answer"] == expected["empty_answer"]
    else:
        dropped = counts.left_out.get("no_edit", 0) + counts.left_out.get("reserved", 0)
        assert counts.taken == decided + (expected["both_bad"] if format_name.endswith("kto") else 0) - dropped
        assert counts.left_out["empty_answer"] == expected["empty_answer"]
        assert counts.left_out["tie"] == expected["tie"]
        assert counts.left_out.get("no_majority", 0) == expected["no_majority"]
        blank_by_design = {"axolotl-intel", "llamafactory-alpaca"}  # `system` and `input`, which are always empty
        for line in (tmp_path / "out" / "data" / "train.jsonl").read_text().splitlines():
            row = json.loads(line)
            if format_name in blank_by_design:
                row = {column: value for column, value in row.items() if column not in ("system", "input")}
            assert all(text.strip() for text in texts(row))


@pytest.mark.parametrize("name", ["pandalm", *at_length("llmfao")])
def test_the_board_of_the_exported_battles_is_the_same_whatever_was_corrected(tmp_path: Path, name: str) -> None:
    rows = votes(name)
    release.write(tmp_path / "out", "battles", edited(rows), making.facts())
    before = leaderboards.fit(leaderboards.read(SHARED / f"{name}_votes.jsonl.gz"))
    after = leaderboards.fit(leaderboards.read(tmp_path / "out" / "data" / "train.parquet"))
    expected = {entry.model: (entry.rating, entry.se) for entry in before.entries}
    assert {entry.model for entry in after.entries} == set(expected)
    for entry in after.entries:
        assert (entry.rating, entry.se) == pytest.approx(expected[entry.model], abs=1e-9)
