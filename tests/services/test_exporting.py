"""`services.exporting`: what was held out of every release stays so, and a selection meets the ledger's own records."""

from collections.abc import Iterator
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any

import pytest

from arena.domain.ids import RaterId, ReleaseId
from arena.domain.removal import RemovalKind
from arena.domain.selection import Selection
from arena.domain.vote import Winner
from arena.errors import InvalidValue
from arena.exports.folder import id_tables
from arena.services import exporting
from arena.services.exporting import Order
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.services import making as opened
from tests.store import making


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Forty battles with a vote each, by four raters; every fourth one is a tie."""
    made = [
        making.battle(prompt=f"Prompt {number}", history=(), rater_id=RaterId("r_asker"), turn=1)
        for number in range(40)
    ]
    with Workspace.open(tmp_path / "default.duckdb") as opened:
        waiting: list[Future[Any]] = []
        for battle in made:
            waiting += [
                opened.submit(commands.OpenBattle(battle=battle)),
                opened.submit(making.completing(battle.battle_id)),
            ]
        wait(waiting)
        for number, battle in enumerate(made):
            tie = {"winner": Winner.TIE, "strength": None, "edit": None} if number % 4 == 0 else {}
            vote = making.vote(battle.battle_id, f"r_{number % 4}", **tie)
            record = making.loaded(opened, battle.battle_id)
            waiting.append(opened.submit(commands.CastVote(vote=vote, record=record)))
        for one in waiting:
            one.result()
        yield opened


def build(workspace: Workspace, folder: Path, **select: Any) -> dict[str, Any]:
    """A release, recorded as an arena would."""
    release_id = ReleaseId(f"rel_{folder.name}")
    wanted = Order(release_id=release_id, format="battles", selection=Selection.from_mapping(select))
    manifest = exporting.build(opened.here(workspace, folder.parent), wanted, folder)
    recorded = commands.RecordRelease(release_id=release_id, format="battles", manifest=manifest, created_at=making.NOW)
    workspace.submit(recorded).result()
    return manifest


def battles(folder: Path) -> set[str]:
    return {item.battle_id for item in id_tables.items(folder)}


def test_prompts_held_out_once_are_in_no_later_release(workspace: Workspace, tmp_path: Path) -> None:
    build(workspace, tmp_path / "one", held_out_share=0.3)
    for less in ({}, {"held_out_share": 0.2}, {"held_out_share": 0.0, "test_share": 0.5}):
        with pytest.raises(
            InvalidValue, match=r"Release 1 \(rel_one\) promised.*held_out_share=0\.3, or hold out more"
        ):
            build(workspace, tmp_path / "less", **less)
        assert not (tmp_path / "less").exists()
    build(workspace, tmp_path / "more", held_out_share=0.5)
    assert battles(tmp_path / "more") < battles(tmp_path / "one")
    build(workspace, tmp_path / "clusters", held_out_share=0.5, split_by_cluster=True)
    assert battles(tmp_path / "clusters") <= battles(tmp_path / "more")
    with pytest.raises(InvalidValue, match=r"\(rel_clusters\).*held_out_share=0\.5 and split_by_cluster=true"):
        build(workspace, tmp_path / "less", held_out_share=0.5)


def test_without_a_promise_a_release_is_built_again_the_same(workspace: Workspace, tmp_path: Path) -> None:
    for name in ("one", "two"):
        build(workspace, tmp_path / name, ties="drop", near_duplicates=3, minimum_rater_votes=2)
    for file in ("manifest.json", "data/train.jsonl", "left_out.parquet"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_who_left_is_in_nothing_that_is_selected(workspace: Workspace, tmp_path: Path) -> None:
    before = build(workspace, tmp_path / "before", ties="drop")["counts"]
    assert before["counted"] == {"battles": 40, "votes": 40}
    assert before["not_selected"]["votes"] == {"tie": 10}
    for rater, kind in (("r_1", RemovalKind.ERASED), ("r_2", RemovalKind.WITHDRAWN)):
        workspace.submit(
            commands.Remove(removal_id=f"x_{rater}", rater_id=RaterId(rater), kind=kind, removed_at=making.NOW)
        ).result()
    after = build(workspace, tmp_path / "after", ties="drop")
    assert after["counts"]["counted"] == {"battles": 20, "votes": 20}
    assert after["counts"]["votes"] == 10
    assert after["removed"] == 20
    gone = {row["vote_id"] for row in id_tables.read(tmp_path / "after", id_tables.REMOVED)}
    listed = {row["vote_id"] for row in id_tables.read(tmp_path / "after", id_tables.LEFT_OUT)}
    kept = {item.vote_id for item in id_tables.items(tmp_path / "after")}
    assert not gone & (listed | kept)


def test_a_rater_with_few_votes_is_known_from_the_whole_workspace(workspace: Workspace, tmp_path: Path) -> None:
    record = making.completed(workspace, prompt="One more", history=(), rater_id=RaterId("r_asker"), turn=1)
    vote = making.vote(record.battle.battle_id, "r_new")
    workspace.submit(commands.CastVote(vote=vote, record=record)).result()
    counts = build(workspace, tmp_path / "out", minimum_rater_votes=5, ties="drop")["counts"]
    assert counts["not_selected"]["votes"] == {"rater_votes": 1, "tie": 10}
