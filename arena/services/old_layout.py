"""A data folder as earlier arenas laid it out, brought to the layout of today.

    before                          now
    workspaces/NAME.duckdb, .wal    workspaces/NAME/workspace.duckdb, .wal
    workspaces/NAME.heads           workspaces/NAME/workspace.heads
    releases/rel_*                  workspaces/NAME/releases/rel_*, each to the workspace that its manifest names
    release-key                     workspaces/NAME/release-key, the same for every workspace

Everything is moved by renames, so that it is whole at one of its two places at every moment; only the key is copied,
and goes from its old place once every workspace has it. What a kill left is moved the next time, before any database is
opened. Heads go last: an earlier arena that meets a half-moved folder finds heads without a database, and refuses.
"""

import contextlib
import errno
import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from arena.errors import StoreError
from arena.services import paths, secret_files
from arena.store import database, failures, heads

DATABASE, LOG, HEADS = ".duckdb", ".duckdb.wal", ".heads"
"""How the files of a workspace ended; its name stood before."""


def bring_over(data_dir: Path) -> tuple[str, ...]:
    """Move what still lies where earlier arenas kept it; returns the workspaces that it belongs to.

    Raises `StoreError` when something lies at both places or cannot be moved, and `StoreHeld` while an earlier arena
    has a workspace open; `NotADirectoryError` for a file in place of the folder.
    """
    if data_dir.is_file():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(data_dir))
    if not found(data_dir):
        return ()
    folder = paths.workspaces_folder(data_dir)
    try:
        database.make_folder(folder)
        with secret_files.locked(data_dir), contextlib.ExitStack() as held:
            names = _names(data_dir)
            for name in names:
                _hold(folder / f"{name}{HEADS}", held)
            _bring_over(data_dir, names)
    except OSError as error:
        raise StoreError(
            f"{data_dir} is laid out as earlier arenas did, and {error.filename} cannot be moved to its new place "
            f"({error.strerror}). Let this user write there, and see that the folder is on one disk; then try again."
        ) from error
    return names


def found(data_dir: Path) -> bool:
    """Whether anything lies where earlier arenas kept it."""
    return any(os.path.lexists(path) for path in _shared(data_dir)) or bool(_stems(paths.workspaces_folder(data_dir)))


def databases(data_dir: Path) -> Iterator[tuple[str, Path]]:
    """The name and database of every workspace that was not moved yet."""
    folder = paths.workspaces_folder(data_dir)
    for name in _stems(folder):
        if (path := folder / f"{name}{DATABASE}").is_file():
            yield name, path


def _shared(data_dir: Path) -> tuple[Path, Path]:
    return data_dir / "releases", data_dir / paths.RELEASE_KEY


def _stems(folder: Path) -> tuple[str, ...]:
    """Names of workspaces of which a file lies in the folder of all."""
    endings = (LOG, DATABASE, HEADS)
    files = [path.name for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
    stems = {
        name.removesuffix(end)
        for name in files
        for end in [next((one for one in endings if name.endswith(one)), None)]
        if end is not None
    }
    return tuple(sorted(stem for stem in stems if not stem.startswith(".")))


def _names(data_dir: Path) -> tuple[str, ...]:
    """Whose the things at the old places are."""
    return _stems(paths.workspaces_folder(data_dir)) or paths.workspaces(data_dir) or (paths.DEFAULT_WORKSPACE,)


def _hold(path: Path, held: contextlib.ExitStack) -> None:
    """Keep an arena from opening a workspace meanwhile. Raises `StoreHeld` when one has it open."""
    if path.exists():
        file = held.enter_context(path.open("rb"))
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise failures.held(path.with_suffix(DATABASE), None) from error


def _bring_over(data_dir: Path, names: Sequence[str]) -> None:
    folder = paths.workspaces_folder(data_dir)
    now = {name: paths.workspace_path(data_dir, name) for name in names}
    for path in now.values():
        database.make_folder(path.parent)
    database.sync(folder)
    for name, path in now.items():
        _move(folder / f"{name}{DATABASE}", path)
    for name, path in now.items():
        _move(folder / f"{name}{LOG}", path.with_name(f"{path.name}.wal"))
        for left in folder.glob(f".{name}{DATABASE}.*"):  # a second copy that a killed arena had not finished
            left.unlink()
    releases, key = _shared(data_dir)
    _move_releases(data_dir, releases, names)
    _give_key(data_dir, key, names)
    for name, path in now.items():
        _move(folder / f"{name}{HEADS}", heads.beside(path))


def _move_releases(data_dir: Path, releases: Path, names: Sequence[str]) -> None:
    if not os.path.lexists(releases):
        return
    if len(names) == 1 and not os.path.lexists(whole := paths.releases_path(data_dir, names[0])):
        _move(releases, whole)
        return
    for entry in sorted(releases.iterdir()):
        goal = paths.releases_path(data_dir, _owner(entry, names))
        database.make_folder(goal)
        _move(entry, goal / entry.name)
    releases.rmdir()
    database.sync(data_dir)


def _owner(release: Path, names: Sequence[str]) -> str:
    """The workspace that a release says it is of; what a killed export left says nothing, and is anybody's."""
    try:
        said = json.loads((release / "manifest.json").read_bytes())["workspace"]
    except (OSError, ValueError, KeyError, TypeError):
        said = None
    return said if said in names else names[0]


def _give_key(data_dir: Path, key: Path, names: Sequence[str]) -> None:
    if not key.exists():
        return
    content = key.read_bytes()
    for name in names:
        goal = paths.release_key_path(data_dir, name)
        if not goal.exists():
            secret_files.write(goal, content)
        elif goal.read_bytes() != content:
            raise _twice(key, goal)
    key.unlink()
    database.sync(data_dir)


def _move(source: Path, goal: Path) -> None:
    """Rename, unless that is done already. Nothing is overwritten."""
    if not os.path.lexists(source):
        return
    if os.path.lexists(goal):
        raise _twice(source, goal)
    if source.is_symlink() and not source.readlink().is_absolute():
        whole = source.with_name(f".{source.name}.whole")  # from its new place, a relative one would lead elsewhere
        whole.unlink(missing_ok=True)
        whole.symlink_to(source.parent.absolute() / source.readlink())
        whole.replace(source)
    source.rename(goal)
    for folder in (goal.parent, source.parent):
        database.sync(folder)


def _twice(source: Path, goal: Path) -> StoreError:
    return StoreError(
        f"{source}, where earlier arenas kept it, and {goal}, where it is kept now, both exist, and "
        "only you can tell which is right. Move the other one out of the data folder, then try again."
    )
