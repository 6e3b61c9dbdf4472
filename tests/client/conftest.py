"""One arena for the client's tests, and both clients as one: what awaits is run to its end."""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from arena.client import AsyncClient, Client
from tests import arenas
from tests.inference import misbehaving

MODELS = ("echo", "say:No.", "say:Rivers bend.", "say:Lanterns glow.")
Opens = Callable[[str, str | None], Any]


@pytest.fixture(scope="package")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    """A running arena with four healthy models."""
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(tmp_path_factory.mktemp("arena"), server.endpoint, MODELS)
        with arenas.hurried(), arenas.running(settings, pages=False) as running:
            yield running


class Awaited:
    """An `AsyncClient`, or a part of one, that answers at once."""

    def __init__(self, part: Any, runner: asyncio.Runner) -> None:
        self._part, self._runner = part, runner

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        return self._run(found) if callable(found) else Awaited(found, self._runner)

    def _run(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def answered(*given: Any, **named: Any) -> Any:
            result = function(*given, **named)
            return self._runner.run(_whole(result) if inspect.isasyncgen(result) else result)

        return answered


async def _whole(items: Any) -> list[Any]:
    return [item async for item in items]


@pytest.fixture(params=[Client, AsyncClient], ids=lambda kind: kind.__name__)
def opens(request: pytest.FixtureRequest) -> Iterator[Opens]:
    """Makes clients of either kind, and closes them."""
    with asyncio.Runner() as runner:
        made = []

        def client(url: str, token: str | None) -> Any:
            given = request.param(url, token)
            made.append(Awaited(given, runner) if request.param is AsyncClient else given)
            return made[-1]

        yield client
        for one in made:
            one.close()


@pytest.fixture
def rater(arena: arenas.Arena, opens: Opens) -> Any:
    """A client that is a new rater."""
    return opens(arena.url, opens(arena.url, None).raters.create()["token"])


@pytest.fixture
def admin(arena: arenas.Arena, opens: Opens) -> Any:
    """A client that is the admin."""
    return opens(arena.url, arena.admin_token)


@pytest.fixture
def goal(tmp_path: Path) -> Path:
    """A folder that does not exist yet."""
    return tmp_path / "release"
