"""Where an arena keeps its files.

DATA_DIR/instance.duckdb, signing-secret, admin-token                 of the whole installation
DATA_DIR/in-database                                                  where all that is in a database instead
DATA_DIR/selections/                                                  stored selections of the default workspace;
                                                                      of others workspaces/NAME/selections/
DATA_DIR/workspaces/NAME/workspace.duckdb, workspace.heads            of one workspace: what it holds,
DATA_DIR/workspaces/NAME/media/                                       its pictures, sounds and films
DATA_DIR/workspaces/NAME/releases/, release-key                       what left it, and the key that signs it
DATA_DIR/workspaces/NAME/secret                                       what its raters' values are signed with; where
                                                                      there is none, that is signing-secret
DATA_DIR/workspaces/NAME/names                                        what its raters' names are keyed with; where there
                                                                      is none, that is the same secret
"""

import contextlib
import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

log = logging.getLogger(__name__)

DEFAULT_WORKSPACE = "default"
RELEASE_KEY = "release-key"
SECRET = "secret"  # noqa: S105 - a file name
MEDIA = "media"
NAMES = "names"
RELEASES = "releases"
SELECTIONS = "selections"

OTHERS = 0o077
"""The bits of a mode that let anybody but the owner in."""


def make_private(data_dir: Path) -> None:
    """Make the data folder, and close it and everything in it to other users: older arenas left it open."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        for folder, _, files in os.walk(data_dir):
            for path in (Path(folder), *(Path(folder, name) for name in files)):
                with contextlib.suppress(FileNotFoundError):  # it was removed meanwhile
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
    """Files that this process makes in the block cannot be read by other users of the machine."""
    before = os.umask(OTHERS)
    try:
        yield
    finally:
        os.umask(before)


def in_database(data_dir: Path) -> Path:
    """The note which says that the installation is in a database: an arena over one ran on this folder. `arena database
    copy --to` removes it, or a person does."""
    return data_dir / "in-database"


def instance_path(data_dir: Path) -> Path:
    """The file that holds tokens; labs never share more than this."""
    return data_dir / "instance.duckdb"


def workspaces_folder(data_dir: Path) -> Path:
    """The folder of all workspaces."""
    return data_dir / "workspaces"


def workspaces(data_dir: Path) -> tuple[str, ...]:
    """The names of the workspaces there are, in order. A folder that comes or goes is hidden: none yet, or no more."""
    found = (path.parent.name for path in workspaces_folder(data_dir).glob("*/workspace.duckdb"))
    return tuple(sorted(name for name in found if not name.startswith(".")))


def workspace_path(data_dir: Path, workspace: str) -> Path:
    """The database of one workspace. All of a workspace lies in one folder: the wall between labs."""
    return workspaces_folder(data_dir) / workspace / "workspace.duckdb"


def releases_path(data_dir: Path, workspace: str) -> Path:
    """Where the releases of a workspace are kept."""
    return workspaces_folder(data_dir) / workspace / RELEASES


def media_path(data_dir: Path, workspace: str) -> Path:
    """Where the pictures, sounds and films of a workspace are kept."""
    return workspaces_folder(data_dir) / workspace / MEDIA


def selections_path(data_dir: Path, workspace: str) -> Path:
    """Where the stored selections of a workspace are: those of the default one lie where they always did, unless it
    came from elsewhere."""
    own = workspaces_folder(data_dir) / workspace / SELECTIONS
    return own if workspace != DEFAULT_WORKSPACE or own.exists() else data_dir / SELECTIONS


def release_key_path(data_dir: Path, workspace: str) -> Path:
    """The key that signs the releases and receipts of a workspace."""
    return workspaces_folder(data_dir) / workspace / RELEASE_KEY
