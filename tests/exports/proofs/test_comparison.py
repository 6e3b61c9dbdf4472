"""`exports.proofs.comparison`: what differs between two releases, by id, and why it is gone."""

from pathlib import Path

import pytest

from arena.domain.ids import BattleId, VoteId
from arena.domain.vote import Winner
from arena.errors import InvalidValue
from arena.exports.proofs import comparison
from arena.exports.writing import release
from arena.exports.writing.release_inputs import RemovedVote
from tests.exports import making


def test_nothing_differs_between_a_release_and_itself(tmp_path: Path) -> None:
    release.write(tmp_path / "one", "trl-dpo", making.assorted(), making.facts())
    found = comparison.compare(tmp_path / "one", tmp_path / "one")
    assert found.to_text() == "5 battles unchanged, 0 added, 0 changed\n"
    assert (found.added, found.removed, found.left_out, found.unselected, found.changed) == ((), (), {}, (), ())


@pytest.mark.parametrize("name", ["trl-dpo", "trl-kto", "helpsteer3"])
def test_each_row_that_came_left_or_changed_is_told(tmp_path: Path, name: str) -> None:
    kept, erased, overturned, unselected, more = (making.record(number, prompt=f"{number}") for number in range(1, 6))
    release.write(tmp_path / "one", name, [kept, erased, overturned, unselected, more], making.facts())
    now_two = making.record(5, prompt="5", winners=[Winner.MODEL_A, Winner.MODEL_A])
    undecided = making.record(3, prompt="3", winners=[Winner.MODEL_A, Winner.MODEL_B])
    fresh = making.record(6, prompt="6")
    gone = (RemovedVote(battle_id=BattleId("b_2"), vote_id=VoteId("v_201")),)
    release.write(tmp_path / "two", name, [kept, undecided, now_two, fresh], making.facts(removed=gone))
    found = comparison.compare(tmp_path / "one", tmp_path / "two")
    assert (found.unit, found.unchanged) == ("battle", 1)
    assert found.added == ("b_6",)
    assert found.removed == ("b_2",)
    assert found.left_out == {"b_3": "no_majority"}
    assert found.unselected == ("b_4",)
    assert found.changed == ("b_5",)
    assert "removed b_2 (erased or withdrawn)\n" in found.to_text()


def test_votes_are_compared_where_both_have_a_row_a_vote(tmp_path: Path) -> None:
    two = making.record(1, winners=[Winner.MODEL_A, Winner.TIE])
    one = making.record(1, winners=[Winner.MODEL_A])
    gone = (RemovedVote(battle_id=BattleId("b_1"), vote_id=VoteId("v_102")),)
    release.write(tmp_path / "one", "battles", [two], making.facts())
    release.write(tmp_path / "two", "battles", [one], making.facts(removed=gone))
    found = comparison.compare(tmp_path / "one", tmp_path / "two")
    assert (found.unit, found.unchanged, found.removed) == ("vote", 1, ("v_102",))


def test_another_split_or_selection_is_told(tmp_path: Path) -> None:
    release.write(tmp_path / "one", "trl-dpo", making.assorted(), making.facts())
    changed = making.facts(test_share=0.5, selection={"test_share": 0.5})
    release.write(tmp_path / "two", "trl-dpo", making.assorted(), changed)
    found = comparison.compare(tmp_path / "one", tmp_path / "two")
    assert found.settings["selection"] == ({}, {"test_share": 0.5})
    assert found.changed
    assert found.unchanged + len(found.changed) == 5


def test_no_text_is_shown(tmp_path: Path) -> None:
    canary = making.record(1, prompt="canary", text_a="canary a", text_b="canary b")
    release.write(tmp_path / "one", "trl-dpo", [canary], making.facts())
    release.write(tmp_path / "two", "trl-dpo", [making.record(2)], making.facts())
    found = comparison.compare(tmp_path / "one", tmp_path / "two")
    assert "canary" not in found.to_text() + found.to_json()


def test_what_is_no_release_is_refused(tmp_path: Path) -> None:
    release.write(tmp_path / "one", "trl-dpo", making.assorted(), making.facts())
    with pytest.raises(InvalidValue, match="holds no manifest"):
        comparison.compare(tmp_path / "one", tmp_path)
    (tmp_path / "one" / "items.parquet").write_bytes(b"")
    with pytest.raises(InvalidValue, match="arena release verify"):
        comparison.compare(tmp_path / "one", tmp_path / "one")
