"""A folder aside: what is written there appears whole under its name, or not at all.

It is hidden, beside the target, and held with a lock that ends with its process, however that ends. So whoever comes
next can tell what a dead process left, and removes it: the next export to the same place and, where the folder was
noted among the arena's releases, the arena's next start, export or erasure. A file system without such locks keeps what
is left there, because nobody can tell.
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

NAME = re.compile(r"\..+\.rel_[0-9A-Z]+\.partial")
"""What folders aside are called, and no others."""


@contextlib.contextmanager
def becoming(directory: Path, release_id: ReleaseId, noted: Path | None = None) -> Iterator[Path]:
    """A new folder that becomes `directory` when the block is left, and is gone when that is by an error.

    `noted` is a folder of releases that knows of it meanwhile. Raises ReleaseFailed for an `OSError`, the block's too.
    """
    folder = directory.absolute().with_name(f".{directory.name}.{release_id}.partial")
    made = folder
    note = None if noted is None or noted.absolute() == folder.parent else noted / folder.name
    try:
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
    except OSError as error:
        cause = error.strerror or str(error)
        raise ReleaseFailed(
            f"{directory} could not be written ({cause}), and nothing of it was kept; see to the disk and export again."
        ) from error


@contextlib.contextmanager
def kept_if_all_goes_well(*folders: Path) -> Iterator[None]:
    """Folders that go again when the block is left by an error: nobody recorded the release in them."""
    try:
        yield
    except BaseException:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def remove_unfinished(releases: Path) -> tuple[Path, ...]:
    """Remove the folders that dead processes left aside here, and those noted here; returns what was removed."""
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
    """Make a folder and lock it; what is returned holds the lock until it is closed."""
    while True:
        folder.mkdir()
        with contextlib.suppress(FileNotFoundError):  # taken for a dead one's before it was held: made again
            held = _opened(folder)
            with contextlib.suppress(OSError):
                fcntl.flock(held, fcntl.LOCK_EX)
            if os.path.lexists(folder):
                return held
            os.close(held)


def _removed(folder: Path) -> bool:
    """Remove a folder that no living process holds, and that is ours to look at."""
    try:
        held = _opened(folder)
    except OSError:
        return False
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # somebody holds it, or this file system holds nothing
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
