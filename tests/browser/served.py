"""An arena in a process of its own, so that a test can kill it."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

START_SECONDS = 240

PROGRAM = """
import pathlib, sys
from arena import settings
from arena.server import run
run.run(settings.load(pathlib.Path(sys.argv[1])), lambda url, services: None)
"""


@dataclass
class Served:
    """One arena on one port, started and killed as often as a test likes."""

    config: Path
    data_dir: Path
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(self.config)], start_new_session=True)
        limit = time.monotonic() + START_SECONDS
        while time.monotonic() < limit:
            assert self.process.poll() is None, "the arena did not start"
            try:
                if httpx.get(f"{self.url}/healthz").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError("the arena does not answer")

    def kill(self) -> None:
        """End it without warning."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def votes(self) -> int:
        """Votes on its board."""
        token = (self.data_dir / "admin-token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        votes: int = httpx.get(f"{self.url}/api/v1/leaderboards/overall", headers=headers).json()["votes"]
        return votes
