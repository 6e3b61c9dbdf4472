"""A program that stands in for `vllm serve` and behaves as its model's name says. Standard library only, to be quick.

    vllm serve BEHAVIOUR --port N ...

Every behaviour but those that fail first answers /health; what it prints always holds the secrets of its environment.
"""

import os
import random
import signal
import socket
import sys
import threading
import time

METRICS = """\
vllm:num_requests_running{engine="0"} 2.0
vllm:num_requests_waiting{engine="0"} 3.0
vllm:kv_cache_usage_perc{engine="0"} 0.5
vllm:generation_tokens_total{engine="0"} %d
vllm:time_to_first_token_seconds_count{engine="0"} 4.0
vllm:time_to_first_token_seconds_sum{engine="0"} 1.0
"""


def main() -> None:
    behaviour = sys.argv[2].rsplit("/", 1)[-1]
    port = int(sys.argv[sys.argv.index("--port") + 1])
    say(f"args {sys.argv[1:]} CUDA_VISIBLE_DEVICES={os.environ.get('CUDA_VISIBLE_DEVICES')}")
    say(f"key {os.environ.get('VLLM_API_KEY')} and token {os.environ.get('HF_TOKEN')}")
    say(f"non-default args: {{'api_key': ['{'q' * 9}']}}")
    if behaviour == "crashes-loading":
        say("ValueError: Free memory on device is less than desired GPU memory utilization.")
        sys.exit(1)
    if behaviour == "killed-loading":
        os.kill(os.getpid(), signal.SIGKILL)
    if behaviour == "hangs-loading":
        time.sleep(600)
    if behaviour == "ignores-term":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if behaviour in {"leaves-children", "dies-and-leaves-children"}:
        child()
    if behaviour == "floods":
        threading.Thread(target=flood, daemon=True).start()
    seconds = random.uniform(0.05, 0.25)
    if behaviour in {"dies-later", "dies-and-leaves-children"}:
        threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGKILL)).start()
    serve(port, deaf_after=seconds if behaviour == "hangs-later" else float("inf"))


def child() -> None:
    """A child that ignores TERM, as an engine that hangs in a driver does."""
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)
        os._exit(0)


def flood() -> None:
    """Print without a line end, and bytes that are no text."""
    while True:
        os.write(1, b"\xff\xfe\x1b[2J" * 20_000 + os.environ.get("HF_TOKEN", "").encode() + b"\n")
        time.sleep(0.02)


def serve(port: int, deaf_after: float) -> None:
    """Answer /health and /metrics, and nothing any more after some seconds."""
    started = time.monotonic()
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(64)
        say("Application startup complete.")
        while True:
            connection, _ = listener.accept()
            request = connection.recv(65_536).decode("latin-1")
            if time.monotonic() - started > deaf_after:
                time.sleep(600)
            body = METRICS % int((time.monotonic() - started) * 100) if "/metrics" in request[:40] else ""
            connection.sendall(
                f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()
            )
            connection.close()


def say(line: str) -> None:
    print(line, flush=True)


main()
