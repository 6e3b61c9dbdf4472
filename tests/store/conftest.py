"""A workspace in a folder of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from arena.store.workspace import Workspace


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "workspaces" / "default.duckdb"


@pytest.fixture
def workspace(path: Path) -> Iterator[Workspace]:
    with Workspace.open(path) as opened:
        yield opened
