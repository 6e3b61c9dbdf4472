"""Real models on a machine without a GPU: llama.cpp's server in a child process of ours, on loopback.

One base model, loaded once, becomes several contestants by system prompt and sampling. The child serves until its
standard input ends. That pipe closes when we do, even when we are killed, so no server is left behind. (The
kernel's parent-death signal would follow the thread that started the child, which may end before the process.)
"""

import importlib.util
import json
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

import httpx

from arena import errors

SERVED_NAME: Final = "smollm2-135m-instruct"
"""The embedded server's name for its model, whatever name is asked for."""
START_SECONDS: Final = 120.0
STOP_SECONDS: Final = 5.0
LOG_LINES: Final = 3


class EmbeddedServer:
    """A llama.cpp server with one model. A context manager; or call `start` and `stop`."""

    def __init__(
        self,
        weights: Path,
        *,
        port: int = 0,
        slots: int = 8,
        context: int = 16_384,
        threads: int = 1,
        progress: Callable[[str], None] = lambda line: None,
    ) -> None:
        """Nothing runs yet; `progress` is told what happens, a line at a time.

        `slots` answers are written at once; `context` is in tokens, shared by all slots (190 MB for 8,192); `port` 0
        takes a free one. On two busy cores a second thread makes the model slower, not faster.
        """
        self._options = {
            "weights": str(weights),
            "served_name": SERVED_NAME,
            "port": port,
            "slots": slots,
            "context": context,
            "threads": threads,
        }
        self._progress = progress
        self._child: subprocess.Popen[bytes] | None = None
        self._endpoint: str | None = None
        self._log: BinaryIO | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def endpoint(self) -> str:
        """Base URL ending in /v1."""
        if self._endpoint is None:
            raise RuntimeError("the embedded server is not running")
        return self._endpoint

    @property
    def pid(self) -> int:
        """The process id of the child."""
        if self._child is None:
            raise RuntimeError("the embedded server is not running")
        return self._child.pid

    def start(self) -> None:
        """Start, and return when a small completion works, after a few seconds.

        Raises `SettingsError` when xllamacpp is not installed, `Unreachable` when the server does not come up.
        """
        if importlib.util.find_spec("xllamacpp") is None:
            raise errors.SettingsError(
                "Models without an endpoint run on the embedded server, and its package is not installed: "
                "pip install xllamacpp, or give each model an endpoint."
            )
        started = time.monotonic()
        deadline = started + START_SECONDS
        self._progress("Loading the embedded model.")
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
        self._child = subprocess.Popen(  # noqa: S603 - our own interpreter, our own script
            # -P keeps this folder off the module path; a session of its own keeps a terminal's Ctrl-C away
            [sys.executable, "-P", str(Path(__file__).with_name("llama.py")), json.dumps(self._options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
        )
        try:
            self._endpoint = self._address(deadline) + "/v1"
            self._complete_something(deadline)
            self._progress(f"The embedded model answers after {time.monotonic() - started:.1f} s.")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the child and wait until it is gone; stopping twice is harmless."""
        child, self._child, self._endpoint = self._child, None, None
        if child is None:
            return
        if child.stdin is not None:
            child.stdin.close()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if child.stdout is not None:
            child.stdout.close()
        if self._log is not None:
            self._log.close()

    def _address(self, deadline: float) -> str:
        """The address that the child prints once its model is loaded."""
        child = self._child
        if child is None or child.stdout is None:
            raise RuntimeError("the embedded server is not running")
        readable, _, _ = select.select([child.stdout], [], [], max(0.0, deadline - time.monotonic()))
        line = child.stdout.readline() if readable else b""
        if not line:
            ended = (
                f"ended with status {child.wait(STOP_SECONDS)}"
                if readable
                else "was still loading its model at the deadline"
            )
            raise errors.Unreachable(
                f"The embedded model server {ended} over {self._options['weights']}; its log ends: "
                f"{self._last_words()}. "
                "Correct what it names, or look for free memory, and start again."
            )
        return str(json.loads(line)["address"])

    def _complete_something(self, deadline: float) -> None:
        body = {"model": SERVED_NAME, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1}
        try:
            answer = httpx.post(
                f"{self.endpoint}/chat/completions",
                json=body,
                headers={"Connection": "close"},
                timeout=max(1.0, deadline - time.monotonic()),
                trust_env=False,
            )
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise errors.Unreachable(
                f"The embedded model server started and then gave no answer ({error}); its log ends: "
                f"{self._last_words()}. Start again, or give each model an endpoint."
            ) from error

    def _last_words(self) -> str:
        if self._log is None:
            return "it said nothing"
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        return " / ".join(lines[-LOG_LINES:]).rstrip(".") or "it said nothing"
