"""The files of the servers, in DATA_DIR/serving/: who runs, in which state, and what each said.

supervisor.lock    held by the one command that watches them
MODEL-1.json       what `arena models status` reads, and what a new `arena models up` knows a server by
MODEL-1.pid        who the server is, written by itself
MODEL-1.log        what it printed
"""

import contextlib
import fcntl
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from arena.errors import Conflict
from arena.serving.lifecycle import ServerState

FOLDER: Final = "serving"
LOCK: Final = "supervisor.lock"
LINES: Final = 20
"""Of a log, where it is shown."""
LINE_LENGTH: Final = 400
TAIL_BYTES: Final = 256 * 1024
LOG_BYTES: Final = 64 << 20
"""A log that grows beyond this keeps its last `TAIL_BYTES`."""
CONTROL: Final = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Colours and whatever else would move a terminal's cursor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRecord:
    """What is known of one server by whoever did not start it."""

    name: str
    model: str
    endpoint: str
    gpus: tuple[int, ...]
    recipe: str
    state: ServerState
    since: str
    """UTC, when it came into this state."""
    pid: int | None = None
    crashes: int = 0
    """Within the window that counts."""
    trouble: str = ""
    log_end: tuple[str, ...] = ()
    """The last lines of its log when it was given up, without secrets."""


class Folder:
    """The folder of one data directory."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / FOLDER

    def make(self) -> None:
        """Make the folder, for its owner alone."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)

    def log(self, name: str) -> Path:
        """Where a server prints."""
        return self.path / f"{name}.log"

    def mark(self, name: str) -> Path:
        """Where a server writes who it is."""
        return self.path / f"{name}.pid"

    def write(self, record: ServerRecord) -> None:
        """Put a record in place of the one before, whole."""
        aside = self.path / f"{record.name}.json.new"
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(asdict(record), file)
        aside.replace(self._record(record.name))

    def read(self) -> dict[str, ServerRecord]:
        """Every record, by the server's name. One that cannot be read, of another version, is left out."""
        found = {}
        for path in sorted(self.path.glob("*.json")):
            with contextlib.suppress(ValueError, TypeError, KeyError, FileNotFoundError):
                record = _record_of(json.loads(path.read_text(encoding="utf-8")))
                found[record.name] = record
        return found

    def forget(self, name: str) -> None:
        """Take away the record of a server that no longer belongs to the file; its log stays."""
        for path in (self._record(name), self.mark(name)):
            path.unlink(missing_ok=True)

    def begin_log(self, name: str, now: datetime) -> int:
        """Note a start in the log; the position after it."""
        with os.fdopen(os.open(self.log(name), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as file:
            file.write(f"--- {name} starts, {now:%Y-%m-%d %H:%M:%S} UTC\n")
            return file.tell()

    def trim_log(self, name: str) -> None:
        """Keep a log that has grown too large to its end; the server goes on appending."""
        path = self.log(name)
        if not path.exists() or path.stat().st_size <= LOG_BYTES:
            return
        with path.open("r+b") as file:
            file.seek(-TAIL_BYTES, os.SEEK_END)
            end = file.read()
            file.truncate(0)
        with path.open("ab") as file:
            file.write(end)

    def last_lines(self, name: str, clean: Callable[[str], str], *, start: int = 0, most: int = LINES) -> list[str]:
        """The end of a log from position `start` on, without secrets, colours and empty lines."""
        try:
            with self.log(name).open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                begin = max(start if start <= size else 0, size - TAIL_BYTES)
                file.seek(begin)
                text = file.read().decode("utf-8", "replace")
        except FileNotFoundError:
            return []
        whole = text.split("\n")[1 if begin > start else 0 :]  # a line cut in two might hold half a secret
        drawn = [line.rstrip("\r").rsplit("\r", 1)[-1] for line in whole]  # of a progress bar, the last state
        lines = [clean(CONTROL.sub("", line)).rstrip() for line in drawn]
        return [line[:LINE_LENGTH] for line in lines if line][-most:]

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Be the one that watches the servers. Raises `Conflict` when there is another."""
        self.make()
        with os.fdopen(os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
            if not _lock(file.fileno()):
                raise Conflict(
                    f"The servers of {self.path} are watched by process {self.watcher() or 'unknown'} already. After a "
                    "change of its file, `kill -HUP` with that number makes it read the file again; Ctrl-C stops it."
                )
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield
            file.truncate(0)

    def watcher(self) -> int | None:
        """The process that watches the servers; None when nobody does."""
        try:
            with (self.path / LOCK).open() as file:
                if _lock(file.fileno()):
                    return None
                return int(file.read())
        except (FileNotFoundError, ValueError):
            return None

    def _record(self, name: str) -> Path:
        return self.path / f"{name}.json"


def _record_of(tree: dict[str, Any]) -> ServerRecord:
    if set(tree) != {field.name for field in fields(ServerRecord)}:
        raise ValueError("another version's record")
    tree |= {"gpus": tuple(tree["gpus"]), "log_end": tuple(tree["log_end"]), "state": ServerState(tree["state"])}
    return ServerRecord(**tree)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
