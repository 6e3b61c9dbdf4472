"""A folder that appears whole under its name, or not at all.

It is written as a hidden folder beside the target. A lock is held on it, which ends when the process ends, in whatever
way. So what a dead process left behind can be recognised and removed: by the next export to the same place, and where
the folder was noted among the arena's releases, by the arena's next start, export or erasure. On a file system without
such locks nothing is removed, because a dead process cannot be told from a living one.
"""

import contextlib
import fcntl
import logging
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from arena.domain.ids import ReleaseId
from arena.errors import ReleaseFailed
from arena.exports.folder import files

log = logging.getLogger(__name__)

NAME = re.compile(r"\..+\.[a-z]+_[0-9A-Z]+\.partial")
"""The names of hidden folders, and of no other folder."""


@contextlib.contextmanager
def becoming(directory: Path, release_id: ReleaseId, noted: Path | None = None) -> Iterator[Path]:
    """The hidden folder of a release, which becomes `directory` when the block ends and is removed when it fails.

    `noted` is a folder of releases in which the hidden folder is noted meanwhile. Raises ReleaseFailed for an
    `OSError`, also for one in the block.
    """
    try:
        with whole(directory, release_id, noted) as folder:
            yield folder
    except OSError as error:
        cause = error.strerror or str(error)
        raise ReleaseFailed(
            f"{directory} could not be written ({cause}), and nothing of it was kept; see to the disk and export again."
        ) from error


@contextlib.contextmanager
def whole(directory: Path, mark: str, noted: Path | None = None) -> Iterator[Path]:
    """The same for any folder, with a mark such as `rel_01K7QX` that tells it from others beside it."""
    folder = directory.absolute().with_name(f".{directory.name}.{mark}.partial")
    made = folder
    note = None if noted is None or noted.absolute() == folder.parent else noted / folder.name
    folder.parent.mkdir(parents=True, exist_ok=True)
    remove_unfinished(folder.parent)
    held = _held(folder)
    try:
        if note is not None:
            note.parent.mkdir(parents=True, exist_ok=True)
            note.symlink_to(folder)
        yield folder
        folder.rename(directory)
        made = directory
        files.sync_folder(directory.parent)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    finally:
        if note is not None:
            note.unlink(missing_ok=True)
        os.close(held)


@contextlib.contextmanager
def kept_if_all_goes_well(*folders: Path) -> Iterator[None]:
    """Remove these folders when the block fails, because then nobody recorded the release in them."""
    try:
        yield
    except BaseException:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def remove_unfinished(releases: Path) -> tuple[Path, ...]:
    """Remove the hidden folders that dead processes left here or noted here. Returns the folders removed."""
    removed = []
    for found in sorted(releases.glob(".*.partial")):
        folder = found.readlink() if found.is_symlink() else found
        if not NAME.fullmatch(found.name) or folder.name != found.name:
            continue
        if _removed(folder):
            removed.append(folder)
        if found.is_symlink() and not os.path.lexists(folder):
            found.unlink(missing_ok=True)
    return tuple(removed)


def _held(folder: Path) -> int:
    """Make a folder and lock it. The lock is held until the returned file descriptor is closed."""
    while True:
        folder.mkdir()
        with contextlib.suppress(
            FileNotFoundError
        ):  # somebody took it for a dead process's folder before it was locked: make it again
            held = _opened(folder)
            with contextlib.suppress(OSError):
                fcntl.flock(held, fcntl.LOCK_EX)
            if os.path.lexists(folder):
                return held
            os.close(held)


def _removed(folder: Path) -> bool:
    """Remove a hidden folder that no living process holds. Returns whether it was removed."""
    try:
        held = _opened(folder)
    except OSError:
        return False
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # a living process holds the lock, or this file system has no locks
        return False
    else:
        return _let_go(folder)
    finally:
        os.close(held)


def _let_go(folder: Path) -> bool:
    try:
        shutil.rmtree(folder)
    except OSError as error:
        log.warning("%s was left by a stopped arena and cannot be removed (%s); remove it", folder, error.strerror)
        return False
    log.warning("removed %s, which a stopped arena had not finished", folder)
    return True


def _opened(folder: Path) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
