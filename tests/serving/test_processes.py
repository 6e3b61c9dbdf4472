"""A server that was left behind is told from another process that has its id by now."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from arena.serving import processes
from arena.serving.processes import Process, ServerProcesses


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    """A process that leads a session of its own."""
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as child:
        yield child
        child.kill()


def started(pid: int) -> int:
    found = processes._stat(pid)
    assert found is not None
    return found.started


def test_a_started_server_is_known_by_its_mark_at_once(tmp_path: Path) -> None:
    """Also where its shell is slow to write it: whoever comes after a supervisor that died then has to find it."""
    slow = tmp_path / "cat"
    slow.write_text('#!/bin/sh\n/bin/sleep 0.3\nexec /bin/cat "$@"\n')
    slow.chmod(0o700)
    mark, path = tmp_path / "mark", f"{tmp_path}:{os.environ['PATH']}"
    server = processes.start(["sleep", "60"], {"PATH": path}, tmp_path / "log", mark)
    try:
        assert processes.marked(mark) == server.process
    finally:
        server.send(signal.SIGKILL)
        while server.ended() is None:
            time.sleep(0.01)


def test_a_process_with_the_id_of_an_ended_server_is_not_taken_for_it(
    other: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    server = ServerProcesses(Process(pid=other.pid, started=started(other.pid) - 1))
    assert server.members() == []
    server.send(signal.SIGKILL)
    assert other.poll() is None
    mark = tmp_path / "mark"
    text = Path(f"/proc/{other.pid}/stat").read_text()
    head, _, tail = text.rpartition(")")
    fields = tail.split()
    for written, found in ((fields[19], other.pid), (str(int(fields[19]) - 1), None)):
        fields[19] = written
        mark.write_text(f"{head}) {' '.join(fields)}")
        process = processes.marked(mark)
        assert (process and process.pid) == found, "the first is the control"
