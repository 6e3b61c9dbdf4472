"""Workspaces in files, as a kill leaves them."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from arena.errors import Conflict
from arena.services import identity, installation, open_workspace, paths, workspaces
from arena.settings import Settings
from arena.store.instance import Instance
from tests.store import making


def make(data_dir: Path, instance: Instance) -> Path:
    return workspaces.make(data_dir, instance, "lab-b", {}, "t_1", making.NOW)


def test_a_name_whose_making_was_killed_can_be_made_again_and_no_other(tmp_path: Path) -> None:
    with Instance.open(paths.instance_path(tmp_path)) as instance:
        ends = mock.patch.object(open_workspace, "opened", side_effect=KeyError("it ends here"))
        with ends, pytest.raises(KeyError):
            make(tmp_path, instance)
        assert paths.workspace_path(tmp_path, "lab-b").parent.exists()
        written = make(tmp_path, instance)
        assert instance.find_token(written.read_text().strip()) is not None
        with pytest.raises(Conflict, match="There is a workspace lab-b already"):
            make(tmp_path, instance)


def test_of_two_who_make_one_name_at_once_one_is_refused(tmp_path: Path) -> None:
    """The second asks while the first has written secrets alone, which is what a kill may leave, too."""
    opened, first, asked = open_workspace.opened, iter([True]), threading.Event()
    with Instance.open(paths.instance_path(tmp_path)) as instance, ThreadPoolExecutor(1) as pool:
        seconds: list[Future[Path]] = []

        def second() -> Path:
            asked.set()
            return make(tmp_path, instance)

        def opening(*given: Any) -> Any:
            if next(first, False):
                seconds.append(pool.submit(second))
                asked.wait(60)
                wait(seconds, 0.5)
            return opened(*given)

        with mock.patch.object(open_workspace, "opened", opening):
            written = make(tmp_path, instance)
        with pytest.raises(Conflict, match="There is a workspace lab-b already"):
            seconds[0].result(60)
        assert instance.find_token(written.read_text().strip()) is not None, "the token of the first is worth something"


async def test_a_workspace_that_was_killed_before_it_had_a_token_gets_one_at_the_next_start(tmp_path: Path) -> None:
    with Instance.open(paths.instance_path(tmp_path)) as instance:
        ends = mock.patch.object(workspaces, "enter", side_effect=KeyError("it ends here"))
        with ends, pytest.raises(KeyError):
            make(tmp_path, instance)
    written = identity.admin_token_path(tmp_path, "lab-b")
    assert not written.exists()
    async with installation.opened(Settings(data_dir=tmp_path)) as opened:
        found = opened.instance.find_token(written.read_text().strip())
        assert found is not None
        assert found.workspace == "lab-b"
