"""`exports.folder.row_order`: no trainer that rotates the answers of a batch meets two answers to one prompt."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from arena import exports
from arena.domain.battle import BattleRecord
from arena.domain.vote import Winner
from arena.exports.folder import id_tables, row_order
from arena.exports.writing import release
from tests.exports import making

KTO = ("trl-kto", "axolotl-kto", "llamafactory-kto")
BATTLES = 2 * row_order.BLOCK + 300
BATCHES = (2, 3, 4, 7, 8, 16, 32, 64, 100, 128, 256, 500, 512)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("apart") / "out"
    winners = [Winner.MODEL_A, Winner.MODEL_B, Winner.BOTH_BAD, Winner.TIE]
    records = [
        making.record(number, prompt=f"Prompt {number}", winners=[winners[min(number % 5, 3)]])
        for number in range(BATTLES)
    ]
    release.write(folder, "trl-kto", records, making.facts(test_share=0.2))
    return folder


def met(prompts: list[str], size: int) -> int:
    """How many rows are compared with an answer to their own prompt, as TRL rotates the answers of each batch."""
    found = 0
    for start in range(0, len(prompts), size):
        batch = prompts[start : start + size]
        found += sum(own == other for own, other in zip(batch, batch[-1:] + batch[:-1], strict=True))
    return found


def prompts(folder: Path, part: str) -> list[str]:
    return [row["prompt"][0]["content"] for row in pq.read_table(folder / "data" / f"{part}.parquet").to_pylist()]


@pytest.mark.parametrize("size", BATCHES)
def test_no_row_of_a_batch_is_compared_with_an_answer_to_its_own_prompt(made: Path, size: int) -> None:
    whole = len(prompts(made, "train")) // size * size  # the rest is a batch of any size, one row at the worst
    assert met(prompts(made, "train")[:whole], size) == 0


def test_the_control_of_rows_side_by_side_is_caught() -> None:
    """As the rows stood before: each battle's two, one after the other."""
    together = [prompt for number in range(1000) for prompt in (str(number), str(number))]
    assert met(together, 8) == 1000


@pytest.mark.parametrize("part", ["train", "test"])
def test_desirable_rows_alternate_with_others_and_none_is_lost(made: Path, part: str) -> None:
    rows = pq.read_table(made / "data" / f"{part}.parquet").to_pylist()
    asked = prompts(made, part)
    assert {asked.count(prompt) for prompt in set(asked)} == {2}
    longest = run = 0
    for before, after in itertools.pairwise(rows):
        run = run + 1 if before["label"] == after["label"] else 0
        longest = max(longest, run)
    assert longest < 20


def test_the_table_of_items_says_where_each_row_is(made: Path) -> None:
    rows = {part: prompts(made, part) for part in ("train", "test")}
    seen = dict.fromkeys(rows, 0)
    for item in id_tables.items(made):
        for which in range(item.rows):
            assert rows[item.split][item.row + which * item.step] == f"Prompt {item.battle_id.removeprefix('b_')}"
            seen[item.split] += 1
    assert seen == {part: len(found) for part, found in rows.items()}


@pytest.mark.parametrize("name", exports.FORMATS)
def test_only_formats_with_several_rows_a_unit_place_them_apart(name: str) -> None:
    assert exports.FORMATS[name].apart == (name in KTO)


def test_rows_are_written_while_battles_are_still_coming(tmp_path: Path) -> None:
    """Memory holds two blocks, whatever the number of battles."""
    held = []

    def records() -> Iterator[BattleRecord]:
        for number in range(6 * row_order.BLOCK):
            if number % row_order.BLOCK == 0:
                held.append(sum(path.stat().st_size for path in tmp_path.rglob("*.jsonl")))
            yield making.record(number, prompt="x" * 20_000)

    release.write(tmp_path / "out", "trl-kto", records(), making.facts())
    assert held[0] == 0
    assert held[-1] > 0
