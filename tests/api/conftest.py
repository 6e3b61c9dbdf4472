"""One arena for the API's tests: healthy models on a server of our own, the whole application on loopback."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import arenas
from tests import off_the_loop as refusing
from tests.inference import misbehaving

MODELS = ("echo", "say:No.", "say:Rivers bend.", "say:Lanterns glow.")


@pytest.fixture(scope="package")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    """A running arena with four healthy models."""
    data_dir: Path = tmp_path_factory.mktemp("arena")
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(data_dir, server.endpoint, MODELS)
        with arenas.hurried(), arenas.running(settings, pages=False) as running:
            yield running


@pytest.fixture
def rater(arena: arenas.Arena) -> Iterator[httpx.Client]:
    """A new rater."""
    with arena.rater() as client:
        yield client


@pytest.fixture
def admin(arena: arenas.Arena) -> Iterator[httpx.Client]:
    """The admin."""
    with arena.admin() as client:
        yield client


@pytest.fixture(scope="package", autouse=True)
def asked_in_the_loop() -> Iterator[list[str]]:
    """What asked a database in the thread of the loop, and was refused."""
    with refusing.refused() as found:
        yield found


@pytest.fixture(autouse=True)
def off_the_loop(asked_in_the_loop: list[str]) -> Iterator[None]:
    """No request of a test asks a database in the thread of the loop."""
    yield
    found = [*asked_in_the_loop]
    asked_in_the_loop.clear()
    assert found == []
