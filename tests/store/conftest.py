"""A workspace in a folder of the test's own; with `--store postgres`, in a PostgreSQL server of the tests' own."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from arena.store import opening
from arena.store.workspace import Workspace
from tests import postgres

HERE = Path(__file__).parent
MADE = "made"
COUNT = itertools.count(1)
Opener = Callable[[], Workspace]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where workspaces are in PostgreSQL, tests that have one need it, but for those about the file."""
    if config.getoption("store") == "postgres":
        for item in items:
            used = getattr(item, "fixturenames", ())
            if item.path.is_relative_to(HERE) and "workspace" in used and "path" not in used:
                item.add_marker("postgres")


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.Server]:
    """A server with a database that each test has a copy of: making its tables takes longer than most tests."""
    with postgres.running(**postgres.UNSYNCED) as server:
        from arena.store.postgres import schema, sessions  # noqa: PLC0415 - of an extra that the fast tests do without

        with server.session() as session:
            session.execute(f"CREATE DATABASE {MADE}")
        with closing(sessions.connect(server.url(MADE), "public")) as session:
            schema.migrate(session, schema.name_of(MADE))
        opening.instance(tmp_path_factory.mktemp("made") / "instance", server.url(MADE)).close()
        yield server


@pytest.fixture
def server(running: postgres.Server) -> Iterator[postgres.Server]:
    """That server, with a database of the test's own."""
    copy = f"copy_{next(COUNT)}"
    with running.session() as session:
        session.execute(f"CREATE DATABASE {copy} TEMPLATE {MADE}")
    running.database = copy
    yield running
    running.database = "postgres"
    with running.session() as session:
        session.execute(f"DROP DATABASE {copy} WITH (FORCE)")


@pytest.fixture
def name() -> str:
    """The name of a workspace that nobody has opened yet."""
    return MADE


@pytest.fixture
def process(server: postgres.Server, name: str, tmp_path: Path) -> Iterator[Opener]:
    """Opens the workspace of that name in PostgreSQL once more, as another process would."""
    from arena.store.postgres.shared import open_shared  # noqa: PLC0415 - of an extra that the fast tests do without

    numbers = itertools.count(1)
    with ExitStack() as opened:
        yield lambda: opened.enter_context(open_shared(server.url(), name, tmp_path / f"process-{next(numbers)}"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "workspaces" / "default.duckdb"


@pytest.fixture
def workspace(request: pytest.FixtureRequest) -> Iterator[Workspace]:
    if request.config.getoption("store") == "postgres":
        process: Opener = request.getfixturevalue("process")
        yield process()
        return
    path: Path = request.getfixturevalue("path")
    with Workspace.open(path) as opened:
        yield opened
