"""Boards and releases of a workspace in PostgreSQL are those of a file with the same commands, byte for byte."""

import json
from pathlib import Path
from typing import Any

import pytest

from arena.domain.ids import ModelName, RaterId, ReleaseId
from arena.domain.removal import RemovalKind
from arena.domain.selection import Selection
from arena.domain.vote import Winner
from arena.services import exporting
from arena.services.boards import Boards
from arena.services.exporting import Order
from arena.services.workspace_rules import WorkspaceRules
from arena.settings import Settings
from arena.store.instance import Instance
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.services import making as at_hand
from tests.services.tasking import principal
from tests.store import making
from tests.store.conftest import Opener
from tests.store.postgres.test_shared_workspace import the_same_each_time

pytestmark = pytest.mark.postgres

NAMES = ("one", "two", "three")


def filled(workspace: Workspace) -> None:
    """Votes of a few raters on three models, of whom one has withdrawn."""
    with the_same_each_time():
        for number in range(24):
            left, right = NAMES[number % 3], NAMES[(number + 1) % 3]
            record = making.completed(
                workspace, model_a=ModelName(left), model_b=ModelName(right), prompt=f"Question {number}, \N{SNOWMAN}?"
            )
            winner = (Winner.MODEL_A, Winner.MODEL_B, Winner.TIE, Winner.MODEL_A, Winner.BOTH_BAD)[number % 5]
            details = {} if winner in (Winner.MODEL_A, Winner.MODEL_B) else {"strength": None, "edit": None}
            vote = making.vote(record.battle.battle_id, f"r_{number % 4}", winner=winner, **details)
            workspace.submit(commands.CastVote(vote=vote, record=record)).result()
        leaving = commands.Remove(
            removal_id="x_1", rater_id=RaterId("r_3"), kind=RemovalKind.WITHDRAWN, removed_at=making.NOW
        )
        workspace.submit(leaving).result()


async def board(workspace: Workspace, instance: Instance, folder: Path) -> dict[str, Any]:
    here = at_hand.here(workspace, folder)
    boards = Boards(workspace, here.pseudonyms, WorkspaceRules(instance, "default", Settings()))
    document: dict[str, Any] = json.loads((await boards.overall(principal("lab"))).to_json())
    return document


def release(workspace: Workspace, folder: Path) -> dict[str, bytes]:
    """The files of a release, by their place in its folder."""
    order = Order(release_id=ReleaseId("rel_1"), format="battles", selection=Selection.from_mapping({}))
    exporting.build(at_hand.here(workspace, folder.parent), order, folder)
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_the_same_votes_make_the_same_board_and_the_same_release(shared: Workspace, tmp_path: Path) -> None:
    with (
        Workspace.open(tmp_path / "file" / "workspace.duckdb") as file,
        Instance.open(tmp_path / "instance.duckdb") as instance,
    ):
        filled(file)
        filled(shared)
        ours = await board(file, instance, tmp_path)
        assert ours["votes"] == 18
        assert await board(shared, instance, tmp_path) == ours
        files = release(file, tmp_path / "ours" / "out")
        assert len(files["data/train.jsonl"].splitlines()) == 18
        assert release(shared, tmp_path / "theirs" / "out") == files


async def test_another_process_has_the_same_board_at_once(shared: Workspace, process: Opener, tmp_path: Path) -> None:
    other = process()
    with Instance.open(tmp_path / "instance.duckdb") as instance:
        filled(shared)
        assert await board(other, instance, tmp_path) == await board(shared, instance, tmp_path)
