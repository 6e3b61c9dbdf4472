"""Where an arena keeps its files, and its clock: what every command and service starts from."""

import contextlib
import logging
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

log = logging.getLogger(__name__)

OTHERS = 0o077
"""The bits of a mode that let anybody but the owner in."""


def now() -> datetime:
    """The time, UTC, in the microseconds the store keeps."""
    return datetime.now(UTC)


def make_private(data_dir: Path) -> None:
    """Make the data folder, and close it and all in it to other users of the machine: an older arena left it open."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        for folder, _, files in os.walk(data_dir):
            for path in (Path(folder), *(Path(folder, name) for name in files)):
                with contextlib.suppress(FileNotFoundError):  # something finished with it meanwhile
                    _close(path)
    except PermissionError as error:
        log.warning(
            "%s is open to other users of this machine and cannot be closed (%s); let this user own it",
            error.filename,
            error.strerror,
        )


def _close(path: Path) -> None:
    mode = path.lstat().st_mode
    if mode & OTHERS and not stat.S_ISLNK(mode):
        path.chmod(stat.S_IMODE(mode) & ~OTHERS)


@contextlib.contextmanager
def private_files() -> Iterator[None]:
    """Files that this process makes within the block are closed to other users of the machine."""
    before = os.umask(OTHERS)
    try:
        yield
    finally:
        os.umask(before)


def instance_path(data_dir: Path) -> Path:
    """The file that holds tokens; labs never share more than this."""
    return data_dir / "instance.duckdb"


def workspace_path(data_dir: Path, workspace: str) -> Path:
    """The file of one workspace: the wall between labs."""
    return data_dir / "workspaces" / f"{workspace}.duckdb"


def releases_path(data_dir: Path) -> Path:
    """Where releases are kept."""
    return data_dir / "releases"
