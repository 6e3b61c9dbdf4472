"""One run with real models: `arena demo` as a stranger starts it, two battles in a real browser, the board."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.browser.conftest import Opened

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.slow]

START_SECONDS = 360
"""Cold downloads included."""
ANSWER_SECONDS = 180


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[str]:
    """The address of a running `arena demo`."""
    command = shutil.which("arena", path=str(Path(sys.executable).parent))
    if command is None:
        pytest.skip("the arena command is not installed beside this Python; run make test, which installs it")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = tmp_path / "demo.log"
    with log.open("wb") as output:
        arguments = [command, "demo", "--port", str(port), "--data-dir", str(tmp_path / "data")]
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
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def test_real_models_are_compared_and_ranked(demo: str, opened: Opened) -> None:
    page = opened(demo)
    page.page.set_default_timeout(1000 * ANSWER_SECONDS)
    page.ask("Explain compound interest to a twelve-year-old using pocket money. Use a short list.")
    page.wait("ready")
    answers = page.answer("a"), page.answer("b")
    assert all(len(answer) > 20 for answer in answers)
    assert answers[0] != answers[1]
    page.press("a", "2")
    page.screenshot("1440-real-chosen")
    page.press("Enter")
    page.wait("revealed")
    names = {page.text("#ans-a .name"), page.text("#ans-b .name")}
    assert len(names) == 2
    page.screenshot("1440-real-revealed")
    page.press("f")
    page.wait("follow")
    page.ask("And with ten euros a month?")
    page.wait("ready")
    page.press("t", "Enter")
    page.wait("revealed")
    page.visit("/leaderboard")
    assert "2 votes on" in page.text(".lead")
    page.screenshot("1440-real-leaderboard")
