"""Two arenas over one database, and a gate that stands alone, for the tests of a file."""

from collections.abc import Iterator
from typing import Any

import pytest

from arena.store.instance import Instance
from tests import arenas
from tests.server.lone_gate import Make, Standing


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Two]:
    with arenas.two(tmp_path_factory.mktemp("two")) as found:
        yield found


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """An instance file without tokens."""
    with Instance.open(tmp_path_factory.mktemp("gate") / "instance.duckdb") as opened:
        yield opened


@pytest.fixture
def standing(instance: Instance) -> Make:
    """Makes a gate with these settings."""

    def make(**settings: Any) -> Standing:
        return Standing(instance, settings)

    return make
