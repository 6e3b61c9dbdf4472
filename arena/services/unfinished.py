"""A note in the folder of a workspace that is being made or taken in over a database.

Where a process is killed meanwhile, the note says that the folder is nothing, unless the database knows the workspace.
"""

import contextlib
from pathlib import Path

from arena.services import secret_files
from arena.store import database, process_names

NOTE = "unfinished"
PROCESS = process_names.made()
"""What stands in the notes of this process."""


def begin(folder: Path) -> None:
    """Note that a workspace is being made in a folder."""
    secret_files.write(folder / NOTE, PROCESS.encode())


def end(folder: Path) -> None:
    """Its workspace is known, or was removed already."""
    with contextlib.suppress(FileNotFoundError):
        (folder / NOTE).unlink()
        database.sync(folder)


def is_left(folder: Path) -> bool:
    """Whether a process that is no more was making a workspace in it."""
    note = folder / NOTE
    return note.is_file() and note.read_bytes() != PROCESS.encode()
