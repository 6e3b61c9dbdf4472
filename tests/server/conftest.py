"""Two arenas over one database, for the tests of a file."""

from collections.abc import Iterator

import pytest

from tests import arenas


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Two]:
    with arenas.two(tmp_path_factory.mktemp("two")) as found:
        yield found
