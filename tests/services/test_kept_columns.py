"""The columns of votes stay in memory within bounds, and only while somebody asks for boards."""

import asyncio
from pathlib import Path

import pytest

from arena.services import board_settings
from arena.services.boards import Boards
from arena.services.kept_columns import KeptColumns
from arena.services.workspace_rules import WorkspaceRules
from arena.settings import Settings
from arena.store import vote_columns
from arena.store.instance import Instance
from arena.store.workspace import Workspace
from tests.services import making as at_hand
from tests.services.tasking import principal
from tests.store import making


def asked(kept: KeptColumns, workspace: Workspace, *measures: str) -> vote_columns.VoteColumns:
    with kept.alone(), workspace.reading() as connection:
        return kept.read(connection, measures)


@pytest.fixture
def voted(tmp_path: Path) -> Workspace:
    workspace = Workspace.open(tmp_path / "ours.duckdb")
    for _ in range(4):
        making.cast(workspace)
    return workspace


def test_what_is_kept_is_what_was_asked_for_last(voted: Workspace) -> None:
    with voted as workspace:
        kept = KeptColumns()
        assert kept.size == 0
        first = asked(kept, workspace, "length")
        assert asked(kept, workspace) is first
        assert kept.size == first.size <= 4 * vote_columns.BYTES_OF_A_VOTE
        making.cast(workspace)
        assert len(asked(kept, workspace).lines) == 5


def test_columns_beyond_the_bound_are_answered_and_not_kept(voted: Workspace) -> None:
    with voted as workspace:
        bare = asked(KeptColumns(), workspace).size
        kept = KeptColumns(most_bytes=bare)
        assert asked(kept, workspace, "length").measured.keys() == {"length"}
        assert kept.size == bare
        none = KeptColumns(most_bytes=bare - 1)
        assert len(asked(none, workspace).lines) == 4
        assert none.size == 0
        assert kept.holds(bare // vote_columns.BYTES_OF_A_VOTE)
        assert not kept.holds(bare // vote_columns.BYTES_OF_A_VOTE + 1)


async def test_columns_that_nobody_asks_for_are_let_go(voted: Workspace) -> None:
    with voted as workspace:
        kept = KeptColumns(idle_seconds=0.01)
        kept.watch()  # of nothing there is nothing to let go
        asked(kept, workspace)
        assert kept.size
        kept.watch()
        for _ in range(6000):
            await asyncio.sleep(0.01 if kept.size else 0)
        assert kept.size == 0
        assert len(asked(kept, workspace).lines) == 4


async def test_a_board_that_does_not_fit_in_is_made_of_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = board_settings.read({"since": "2020-01-01", "cluster": "rater"})
    with Workspace.open(tmp_path / "ours.duckdb") as store, Instance.open(tmp_path / "instance.duckdb") as instance:
        here = at_hand.here(store, tmp_path)
        for rater in ("r_one", "r_two", "r_three"):
            making.cast(store, rater)
        documents = []
        for most in (0, 1_000_000):
            boards = Boards(store, here.pseudonyms, WorkspaceRules(instance, "default", Settings()))
            monkeypatch.setattr(boards, "_columns", KeptColumns(most_bytes=most))
            documents.append((await boards.find(principal("lab"), "overall", cut)).document())
            assert bool(boards._columns.size) == bool(most)
    assert documents[0] == documents[1]
    assert documents[0]["votes"] == 3
