"""A backup of the whole installation, laid out as the data folder is, and its way back.

    DIRECTORY/instance.duckdb, signing-secret, admin-token, selections/
    DIRECTORY/workspaces/NAME/workspace.duckdb, workspace.heads, release-key, releases/, media/
    DIRECTORY/installation.sha256       of every other file, as `sha256sum --check` reads it

Whoever reads it can sign in as anybody and sign releases: every file is for its owner alone. It appears whole or not at
all, and so does the data folder that it is put back to.
"""

import hashlib
import os
import random
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from arena.domain import ids
from arena.errors import NotFound, StoreCorrupt, StoreError
from arena.exports.writing import atomic_folder
from arena.services import clock, paths
from arena.store import backup, database, ledger
from arena.store.instance import Instance
from arena.store.workspace import Workspace

SUMS = "installation.sha256"
COPIED = (
    "signing-secret",
    "admin-token*",
    "selections/*.toml",
    "workspaces/*/release-key",
    "workspaces/*/secret",
    "workspaces/*/media/[0-9a-f]*",
    "workspaces/*/releases/rel_*",
)
"""What is copied as it lies; databases are written by whoever has them open."""


def write(data_dir: Path, directory: Path, instance: Instance, served: Mapping[str, Workspace]) -> Path:
    """Copy everything of an installation into a new folder; returns it. Workspaces that are not served are opened.

    Releases are copied after the databases that list them, so none is missing; keep others from being swept meanwhile.
    """
    with _becoming(directory, "the backup") as folder:
        instance.copy_to(_place(folder, paths.instance_path(folder)))
        for name in paths.workspaces(data_dir):
            with ExitStack() as opened:
                path = paths.workspace_path(data_dir, name)
                workspace = served[name] if name in served else opened.enter_context(Workspace.open(path))
                backup.copy_to(workspace, _place(folder, paths.workspace_path(folder, name)))
        for pattern in COPIED:
            for source in sorted(data_dir.glob(pattern)):
                for file in _files(source):
                    shutil.copyfile(file, _place(folder, folder / file.relative_to(data_dir)))
        lines = [f"{_digest(file)}  {file.relative_to(folder)}\n" for file in _files(folder)]
        (folder / SUMS).write_text("".join(lines))
        _settle(folder)
    return directory


def is_one(directory: Path) -> bool:
    """Whether a folder is a backup of an installation."""
    return (directory / SUMS).is_file()


def restore(directory: Path, data_dir: Path) -> Path:
    """Put a backup back as the data folder, verified before it appears. Returns `data_dir`.

    Raises `StoreError` when something is there already, and `StoreCorrupt` when the backup is not what was written.
    """
    if not is_one(directory):
        raise NotFound(
            f"{directory} is no backup of an installation: it has no {SUMS}. Name one that `arena backup DIR "
            "--installation` made, or leave --installation out to restore a workspace."
        )
    if os.path.lexists(data_dir) and (not data_dir.is_dir() or any(data_dir.iterdir())):
        raise StoreError(f"{data_dir} exists and is not overwritten; move it away first, or name another --data-dir.")
    with _becoming(data_dir, "the data folder") as folder:
        for name, wanted in _listed(directory):
            source, goal = directory / name, _place(folder, folder / name)
            if not source.is_file():
                raise StoreCorrupt(f"{source} is missing, and {SUMS} lists it; restore another backup.")
            shutil.copyfile(source, goal)
            if _digest(goal) != wanted:
                raise StoreCorrupt(f"{source} is not what {SUMS} says it was; restore another backup.")
        for name in paths.workspaces(folder):
            report = ledger.verify(paths.workspace_path(folder, name))
            if report.problems:
                raise StoreCorrupt(f"Workspace {name} does not verify, nothing was restored: {report.problems[0]}")
        Instance.open(paths.instance_path(folder)).close()
        _settle(folder)
    return data_dir


@contextmanager
def _becoming(directory: Path, what: str) -> Iterator[Path]:
    """A folder for its owner alone that becomes `directory`, whole."""
    mark = ids.mint("whole", clock.now(), random.SystemRandom())
    try:
        with paths.private_files(), atomic_folder.whole(directory, mark) as folder:
            folder.chmod(0o700)
            yield folder
    except OSError as error:
        raise StoreError(
            f"{directory} could not take {what} ({error.strerror or error}); nothing was left there. Free space or "
            "name another folder, which is no mount point itself."
        ) from error


def _listed(directory: Path) -> Iterator[tuple[str, str]]:
    """The name and digest of each file of a backup."""
    for line in (directory / SUMS).read_text().splitlines():
        digest, _, name = line.partition("  ")
        if not name or name.startswith("/") or ".." in Path(name).parts:
            raise StoreCorrupt(f"{directory / SUMS} has a line that names no file of it; restore another backup.")
        yield name, digest


def _files(path: Path) -> list[Path]:
    """A file, or those below a folder, in order."""
    return [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())


def _place(folder: Path, path: Path) -> Path:
    """The same path, with its folders made for the owner alone."""
    for parent in reversed(path.relative_to(folder).parents[:-1]):
        (folder / parent).mkdir(mode=0o700, exist_ok=True)
    return path


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _settle(folder: Path) -> None:
    """Make everything in a folder durable, and closed to others."""
    for path in (*folder.rglob("*"), folder):
        path.chmod(0o700 if path.is_dir() else 0o600)
        database.sync(path)
