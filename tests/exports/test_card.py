"""`exports.card`: what the hub reads, what a person reads, and names that try to break out."""

import dataclasses
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import yaml

from arena import exports
from arena.domain.battle import BattleRecord
from arena.domain.origin import Origin
from arena.domain.selection import Selection
from arena.exports import release

from . import making


def card(folder: Path, name: str = "trl-dpo", **changes: Any) -> str:
    release.write(folder / "out", name, making.assorted(), making.facts(**changes))
    return (folder / "out" / "README.md").read_text()


def header(text: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(text.split("---\n")[1])
    return read


def test_the_header_is_what_the_hub_expects(tmp_path: Path) -> None:
    read = header(card(tmp_path, test_share=0.4, license="cc-by-4.0", languages=("en", "no")))
    assert read == {
        "pretty_name": "Preference pairs for TRL",
        "license": "cc-by-4.0",
        "language": ["en", "no"],
        "tags": ["dpo", "rlhf", "preference", "human-feedback", "trl"],
        "task_categories": ["text-generation", "reinforcement-learning"],
        "size_categories": ["n<1K"],
        "configs": [
            {
                "config_name": "default",
                "data_files": [
                    {"split": "train", "path": "data/train.parquet"},
                    {"split": "test", "path": "data/test.parquet"},
                ],
            }
        ],
    }


def test_the_hub_library_reads_the_card(tmp_path: Path) -> None:
    text = card(tmp_path, license="cc-by-4.0")
    assert huggingface_hub.DatasetCard(text).data.license == "cc-by-4.0"


def test_a_licence_or_language_nobody_gave_is_not_claimed(tmp_path: Path) -> None:
    text = card(tmp_path)
    assert not {"license", "language"} & set(header(text))
    assert "No licence was stated" in text
    assert "languages of the texts were not determined" in text


def test_a_split_without_rows_is_not_offered_to_the_loader(tmp_path: Path) -> None:
    (config,) = header(card(tmp_path))["configs"]
    assert [entry["split"] for entry in config["data_files"]] == ["train"]


@pytest.mark.parametrize("name", exports.FORMATS)
def test_the_card_says_what_is_not_in_the_data(tmp_path: Path, name: str) -> None:
    text = card(tmp_path, name)
    assert "System prompts" in text
    assert "Personal data was not searched for" in text
    assert "anonymous" not in text.lower()


def test_the_counts_of_the_card_add_up(tmp_path: Path) -> None:
    text = card(tmp_path)
    counted = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells[-1].isdigit():
            counted[cells[0]] = int(cells[-1])
    left_out = [count for name, count in counted.items() if name.startswith("left out")]
    assert counted["selected"] == counted["in the data"] + sum(left_out) == 9
    assert counted["train"] + counted["test"] == counted["in the data"]


def imported(record: BattleRecord) -> BattleRecord:
    origin = Origin(source="votes", item=record.battle.battle_id, language=None, category=None, timed=True, digest="d")
    return dataclasses.replace(record, origin=origin)


def written(folder: Path, *records: BattleRecord) -> str:
    """The card over these records, on one line; what the manifest calls their origin stands before it."""
    manifest = release.write(folder / "out", "battles", records, making.facts())
    return f"{manifest.origin}: " + " ".join((folder / "out" / "README.md").read_text().split())


def test_the_card_claims_of_imported_battles_neither_who_collected_them_nor_that_raters_were_blind(
    tmp_path: Path,
) -> None:
    one, two = making.record(1), making.record(2, prompt="Two?")
    ours = written(tmp_path / "ours", one, two)
    assert ours.startswith("arena: ")
    assert "collected by Preference Arena." in ours
    assert "Raters saw both answers side by side, without names" in ours
    assert "Votes are opinions of the people who happened to come. No agreement" in ours
    assert "elsewhere" not in ours
    theirs = written(tmp_path / "theirs", imported(one), imported(two))
    assert theirs.startswith("imported: ")
    assert "collected elsewhere and imported" in theirs
    assert "whether they knew the models, is for its sources to say" in theirs
    assert "opinions of whoever judged for their sources, people or models" in theirs
    for claim in ("collected by", "without names", "side by side", "Human preferences", "happened to come"):
        assert claim not in theirs
    mixed = written(tmp_path / "mixed", one, imported(two))
    assert mixed.startswith("mixed: ")
    assert "some collected by Preference Arena, some elsewhere" in mixed
    assert "Raters of the arena saw both answers side by side" in mixed
    assert "How those of imported battles saw them" in mixed
    assert "people who happened to come to the arena and, where imported, of whoever judged" in mixed


def test_the_test_share_and_the_held_out_share_go_by_their_names(tmp_path: Path) -> None:
    text = card(tmp_path, selection=Selection(test_share=0.4, held_out_share=0.001))
    assert "Test share: 0.4, seed 0. Held-out share, in no part: 0.001." in text


HOSTILE = 'x"\n---\nlicense: mit\n---\n```sh\nrm -rf /\n```\n# Title <script>alert(1)</script>'


def test_a_selection_cannot_break_out_of_its_block(tmp_path: Path) -> None:
    text = card(tmp_path, selection=Selection(campaigns=("default", HOSTILE)))
    assert [line for line in text.splitlines() if "script>" in line] == [
        line for line in text.splitlines() if line.startswith("    ") and "script>" in line
    ]
    assert text.count("\n---\n") == 1
    assert "license" not in header(text)


def test_a_licence_cannot_break_out_of_the_header(tmp_path: Path) -> None:
    text = card(tmp_path, license=HOSTILE)
    assert header(text)["license"] == HOSTILE
    assert len(header(text)) == 6
