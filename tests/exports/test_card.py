"""`exports.card`: what the hub reads, what a person reads, and names that try to break out."""

from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import yaml

from arena import exports
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
