"""New workspaces for tests: copies of one that was made once, since each migration of a new file is synced to disk."""

import functools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from unittest import mock

from arena.store import database
from arena.store.workspace import Workspace

MADE = Workspace.open
"""Opens a workspace as the arena does; a new one goes through every migration."""


@contextmanager
def copied(folder: Path) -> Iterator[None]:
    """Until the block ends, a workspace that does not exist yet begins as a copy of one that is made in the folder."""

    @functools.cache
    def template() -> Path:
        with MADE(folder / "new.duckdb") as workspace:
            return workspace.path

    def open_copy(path: Path) -> Workspace:
        if not any(path.parent.glob(f"{path.stem}.*")):
            database.make_folder(path.parent)
            with suppress(OSError):  # the arena has an error of its own for this
                shutil.copyfile(template(), path)
        return MADE(path)

    with mock.patch.object(Workspace, "open", open_copy):
        yield
