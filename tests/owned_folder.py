"""Temporary folders that say whose they are: one whose process was killed is found, and removed, by the next run."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

OWNER = "owner"
"""The file that says the process, and when it began: numbers of processes come again."""


@contextlib.contextmanager
def owned(prefix: str, place: Path | None = None) -> Iterator[Path]:
    """A new folder for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix=prefix, dir=place) as folder:
        claim(Path(folder))
        yield Path(folder)


def claim(folder: Path) -> None:
    """Say that a folder is this process's."""
    (folder / OWNER).write_text(f"{os.getpid()} {_began(os.getpid())}")


def abandoned(prefix: str, place: Path | None = None) -> Iterator[Path]:
    """Such folders of which the process is gone."""
    for folder in Path(place or tempfile.gettempdir()).glob(f"{prefix}*"):
        with contextlib.suppress(OSError, ValueError):  # it goes away just now, or does not say yet
            process, began = map(int, (folder / OWNER).read_text().split())
            if _began(process) != began:
                yield folder


def _began(process: int) -> int:
    """When a process began, as the kernel counts; 0 where there is none."""
    try:
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19])
    except OSError:
        return 0
