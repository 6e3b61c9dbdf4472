"""Backups of a workspace while it is in use, and their way back.

    DIRECTORY/NAME.duckdb    a copy of one moment
    DIRECTORY/NAME.heads     the heads up to that moment: whoever keeps one can later prove what was there
    DIRECTORY/NAME.sha256    of both, as `sha256sum --check` reads it

Files appear whole or not at all: written under another name, synced, renamed.
"""

import hashlib
import secrets
import shutil
from pathlib import Path

from arena import errors
from arena.store import database, heads, ledger, table_files
from arena.store.workspace import Workspace


def backup(workspace: Workspace, directory: Path, name: str) -> Path:
    """Copy a workspace as it is at one moment; others go on reading and writing. Returns the copy's path.

    `name` is what the workspace is called. Raises `StoreError` when the directory cannot be made or holds a backup of
    this workspace already.
    """
    database.make_folder(directory)
    target = directory / f"{name}.duckdb"
    if target.exists():
        raise errors.StoreError(f"{target} exists and is not overwritten; name a new folder for this backup.")
    partial = directory / f".{name}-{secrets.token_hex(4)}"
    partial.mkdir()
    try:
        copy = partial / target.name
        copy_to(workspace, copy)
        checksum = copy.with_suffix(".sha256")
        checksum.write_text("".join(f"{_digest(file)}  {file.name}\n" for file in (copy, heads.beside(copy))))
        for file in (checksum, heads.beside(copy), copy):
            database.settle(file, directory / file.name)
    except OSError as error:
        raise errors.StoreError(
            f"{directory} could not take the backup ({error.strerror}); nothing was left there. Free space or name "
            "another folder."
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target


def restore(directory: Path, name: str, path: Path) -> Path:
    """Put the backup of a workspace back to `path`, verified before it appears. Returns `path`.

    Raises `StoreError` when there is no such backup or something is at `path` already, and `StoreCorrupt` when the
    backup is not what was written.
    """
    source = directory / f"{name}.duckdb"
    if not source.exists():
        there = ", ".join(sorted(file.name for file in directory.glob("*.duckdb"))) or "no backup at all"
        raise errors.StoreError(f"{directory} holds no {source.name}; there is {there}.")
    if path.exists() or path.with_name(f"{path.name}.wal").exists():
        raise errors.StoreError(f"{path} exists and is not overwritten; move it away first, then restore again.")
    _check_digests(source)
    database.make_folder(path.parent)
    partial = path.parent / f".{path.stem}-{secrets.token_hex(4)}"
    partial.mkdir()
    try:
        copy = partial / path.name
        for file, goal in ((source, copy), (heads.beside(source), heads.beside(copy))):
            shutil.copyfile(file, goal)
        report = ledger.verify(copy)
        if report.problems:
            raise errors.StoreCorrupt(f"{source} does not verify and was not restored: {report.problems[0]}")
        for file in (heads.beside(copy), copy):
            database.settle(file, path.with_name(file.name))
    except OSError as error:
        raise errors.StoreError(
            f"{path} could not be written ({error.strerror}); nothing was left there. Free space and restore again."
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return path


def copy_to(workspace: Workspace, copy: Path) -> None:
    """Write a workspace as it is at one moment to a new file, with the heads up to that moment beside it."""
    with workspace.connection() as connection, database.on_every_core(connection):
        database.copy(connection, copy)
    _write_heads(workspace.path, copy)


def _write_heads(database_path: Path, copy: Path) -> None:
    """The heads up to the copy's moment, and the copy's own."""
    with database.connect(copy, read_only=True) as connection:
        now = table_files.head(connection)
    table_files.write_heads(database_path, heads.beside(copy), now)


def _check_digests(source: Path) -> None:
    listed = source.with_suffix(".sha256")
    try:
        entries = (line.split(maxsplit=1) for line in listed.read_text().splitlines())
        wanted = {name: digest for digest, name in entries}
        for file in (source, heads.beside(source)):
            if wanted.get(file.name) != _digest(file):
                raise errors.StoreCorrupt(f"{file} is not what {listed.name} says it was; restore another backup.")
    except (OSError, ValueError) as error:
        raise errors.StoreCorrupt(f"{listed} cannot be read ({error}); restore another backup.") from error


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
