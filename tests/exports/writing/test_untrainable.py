"""Answers that should not train: they are left out of the rows under a reason of their own, and nothing else is."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from arena import exports
from arena.domain.battle import BattleRecord
from arena.domain.selection import Selection
from arena.domain.vote import Winner
from arena.exports.filters import doubles
from arena.exports.filters.sifting import Sieve
from arena.exports.folder import id_tables
from arena.exports.format import LeftOut, Reason
from arena.exports.proofs import verification
from arena.exports.rows import pairs
from arena.exports.writing import release
from arena.store import battle_groups
from tests.exports import making


def written(folder: Path, name: str, records: list[BattleRecord], **select: Any) -> dict[str, Any]:
    manifest = release.write(folder, name, records, making.facts(selection=select)).to_dict()
    assert verification.release(folder, making.SIGNER.public_key).problems == ()
    return manifest


def ended(record: BattleRecord, reason_a: str | None, reason_b: str | None) -> BattleRecord:
    assert record.response_a is not None
    assert record.response_b is not None
    return dataclasses.replace(
        record,
        response_a=dataclasses.replace(record.response_a, finish_reason=reason_a),
        response_b=dataclasses.replace(record.response_b, finish_reason=reason_b),
    )


def test_the_store_strips_what_python_strips() -> None:
    assert set(battle_groups.BLANK) == {sign for sign in map(chr, range(0x110000)) if sign.isspace()}


def test_two_answers_of_one_text_train_nothing_and_stay_in_the_votes(tmp_path: Path) -> None:
    same = making.record(2, text_a="Same.", text_b="Same.")
    manifest = written(tmp_path / "pairs", "trl-dpo", [making.record(1), same])
    assert manifest["counts"]["left_out"] == {"same_answer": 1}
    (left,) = id_tables.read(tmp_path / "pairs", id_tables.LEFT_OUT)
    assert left == {"battle_id": "b_2", "vote_id": None, "reason": "same_answer"}
    assert written(tmp_path / "votes", "battles", [making.record(1), same])["counts"]["taken"] == 2


def test_both_bad_of_one_text_is_two_undesirable_answers() -> None:
    record = making.record(text_a="Same.", text_b="Same.", winners=[Winner.BOTH_BAD])
    found = pairs.completions(record)
    assert not isinstance(found, LeftOut)
    assert found[1] == (("Same.", False), ("Same.", False))


@pytest.mark.parametrize(
    ("reasons", "stays"),
    [
        (("stop", "stop"), True),
        (("stop", "length"), False),
        (("content_filter", "stop"), False),
        ((None, None), True),
        ((None, "length"), False),
        (("eos", "tool_calls"), True),
    ],
)
def test_an_answer_that_was_cut_off_leaves_where_only_ended_ones_are_asked_for(
    reasons: tuple[str | None, str | None], *, stays: bool
) -> None:
    record = ended(making.record(), *reasons)
    sieve = Sieve(Selection.from_mapping({"finished": "ended"}))
    assert (sieve.sift(record).record is not None) is stays
    assert sieve.left_votes == ({} if stays else {Reason.CUT_OFF: 1})
    assert Sieve(Selection()).sift(record).record == record


def test_doubles_are_counted_and_only_the_first_stays_where_that_is_asked(tmp_path: Path) -> None:
    records = [making.record(1), making.record(2), making.record(3, text_a="Another."), making.record(4)]
    kept = written(tmp_path / "kept", "trl-dpo", records)
    assert (kept["counts"]["taken"], kept["counts"]["double_rows"]) == (4, 2)
    assert "2 rows are the very same as an earlier one." in (tmp_path / "kept" / "README.md").read_text()
    first = written(tmp_path / "first", "trl-dpo", records, duplicates="first")
    assert (first["counts"]["taken"], first["counts"]["double_rows"]) == (2, 0)
    assert first["counts"]["left_out"] == {"double_row": 2}
    assert [item.battle_id for item in id_tables.items(tmp_path / "first")] == ["b_1", "b_3"]
    assert written(tmp_path / "votes", "battles", records, duplicates="first")["counts"]["taken"] == 4


def test_doubles_are_whole_battles_to_a_format_with_several_rows_each(tmp_path: Path) -> None:
    records = [making.record(1), making.record(2), making.record(3, text_b="Another.")]
    manifest = written(tmp_path / "out", "trl-kto", records, duplicates="first")
    assert (manifest["counts"]["taken"], manifest["counts"]["double_rows"]) == (2, 1)


def test_no_rows_are_no_doubles() -> None:
    assert doubles.Doubles(first_only=False).count == 0


def test_thoughts_are_in_no_row_where_they_are_stripped_and_an_answer_of_nothing_else_is_empty(tmp_path: Path) -> None:
    records = [
        making.record(1, text_a="<think>canary</think>Sun", text_b="Rain"),
        making.record(2, prompt="Two?", text_a="<think>canary", text_b="Rain"),
        making.record(3, prompt="Three?", text_a="<think>canary</think>Same", text_b="Same"),
    ]
    manifest = written(tmp_path / "out", "trl-dpo", records, thinking="strip")
    assert manifest["counts"]["left_out"] == {"empty_answer": 1, "same_answer": 1}
    assert b"canary" not in (tmp_path / "out" / "data" / "train.jsonl").read_bytes()
    written(tmp_path / "kept", "trl-dpo", records)
    assert b"canary" in (tmp_path / "kept" / "data" / "train.jsonl").read_bytes()


def test_a_part_without_rows_has_no_files(tmp_path: Path) -> None:
    written(tmp_path / "out", "trl-dpo", [making.record(1)])
    assert sorted(path.name for path in (tmp_path / "out" / "data").iterdir()) == ["train.jsonl", "train.parquet"]
    listed = [entry["path"] for entry in json.loads((tmp_path / "out" / "manifest.json").read_text())["files"]]
    assert not [path for path in listed if path.startswith("data/test")]
    assert "`arena export --select test_share=0.1`" in (tmp_path / "out" / "README.md").read_text()


def test_the_votes_say_how_each_answer_ended(tmp_path: Path) -> None:
    written(
        tmp_path / "out", "battles", [ended(making.record(1), "stop", "length"), ended(making.record(2), None, None)]
    )
    rows = pq.read_table(tmp_path / "out" / "data" / "train.parquet").to_pylist()
    assert [(row["finish_reason_a"], row["finish_reason_b"]) for row in rows] == [("stop", "length"), (None, None)]


@pytest.mark.parametrize("name", exports.FORMATS)
def test_an_empty_system_message_is_in_no_row(name: str) -> None:
    told = making.vote(1, edit="Better.")
    empty = making.record(1, history=[("system", " ")], votes=(told,))
    rows = [
        list(exports.FORMATS[name].convert(one, making.CONTEXT)) for one in (empty, making.record(1, votes=(told,)))
    ]
    assert [getattr(one, "rows", None) for one in rows[0]] == [getattr(one, "rows", None) for one in rows[1]]
