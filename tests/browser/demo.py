"""`arena demo` as a stranger starts it, in a process of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

START_SECONDS = 360
"""Cold downloads included."""


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The address of a running `arena demo`."""
    command = shutil.which("arena", path=str(Path(sys.executable).parent))
    if command is None:
        pytest.skip("the arena command is not installed beside this Python; run make test, which installs it")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = folder / "demo.log"
    with log.open("wb") as output:
        arguments = [command, "demo", "--port", str(port), "--data-dir", str(folder / "data")]
        process = subprocess.Popen(arguments, stdout=output, stderr=output, start_new_session=True)
    url = f"http://127.0.0.1:{port}"
    try:
        limit = time.monotonic() + START_SECONDS
        while not ready(url):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < limit, log.read_text()
            time.sleep(0.5)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(30)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def ready(url: str) -> bool:
    """Whether it takes battles."""
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False
