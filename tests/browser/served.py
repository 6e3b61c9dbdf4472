"""An arena in a process of its own, so that a test can kill it."""

import time
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from unittest import mock

import httpx

from arena import settings
from arena.server import app, run
from tests import arenas
from tests.nursery import NURSERY

START_SECONDS = 240


def serve(config: Path) -> None:
    """What the process does."""
    with mock.patch.object(app, "build", arenas.with_pages):
        run.run(settings.load(config), lambda url, services: None)


@dataclass
class Served:
    """One arena on one port, started and killed as often as a test likes."""

    config: Path
    data_dir: Path
    port: int
    process: BaseProcess | None = field(default=None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.process = NURSERY.Process(target=serve, args=(self.config,))
        self.process.start()
        limit = time.monotonic() + START_SECONDS
        while time.monotonic() < limit:
            assert self.process.is_alive(), "the arena did not start"
            try:
                if httpx.get(f"{self.url}/healthz").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.02)
        raise AssertionError("the arena does not answer")

    def kill(self) -> None:
        """End it without warning."""
        if self.process is not None and self.process.is_alive():
            self.process.kill()
            self.process.join()

    def votes(self) -> int:
        """Votes on its board."""
        token = (self.data_dir / "admin-token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        votes: int = httpx.get(f"{self.url}/api/v1/leaderboards/overall", headers=headers).json()["votes"]
        return votes
