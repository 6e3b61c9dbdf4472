"""Releases of what was selected: manifest, card and `left_out.parquet` say the same, and add up."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from arena import exports
from arena.domain.selection import Selection
from arena.domain.vote import Strength, Winner
from arena.errors import InvalidValue, NotFound
from arena.exports.filters import counting
from arena.exports.filters.filters import FilterInputs
from arena.exports.folder import id_tables
from arena.exports.format import Reason
from arena.exports.proofs import comparison, receipts, verification
from arena.exports.writing import release
from tests.exports import making

A, B, TIE = Winner.MODEL_A, Winner.MODEL_B, Winner.TIE
SELECT: dict[str, Any] = {"ties": "drop", "maximum_prompt_characters": 15, "test_share": 0.3, "exact_duplicates": 1}


def written(folder: Path, name: str, records: list[making.BattleRecord], **select: Any) -> dict[str, Any]:
    facts = making.facts(selection=select, removed=making.REMOVED)
    return release.write(folder, name, records, facts).to_dict()


def repeated() -> list[making.BattleRecord]:
    """One of everything, and some of it again."""
    return [*making.assorted(), making.record(21, prompt="name a  colour."), making.record(22, prompt="Name a colour.")]


@pytest.mark.parametrize("several", ["majority", "each"])
@pytest.mark.parametrize("name", exports.FORMATS)
def test_the_manifest_the_table_and_the_counts_before_say_the_same(tmp_path: Path, name: str, several: str) -> None:
    select = {**SELECT, "several": several}
    if name in ("sft", "trl-tpo"):
        select["maximum_prompt_characters"] = 17
    manifest = written(tmp_path / "out", name, repeated(), **select)
    assert verification.release(tmp_path / "out", making.SIGNER.public_key).problems == ()
    counts = manifest["counts"]
    left = list(id_tables.read(tmp_path / "out", id_tables.LEFT_OUT))
    by_reason = Counter(row["reason"] for row in left)
    assert by_reason == Counter(counts["not_selected"]["votes"]) + Counter(counts["left_out"])
    assert counts["counted"]["votes"] == counts["votes"] + sum(counts["not_selected"]["votes"].values()) == 14
    assert counts["counted"]["battles"] == counts["battles"] + sum(counts["not_selected"]["battles"].values()) == 11
    assert counts["units"] == counts["taken"] + sum(counts["left_out"].values())
    assert counts["units"] == counts["votes" if counts["unit"] == "vote" else "battles"]
    assert manifest["selection"] == Selection.from_mapping(select).to_mapping()

    before = counting.count(
        map(counting.BattleGroup.alone, repeated()),
        Selection.from_mapping(select),
        FilterInputs(),
        exports.FORMATS[name],
    )
    assert before.format is not None
    assert (before.votes, before.battles) == (counts["votes"], counts["battles"])
    assert before.format.unit.value == counts["unit"]
    assert {reason.value: count for reason, count in before.format.left_out.items()} == counts["left_out"]
    assert {part.value: rows for part, rows in before.format.rows.items()} == counts["rows"]
    assert {taken.reason.value: taken.votes for taken in before.filters if taken.votes} == counts["not_selected"][
        "votes"
    ]


def test_the_card_counts_from_the_leaderboard_down_to_the_rows(tmp_path: Path) -> None:
    written(tmp_path / "out", "trl-dpo", repeated(), **SELECT)
    text = (tmp_path / "out" / "README.md").read_text()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    counted = {row[0]: int(row[1]) for row in cells if row[-1].isdigit()}
    taken = sum(count for name, count in counted.items() if name.startswith("not selected"))
    assert counted["counted on the leaderboard"] == counted["votes selected"] + taken == 14
    left_out = sum(count for name, count in counted.items() if name.startswith("left out"))
    assert counted["selected"] == counted["in the data"] + left_out
    assert '"maximum_prompt_characters": 15' in text
    assert "nothing near-duplicate was capped" in text


def test_the_card_says_what_was_not_asked_for_and_no_more(tmp_path: Path) -> None:
    asked = {"minimum_agreement": 0.6, "near_duplicates": 5, "held_out_share": 0.01}
    written(tmp_path / "out", "trl-dpo", making.assorted(), **asked)
    text = (tmp_path / "out" / "README.md").read_text()
    assert "No standing of a rater was asked for, and nobody checked the answers for truth." in text
    assert "share of 0.01 of all prompts is held out of this release and of every later one" in text
    written(tmp_path / "two", "trl-dpo", making.assorted(), ties="drop")
    text = (tmp_path / "two" / "README.md").read_text()
    assert "No agreement between raters and no standing of a rater was asked for, nothing near-duplicate was" in text
    assert "held out of this release and of every later one" not in text


def test_each_vote_has_rows_of_its_own_with_its_own_margin(tmp_path: Path) -> None:
    votes = (
        making.vote(11, A, "r_1", battle_id="b_1", strength=Strength.CLEARLY),
        making.vote(12, B, "r_2", battle_id="b_1", strength=Strength.SLIGHTLY),
        making.vote(13, TIE, "r_3", battle_id="b_1"),
    )
    record = making.record(1, votes=votes)
    manifest = written(tmp_path / "out", "trl-reward", [record], several="each")
    rows = pq.read_table(tmp_path / "out/data/train.parquet").to_pylist()
    assert [(row["chosen"][0]["content"], row["margin"]) for row in rows] == [
        ("Light scatters.", 1.0),
        ("It reflects the sea.", pytest.approx(1 / 3)),
    ]
    assert (manifest["counts"]["battles"], manifest["counts"]["votes"], manifest["counts"]["unit"]) == (1, 3, "vote")
    assert [(item.vote_id, item.row) for item in id_tables.items(tmp_path / "out")] == [("v_11", 0), ("v_12", 1)]
    (left,) = id_tables.read(tmp_path / "out", id_tables.LEFT_OUT)
    assert left == {"battle_id": "b_1", "vote_id": "v_13", "reason": "tie"}
    card = (tmp_path / "out" / "README.md").read_text()
    assert "Every vote was taken by itself" in card
    assert "No agreement between raters and no standing" in card
    with pytest.raises(InvalidValue, match="none makes a row"):
        written(tmp_path / "nothing", "trl-reward", [record])


def test_a_vote_that_was_not_selected_is_told_why_it_has_no_proof(tmp_path: Path) -> None:
    written(tmp_path / "out", "battles", making.assorted(), ties="drop")
    with pytest.raises(NotFound, match=r"v_401 is not in .*left out \(tie\)"):
        receipts.prove(tmp_path / "out", "v_401")
    assert receipts.prove(tmp_path / "out", "v_101").vote_id == "v_101"


def test_a_change_of_selection_is_told_apart_by_reason(tmp_path: Path) -> None:
    written(tmp_path / "one", "battles", making.assorted())
    written(tmp_path / "two", "battles", making.assorted(), ties="drop", maximum_prompt_characters=18)
    found = comparison.compare(tmp_path / "one", tmp_path / "two")
    assert found.left_out["v_401"] == Reason.TIE
    assert set(found.left_out.values()) == {Reason.TIE, Reason.PROMPT_LENGTH}
    assert found.unselected == found.removed == ()


def test_the_same_selection_of_the_same_records_is_the_same_bytes(tmp_path: Path) -> None:
    select = {**SELECT, "split_by_cluster": True, "near_duplicates": 2, "leaks": "drop", "held_out_share": 0.1}
    for name in ("one", "two"):
        written(tmp_path / name, "trl-dpo", repeated(), **select)
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file())
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    rule = json.loads((tmp_path / "one" / "manifest.json").read_text())["split"]
    assert (rule["by"], rule["held_out_share"]) == ("cluster of nearly equal first prompts", 0.1)


def test_a_selection_that_takes_nothing_writes_nothing_and_says_what_left(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"0 battles are selected.*campaign 9"):
        written(tmp_path / "out", "trl-dpo", making.assorted(), campaigns=["another"])
    assert list(tmp_path.iterdir()) == []
