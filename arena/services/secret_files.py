"""Small secrets in files that only their owner may read: written whole or not at all, and made once."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from arena.store import database


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder alone among the processes that ask for it in this way; wait for whoever holds it."""
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def kept(path: Path, text: str) -> str:
    """What the file at `path` says; where there is none, it says `text` from now on."""
    with locked(path.parent):
        if not path.exists():
            write(path, f"{text}\n".encode("ascii"))
        return path.read_text(encoding="ascii").strip()


def write(path: Path, content: bytes) -> None:
    """Write a file (mode 0600) that a kill or a power cut leaves whole, or as it was before; one process at a time."""
    aside = path.with_name(f".{path.name}.aside")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    database.settle(aside, path)
