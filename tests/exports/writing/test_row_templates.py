"""`exports.writing.row_templates`: rows that are filled in are, byte for byte, those that the format makes."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from arena import exports
from arena.domain import ledger
from arena.domain.battle import BattleRecord
from arena.domain.ids import ModelName, VoteId
from arena.domain.vote import Strength, Winner
from arena.exports.format import Format, LooksAt, Row
from arena.exports.rows import pairs
from arena.exports.writing import release
from arena.exports.writing.row_templates import WORDS, RowTemplates
from tests.exports import making
from tests.exports.writing.test_release import contents

SERVED = {
    *("trl-dpo", "trl-reward", "trl-kto", "openrlhf", "axolotl-intel", "axolotl-kto", "verl", "nemo-rl", "torchtune")
}
"""Formats whose rows carry three texts and a strength, and whose rows depend on no word in them."""
TEXTS = (*making.HOSTILE, *WORDS, "100 %", "%b %s %%", '"what was asked"', "\ud800 half a character")


def battles() -> list[BattleRecord]:
    """Every text as prompt, as left and as right answer; every winner and strength; and all that is told apart."""
    found = making.assorted()
    for number, text in enumerate(TEXTS, start=30):
        others = {"prompt": f"Prompt {number}", "text_a": f"Left {number}", "text_b": f"Right {number}"}
        for place, name in enumerate(others):
            winner = (*Winner,)[(number + place) % len(Winner)]
            strength = (None, *Strength)[number % 3] if winner.decided else None
            cast = making.vote(10 * number + place, winner, strength=strength)
            found.append(making.record(10 * number + place, **{**others, name: text}, votes=(cast,)))
    return found


def openers(vote_ids: Sequence[VoteId]) -> Mapping[VoteId, ledger.Opener]:
    return {one: ledger.Opener(f"{int(one[2:]):032x}", ledger.VERSION) for one in vote_ids}


def written(folder: Path, form: Format, records: Sequence[BattleRecord], **changes: Any) -> dict[str, bytes]:
    release.write(folder, form.name, records, making.facts(openers=openers, **changes))
    return contents(folder)


@pytest.fixture
def filled(monkeypatch: pytest.MonkeyPatch) -> list[BattleRecord]:
    """The battles whose rows are filled in."""
    seen: list[BattleRecord] = []
    fill = RowTemplates.filled

    def filled(self: RowTemplates, record: BattleRecord) -> Any:
        found = fill(self, record)
        if found is not None:
            seen.append(record)
        return found

    monkeypatch.setattr(RowTemplates, "filled", filled)
    return seen


@pytest.mark.parametrize("selection", [{}, {"several": "each", "ties": "drop"}, {"duplicates": "first"}])
@pytest.mark.parametrize("name", exports.FORMATS)
def test_every_file_is_the_same_as_without_templates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, filled: list[BattleRecord], name: str, selection: dict[str, Any]
) -> None:
    form = exports.FORMATS[name]
    quick = written(tmp_path / "quick", form, battles(), selection=selection, test_share=0.3)
    assert bool(filled) == (name in SERVED and "several" not in selection)
    monkeypatch.setattr(RowTemplates, "filled", lambda *_: None)
    assert quick == written(tmp_path / "slow", form, battles(), selection=selection, test_share=0.3)


class Toy:
    """A format of somebody's own, with a row for each pair."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
        convert = pairs.one_row(self.row)
        self.form = dataclasses.replace(exports.FORMATS["trl-dpo"], convert=convert, **changes)
        monkeypatch.setitem(exports.FORMATS, self.form.name, self.form)

    def row(self, pair: pairs.Pair) -> Row:
        prompt = pairs.conversation(pair.prompt)
        if "sky" in pair.prompt[-1].text:
            prompt = []
        return {"prompt": prompt, "chosen": pairs.answer(pair.chosen), "rejected": pairs.answer(pair.rejected)}


@pytest.mark.parametrize(
    ("looks_at", "right"),
    [(None, True), (LooksAt(patterns=("sky",)), True), (LooksAt(), False)],
    ids=("it does not say", "it says", "it forgets to say"),
)
def test_a_format_that_looks_at_words_and_says_so_converts_every_battle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looks_at: LooksAt | None, right: bool
) -> None:
    """One that forgets what it looks at is the positive control."""
    form = Toy(monkeypatch, looks_at=looks_at).form
    asked = [making.record(1, prompt="Why?"), making.record(2), making.record(3, prompt="Sky?")]
    quick = written(tmp_path / "quick", form, asked)
    monkeypatch.setattr(RowTemplates, "filled", lambda *_: None)
    assert (quick == written(tmp_path / "slow", form, asked)) is right


def test_a_format_that_writes_a_text_in_another_way_converts_every_battle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, filled: list[BattleRecord]
) -> None:
    def loud(pair: pairs.Pair) -> Row:
        return {"prompt": [], "chosen": pairs.answer(pair.chosen), "rejected": pairs.answer(pair.rejected + "!")}

    form = dataclasses.replace(exports.FORMATS["trl-dpo"], convert=pairs.one_row(loud))
    monkeypatch.setitem(exports.FORMATS, form.name, form)
    rows = written(tmp_path / "out", form, [making.record(1)])["data/train.jsonl"]
    assert b"It reflects the sea.!" in rows
    assert filled == []


def test_two_models_on_the_same_texts_share_a_template_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[BattleRecord] = []
    convert = exports.FORMATS["trl-dpo"].convert
    form = dataclasses.replace(
        exports.FORMATS["trl-dpo"], convert=lambda record, context: made.append(record) or convert(record, context)
    )
    monkeypatch.setitem(exports.FORMATS, form.name, form)
    one, other = making.record(1), making.record(2, winners=(Winner.MODEL_B,))
    renamed = dataclasses.replace(
        making.record(3), battle=dataclasses.replace(making.record(3).battle, model_a=ModelName("gamma"))
    )
    written(tmp_path / "out", form, [one, renamed, other])
    assert [record.votes[0].winner for record in made] == [Winner.MODEL_A, Winner.MODEL_B]
