"""`arena serve` as a process of its own, on a folder of any size, with a model server beside it."""

import contextlib
import http.client
import http.server
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import filled

ARENA = Path(sys.executable).parent / "arena"
ANSWER = "A short answer of a few words."


class ModelServer(http.server.BaseHTTPRequestHandler):
    """Answers every chat with one sentence."""

    def do_GET(self) -> None:
        self._send({"data": [{"id": name} for name in filled.names()]})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for delta, reason in (({"content": ANSWER}, None), ({}, "stop")):
            chunk = {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _send(self, document: Any) -> None:
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Client:
    """One rater on one kept connection."""

    def __init__(self, url: str, token: str) -> None:
        self._connection = http.client.HTTPConnection(url.removeprefix("http://"))
        self._headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        text = None if body is None else json.dumps(body)
        self._connection.request(method, path, text, self._headers | headers)
        answer = self._connection.getresponse()
        read = answer.read()
        if answer.status >= 300:
            raise AssertionError(f"{method} {path}: {answer.status} {read.decode()}")
        return json.loads(read)

    def let_go(self) -> None:
        """Close the connection, as a server does with one that says nothing; the next request opens another."""
        self._connection.close()

    def vote(self, battle_id: str) -> None:
        body = {"winner": "model_a", "strength": "clearly", "tags": ["correct"], "reason": "It says why."}
        self.ask("POST", f"/api/v1/battles/{battle_id}/votes", body, **{"Idempotency-Key": filled.key()})


@contextlib.contextmanager
def serving(data_dir: Path) -> Iterator[tuple[int, str]]:
    """The arena on this folder: its process and its address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), ModelServer) as models:
        threading.Thread(target=models.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{models.server_address[1]}/v1"
        config = data_dir / "benchmark.toml"
        config.write_text(
            f'port = 0\ndata_dir = "{data_dir}"\n[limits]\nlive_battles = 256\nlive_battles_per_rater = 256\n'
            + "".join(
                f'[[models]]\nname = "{name}"\nendpoint = "{endpoint}"\nserved_name = "{name}"\n'
                for name in filled.names()
            )
        )
        try:
            with arena(config) as running:
                yield running
        finally:
            models.shutdown()


@contextlib.contextmanager
def arena(config: Path) -> Iterator[tuple[int, str]]:
    """`arena serve` on a configuration: its process and its address."""
    with subprocess.Popen([ARENA, "serve", "--config", config], stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process.pid, address(process)
        finally:
            process.terminate()
            process.wait()


def address(process: subprocess.Popen[str]) -> str:
    """Where an arena that was just started serves, once it does."""
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if "The arena is ready: " in line:
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return line.split("The arena is ready: ")[1].split()[0]
    raise AssertionError(f"the arena ended with {process.wait()}: {said}")


def spent(pid: int) -> float:
    """CPU seconds of a process so far, all its threads together."""
    return time.clock_gettime((~pid << 3) | 2)  # the clock that clock_getcpuclockid(3) names
