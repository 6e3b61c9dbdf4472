"""Programs that are killed, stopped and started again: the processes of an installation, and the proxy before them."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import httpx

from tests import arenas

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 240
"""Within which a process is ready, however busy the machine is."""


class Program:
    """A program of ours, and its log."""

    def __init__(self, arguments: Sequence[str], port: int, log: Path, environment: dict[str, str]) -> None:
        self.port, self.log = port, log
        self._command = [sys.executable, "-m", *arguments]
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, cwd=ROOT, env=self._environment)

    def send(self, sign: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(sign)

    def kill(self) -> None:
        """End it without a warning."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def end(self) -> int:
        """End it in order; its exit status."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(START_SECONDS)

    @property
    def lives(self) -> bool:
        return self._process is not None and self._process.poll() is None


class ArenaProgram(Program):
    """One process of an installation."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5, verify=arenas.PLAIN).status_code == 200
        except httpx.TransportError:
            return False

    def wait(self) -> None:
        """Until it is ready."""
        ends = time.monotonic() + START_SECONDS
        while not self.is_ready():
            assert self.lives, f"it ended: {self.log.read_text()[-2000:]}"
            assert time.monotonic() < ends, f"it is not ready: {self.log.read_text()[-2000:]}"
            time.sleep(0.1)


def free_ports(count: int) -> list[int]:
    """Ports that nobody has now."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(listener.getsockname()[1]) for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports
