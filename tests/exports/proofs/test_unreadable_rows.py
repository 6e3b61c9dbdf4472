"""A format whose rows nobody can read back is exported all the same, and opens the ids of its votes alone."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from arena import exports
from arena.domain.battle import BattleRecord
from arena.exports.folder import files, opening
from arena.exports.format import Context, Format, LeftOut, Outcome, Reason, Row, Taken
from arena.exports.proofs import opened_rows, verification
from arena.exports.rows import read_back
from arena.exports.writing import release
from tests.exports import making

from .test_opened_rows import RECORDS, facts, lines_of, manifest

IDS = 0b11
"""`vote_id` and `battle_id`, the first fields."""
ROWS: dict[str, Callable[[BattleRecord], Row]] = {
    "a question without a system": lambda record: {"question": record.battle.prompt, "chosen": "a", "rejected": "b"},
    "an instruction alone": lambda record: {"instruction": record.battle.prompt},
    "answers under another name": lambda record: {"prompt": record.battle.prompt, "best": "a"},
    "an answer that is a number": lambda record: {"prompt": record.battle.prompt, "chosen": 1, "rejected": 2},
    "messages that are texts": lambda record: {"messages": [record.battle.prompt, "a"]},
    "no message": lambda _: {"messages": [], "chosen": "a", "rejected": "b"},
    "sides without their ids": lambda _: {"conversation_a": [], "conversation_b": []},
    "a reference that is a number": lambda record: {"reference": 1, "text": record.battle.prompt},
    "nothing known": lambda record: {"text": record.battle.prompt},
}


def toy(of: Callable[[BattleRecord], Row]) -> Format:
    """A new format in one file, which says that it carries what pairs do."""

    def convert(record: BattleRecord, _context: Context) -> Iterator[Outcome]:
        yield Taken(rows=(of(record),)) if record.votes else LeftOut(reason=Reason.NO_VOTE)

    schema = pa.Table.from_pylist([of(making.record())]).schema
    return dataclasses.replace(exports.FORMATS["trl-dpo"], name="toy", convert=convert, schema=schema)


@pytest.mark.parametrize("of", ROWS.values(), ids=list(ROWS))
def test_columns_that_nobody_knows_say_nothing_and_open_the_ids_alone(
    of: Callable[[BattleRecord], Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    form, folder = toy(of), tmp_path / "out"
    monkeypatch.setitem(exports.FORMATS, "toy", form)
    assert read_back.read([of(making.record())], None) == {}
    release.write(folder, "toy", RECORDS[:6], facts(RECORDS))
    lines = lines_of(folder)
    assert len(lines) >= 4
    assert {line["opened"] for line in lines} == {IDS}
    assert all(line["said"] == {} for line in lines)
    checked = verification.release(folder, making.SIGNER.public_key)
    assert checked.problems == ()
    assert manifest(folder)["opened"] == {"votes": len(lines), "in_part": len(lines)}
    assert any("or nobody can read the row back" in note for note in checked.notes)


def test_of_such_rows_a_changed_opening_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "out"
    monkeypatch.setitem(exports.FORMATS, "toy", toy(ROWS["nothing known"]))
    release.write(folder, "toy", RECORDS[:6], facts(RECORDS))
    changes: list[dict[str, Any]] = [{"salts": "00" * 32}, {"opened": 0b111}, {"said": {"winner": "tie"}}]
    whole = lines_of(folder)
    for change in changes:
        lines = [whole[0] | change, *whole[1:]]
        (folder / opening.FILE).write_bytes(b"".join(map(files.json_line, lines)))
        assert list(opened_rows.problems(folder, manifest(folder))), change


def test_rows_of_a_known_format_that_are_made_unreadable_do_not_pass(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    release.write(folder, "trl-dpo", RECORDS, facts(RECORDS))
    assert list(opened_rows.problems(folder, manifest(folder))) == []
    path = folder / "data" / "train.jsonl"
    path.write_bytes(b"".join(files.json_line({"text": "else"}) for _ in path.read_bytes().splitlines()))
    assert list(opened_rows.problems(folder, manifest(folder)))
