"""The processes of a server, on Linux: started in a session of their own, found again later, signalled together.

A server outlives whoever started it. It is known by its process id and by when it started, in clock ticks since the
machine did, so that another process with the same id is never taken for it. The server writes both down by itself
before it becomes `vllm`, so nobody who dies in between leaves one unknown.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from arena.errors import ArenaError

PROC: Final = Path("/proc")
BECOME: Final = '(umask 077; cat /proc/$$/stat >"$0") && exec "$@"'
"""What a server's shell runs: it writes down who it is, and becomes the program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process that leads a session, by what stays true of it."""

    pid: int
    started: int
    """Clock ticks since the machine started."""


class ServerProcesses:
    """The processes of one server, ours to wait for or adopted."""

    def __init__(self, process: Process, child: "subprocess.Popen[bytes] | None" = None) -> None:
        self.process = process
        self._child = child

    def ended(self) -> str | None:
        """How its first process ended; None while it lives."""
        if self._child is None:
            found = _stat(self.process.pid)
            return None if found is not None and found.started == self.process.started else "ended"
        status = self._child.poll()
        if status is None:
            return None
        if status >= 0:
            return f"ended with status {status}"
        name = signal.Signals(-status).name
        return f"was ended by {name}" + (", which may mean that memory ran out" if name == "SIGKILL" else "")

    def members(self) -> list[int]:
        """The processes of its session that live; none where another process has its id by now."""
        if self._child is not None:
            self._child.poll()  # so that it is no zombie
        leader = _parsed(_read(PROC / str(self.process.pid) / "stat"))
        if leader is not None and leader.started != self.process.started:
            return []  # an id is given anew only once nobody of its session is left
        # one that forks and dies while the list is read is not in it, and its child is not yet: hence a second look
        return self._session() or self._session()

    def _session(self) -> list[int]:
        return [
            found.pid
            for found in (_stat(int(folder.name)) for folder in PROC.iterdir() if folder.name.isdigit())
            if found is not None and found.session == self.process.pid and found.started >= self.process.started
        ]

    def send(self, number: signal.Signals) -> None:
        """Signal every process of its group, and those of its session that are in another one."""
        for pid in self.members():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


@dataclass(frozen=True, slots=True)
class _Stat:
    pid: int
    session: int
    started: int


def start(command: Sequence[str], environment: Mapping[str, str], log: Path, mark: Path) -> ServerProcesses:
    """Start a program in a session of its own, its output appended to `log`, who it is written to `mark`."""
    if not (PROC / "self" / "stat").exists():
        raise ArenaError("Model servers are watched through /proc, which this machine has not; run them on Linux.")
    with log.open("ab") as output:
        child = subprocess.Popen(  # noqa: S603 - the program that the configuration asks for
            ["/bin/sh", "-c", BECOME, str(mark), *command],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    found = _parsed(_read(PROC / str(child.pid) / "stat"))  # also of a zombie, which is there until we wait for it
    while _parsed(_read(mark)) is None and child.poll() is None:
        time.sleep(0.001)  # until it is marked, whoever came after us could not find it
    if found is None:
        raise ArenaError(f"Process {child.pid} vanished while it was started; look who ends processes here.")
    return ServerProcesses(Process(pid=child.pid, started=found.started), child)


def marked(mark: Path) -> Process | None:
    """The process that wrote a mark, where it still lives or has left others of its session."""
    written = _parsed(_read(mark))
    if written is None:
        return None
    process = Process(pid=written.pid, started=written.started)
    return process if ServerProcesses(process).members() else None


def _stat(pid: int) -> _Stat | None:
    """A process that lives; a zombie does not."""
    text = _read(PROC / str(pid) / "stat")
    return None if text.rpartition(")")[2].split()[:1] in (["Z"], ["X"]) else _parsed(text)


def _parsed(text: str) -> _Stat | None:
    head, _, tail = text.rpartition(")")  # the name of a program may hold spaces and brackets
    fields = tail.split()
    if len(fields) < 20 or not head.split(" ", maxsplit=1)[0].isdigit():
        return None
    return _Stat(pid=int(head.split(" ", maxsplit=1)[0]), session=int(fields[3]), started=int(fields[19]))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError, NotADirectoryError):
        return ""
