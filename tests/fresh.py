"""New files of the arena for tests: copies of one that was made once, since each migration of a new file is synced.

What the arena reads at the start of such a copy is the same each time, too, and is asked once.
"""

import functools
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest import mock

from arena.store import database, migrations
from arena.store.instance import Instance
from arena.store.workspace import Workspace
from arena.store.writing import writer_cache

MADE = Workspace.open
"""Opens a workspace as the arena does; a new one goes through every migration."""
MADE_INSTANCE = Instance.open
"""The same for the file of an installation."""
FOLDER = "FOLDER_OF_FRESH_FILES"
"""Of the environment: where the files that are copied are kept from one run to the next."""
MIGRATE = migrations.migrate
LOAD = writer_cache.load


class Begun(threading.local):
    """Whether what this thread opens just now is a copy that nobody has written to."""

    now = False


class Answers:
    """A connection to a new workspace, which asks each query once and from then on says the same."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], Any] = {}

    def of(self, connection: Any) -> "Asking":
        return Asking(connection, self._known)


class Asking:
    """One start's questions."""

    def __init__(self, connection: Any, known: dict[tuple[str, str, str], Any]) -> None:
        self._connection, self._known = connection, known

    def execute(self, query: str, parameters: object = ()) -> "Answer":
        return Answer(self._known, query, parameters, lambda: self._connection.execute(query, parameters))

    def sql(self, query: str, *, params: object = ()) -> "Answer":
        return Answer(self._known, query, params, lambda: self._connection.sql(query, params=params))


class Answer:
    """What a query gives, in the form that is asked for."""

    def __init__(self, known: dict[tuple[str, str, str], Any], *asked: Any) -> None:
        self._known = known
        self._query, self._parameters, self._ask = asked

    def _given(self, form: str) -> Any:
        key = (self._query, repr(self._parameters), form)
        if key not in self._known:
            self._known[key] = getattr(self._ask(), form)()
        return self._known[key]

    def fetchall(self) -> list[tuple[Any, ...]]:
        return list(self._given("fetchall"))

    def fetchone(self) -> Any:
        return self._given("fetchone")

    def fetchnumpy(self) -> dict[str, Any]:
        return {name: values.copy() for name, values in self._given("fetchnumpy").items()}

    def to_arrow_table(self) -> Any:
        return self._given("to_arrow_table")


@contextmanager
def copied(folder: Path) -> Iterator[None]:
    """Until the block ends, a file that does not exist yet begins as a copy of one that is made once in the folder."""
    begun, answers = Begun(), Answers()

    @functools.cache
    def workspace() -> Path:
        path = folder / "new.duckdb"
        if not path.exists():
            MADE(path).close()
        return path

    @functools.cache
    def instance() -> Path:
        path = folder / "instance.duckdb"
        if not path.exists():
            MADE_INSTANCE(path).close()
        return path

    def open_workspace(path: Path) -> Workspace:
        begun.now = _begin(path, workspace)
        try:
            return MADE(path)
        finally:
            begun.now = False

    def open_instance(path: Path) -> Instance:
        begun.now = _begin(path, instance)
        try:
            return MADE_INSTANCE(path)
        finally:
            begun.now = False

    def migrate(connection: Any, *more: Any) -> None:
        if not begun.now:
            MIGRATE(connection, *more)

    def load(connection: Any) -> writer_cache.WriterCache:
        return LOAD(answers.of(connection) if begun.now else connection)

    with (
        mock.patch.object(Workspace, "open", open_workspace),
        mock.patch.object(Instance, "open", open_instance),
        mock.patch.object(migrations, "migrate", migrate),
        mock.patch.object(writer_cache, "load", load),
    ):
        yield


def _begin(path: Path, template: Callable[[], Path]) -> bool:
    """Whether the file is a new copy."""
    if any(path.parent.glob(f"{path.stem}.*")):
        return False
    database.make_folder(path.parent)
    with suppress(OSError):  # the arena has an error of its own for this
        shutil.copyfile(template(), path)
        return True
    return False
