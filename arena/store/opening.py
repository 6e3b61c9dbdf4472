"""Where an installation and its workspaces are: in files of the data folder, or in a database that others share.

What PostgreSQL needs comes with the extra `postgres`, and is imported where a database is configured.
"""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from arena import errors
from arena.store.examined import ExaminedDatabase
from arena.store.instance import Instance
from arena.store.workspace import Workspace


def instance(path: Path, database: str | None) -> Instance:
    """The installation's tokens and accounts: the file at `path`, or those of the database."""
    if database is None:
        return Instance.open(path)
    with drivers():
        from arena.store.postgres import shared_instance  # noqa: PLC0415 - of an extra
    return shared_instance.open_instance(database, path)


def workspace(path: Path, name: str, database: str | None, process: str | None = None) -> Workspace:
    """A workspace: the file at `path`, or the one of that name in the database, mirrored beside `path`. `process` is
    what other processes know this one by."""
    if database is None:
        return Workspace.open(path)
    with drivers():
        from arena.store.postgres import shared  # noqa: PLC0415 - of an extra
    return shared.open_shared(database, name, path.parent, process)


def sizes(database: str) -> Mapping[str, int]:
    """The bytes of each workspace of a database."""
    with drivers():
        from arena.store.postgres import shared  # noqa: PLC0415 - of an extra
    return shared.sizes(database)


def examined(database: str) -> ExaminedDatabase:
    """What a database says of itself and of the installation in it. Raises `StoreError` where it cannot be reached."""
    with drivers():
        from arena.store.postgres import examining  # noqa: PLC0415 - of an extra
    return examining.examined(database)


@contextlib.contextmanager
def aside(database: str) -> Iterator[str]:
    """A name in a database for a copy that is no workspace until `SharedInstallation.settle_copy`; what is there under
    it when the block ends is deleted."""
    with drivers():
        from arena.store.postgres import shared  # noqa: PLC0415 - of an extra
    with shared.aside(database) as copied:
        yield copied


def copy_aside(path: Path, copied: str, database: str) -> None:
    """Copy the workspace in a file into a database, under a name of `aside`."""
    with drivers():
        from arena.store.postgres import shared  # noqa: PLC0415 - of an extra
    with Workspace.open(path) as source, source.connection() as connection:
        shared.copy_aside(connection, database, copied)


def delete_aside(database: str) -> None:
    """Delete the tables of workspaces that were removed, and what processes that were killed had copied into a database
    and was no workspace yet."""
    with drivers():
        from arena.store.postgres import shared  # noqa: PLC0415 - of an extra
    shared.delete_aside(database)


@contextlib.contextmanager
def drivers() -> Iterator[None]:
    """Inside it, what is absent is told as a sentence."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise errors.StoreError(
            f"`database` names PostgreSQL, and {error.name} is absent; install the extra: "
            "pip install 'preference-arena[postgres]'"
        ) from error
