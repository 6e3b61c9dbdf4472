"""A workspace in PostgreSQL."""

import pytest

from arena.store.workspace import Workspace
from tests.store.conftest import Opener


@pytest.fixture
def shared(process: Opener) -> Workspace:
    """The workspace, open in one process."""
    return process()
