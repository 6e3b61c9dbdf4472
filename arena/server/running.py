"""Where a running arena can be found: a file in its data directory, and the lock that keeps a second one out.

The lock is taken on the file itself and goes with the process, however it ends; the file left behind by a killed
arena is recognised by its lock being free.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from arena.errors import StoreHeld

FILE = "server.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningArena:
    """A running arena."""

    pid: int
    url: str
    workspace: str


def find(data_dir: Path) -> RunningArena | None:
    """The arena that runs on a data directory; None when there is none."""
    try:
        with (data_dir / FILE).open() as file:
            if _lock(file.fileno()):
                return None
            return RunningArena(**json.load(file))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def refuse_second(data_dir: Path) -> None:
    """Raise `StoreHeld` when an arena runs on a data directory: before minutes are spent on starting models for one
    more. `announced` is what keeps it out.
    """
    other = find(data_dir)
    if other is not None:
        raise _held(data_dir, other)


@contextmanager
def announced(data_dir: Path, url: str, workspace: str) -> Iterator[None]:
    """Hold the data directory for one arena, and tell commands where it listens.

    Raises `StoreHeld` when another arena runs on it.
    """
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(data_dir / FILE, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        if not _lock(file.fileno()):
            raise _held(data_dir, find(data_dir))
        file.truncate(0)
        json.dump({"pid": os.getpid(), "url": url, "workspace": workspace}, file)
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def _held(data_dir: Path, other: RunningArena | None) -> StoreHeld:
    where = f"process {other.pid} at {other.url}" if other else "another process"
    return StoreHeld(
        f"An arena runs on {data_dir} already ({where}). Use that one, stop it, or choose another --data-dir."
    )


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
