"""When the log is folded into the database file (docs/decisions/0007-the-writer-folds-the-log.md).

Left to itself, DuckDB does it inside the commit that fills the log: writes then wait 0.2 to 4 s, and when the disk
is full, a commit that is durable fails and takes the whole database down. So the writer does it, after a commit,
when nobody waits and there is room. Reading 128 MB of log back after a crash takes about a second.
"""

import os
from pathlib import Path

IDLE_BYTES = 16 * 1024 * 1024
"""Size of the log at which it is folded in as soon as nobody waits."""
BUSY_BYTES = 128 * 1024 * 1024
"""Size at which everybody waits for it."""
IDLE_SECONDS = 0.25
"""Without a command for this long, nobody waits."""
REWRITTEN_BYTES = 1024 * 1024 * 1024
"""At most about this much of the file is written anew beside what the log adds."""


def due(database: Path, *, idle: bool) -> bool:
    """Whether the log is large enough, and the disk has room."""
    log = _size(database.with_name(f"{database.name}.wal"))
    if log < (IDLE_BYTES if idle else BUSY_BYTES):
        return False
    disk = os.statvfs(database.parent)
    return disk.f_bavail * disk.f_frsize > 2 * log + min(_size(database), REWRITTEN_BYTES)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
