"""CPU time of the arena for one request, in workspaces of several sizes.

    python benchmarks/request_cpu.py [--battles 0 200000] [--requests 100] [--dir FOLDER]

`arena serve` runs as a process of its own; this one sends it real HTTP over one kept connection and reads the
server's CPU clock before and after, over all its threads, so that other work on the machine does not count. Half of
the battles that are voted on lay in the file before the arena started, the others were opened over HTTP and answered
by a model server in this process. A board is asked for after each vote, and its time is its own.
"""

import argparse
import contextlib
import http.client
import http.server
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import filled

ARENA = Path(sys.executable).parent / "arena"
ANSWER = "A short answer of a few words."
WARM = 10
"""Requests of each kind that are not counted: the first ones import and compile."""


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
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        text = None if body is None else json.dumps(body)
        self._connection.request(method, path, text, self._headers | headers)
        answer = self._connection.getresponse()
        read = answer.read()
        if answer.status >= 300:
            raise AssertionError(f"{method} {path}: {answer.status} {read.decode()}")
        return json.loads(read)

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
        with subprocess.Popen([ARENA, "serve", "--config", config], stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            try:
                for line in process.stderr:
                    if "The arena is ready: " in line:
                        threading.Thread(target=process.stderr.read, daemon=True).start()
                        yield process.pid, line.split("The arena is ready: ")[1].split()[0]
                        return
                raise AssertionError(f"the arena ended with {process.wait()}")
            finally:
                process.terminate()
                process.wait()
                models.shutdown()


def spent(pid: int) -> float:
    """CPU seconds of a process so far, all its threads together."""
    return time.clock_gettime((~pid << 3) | 2)  # the clock that clock_getcpuclockid(3) names


def opened(client: Client, count: int) -> list[str]:
    """Battles opened over HTTP, once all of them are ready."""
    made = [client.ask("POST", "/api/v1/battles", {"prompt": "Say it."})["battle_id"] for _ in range(count)]
    for battle_id in made:
        while client.ask("GET", f"/api/v1/battles/{battle_id}")["state"] == "open":
            time.sleep(0.2)
    return made


def per_request(pid: int, work: Callable[[Any], None], over: list[Any]) -> float:
    """Milliseconds of the arena's CPU for each, without those that warm up."""
    for one in over[:WARM]:
        work(one)
    started = spent(pid)
    for one in over[WARM:]:
        work(one)
    return (spent(pid) - started) * 1000 / (len(over) - WARM)


def boards(pid: int, client: Client, battle_ids: list[str]) -> float:
    """Milliseconds for the board that follows a vote, the vote left out."""
    took = []
    for battle_id in battle_ids:
        client.vote(battle_id)
        started = spent(pid)
        client.ask("GET", "/api/v1/leaderboards/overall")
        took.append(spent(pid) - started)
    return sum(took[WARM:]) * 1000 / len(took[WARM:])


def measured(voted: int, requests: int, folder: Path) -> dict[str, float]:
    """Milliseconds of CPU by kind of request, in a workspace of so many battles."""
    each = requests + WARM
    token = filled.fill(folder, voted, 3 * each)
    stored = [filled.battle_id(voted + 1 + number) for number in range(3 * each)]
    found: dict[str, float] = {}
    with serving(folder) as (pid, url):
        client = Client(url, token)

        def get(path: str) -> None:
            client.ask("GET", path)

        live = opened(client, each)
        found["healthz"] = per_request(pid, get, ["/healthz"] * each)
        found["me"] = per_request(pid, get, ["/api/v1/me"] * each)
        found["battle, opened live"] = per_request(pid, get, [f"/api/v1/battles/{one}" for one in live])
        found["battle, from the file"] = per_request(pid, get, [f"/api/v1/battles/{one}" for one in stored[:each]])
        found["vote, opened live"] = per_request(pid, client.vote, live)
        found["vote, from the file"] = per_request(pid, client.vote, stored[each : 2 * each])
        found["battle, voted"] = per_request(pid, get, [f"/api/v1/battles/{one}" for one in live])
        found["board after a vote"] = boards(pid, client, stored[2 * each :])
        found["board unchanged"] = per_request(pid, get, ["/api/v1/leaderboards/overall"] * each)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--battles", type=int, nargs="+", default=[0, 200_000])
    parser.add_argument("--requests", type=int, default=100, help="of each kind, at each size")
    parser.add_argument("--dir", type=Path, help="where the folders are written; a temporary folder otherwise")
    given = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; ms of CPU a request")
    columns: list[dict[str, float]] = []
    for voted in given.battles:
        with tempfile.TemporaryDirectory(prefix="request-cpu-", dir=given.dir) as folder:
            columns.append(measured(voted, given.requests, Path(folder)))
    print(f"{'battles':24}" + "".join(f"{voted:>12,}" for voted in given.battles))
    for name in columns[0]:
        print(f"{name:24}" + "".join(f"{column[name]:12.2f}" for column in columns))
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
