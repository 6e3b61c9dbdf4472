"""The heads file: after each commit, one line that says how much there is now.

    {"battles":9,"hash":"5c1d...","models":4,"releases":0,"responses":16,"voids":1,"votes":7}

DuckDB opens a database whose log is gone or torn as if nothing were missing. This file lies beside it, so a
database that is behind its last head has lost something that was acknowledged, and is refused instead of
continued. Heads are written and not synced: after a power cut the file may be behind the database, which proves
less but never accuses wrongly, and a second sync would double the price of a vote
(docs/decisions/0005-heads-beside-the-database.md).
"""

import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from arena.domain import ledger
from arena.store import failures

TAIL_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceHead:
    """How much a workspace held after a commit. Every table only grows."""

    votes: int
    """Also the sequence of the ledger's last line."""
    hash: str
    """Of that line."""
    models: int
    battles: int
    responses: int
    voids: int
    releases: int

    def written(self) -> bytes:
        """The head as a line of the file."""
        return ledger.canonical(asdict(self)) + b"\n"


def beside(database: Path) -> Path:
    """Where the heads of a database lie."""
    return database.with_suffix(".heads")


def parse(line: bytes) -> WorkspaceHead | None:
    """The head in a line, or None when the line is damaged."""
    try:
        head = WorkspaceHead(**json.loads(line))
    except (ValueError, TypeError):
        return None
    return head if head.written() == line.rstrip(b"\n") + b"\n" else None


def lines(path: Path) -> Iterator[tuple[int, WorkspaceHead | None]]:
    """Every head with its line number, None where a line is damaged. A torn end, without newline, is left out."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.endswith(b"\n"):
                yield number, parse(line)


def last(path: Path) -> WorkspaceHead | None:
    """The newest head that can be read, or None."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        tail = file.read()
    complete = tail[: tail.rfind(b"\n") + 1].splitlines()
    return next((head for line in reversed(complete) if (head := parse(line)) is not None), None)


def losses(promised: WorkspaceHead, found: WorkspaceHead) -> str:
    """What a database that should hold `promised` lacks, such as `3 of 120 votes`; empty when nothing."""
    tables = ("votes", "battles", "responses", "voids", "models", "releases")
    wanted = [(table, getattr(promised, table), getattr(found, table)) for table in tables]
    return ", ".join(f"{had - has} of {had} {table}" for table, had, has in wanted if has < had)


class Heads:
    """The heads file of an open workspace; holding it also keeps this process from opening the workspace twice."""

    def __init__(self, database: Path) -> None:
        """Raises `StoreHeld` when the workspace is open in this process already."""
        self.path = beside(database)
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._descriptor)
            raise failures.held_here(database) from error

    def resume(self, current: WorkspaceHead) -> None:
        """Cut off a line that was torn by a crash, and write the head as it is now unless it stands there."""
        size = os.fstat(self._descriptor).st_size
        start = max(0, size - TAIL_BYTES)
        end = os.pread(self._descriptor, TAIL_BYTES, start).rfind(b"\n") + 1
        os.ftruncate(self._descriptor, start + end)
        if last(self.path) != current:
            self.append(current)

    def append(self, head: WorkspaceHead) -> None:
        """Add a head; the commit it speaks of is durable.

        On a full disk it is left out: the next one says as much and more.
        """
        line = head.written()
        end = os.lseek(self._descriptor, 0, os.SEEK_END)
        try:
            whole = os.write(self._descriptor, line) == len(line)
        except OSError as error:
            if not failures.disk_full(error):
                raise
            whole = False
        if not whole:
            os.ftruncate(self._descriptor, end)

    def close(self) -> None:
        os.close(self._descriptor)
