"""`exports.card`: what the hub reads, what a person reads, and names that try to break out."""

import dataclasses
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import yaml

from arena import exports
from arena.domain.battle import BattleRecord
from arena.domain.ids import RaterId
from arena.domain.origin import Origin
from arena.domain.selection import Selection, Thinking
from arena.exports.filters.filters import FilterInputs
from arena.exports.personal import statement
from arena.exports.writing import release
from tests.exports import making


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
        "dataset_info": read["dataset_info"],
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


@pytest.mark.parametrize("name", exports.FORMATS)
def test_the_header_describes_features_splits_and_counts(tmp_path: Path, name: str) -> None:
    manifest = release.write(tmp_path / "out", name, making.assorted(), making.facts(test_share=0.4))
    info = header((tmp_path / "out" / "README.md").read_text())["dataset_info"]
    rows = {part: count for part, count in manifest.counts.rows.items() if count}
    assert {split["name"]: split["num_examples"] for split in info["splits"]} == rows
    sizes = {entry.path: entry.bytes for entry in manifest.files}
    assert [split["num_bytes"] for split in info["splits"]] == [sizes[f"data/{part}.jsonl"] for part in rows]
    assert info["dataset_size"] == sum(split["num_bytes"] for split in info["splits"])
    assert info["download_size"] == sum(sizes[f"data/{part}.parquet"] for part in rows)
    datasets = pytest.importorskip("datasets")
    features = datasets.Features.from_arrow_schema(exports.FORMATS[name].schema)
    assert info["features"] == features._to_yaml_list()
    assert datasets.Features._from_yaml_list(info["features"]) == features


def test_languages_are_found_in_some_hundreds_of_battles_and_rare_ones_are_not_named(tmp_path: Path) -> None:
    asked: list[str] = []

    def language(record: BattleRecord) -> str:
        asked.append(record.battle.battle_id)
        number = int(record.battle.battle_id.removeprefix("b_"))
        return "de" if number % 3 == 0 else "fr" if number == 0 else "und" if number % 5 == 0 else "en"

    records = (making.record(number, text_a=f"{number}", text_b="b") for number in range(2300))
    facts = making.facts(known=FilterInputs(language=language))
    manifest = release.write(tmp_path / "out", "trl-dpo", records, facts)
    assert manifest.languages == ("en", "de")
    assert manifest.languages_found_in == len(asked) == 288
    assert header((tmp_path / "out" / "README.md").read_text())["language"] == ["en", "de"]
    assert "found by a program in 288 battles" in " ".join((tmp_path / "out" / "README.md").read_text().split())


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


def written(folder: Path, *records: BattleRecord, **changes: Any) -> str:
    """The card over these records, on one line; what the manifest calls their origin stands before it."""
    manifest = release.write(folder / "out", "battles", records, making.facts(**changes))
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


def test_the_card_says_what_raters_agreed_to_and_nothing_of_those_of_imported_votes(tmp_path: Path) -> None:
    hidden = making.record(1, votes=(making.vote(1, rater="r_private"),))
    other, elsewhere = making.record(2, prompt="Two?"), imported(making.record(3, prompt="Three?"))
    known, public = FilterInputs(private=frozenset({RaterId("r_private")})), {"consent": "public"}
    everything = written(tmp_path / "everything", hidden, other, elsewhere, known=known)
    assert "**Keep this release to yourselves.** It includes 1 vote whose raters do not agree" in everything
    assert "Only votes were taken" not in everything
    selected = written(tmp_path / "selected", hidden, other, elsewhere, known=known, selection=public)
    assert "to yourselves" not in selected
    assert "Only votes were taken of which both who voted and who wrote the prompt agree to publication." in selected
    assert "Of what was imported, what raters agreed to is for its sources to say." in selected
    assert "Of what was imported" not in written(tmp_path / "own", hidden, other, known=known, selection=public)
    assert "Only votes were taken" not in written(tmp_path / "theirs", elsewhere, known=known, selection=public)


def test_where_nobody_chose_every_byte_is_what_it_was(tmp_path: Path) -> None:
    records = list(making.assorted())
    folders = {}
    for name, private in (("nobody", ()), ("somebody-else", ("r_elsewhere",))):
        known = FilterInputs(private=frozenset(map(RaterId, private)))
        release.write(tmp_path / name / "out", "trl-dpo", records, making.facts(known=known))
        files = [path for path in (tmp_path / name).rglob("*") if path.is_file()]
        folders[name] = {path.name: path.read_bytes() for path in files}
    assert folders["nobody"] == folders["somebody-else"]
    assert b'"private"' not in folders["nobody"]["manifest.json"]


def test_the_test_share_and_the_held_out_share_go_by_their_names(tmp_path: Path) -> None:
    text = card(tmp_path, selection=Selection(test_share=0.4, held_out_share=0.001))
    assert "Test share: 0.4, seed 0. Held-out share, in no part: 0.001." in text


HOSTILE = 'x"\n---\nlicense: mit\n---\n```sh\nrm -rf /\n```\n# Title <script>alert(1)</script>'


def test_the_card_says_that_thoughts_were_taken_out(tmp_path: Path) -> None:
    plain = card(tmp_path / "plain")
    stripped = card(tmp_path / "stripped", selection=Selection(thinking=Thinking.STRIP))
    assert "- Prompts and answers are as they were written." in plain
    assert statement.THOUGHTS not in plain
    assert f"- {statement.THOUGHTS}\n- Otherwise prompts and answers are as they were written." in stripped
    assert "- Prompts and answers are" not in stripped


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
    assert len(header(text)) == 7
