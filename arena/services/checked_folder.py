"""A folder for its owner alone that appears whole or not at all, with a list of its files and their checksums.

The list is as `sha256sum --check` reads it.
"""

import hashlib
import os
import random
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from arena.domain import ids
from arena.errors import StoreCorrupt, StoreError
from arena.exports.writing import atomic_folder
from arena.services import clock, paths
from arena.store import database


@contextmanager
def becoming(directory: Path, what: str) -> Iterator[Path]:
    """A folder that becomes `directory`, whole, when the block ends; `what` says what it was to be."""
    mark = ids.mint("whole", clock.now(), random.SystemRandom())
    try:
        with paths.private_files(), atomic_folder.whole(directory, mark) as folder:
            folder.chmod(0o700)
            yield folder
            _settle(folder)
    except OSError as error:
        raise StoreError(
            f"{directory} could not take {what} ({error.strerror or error}); nothing was left there. Free space or "
            "name another folder, which is no mount point itself."
        ) from error


def copy(source: Path, patterns: Iterable[str], folder: Path) -> None:
    """Copy what these patterns find below one folder into another, as it lies."""
    for pattern in patterns:
        for found in sorted(source.glob(pattern)):
            for file in files(found):
                shutil.copyfile(file, place(folder, folder / file.relative_to(source)))


def write_sums(folder: Path, name: str) -> None:
    """Write the list of every file of a folder."""
    lines = [f"{digest(file)}  {file.relative_to(folder)}\n" for file in files(folder)]
    (folder / name).write_text("".join(lines))


def copy_listed(
    directory: Path, name: str, folder: Path, what_next: str, belongs: re.Pattern[str] | None = None
) -> None:
    """Copy the files that the list of a folder names, each as the list says. `what_next` is told where one is not.

    Nothing is followed out of the folder. `belongs` says which paths may be there; left out, all may.
    """
    for path, wanted in _listed(directory, name, what_next):
        if belongs is not None and belongs.fullmatch(path) is None:
            raise StoreCorrupt(f"{directory / name} lists {path!r}, which is no part of what was written; {what_next}.")
        source, goal = directory / path, place(folder, folder / path)
        if not source.is_file() or not source.resolve().is_relative_to(directory.resolve()):
            raise StoreCorrupt(f"{source} is missing, and {name} lists it; {what_next}.")
        shutil.copyfile(source, goal)
        if digest(goal) != wanted:
            raise StoreCorrupt(f"{source} is not what {name} says it was; {what_next}.")


def files(path: Path) -> list[Path]:
    """A file, or those below a folder, in order."""
    return [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())


def place(folder: Path, path: Path) -> Path:
    """The same path, with its folders made for the owner alone."""
    for parent in reversed(path.relative_to(folder).parents[:-1]):
        (folder / parent).mkdir(mode=0o700, exist_ok=True)
    return path


def digest(file: Path) -> str:
    """The SHA-256 of a file."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def exists(path: Path) -> bool:
    """Whether something is there that is not to be overwritten: anything but an empty folder."""
    return os.path.lexists(path) and (not path.is_dir() or any(path.iterdir()))


def _listed(directory: Path, name: str, what_next: str) -> Iterator[tuple[str, str]]:
    """The path and digest of each file of a list."""
    try:
        lines = (directory / name).read_text(encoding="utf-8").splitlines()
    except ValueError as error:
        raise StoreCorrupt(f"{directory / name} is no text ({error}); {what_next}.") from error
    for line in lines:
        wanted, _, path = line.partition("  ")
        if not path or path.startswith("/") or ".." in Path(path).parts:
            raise StoreCorrupt(f"{directory / name} has a line that names no file of it; {what_next}.")
        yield path, wanted


def _settle(folder: Path) -> None:
    """Make everything in a folder durable, and closed to others."""
    for path in (*folder.rglob("*"), folder):
        path.chmod(0o700 if path.is_dir() else 0o600)
        database.sync(path)
